"""Topics: what is watched."""

from __future__ import annotations

from frontends.api.answering import Noun
from frontends.web.office import OfficeHere
from pipeline.desk import TopicLine

api = Noun()


@api.answer("/topics")
def topics(office: OfficeHere) -> list[TopicLine]:
    """Every topic: what it means, how many patterns look for it, how many items have it."""
    return office.desk.topic_views()
