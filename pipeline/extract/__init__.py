"""Page -> Article: body, title, authors, dates, language, addresses.

`triage` is the cheap look at every page; `extract` the careful one at pages that touch a topic. What each part trusts,
in which order, stands in its own module: markup (bytes to tree), body, metadata (linked data, names, dates), language.
"""

from pipeline.extract.article import extract, triage
from pipeline.extract.language import detect_language

__all__ = ["detect_language", "extract", "triage"]
