"""Who said what: statements in a text with their speakers, topics and stance. Rules and word lists, no models.

`find_reports` is the way in; report.py tells the story.
"""

from pipeline.statements.lexicon import Lexicons
from pipeline.statements.people import People
from pipeline.statements.report import find_reports

__all__ = ["Lexicons", "People", "find_reports"]
