"""Corrects one item by what its texts say now, within the caller's transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import dedupe
from pipeline.alerts.novelty import Hearing
from pipeline.firing import Occasion, fire
from pipeline.flow import Flow
from pipeline.recognition import reread
from pipeline.reprocess.asked import Asked
from pipeline.reprocess.tally import Tally
from pipeline.settling import without_boilerplate
from pipeline.statements import identity
from pipeline.storage import corrections, items, retelling, statements
from pipeline.storage.corrections import Found
from pipeline.storage.retelling import Here
from pipeline.storage.store import Transaction
from pipeline.storage.texts import Place, Written
from pipeline.types import Analysis, Fingerprint, Heard, Report, Speaker


@dataclass(frozen=True, slots=True)
class Reread:
    """An item's texts, and what each was found to say; the first is its present text."""

    texts: tuple[Written, ...]
    found: tuple[Analysis, ...]
    from_page: bool = False
    #: why today's extraction refuses its page, if it does
    refused: str = ""


def correct(flow: Flow, db: Transaction, asked: Asked, item: Reread) -> Tally:
    """Bring an item up to date; what is as it was is not touched."""
    item_id, now = item.texts[0].item_id, item.found[0]
    retexted = _is_another(item)
    # with another text all that was found in the old one is void
    extracted = item.from_page and corrections.article(db, item_id, now)
    topics, others = _describe(db, asked, item, whole=retexted)
    tally = Tally(read=1, from_pages=int(item.from_page), refused=int(bool(item.refused)), texts=int(retexted))
    told: set[int] = set()
    if asked.wants("statements") or retexted or (extracted and _is_redated(item)):
        counted, told = _hear(db, item)
        tally += counted
    reported = tally.reports_new or tally.reports_changed or tally.reports_gone or tally.statements_changed
    changed = extracted or topics.changed or others or bool(reported)
    tally += Tally(changed=int(changed), **_of_topics(db, item_id, topics))
    if asked.alert and changed:
        tally += Tally(alerts=_alert(flow, db, item, told))
    return tally


def _is_another(item: Reread) -> bool:
    article, before = item.found[0].article, item.texts[0]
    return item.from_page and (article.title, article.text) != (before.title, before.text)


def _is_redated(item: Reread) -> bool:
    published = item.found[0].article.published_at
    return published is not None and published != item.texts[0].published_at


def _describe(db: Transaction, asked: Asked, item: Reread, *, whole: bool) -> tuple[corrections.Topics, bool]:
    item_id, now = item.texts[0].item_id, item.found[0]
    topics, changed = corrections.Topics(), False
    if asked.wants("topics") or whole:
        topics = corrections.topics(db, item_id, now.topics)
        changed = corrections.countries(db, item_id, now.countries)
    if (asked.only is None or whole) and now.fingerprint is not None:
        own = item.texts[0]
        read = zip(item.texts, item.found, strict=True)
        prints = [_prints_of(db, text, found) for text, found in read if text is own or text.text != own.text]
        changed |= corrections.fingerprint(db, item_id, prints)
    return topics, changed


def _prints_of(db: Transaction, text: Written, found: Analysis) -> tuple[Fingerprint, ...]:
    """The lookup keys of a text: those of the whole of it, and without boilerplate, as settling makes them."""
    article = found.article
    told = dedupe.fingerprint(article.title, without_boilerplate(db, text.source, article.text))
    return (told,) if found.fingerprint is None else (told, found.fingerprint)


def _of_topics(db: Transaction, item_id: int, topics: corrections.Topics) -> dict[str, Any]:
    left = items.topics_of(db, [item_id]) if topics.lost else {}
    return {
        "without_topic": int(bool(topics.lost) and not left),
        "gained": dict.fromkeys(topics.gained, 1),
        "lost": dict.fromkeys(topics.lost, 1),
    }


# --- statements -------------------------------------------------------------------------------------------------------


def _hear(db: Transaction, item: Reread) -> tuple[Tally, set[int]]:
    """Make the item's reports what its texts say; returns also the statements that any of it is about."""
    newest = statements.newest(db)
    heard = [reread(db, found, text.seen_at) for text, found in zip(item.texts, item.found, strict=True)]
    reports = corrections.reports_of(db, item.texts[0].item_id, _told_once(item.texts, heard))
    made = {one.statement_id for each in heard for one in each if one.statement_id > newest}
    # a statement may be made for a report that another text of the item reports already: nobody needs it
    told = retelling.retell(db, sorted(reports.statements | made), _identity, _here(item, heard))
    new = made - told.gone
    tally = Tally(
        reports_new=reports.new,
        reports_changed=reports.changed,
        reports_gone=reports.gone,
        statements_new=len(new),
        statements_changed=len(told.changed - made),
        statements_gone=len(told.gone - made),
        statements_kept=len(told.kept),
    )
    return tally, new | set(told.changed)


def _here(item: Reread, heard: Sequence[Sequence[Heard]]) -> dict[int, Here]:
    """Of each statement that an item's texts report, the country of its speaker and when the first was published."""
    found: dict[int, Here] = {}
    for text, now, each in zip(item.texts, item.found, heard, strict=True):
        at = now.article.published_at or text.published_at
        for one in each:
            before = found.get(one.statement_id, Here(None, None))
            dates = [date for date in (before.published_at, at) if date is not None]
            found[one.statement_id] = Here(before.country or one.report.speaker.country, min(dates, default=None))
    return found


def _told_once(texts: Sequence[Written], heard: Sequence[Sequence[Heard]]) -> list[Found]:
    """What each text reports that none before it does, as it was when each of them came in.

    An earlier text may repeat what an appearance's own text reports: only the present text supersedes it.
    """
    present, shown, earlier = set[int](), set[int](), set[int]()
    found: dict[Place, Found] = {}
    for text, said in zip(texts, heard, strict=True):
        of_revision = text.place.revision_id is not None
        known = present | (earlier if of_revision else shown)
        kept = [one for one in said if one.statement_id not in known]
        before = found.get(text.place)
        found[text.place] = Found(text.place, text.seen_at, [*before.heard, *kept] if before else kept)
        told = {one.statement_id for one in kept}
        if of_revision:
            earlier |= told
        elif text.place == Place():
            present |= told
        else:
            shown |= told
    return list(found.values())


def _identity(speaker_key: str | None, text: str) -> tuple[int, tuple[int, ...]]:
    return identity.of(Report("text", (), text, "direct", speaker=Speaker(None, key=speaker_key)))


# --- alerts -----------------------------------------------------------------------------------------------------------


def _alert(flow: Flow, db: Transaction, item: Reread, told: set[int]) -> int:
    """Fire what the item, and statements that are new or other than they were, meet now; each rule once on each."""
    text, analysis = item.texts[0], item.found[0]
    stored = items.load(db, text.item_id)
    hearing = Hearing(quiet=False, first_seen_at=stored.first_seen_at, published_at=stored.published_at)
    article = dataclasses.replace(analysis.article, url=stored.url, published_at=stored.published_at)
    occasion = Occasion(stored.id, stored.source, article, flow.clock.now())
    fired = fire(flow, db, occasion, None, hearing)
    for heard in reread(db, analysis, text.seen_at):
        if heard.statement_id in told:
            before = statements.heard_elsewhere(db, heard.statement_id, stored.id)
            at, sure = before or (None, 1.0)
            of_this = dataclasses.replace(
                hearing, confidence=heard.report.confidence, heard_at=at, heard_confidence=sure
            )
            fired += fire(flow, db, occasion, heard, of_this)
            told = told - {heard.statement_id}
    return fired
