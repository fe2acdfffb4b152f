"""Today: what was said since yesterday, by whom, and did anyone move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request

from frontends.web import sheets
from frontends.web.bulletins import bulletins
from frontends.web.office import Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from pipeline.desk import Today
from pipeline.query import times, unparse
from pipeline.query.ast import Within
from pipeline.storage.views import SpeakerView, StatementView
from pipeline.wording import worded

pages = Pages()

#: statements, alerts and movers that are shown
_MOST = 60
#: what one may look back to with one click
SPANS = ("12h", "24h", "3d", "7d", "30d")
_DEFAULT = "24h"


@pages.page("/")
def today(request: Request, office: OfficeHere, since: Annotated[str, Query(max_length=40)] = "") -> Shown:
    """What is new since a moment: a day ago, or a date, or so long ago."""
    found = office.desk.today(since_when(since, office.clock.now()), _MOST)
    return Shown("today.html", found, lambda one: sheets.statements(one.statements), beside(office, found, since))


def beside(office: Office, found: Today, since: str) -> dict[str, Any]:
    """What the page shows beside the answer."""
    return {
        "chosen": since.strip() or _DEFAULT,
        "spans": SPANS,
        "bulletins": bulletins(found.alerts, office.desk.statements_by_id(one.statement_id for one in found.alerts)),
        "voices": by_speaker(found.statements),
        "all_of_it": unparse(Within("seen", found.since, None)),
        "last": None if found.heard else office.desk.last_heard(),
    }


def since_when(written: str, now: datetime) -> datetime:
    """The moment that `24h`, `7d` or a date stands for; a 400 for anything else."""
    wanted = written.strip() or _DEFAULT
    try:
        return now - times.last("seen", wanted).span
    except times.TimeError:
        pass  # then it is a date, or nothing
    try:
        return times.period(wanted)[0]
    except times.TimeError:
        said = worded("since: expected {what}; got {wanted}", what=times.EITHER_EXPECTED, wanted=repr(wanted))
        raise Problem(400, said) from None


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker with what they said: what is on a topic first, those that take a side before others."""

    speaker: SpeakerView
    on_topic: tuple[StatementView, ...]
    else_: tuple[StatementView, ...]


def by_speaker(said: Sequence[StatementView]) -> list[Voice]:
    """Statements by speaker, in the order in which speakers come first; nobody can be told from nobody."""
    spoken: dict[object, list[StatementView]] = {}
    for one in said:
        spoken.setdefault(one.speaker.key or one.id, []).append(one)
    voices = [
        Voice(
            own[0].speaker,
            tuple(sorted((one for one in own if one.topics), key=lambda one: not _sides(one))),
            tuple(one for one in own if not one.topics),
        )
        for own in spoken.values()
    ]
    return sorted(voices, key=lambda voice: not voice.on_topic)


def _sides(said: StatementView) -> bool:
    return any(side != "unclear" for side in said.stance.values())
