"""Speakers: who they are, how much they said, where they stand."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from frontends.api.answering import Noun
from frontends.api.asked import After, Key, Limit
from frontends.web.office import OfficeHere
from pipeline.desk import SpeakerPage, SpeakerProfile, SpeakerWish
from pipeline.text import words

api = Noun()


@api.answer("/speakers", 400, paged=True)
def speakers(
    office: OfficeHere,
    q: Annotated[str, Query(max_length=200, description="Words of name, role or key")] = "",
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166-1, two letters")] = None,
    topic: Annotated[str | None, Query(max_length=80, description="Whoever spoke on it, by how much")] = None,
    after: After = None,
    limit: Limit = 100,
) -> SpeakerPage:
    """Speakers, who said most first."""
    return office.desk.speaker_page(SpeakerWish(tuple(words(q)), country, topic, limit, after))


@api.answer("/speakers/{key:path}", 404)
def speaker(office: OfficeHere, key: Key) -> SpeakerProfile:
    """One speaker: where they stand on each topic and since when, what they turned, statements by month."""
    return office.desk.speaker(key)
