"""Recognises statements: which of those in the store is each report of an article, in these or nearly these words?

A handful of queries however many reports there are: first the same words, then near ones by lookup keys, then the
article's own earlier reports; what is left was never said before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pipeline.statements import identity
from pipeline.storage import positions, statements
from pipeline.storage.statements import Told
from pipeline.storage.store import Transaction
from pipeline.types import Analysis, Heard, Speaker


def recognise(db: Transaction, analysis: Analysis, now: datetime) -> list[Heard]:
    """Find or make the statement of each report, in order; known ones are marked as heard again."""
    if not analysis.reports:
        return []
    told = _told(db, analysis)
    known = _known(db, told)
    fresh = _fresh([one for position, one in enumerate(told) if position not in known])
    published_at = analysis.article.published_at
    firsts = list(dict.fromkeys(fresh.values()))
    added = statements.add(db, firsts, lang=analysis.lang, published_at=published_at, now=now)
    ids = dict(zip(firsts, added, strict=True))
    before = statements.heard_before(db, list(set(known.values()))) if known else {}
    heard = []
    for position, one in enumerate(told):
        if position in known:
            heard.append(Heard(known[position], one.report, *before[known[position]]))
        else:
            heard.append(Heard(ids[fresh[one]], one.report))
    # what an article says twice is heard again in it, perhaps more surely
    again = [one for at, one in enumerate(heard) if at in known or told[at] is not fresh[told[at]]]
    statements.hear_again(db, again, published_at, now)
    statements.take_sides(db, heard)
    positions.follow(db, {one.statement_id for one in heard})
    return heard


def reread(db: Transaction, analysis: Analysis, seen_at: datetime) -> list[Heard]:
    """Find or make the statement of each report of a text that was settled before: nothing counts as heard again.

    Of several statements that fit, the oldest counts, as it did when each was new; so statements that are the same by
    today's rules become one.
    """
    if not analysis.reports:
        return []
    told = _told(db, analysis, statements.know_speakers)
    known = _oldest(db, told)
    fresh = _fresh([one for position, one in enumerate(told) if position not in known])
    firsts = list(dict.fromkeys(fresh.values()))
    added = statements.add(db, firsts, lang=analysis.lang, published_at=analysis.article.published_at, now=seen_at)
    ids = dict(zip(firsts, added, strict=True))
    return [
        Heard(known[position] if position in known else ids[fresh[one]], one.report)
        for position, one in enumerate(told)
    ]


def _told(
    db: Transaction,
    analysis: Analysis,
    enter: Callable[[Transaction, Sequence[Speaker]], dict[str | None, int]] = statements.enter_speakers,
) -> list[Told]:
    rows = enter(db, [report.speaker for report in analysis.reports])
    identities = analysis.identities or tuple(map(identity.of, analysis.reports))
    return [
        Told(report, rows[report.speaker.key], key, bands)
        for report, (key, bands) in zip(analysis.reports, identities, strict=True)
    ]


def _known(db: Transaction, told: Sequence[Told]) -> dict[int, int]:
    """Ids of the statements in the store, by the report's position."""
    same = statements.find(db, told)
    near = statements.candidates(db, [one for one in told if (one.speaker_id, one.key) not in same])
    found = {}
    for position, one in enumerate(told):
        statement_id = same.get((one.speaker_id, one.key)) or _nearest(one, near)
        if statement_id is not None:
            found[position] = statement_id
    return found


def _oldest(db: Transaction, told: Sequence[Told]) -> dict[int, int]:
    """Ids of the oldest statements that reports may be of, by the report's position."""
    same, near = statements.find(db, told), statements.candidates(db, told)
    found = {}
    for position, one in enumerate(told):
        fitting = [i for i in (same.get((one.speaker_id, one.key)), _nearest(one, near)) if i is not None]
        if fitting:
            found[position] = min(fitting)
    return found


def _nearest(one: Told, near: Mapping[tuple[int, int], Mapping[int, str]]) -> int | None:
    tried = {i: words for band in one.bands for i, words in near.get((one.speaker_id, band), {}).items()}
    return next((i for i, words in sorted(tried.items()) if identity.same_statement(one.report.text, words)), None)


def _fresh(told: Sequence[Told]) -> dict[Told, Told]:
    """For each report of something new, the first report in the article that says the same."""
    found: dict[Told, Told] = {}
    for one in told:
        found[one] = next((first for other, first in found.items() if other is first and _same(one, first)), one)
    return found


def _same(one: Told, other: Told) -> bool:
    if one.speaker_id != other.speaker_id:
        return False
    return one.key == other.key or (
        not set(one.bands).isdisjoint(other.bands) and identity.same_statement(one.report.text, other.report.text)
    )
