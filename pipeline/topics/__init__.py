"""Which topics and countries a text is about, and why.

`Topics.load(folder)` reads the configuration; `topics.scan(title, text, lang)` reads an article once and answers.
Pure: no network, no store, no clock.
"""

from pipeline.topics.account import Account, Line
from pipeline.topics.countries import Countries
from pipeline.topics.patterns import PatternError, parse_pattern
from pipeline.topics.scan import Scan
from pipeline.topics.watch import LANGUAGES, Topic, Topics

__all__ = [
    "LANGUAGES",
    "Account",
    "Countries",
    "Line",
    "PatternError",
    "Scan",
    "Topic",
    "Topics",
    "parse_pattern",
]
