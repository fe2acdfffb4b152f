"""Speakers: who said most, and where one of them stands on each topic, since when and in which words."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request

from frontends.web import sheets
from frontends.web.languages import Interface
from frontends.web.office import InterfaceHere, OfficeHere
from frontends.web.pages.positions import Mark, expect_topic
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from frontends.web.world import atlas
from pipeline.desk import SpeakerPage, SpeakerProfile, SpeakerWish, StatementWish
from pipeline.exporting import Sheet
from pipeline.text import words
from pipeline.wording import worded

pages = Pages()

Key = Annotated[str, Path(min_length=1, max_length=200)]
_SPEAKERS, _STATEMENTS = 50, 20


@pages.page("/speakers")
def speakers(
    request: Request,
    office: OfficeHere,
    interface: InterfaceHere,
    q: Annotated[str, Query(max_length=200)] = "",
    country: Annotated[str, Query(max_length=8)] = "",
    topic: Annotated[str, Query(max_length=80)] = "",
    after: Mark = None,
) -> Shown:
    """Who said most, of whom these words name; of a country, on a topic."""
    expect_topic(office, topic)
    wish = SpeakerWish(tuple(words(q)), country.upper() or None, topic or None, _SPEAKERS, after)
    try:
        found = office.desk.speaker_page(wish)
    except ValueError as error:
        raise Problem(400, str(error)) from None
    asked = {"q": q, "country_asked": country.upper(), "topic_asked": topic}
    return Shown("speakers.html", found, sheet, {**asked, "countries": by_name(interface), "first": after is None})


@pages.page("/speakers/{key:path}/statements")
def said(request: Request, office: OfficeHere, key: Key, after: Mark = None) -> Shown:
    """What one speaker said, newest first."""
    try:
        found = office.desk.said_by(key, StatementWish(_STATEMENTS, after))
    except KeyError:
        raise Problem(404, worded("there is no speaker {name}", name=key)) from None
    except ValueError as error:
        raise Problem(400, str(error)) from None
    return Shown(
        "said_by.html", found, lambda page: sheets.statements(page.statements), {"key": key, "first": after is None}
    )


@pages.page("/speakers/{key:path}")
def speaker(request: Request, office: OfficeHere, key: Key) -> Shown:
    """One speaker: stances by topic, how much they said over time, what they said last."""
    try:
        found = office.desk.speaker(key)
        latest = office.desk.said_by(key, StatementWish(_STATEMENTS))
    except KeyError:
        raise Problem(404, worded("there is no speaker {name}", name=key)) from None
    return Shown("speaker.html", found, profile_sheet, {"latest": latest})


def by_name(interface: Interface) -> list[tuple[str, str]]:
    """Codes and names of countries, by name."""
    named = ((code, interface.country(code)) for code in atlas())
    return sorted(named, key=lambda one: one[1].casefold())


def sheet(found: SpeakerPage) -> Sheet:
    """A row a speaker."""
    columns = ("key", "name", "role", "country", "statements", "last_seen_at")
    rows = ((one.key, one.name, one.role, one.country, one.statements, one.last_seen_at) for one in found.speakers)
    return Sheet(columns, rows)


def profile_sheet(found: SpeakerProfile) -> Sheet:
    """A row a topic."""
    columns = ("topic", "stance", "latest", "statement", "since", "for", "against", "mixed", "unclear", "turned")
    rows = (
        (
            one.topic,
            one.latest.stance if one.latest else None,
            one.latest.at if one.latest else None,
            one.latest.statement_id if one.latest else None,
            one.since.at if one.since else None,
            *(one.counts.get(stance, 0) for stance in ("for", "against", "mixed", "unclear")),
            one.turned,
        )
        for one in found.topics
    )
    return Sheet(columns, rows)
