"""Goes through what is to be read again, a batch at a time: read ahead in processes, corrected in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Event as Stop
from typing import Any, TypeVar

from pipeline import claims
from pipeline.analysis import as_sold
from pipeline.errors import Never, Retry
from pipeline.flow import Flow
from pipeline.query import parse
from pipeline.reading import PagePool, result_of
from pipeline.reprocess.asked import Asked, end_of, start_of
from pipeline.reprocess.correct import Reread, correct
from pipeline.reprocess.off_topic import PageAgain, read_pages, settle_pages
from pipeline.reprocess.tally import Tally, numbers_of, tally_of
from pipeline.storage import entries, locks, reprocessings, search, texts
from pipeline.storage.reprocessings import Reprocessing
from pipeline.storage.store import Transaction
from pipeline.storage.texts import Written
from pipeline.storage.trouble import Fault, attempted
from pipeline.types import Analysis, Article

#: items corrected in one transaction, so that others get to write in between
_AT_ONCE = 24
#: batches being read while one is settled
_AHEAD = 2
#: readings of an item that changes while it is read, before it is left for another time
_TRIES = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """A batch is done. `said`: which items or entries could not be read, or whose page could not, and why."""

    done: int
    tally: Tally
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """An item being read: a future for each of its texts, and one for its page."""

    texts: tuple[Written, ...]
    futures: tuple[Future[Any], ...]
    from_page: Future[Any] | None = None

    @property
    def item_id(self) -> int:
        """Which item."""
        return self.texts[0].item_id


class _Undone(Exception):
    """Rolls back what a dry run wrote."""


def begin(flow: Flow, asked: Asked, made_of: str, *, dry_run: bool = False) -> tuple[Reprocessing, bool]:
    """The reprocessing to go on with, and whether it had begun before. Raises TimeError, QueryError.

    One that asks for the same and did not come to its end is gone on with, while program and configuration (`made_of`)
    are the same; else it begins anew. A dry run begins always, and leaves nothing.
    """
    now = flow.clock.now()
    since, until = start_of(asked.since, now), end_of(asked.until)
    parse(asked.query)
    with flow.store.write() as db:
        known = None if dry_run else reprocessings.unfinished(db, asked.written, made_of)
        if known is not None:
            return known, True
        made = reprocessings.begin(db, asked.written, made_of, since, until, now)
        if dry_run:
            reprocessings.drop(db, made.id)
        return made, False


def size(flow: Flow, job: Reprocessing, asked: Asked) -> int:
    """How many items and entries there are still to read."""
    return len(_chosen(flow, job, asked)) + len(_entries(flow, job, asked))


def reprocess(
    flow: Flow, pool: PagePool, job: Reprocessing, asked: Asked, *, stop: Stop, dry_run: bool = False
) -> Iterator[Progress]:
    """Bring items up to date, oldest first, then off-topic entries if asked; tells of each batch.

    Ends between two batches once `stop` is set. An item that the engine updates meanwhile is read again as it is then.
    """
    tally = tally_of(job.counts)
    for reading in _ahead(partial(_read, flow, pool, asked), _batches(_chosen(flow, job, asked))):
        done = _settle(flow, pool, job, asked, reading, tally, dry_run=dry_run)
        tally += done.tally
        yield done
        if stop.is_set():
            return
    for pages in _ahead(partial(read_pages, flow, pool), _batches(_entries(flow, job, asked))):
        found = [result_of(page.future, page.url) for page in pages]
        step = partial(_settle_pages, flow, job, asked, pages, found, tally)
        read_again = _in_one_transaction(flow, step, undo=dry_run)
        tally += read_again.tally
        yield read_again
        if stop.is_set():
            return
    if not dry_run:
        with flow.store.write() as db:
            reprocessings.end(db, job.id, flow.clock.now())


# --- what there is to read --------------------------------------------------------------------------------------------


def _chosen(flow: Flow, job: Reprocessing, asked: Asked) -> list[int]:
    """Items still to read. Those that are done may meet the query no more, and need not."""
    with flow.store.read() as db:
        found = reprocessings.item_ids(db, job, asked.source, job.item, None)
        if not asked.query or not found:
            return found
        meeting = set(search.find_items(db, parse(asked.query).root, flow.clock.now(), None))
    return [item_id for item_id in found if item_id in meeting]


def _entries(flow: Flow, job: Reprocessing, asked: Asked) -> list[int]:
    if not asked.off_topic:
        return []
    with flow.store.read() as db:
        return reprocessings.entry_ids(db, job, asked.source, job.entry, None)


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _ahead(start: Callable[[Sequence[int]], list[_T]], batches: Iterator[Sequence[int]]) -> Iterator[list[_T]]:
    """Start reading each batch some batches before it is asked for."""
    waiting: list[list[_T]] = []
    for batch in batches:
        waiting.append(start(batch))
        if len(waiting) > _AHEAD:
            yield waiting.pop(0)
    yield from waiting


# --- read -------------------------------------------------------------------------------------------------------------


def _read(flow: Flow, pool: PagePool, asked: Asked, item_ids: Sequence[int]) -> list[_Reading]:
    with flow.store.read() as db:
        return [_start(db, pool, asked, written) for written in texts.of_items(db, item_ids).values()]


def _start(db: Transaction, pool: PagePool, asked: Asked, written: tuple[Written, ...]) -> _Reading:
    """Start the present text, and its page if wanted and kept; the other texts where statements are asked for."""
    said = asked.only != "topics"
    read = written if said else written[:1]
    page = texts.page_of(db, written[0].item_id) if asked.wants("extraction") else None
    from_page = pool.read(page, keep_all=True) if page else None
    return _Reading(read, tuple(pool.analyze(_article(text), statements=said) for text in read), from_page)


def _article(text: Written) -> Article:
    return Article(
        text.url, text.url, text.title, text.text, published_at=text.published_at, lang=text.lang, access=text.access
    )


def _found(flow: Flow, reading: _Reading) -> Reread | str:
    """What a reading came to; a string says why to nothing. A page that is refused now leaves its stored text."""
    own = reading.texts[0]
    found = [result_of(future, own.url) for future in reading.futures]
    failed = next((one for one in found if not isinstance(one, Analysis)), None)
    if failed is not None:
        return f"item {own.item_id}: {failed}"
    if reading.from_page is None:
        return Reread(reading.texts, tuple(found))
    fresh = result_of(reading.from_page, own.url)
    if not isinstance(fresh, Analysis):
        return Reread(reading.texts, tuple(found), refused=f"item {own.item_id}: its page: {fresh}")
    fresh = as_sold(fresh, flow.sources.get(own.source))
    return Reread(reading.texts, (fresh, *found[1:]), from_page=True)


# --- settle -----------------------------------------------------------------------------------------------------------


def _in_one_transaction(flow: Flow, step: Callable[[Transaction], _T], *, undo: bool) -> _T:
    """Run a step, again where other transactions got in its way; with `undo`, take back what it did."""
    done: list[_T] = []

    def once(db: Transaction) -> None:
        done[:] = [step(db)]
        if undo:
            raise _Undone

    with suppress(_Undone):
        flow.store.transact(once)
    return done[0]


def _settle_pages(
    flow: Flow,
    job: Reprocessing,
    asked: Asked,
    read: Sequence[PageAgain],
    found: Sequence[Analysis | Retry | Never],
    before: Tally,
    db: Transaction,
) -> Progress:
    works = [entries.load(db, page.entry_id) for page in read]
    settled = [claims.of_address(work.url_key) for work in works]
    locks.hold(
        db, [*settled, *(name for one in found if isinstance(one, Analysis) for name in claims.of_analysis(one))]
    )
    counted, failed = settle_pages(flow, db, read, found, quiet=not asked.alert)
    reprocessings.move(db, job.id, numbers_of(before + counted), flow.clock.now(), entry=read[-1].entry_id)
    return Progress(len(read), counted, failed)


def _settle(
    flow: Flow,
    pool: PagePool,
    job: Reprocessing,
    asked: Asked,
    batch: list[_Reading],
    before: Tally,
    *,
    dry_run: bool,
) -> Progress:
    """Correct a batch in one transaction, once no item of it was updated since it was read."""
    for tries in range(1, _TRIES + 1):
        found = [_found(flow, reading) for reading in batch]
        step = partial(_correct_batch, flow, job, asked, batch, found, before, tries)
        done = _in_one_transaction(flow, step, undo=dry_run)
        if done is not None:
            return done
        batch = _read(flow, pool, asked, [reading.item_id for reading in batch])
    raise AssertionError("the last try settles")


def _correct_batch(
    flow: Flow,
    job: Reprocessing,
    asked: Asked,
    batch: Sequence[_Reading],
    found: Sequence[Reread | str],
    before: Tally,
    tries: int,
    db: Transaction,
) -> Progress | None:
    """Correct what was read; None where an item was updated meanwhile, and is to be read again."""
    texts_read = (one for item in found if isinstance(item, Reread) for one in item.found)
    locks.hold(db, (name for one in texts_read for name in claims.of_analysis(one)))
    updated = _updated(db, batch)
    if updated and tries < _TRIES:
        return None
    kept = [
        f"item {reading.item_id}: was updated {tries} times while it was read" if reading.item_id in updated else one
        for reading, one in zip(batch, found, strict=True)
    ]
    done = _correct_all(flow, db, asked, kept)
    reprocessings.move(db, job.id, numbers_of(before + done.tally), flow.clock.now(), item=batch[-1].item_id)
    return done


def _updated(db: Transaction, batch: Sequence[_Reading]) -> set[int]:
    """Items whose texts are not those that were read."""
    now = texts.of_items(db, [reading.item_id for reading in batch])
    return {reading.item_id for reading in batch if now[reading.item_id][: len(reading.texts)] != reading.texts}


def _correct_all(flow: Flow, db: Transaction, asked: Asked, batch: Sequence[Reread | str]) -> Progress:
    tally, failed = Tally(), list[str]()
    for one in batch:
        done = one if isinstance(one, str) else _correct(flow, db, asked, one)
        if isinstance(done, str):
            failed.append(done)
            tally += Tally(read=1, failures=1)
        else:
            tally += done
    refused = [one.refused for one in batch if isinstance(one, Reread) and one.refused]
    return Progress(len(batch), tally, (*failed, *refused))


def _correct(flow: Flow, db: Transaction, asked: Asked, item: Reread) -> Tally | str:
    """Correct one; what our own code cannot settle must not stop the others, now or at the next call."""
    done = attempted(db, lambda: correct(flow, db, asked, item))
    # it is named, counted and left as it was
    return f"item {item.texts[0].item_id}: {done}" if isinstance(done, Fault) else done
