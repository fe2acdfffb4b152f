"""Settles what one analysis means for the store: copy of what? statement new? which rules fire?

Everything happens within the caller's one transaction. Order of questions: the same address again (then: did its text
change?) -> off topic -> a copy of an item -> a new item. Statements are heard and rules asked last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline import dedupe
from pipeline.alerts.novelty import Hearing
from pipeline.firing import Occasion, fire
from pipeline.flow import Flow
from pipeline.recognition import recognise
from pipeline.storage import boilerplate, items, statements
from pipeline.storage.items import Candidate, Shown
from pipeline.storage.merging import merge
from pipeline.storage.store import Transaction
from pipeline.types import Analysis, Ending, Heard, Outcome, Work

#: a longer copy is the fuller text of an item whose stored one is at most this share of it: more, and the longer one
#: has a paragraph of its own at the most
FULLER_TEXT = 0.8


@dataclass(frozen=True, slots=True)
class _Settling:
    """One analysis being settled."""

    flow: Flow
    db: Transaction
    work: Work
    analysis: Analysis
    now: datetime
    #: the article's text without what its source sets around every text
    told: str


@dataclass(frozen=True, slots=True)
class _Related:
    """An item that a text is a copy of."""

    item: Candidate
    relation: dedupe.Relation
    #: not to the item's own text, but to that of another of its appearances
    by_another: bool


def settle_analysis(flow: Flow, db: Transaction, work: Work, analysis: Analysis) -> Ending:
    """Save an analysis and say how its entry ends. Alerts are stored, not sent."""
    case = _case(flow, db, work, _dated(analysis, work))
    shown = items.shown_at(db, work.url_key)
    if shown is not None:
        return _same_address(case, shown)
    if not analysis.topics and not _keeps_all(case):
        return Ending(Outcome.OFF_TOPIC, "no topic applies")
    related = _related(case)
    return _copy(case, related) if related else _new_item(case)


def _case(flow: Flow, db: Transaction, work: Work, analysis: Analysis) -> _Settling:
    """What is to be settled: keys and comparisons leave out the source's boilerplate, as far as it is known."""
    text = analysis.article.text
    told = without_boilerplate(db, work.source, text)
    if told != text and analysis.fingerprint is not None:
        analysis = dataclasses.replace(analysis, fingerprint=dedupe.fingerprint(analysis.article.title, told))
    return _Settling(flow, db, work, analysis, flow.clock.now(), told)


def without_boilerplate(db: Transaction, source: str, text: str) -> str:
    """A text without the lines that its source is known to repeat: what keys are made of, and comparisons."""
    return dedupe.without(text, _boilerplate(db, {(source, text)}).get(source, frozenset()))


def _boilerplate(db: Transaction, texts: Iterable[tuple[str, str]]) -> dict[str, frozenset[int]]:
    """Lines of these texts, each given with its source, that the source is known to repeat."""
    lines: dict[str, frozenset[int]] = {}
    for source, text in texts:
        lines[source] = lines.get(source, frozenset()) | dedupe.edges(text)
    return boilerplate.known(db, lines)


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
    if _unchanged(case, shown):
        return Ending(Outcome.REPRINT, "the same address again, unchanged", shown.item_id)
    article = case.analysis.article
    if shown.text is None and shown.id == items.original_of(case.db, shown.item_id):
        _revise(case, shown)
    else:
        items.change_appearance(case.db, shown, article, article.text)
        items.add_keys(case.db, shown.item_id, case.analysis.fingerprint)
        _hear(case, shown.item_id, text_of=shown.id, title_of=shown.id)
    return Ending(Outcome.UPDATED, "the text at this address changed", shown.item_id)


def _unchanged(case: _Settling, shown: Shown) -> bool:
    """Whether nothing changed but stamps and boilerplate. A new headline over the item's own text is a change."""
    if shown.text is None and case.analysis.article.title != shown.title:
        return False
    old = items.candidate(case.db, shown.item_id).text if shown.text is None else shown.text
    old = without_boilerplate(case.db, case.work.source, old)
    return dedupe.relation(case.told, old) == "same" or dedupe.is_trivial(old, case.told)


def _revise(case: _Settling, shown: Shown) -> None:
    item_id = shown.item_id
    revision_id = items.keep_revision(case.db, item_id, shown.title, case.work.id, case.now)
    statements.move_reports(case.db, item_id, revision_id=revision_id)
    items.replace_text(case.db, item_id, case.analysis)
    items.change_appearance(case.db, shown, case.analysis.article, None)
    _hear(case, item_id, title_of=None if shown.relation == "original" else shown.id, of_new_text=True)
    statements.drop_superseded(case.db, item_id)


# --- copies -----------------------------------------------------------------------------------------------------------


def _related(case: _Settling) -> list[_Related]:
    """The items that this text is a copy of, the oldest first; more than one where it proves that they are one."""
    if case.analysis.fingerprint is None:
        return []
    found = items.candidates(case.db, case.analysis.fingerprint)
    texts = {pair for one in found for pair in ((one.source, one.text), *one.others)}
    repeated = _boilerplate(case.db, texts)
    related = (_relate(case, item, repeated) for item in found)
    return sorted((one for one in related if one is not None), key=lambda one: one.item.id)


def _relate(case: _Settling, item: Candidate, repeated: Mapping[str, frozenset[int]]) -> _Related | None:
    """How the text is a copy of an item: of its text, else of any that it appeared with."""
    for source, text in ((item.source, item.text), *item.others):
        relation = dedupe.relation(case.told, dedupe.without(text, repeated.get(source, frozenset())))
        if relation is not None:
            return _Related(item, relation, text is not item.text)
    return None


def _copy(case: _Settling, related: Sequence[_Related]) -> Ending:
    """The text is one more appearance of the oldest of these items; those younger are merged into that."""
    first, *younger = related
    article, item_id = case.analysis.article, first.item.id
    for one in younger:
        merge(case.db, item_id, one.item.id)
    fuller = not first.by_another and _is_fuller(case, first.item)
    if fuller:
        _take_fuller_text(case, first.item)
    own_text = None if fuller or (first.relation == "same" and not first.by_another) else article.text
    appearance_id = _appear(case, item_id, first.relation, own_text)
    if case.analysis.fingerprint is not None:
        items.add_keys(case.db, item_id, case.analysis.fingerprint)
    text_of = None if own_text is None else appearance_id
    _hear(case, item_id, text_of=text_of, title_of=appearance_id, of_new_text=fuller)
    if fuller:
        statements.drop_superseded(case.db, item_id)
    _cite_original(case, item_id, appearance_id)
    return Ending(Outcome.REPRINT, f"{first.relation} as item {item_id}: {first.item.title}", item_id)


def _appear(case: _Settling, item_id: int, relation: str, own_text: str | None) -> int:
    article = case.analysis.article
    return items.appear(
        case.db,
        item_id,
        case.work,
        article,
        relation,
        case.now,
        url_key=case.work.url_key,
        text=own_text,
        agencies=case.flow.agencies.credited(article.text, article.authors),
    )


def _is_fuller(case: _Settling, original: Candidate) -> bool:
    length = case.analysis.fingerprint.words if case.analysis.fingerprint else 0
    return original.fingerprint.words <= FULLER_TEXT * length


def _take_fuller_text(case: _Settling, original: Candidate) -> None:
    """The trimmed copy came first: the item takes the fuller text, and the trimmed one stays with its appearance."""
    first = items.original_of(case.db, original.id)
    items.keep_own_text(case.db, original.id, original.text)
    statements.move_reports(case.db, original.id, appearance_id=first)
    items.replace_text(case.db, original.id, case.analysis)


def _cite_original(case: _Settling, item_id: int, newest: int) -> None:
    """Of all appearances the item goes by the one to cite; its number, statements and alerts stay as they are."""
    rows = {row.id: row for row in items.places_of(case.db, item_id)}
    before = next(row for row in rows.values() if row.relation == "original")
    places = [
        dedupe.Place(row.id, row.source, row.url, row.published_at or row.first_seen_at, tuple(row.credits))
        for row in rows.values()
    ]
    best = dedupe.original_among(places, case.flow.agencies)
    if best.id != before.id:
        statements.move_title_reports(case.db, item_id, before.id)
        items.cite(case.db, item_id, before, rows[best.id], case.analysis.article if best.id == newest else None)
        statements.take_title_reports(case.db, item_id, best.id)


def _new_item(case: _Settling) -> Ending:
    item_id = items.add(case.db, case.work, case.analysis, case.now)
    boilerplate.learn(case.db, case.work.source, item_id, dedupe.edges(case.analysis.article.text))
    _appear(case, item_id, "original", None)
    heard = _hear(case, item_id, of_new_text=True)
    _alert(case, item_id, None)
    return Ending(Outcome.STORED, f"{len(heard)} statements", item_id)


# --- statements -------------------------------------------------------------------------------------------------------


def _hear(
    case: _Settling,
    item_id: int,
    *,
    text_of: int | None = None,
    title_of: int | None = None,
    of_new_text: bool = False,
) -> list[Heard]:
    """Record the article's reports; unless they are those of the item's new text, only what it does not report yet.

    `text_of` and `title_of` are the appearance whose own text or headline they stand in; None: the item's.
    """
    told = set() if of_new_text else statements.of_item(case.db, item_id)
    heard = recognise(case.db, case.analysis, case.now)
    fresh = [one for one in heard if one.statement_id not in told]
    for where, appearance_id in (("title", title_of), ("text", text_of)):
        theirs = [one for one in fresh if one.report.where == where]
        statements.report(case.db, item_id, theirs, case.now, appearance_id)
    firsts = {one.statement_id: one for one in reversed(heard)}
    case.flow.observer.count("statements", number=sum(one.before is None for one in firsts.values()))
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
