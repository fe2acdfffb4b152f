"""The read side, shared by the command line, the API and the pages. Changes nothing but what `save` and `retry` say.

A `Desk` answers in the types of answers.py here, and of pipeline/storage/views.py, counts.py and entries.py.
"""

from pipeline.desk.answers import Health, ItemPage, SavedView, SourceView, Status
from pipeline.desk.desk import TROUBLE, Desk
from pipeline.storage.search import Wish
from pipeline.trial import Trial

__all__ = ["TROUBLE", "Desk", "Health", "ItemPage", "SavedView", "SourceView", "Status", "Trial", "Wish"]
