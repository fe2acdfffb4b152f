"""Is it news? Whether an item or statement that meets a rule may alert, and if not, why.

Asks no store and no clock: `vigia alerts test` gives the same answers about the past as the running pipeline gave.
Not here: which rules it meets (rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.alertrule import Newness
from pipeline.settings import Settings
from pipeline.types import Stance
from pipeline.wording import Worded, worded

_SIDES: Mapping[Stance, Worded] = {
    "for": worded("for"),
    "against": worded("against"),
    "mixed": worded("mixed"),
    "unclear": worded("unclear"),
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known at the moment an item, or a statement that it reports, comes in."""

    #: it came with a feed's first poll, a back-fill, an import or reprocessing
    quiet: bool
    first_seen_at: datetime
    #: as the item says; where it says nothing, `first_seen_at` counts
    published_at: datetime | None = None
    #: of this report; None for an item
    confidence: float | None = None
    #: when the statement was last heard before this report; None: never, or an item
    heard_at: datetime | None = None
    #: the best confidence with which it was heard before this report
    heard_confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Novelty:
    """May it alert? `reasons` says in words what keeps it quiet; there are none when it may."""

    reasons: tuple[str, ...] = ()

    @property
    def alerts(self) -> bool:
        """Whether nothing keeps it quiet."""
        return not self.reasons


def judge(hearing: Hearing, now: datetime, settings: Settings) -> Novelty:
    """Give every reason to keep quiet, in a fixed order. A limit that is reached exactly is not passed."""
    reasons = (
        "came with a first poll, back-fill or import" if hearing.quiet else None,
        _too_old(hearing, now, settings),
        _heard_before(hearing, now, settings),
        _too_unsure(hearing, settings),
    )
    return Novelty(tuple(reason for reason in reasons if reason))


def subject_of(item_id: int, statement_id: int | None, hearing: Hearing, now: datetime, settings: Settings) -> str:
    """Name what a rule fires on, so that it fires on it once; a statement forgotten meanwhile is a subject anew."""
    if statement_id is None:
        return f"item {item_id}"
    if hearing.heard_at is None or _never_heard_well(hearing, settings) or _in_memory(hearing.heard_at, now, settings):
        return f"statement {statement_id}"
    return f"statement {statement_id} again after {_date(hearing.heard_at)}"


def _too_old(hearing: Hearing, now: datetime, settings: Settings) -> str | None:
    moment = hearing.published_at or hearing.first_seen_at
    if now - moment <= timedelta(seconds=settings.alert_max_age):
        return None
    told = {"date": _date(moment), "hours": f"{settings.alert_max_age / 3600:g}"}
    if hearing.published_at:
        return str(worded("published {date}, more than {hours} hours ago", **told))
    return str(worded("first seen {date}, more than {hours} hours ago", **told))


def _heard_before(hearing: Hearing, now: datetime, settings: Settings) -> str | None:
    if hearing.heard_at is None or _never_heard_well(hearing, settings):
        return None
    if not _in_memory(hearing.heard_at, now, settings):
        return None
    days = f"{settings.memory_window:g}"
    said = worded(
        "heard before, last {date}, within the {days} days of memory", date=_date(hearing.heard_at), days=days
    )
    return str(said)


def _too_unsure(hearing: Hearing, settings: Settings) -> str | None:
    if hearing.confidence is None or hearing.confidence >= settings.alert_min_confidence:
        return None
    was, least = f"{hearing.confidence:.2f}", f"{settings.alert_min_confidence:.2f}"
    return str(worded("confidence {was} is below {least}", was=was, least=least))


def _never_heard_well(hearing: Hearing, settings: Settings) -> bool:
    """A statement known from doubtful reports only has not alerted, so the first good report is news."""
    return hearing.heard_confidence < settings.alert_min_confidence


def _in_memory(heard_at: datetime, now: datetime, settings: Settings) -> bool:
    return now - heard_at <= timedelta(days=settings.memory_window)


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Word:
    """What a speaker said on a topic before, as recorded: on whose topic, with which stance, in which statement."""

    topic: str
    stance: Stance
    statement_id: int
    said_at: datetime


def judge_position(
    new: Newness, sides: Mapping[str, Stance], before: Sequence[Word], speaker: str | None
) -> tuple[str, str]:
    """Is it a new position? Gives (what is new, what keeps it quiet), of which one is empty.

    `sides` are the stances of the statement towards the topics that count; `before` what the same speaker had said on
    any topic, the statement itself included if it was heard before, the latest last.
    """
    if new == "statement":
        return str(worded("the first report of this statement")), ""
    if speaker is None:
        return "", str(worded("nobody is named who could have a position"))
    return _first_word(sides, before) if new == "position" else _changed_side(sides, before)


def _first_word(sides: Mapping[str, Stance], before: Sequence[Word]) -> tuple[str, str]:
    spoken = {word.topic: word for word in before}
    fresh = [topic for topic in sides if topic not in spoken]
    if fresh:
        return str(worded("the speaker's first word on {topics}", topics=", ".join(fresh))), ""
    known = ", ".join(f"{topic} (statement {spoken[topic].statement_id})" for topic in sides)
    if not known:
        return "", str(worded("it is on no topic that the rule asks for"))
    return "", str(worded("the speaker spoke before on {topics}", topics=known))


def _changed_side(sides: Mapping[str, Stance], before: Sequence[Word]) -> tuple[str, str]:
    last = {word.topic: word for word in before if word.stance != "unclear"}
    clear = {topic: side for topic, side in sides.items() if side != "unclear" and topic in last}
    turned = [topic for topic, side in clear.items() if last[topic].stance != side]
    if turned:
        told = "; ".join(str(_turn(last[topic], sides[topic])) for topic in turned)
        return str(worded("a change {turns}", turns=told)), ""
    return "", str(worded("no stance differs from the speaker's last one"))


def _turn(last: Word, now: Stance) -> Worded:
    return worded(
        "from {before} to {after} on {topic} since {date}",
        before=_SIDES[last.stance],
        after=_SIDES[now],
        topic=last.topic,
        date=_date(last.said_at),
    )
