"""The read side, shared by the command line, the API and the pages. Changes nothing but what `save` and `retry` say.

A `Desk` (desk.py) answers in the types of answers.py, and of pipeline/storage/views.py, counts.py and entries.py.
"""

from pipeline.desk.answers import (
    AlertPage,
    Facet,
    Facets,
    Health,
    ItemPage,
    Mover,
    Point,
    Position,
    PositionHistory,
    Positions,
    SavedView,
    SeenItems,
    SeenStatements,
    SourceProfile,
    SourceView,
    SpeakerPage,
    SpeakerProfile,
    Stand,
    StatementPage,
    Status,
    Timeline,
    Today,
    TopicLine,
    TopicStand,
    Turn,
)
from pipeline.desk.desk import Desk
from pipeline.desk.outlets import TROUBLE
from pipeline.desk.reference import Reference
from pipeline.storage.search import Wish
from pipeline.storage.speakers import SpeakerLine, SpeakerWish
from pipeline.storage.spoken import StatementWish
from pipeline.trial import Backtest, Trial

__all__ = [
    "TROUBLE",
    "AlertPage",
    "Backtest",
    "Desk",
    "Facet",
    "Facets",
    "Health",
    "ItemPage",
    "Mover",
    "Point",
    "Position",
    "PositionHistory",
    "Positions",
    "Reference",
    "SavedView",
    "SeenItems",
    "SeenStatements",
    "SourceProfile",
    "SourceView",
    "SpeakerLine",
    "SpeakerPage",
    "SpeakerProfile",
    "SpeakerWish",
    "Stand",
    "StatementPage",
    "StatementWish",
    "Status",
    "Timeline",
    "Today",
    "TopicLine",
    "TopicStand",
    "Trial",
    "Turn",
    "Wish",
]
