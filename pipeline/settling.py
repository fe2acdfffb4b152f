"""Settles what one analysis means for the store: copy of what? statement new? which rules fire?

Everything happens within the caller's one transaction. Order of questions: the same address again (then: did its text
change?) -> off topic -> a copy of an item -> a new item. Statements are heard and rules asked last.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from pipeline import dedupe
from pipeline.alerts.novelty import Hearing
from pipeline.firing import Occasion, fire
from pipeline.flow import Flow
from pipeline.recognition import recognise
from pipeline.storage import items, statements
from pipeline.storage.items import Candidate, Shown
from pipeline.storage.store import Transaction
from pipeline.text import words
from pipeline.types import Analysis, Ending, Heard, Outcome, Work

#: a longer copy is the fuller text of an item whose stored one is at most this share of it: more, and the longer one
#: has a paragraph of its own at the most
FULLER_TEXT = 0.8
#: a stored text of less than this share must be how the longer one begins: else that is a round-up quoting a brief
QUOTED_WHOLE = 0.3
_BEGINNING = 25


@dataclass(frozen=True, slots=True)
class _Settling:
    """One analysis being settled."""

    flow: Flow
    db: Transaction
    work: Work
    analysis: Analysis
    now: datetime


def settle_analysis(flow: Flow, db: Transaction, work: Work, analysis: Analysis) -> Ending:
    """Save an analysis and say how its entry ends. Alerts are stored, not sent."""
    case = _Settling(flow, db, work, _dated(analysis, work), flow.clock.now())
    shown = items.shown_at(db, work.url_key)
    if shown is not None:
        return _same_address(case, shown)
    if not analysis.topics and not _keeps_all(case):
        return Ending(Outcome.OFF_TOPIC, "no topic applies")
    found = _copied(case)
    if found is not None:
        return _copy(case, *found)
    return _new_item(case)


def _dated(analysis: Analysis, work: Work) -> Analysis:
    """Where the page is silent on its date, the feed's claim stands."""
    if analysis.article.published_at is not None or work.entry.claimed_at is None:
        return analysis
    return dataclasses.replace(
        analysis, article=dataclasses.replace(analysis.article, published_at=work.entry.claimed_at)
    )


def _keeps_all(case: _Settling) -> bool:
    source = case.flow.sources.get(case.work.source)
    return case.flow.settings.keep == "all" or (source is not None and source.keep == "all")


# --- the same address again -------------------------------------------------------------------------------------------


def _same_address(case: _Settling, shown: Shown) -> Ending:
    if case.analysis.fingerprint is None:
        return Ending(Outcome.OFF_TOPIC, "changed into a text that no topic applies to", shown.item_id)
    stored = items.candidate(case.db, shown.item_id)
    text, title = case.analysis.article.text, case.analysis.article.title
    old_text = stored.text if shown.text is None else shown.text
    if dedupe.relation(text, old_text) == "same" and (shown.text is not None or title == stored.title):
        return Ending(Outcome.REPRINT, "the same address again, unchanged", shown.item_id)
    if shown.text is None and shown.id == items.original_of(case.db, shown.item_id):
        _revise(case, shown.item_id)
    else:
        items.change_appearance(case.db, shown.id, title=title, text=text)
        _hear(case, shown.item_id, shown.id)
    return Ending(Outcome.UPDATED, "the text at this address changed", shown.item_id)


def _revise(case: _Settling, item_id: int) -> None:
    revision_id = items.keep_revision(case.db, item_id, case.work.id, case.now)
    statements.move_reports(case.db, item_id, revision_id=revision_id)
    items.replace_text(case.db, item_id, case.work.source, case.analysis)
    _hear(case, item_id, None, of_new_text=True)
    statements.drop_superseded(case.db, item_id)


# --- copies -----------------------------------------------------------------------------------------------------------


#: what a text may be to an item, the closest first: so that the order of arrival decides less
_CLOSENESS = ("same", "copy", "trimmed", "extended")


def _copied(case: _Settling) -> tuple[Candidate, str] | None:
    """The item this text is a copy of, and how they relate."""
    fingerprint = case.analysis.fingerprint
    if fingerprint is None:
        return None
    related = [
        (candidate, relation)
        for candidate in items.candidates(case.db, fingerprint)
        if (relation := dedupe.relation(case.analysis.article.text, candidate.text)) is not None
    ]
    return min(related, key=lambda found: _CLOSENESS.index(found[1]), default=None)


def _copy(case: _Settling, original: Candidate, relation: str) -> Ending:
    article, item_id = case.analysis.article, original.id
    fuller = _is_fuller(case, original)
    if fuller:
        _take_fuller_text(case, original)
    own_text = None if relation == "same" or fuller else article.text
    appearance_id = items.appear(
        case.db, item_id, case.work, article, relation, case.now, url_key=case.work.url_key, text=own_text
    )
    _hear(case, item_id, None if own_text is None else appearance_id, of_new_text=fuller)
    if fuller:
        statements.drop_superseded(case.db, item_id)
    return Ending(Outcome.REPRINT, f"{relation} as item {item_id}: {original.title}", item_id)


def _is_fuller(case: _Settling, original: Candidate) -> bool:
    length = case.analysis.fingerprint.words if case.analysis.fingerprint else 0
    share = original.fingerprint.words / max(length, 1)
    if share > QUOTED_WHOLE:
        return share <= FULLER_TEXT
    return _beginning(case.analysis.article.text) == _beginning(original.text)


def _beginning(text: str) -> list[str]:
    return words(text[:1000])[:_BEGINNING]


def _take_fuller_text(case: _Settling, original: Candidate) -> None:
    """The trimmed copy came first: the item takes the fuller text, and the trimmed one stays with its appearance."""
    first = items.original_of(case.db, original.id)
    items.keep_own_text(case.db, original.id, original.text)
    statements.move_reports(case.db, original.id, appearance_id=first)
    items.replace_text(case.db, original.id, case.work.source, case.analysis)


def _new_item(case: _Settling) -> Ending:
    item_id = items.add(case.db, case.work, case.analysis, case.now)
    article = case.analysis.article
    items.appear(case.db, item_id, case.work, article, "original", case.now, url_key=case.work.url_key, text=None)
    heard = _hear(case, item_id, None, of_new_text=True)
    _alert(case, item_id, None)
    return Ending(Outcome.STORED, f"{len(heard)} statements", item_id)


# --- statements -------------------------------------------------------------------------------------------------------


def _hear(case: _Settling, item_id: int, appearance_id: int | None, *, of_new_text: bool = False) -> list[Heard]:
    """Record the article's reports; unless they are those of the item's new text, only what it does not report yet."""
    told = set() if of_new_text else statements.of_item(case.db, item_id)
    heard = recognise(case.db, case.analysis, case.now)
    statements.report(case.db, item_id, [one for one in heard if one.statement_id not in told], case.now, appearance_id)
    firsts = {one.statement_id: one for one in reversed(heard)}
    for one in reversed(firsts.values()):
        _alert(case, item_id, one)
    return list(firsts.values())


# --- alerts -----------------------------------------------------------------------------------------------------------


def _alert(case: _Settling, item_id: int, heard: Heard | None) -> None:
    """Fire the rules that the item, or one statement heard in it, meets, if it is news."""
    occasion = Occasion(item_id, case.work.source, case.analysis.article, case.now)
    fire(case.flow, case.db, occasion, heard, _hearing(case, heard))


def _hearing(case: _Settling, heard: Heard | None) -> Hearing:
    common = Hearing(case.work.quiet, case.work.first_seen_at, case.analysis.article.published_at)
    if heard is None:
        return common
    return dataclasses.replace(
        common,
        confidence=heard.report.confidence,
        heard_at=heard.before,
        heard_confidence=heard.confidence_before,
    )
