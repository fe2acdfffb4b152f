"""Symptoms that are shares: of hours without an answer, of garbled or undated entries, of refused pages.

Each is compared with the source's own weeks before, as many an oddity is simply how an outlet is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.health.day import SourceDay
from pipeline.health.sign import Kind, Severity, Sign
from pipeline.health.timeline import Timeline, span
from pipeline.wording import Worded, joined, worded

#: hours that count as now, and as before; a source that was asked too rarely in a day is looked at for three
_NOW, _RARELY, _WEEK = 24, 72, 168
_ASKED_OFTEN, _ASKED_LEAST = 4, 3
#: shares of hours without an answer: failing, rising (against the week before), well again
_FAILING, _RISING, _TIMES, _ANSWERING = 0.5, 0.2, 4.0, 0.15
_RISING_LEAST, _RISING_BEFORE = 10, 20
#: days that count as now for entries and for pages, and as before for both
_ENTRY_DAYS, _PAGE_DAYS, _BEFORE = 2, 3, 28
#: a share is ill at a half and 30 points above what it was, well again at 15 points above
_ILL, _ABOVE, _WELL_ABOVE = 0.5, 0.3, 0.15


@dataclass(frozen=True, slots=True)
class _Share:
    """Part of a whole, now and before. `words` says of what: {part} of {whole} new entries have no date."""

    words: Worded
    part: int
    whole: int
    part_before: int
    whole_before: int
    #: least whole now and before, and the share that is ill
    least: int = 10
    least_before: int = 20
    ill_from: float = _ILL

    @property
    def now(self) -> float:
        return self.part / max(self.whole, 1)

    @property
    def before(self) -> float:
        return self.part_before / max(self.whole_before, 1)

    @property
    def ill(self) -> bool | None:
        if self.whole < self.least or self.whole_before < self.least_before:
            return None
        if self.now >= self.ill_from and self.now >= self.before + _ABOVE:
            return True
        return False if self.now < self.before + _WELL_ABOVE else None

    def told(self) -> str:
        part = worded(self.words.template, part=self.part, whole=self.whole)
        return joined(part, worded("expected {share}, as before", share=f"{self.before:.0%}"))


def errors(hours: Timeline, outage: int) -> Sign:
    """Can its feeds be read? Hours of the mask `outage`, in which nobody answered us, are not the source's."""
    asked, answered = hours.asked & ~outage, hours.answered
    end = hours.hours
    recent = asked & span(end - _NOW, end)
    length = _NOW
    if recent.bit_count() < _ASKED_OFTEN:
        recent, length = asked & span(end - _RARELY, end), _RARELY
    number = recent.bit_count()
    if number < _ASKED_LEAST:
        return Sign("errors", None)
    failed = (recent & ~answered).bit_count()
    week = asked & span(end - length - _WEEK, end - length)
    failed_before, before = (week & ~answered).bit_count(), week.bit_count()
    words = joined(
        worded(
            "no readable answer in {failed} of the {number} hours in which we asked it, of the last {length}",
            failed=failed,
            number=number,
            length=length,
        ),
        worded("expected {share}, as in the week before", share=_percent(failed_before, before)),
    )
    return Sign("errors", _failing(failed, number, failed_before, before), words, "warning")


def _failing(failed: int, asked: int, failed_before: int, asked_before: int) -> bool | None:
    share = failed / asked
    if share >= _FAILING:
        return True
    if share < _ANSWERING:
        return False
    known = asked >= _RISING_LEAST and asked_before >= _RISING_BEFORE
    rising = known and share >= _RISING and share >= _TIMES * failed_before / asked_before
    return True if rising else None


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def charset(days: Iterable[SourceDay], today: date, since: date | None) -> Sign:
    """Do its titles come garbled, do its bodies need mending, as they did not before?"""
    now, before = _sums(days, today, since, _ENTRY_DAYS)
    garbled = _Share(
        worded("{part} of {whole} new titles are garbled"),
        now.garbled, now.entries, before.garbled, before.entries, least=5, ill_from=0.3,
    )  # fmt: skip
    mended = _Share(
        worded("{part} of {whole} bodies had to be mended"),
        now.reads_mended,
        now.reads,
        before.reads_mended,
        before.reads,
        least=5,
    )
    return _worst("charset", (garbled, mended))


def dates(days: Iterable[SourceDay], today: date, since: date | None) -> Sign:
    """Are its entries without a date, or with impossible ones, as they were not before?"""
    now, before = _sums(days, today, since, _ENTRY_DAYS)
    words = (
        (worded("{part} of {whole} new entries have no usable date"), now.undated, before.undated),
        (worded("{part} of {whole} new entries are dated hours ahead"), now.ahead, before.ahead),
        (worded("{part} of {whole} new entries are dated a month back or more"), now.stale, before.stale),
        (worded("{part} of {whole} new entries claim one and the same moment"), now.one_moment, before.one_moment),
    )
    return _worst("dates", (_Share(said, part, now.entries, was, before.entries) for said, part, was in words))


def pages(days: Iterable[SourceDay], today: date, since: date | None) -> Sign:
    """Are its pages refused to us, or gone, or without an article, as they were not before?"""
    now, before = _sums(days, today, since, _PAGE_DAYS)
    asked, asked_before = _asked(now), _asked(before)
    shares = (
        _Share(
            worded("{part} of {whole} pages were refused to us"),
            now.pages_refused,
            asked,
            before.pages_refused,
            asked_before,
        ),
        _Share(
            worded("{part} of {whole} pages were gone or failed"),
            now.pages_failed,
            asked,
            before.pages_failed,
            asked_before,
        ),
        _Share(
            worded("{part} of {whole} pages held no article"),
            now.pages_empty,
            now.pages,
            before.pages_empty,
            before.pages,
        ),
    )
    return _worst("pages", shares, "warning")


def _asked(days: SourceDay) -> int:
    return days.pages + days.pages_refused + days.pages_failed


def _worst(kind: Kind, shares: Iterable[_Share], severity: Severity = "notice") -> Sign:
    found = list(shares)
    ill = [share for share in found if share.ill]
    if ill:
        return Sign(kind, True, "; ".join(share.told() for share in ill), severity)
    known = [share for share in found if share.ill is not None]
    # one that is between ill and well keeps an open symptom open
    verdict = False if known and len(known) == sum(share.whole >= share.least for share in found) else None
    return Sign(kind, verdict, "; ".join(share.told() for share in known))


def _sums(days: Iterable[SourceDay], today: date, since: date | None, recent: int) -> tuple[SourceDay, SourceDay]:
    """The last days, today included, and the four weeks before them, or before `since`, added up."""
    first = today - timedelta(days=recent - 1)
    edge = min(first, since or first)
    known = list(days)
    now = _sum(known, today, lambda day: first <= day <= today)
    return now, _sum(known, today, lambda day: edge - timedelta(days=_BEFORE) <= day < edge)


_NUMBERS = tuple(
    field.name
    for field in dataclasses.fields(SourceDay)
    if field.name not in ("source", "day") and "hours" not in field.name
)


def _sum(days: Iterable[SourceDay], today: date, wanted: Callable[[date], bool]) -> SourceDay:
    chosen = [day for day in days if wanted(day.day)]
    totals = {name: sum(getattr(day, name) for day in chosen) for name in _NUMBERS}
    return SourceDay("", today, **totals)
