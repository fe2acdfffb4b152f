"""Off-topic entries whose page is kept: read again, and settled as new items where a topic applies now."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pipeline.analysis import as_sold
from pipeline.errors import Never, Retry
from pipeline.flow import Flow
from pipeline.reading import PagePool
from pipeline.reprocess.tally import Tally
from pipeline.settling import settle_analysis
from pipeline.storage import entries, pages
from pipeline.storage.store import Transaction
from pipeline.storage.trouble import Fault, attempted
from pipeline.types import Analysis, Outcome


@dataclass(frozen=True, slots=True)
class PageAgain:
    """The page of an off-topic entry, being read."""

    entry_id: int
    url: str
    future: Future[Any]


def read_pages(flow: Flow, pool: PagePool, entry_ids: Sequence[int]) -> list[PageAgain]:
    """Start reading the pages of entries."""
    started = []
    with flow.store.read() as db:
        for entry_id in entry_ids:
            work = entries.load(db, entry_id)
            page = pages.load(db, entry_id, work.entry)
            source = flow.sources.get(work.source)
            keep_all = flow.settings.keep == "all" or (source is not None and source.keep == "all")
            started.append(PageAgain(entry_id, work.url, pool.read(page, keep_all=keep_all)))
    return started


def settle_pages(
    flow: Flow, db: Transaction, read: Sequence[PageAgain], found: Sequence[Analysis | Retry | Never], *, quiet: bool
) -> tuple[Tally, tuple[str, ...]]:
    """Settle what is on topic now; all else stays as it ended. Returns what it came to, and which could not be read."""
    tally, said = Tally(), list[str]()
    for page, one in zip(read, found, strict=True):
        done = _settled(flow, db, page.entry_id, one, quiet=quiet) if isinstance(one, Analysis) else str(one)
        # what is too short, or no article, has not changed: it is none of our topics
        failed = isinstance(done, str) and not (isinstance(one, Never) and one.outcome != Outcome.QUARANTINED)
        tally += Tally(entries=1, failures=int(failed), entries_on_topic=0 if isinstance(done, str) else done)
        said += [f"entry {page.entry_id}: {done}"] if failed else []
    return tally, tuple(said)


def _settled(flow: Flow, db: Transaction, entry_id: int, found: Analysis, *, quiet: bool) -> int | str:
    """Settle one; what our own code cannot settle must not stop the others, now or at the next call."""
    done = attempted(db, lambda: _settle(flow, db, entry_id, found, quiet=quiet))
    # it is named, counted and left as it was
    return str(done) if isinstance(done, Fault) else done


def _settle(flow: Flow, db: Transaction, entry_id: int, found: Analysis, *, quiet: bool) -> int:
    """Take an entry up again and end it anew, within one transaction: nobody sees it as work."""
    work = entries.load(db, entry_id)
    if work.outcome != Outcome.OFF_TOPIC or not entries.take_up(db, entry_id, quiet=quiet or work.quiet):
        return 0
    work = entries.load(db, entry_id)
    ending = settle_analysis(flow, db, work, as_sold(found, flow.sources.get(work.source)))
    entries.end(db, entry_id, ending, flow.clock.now())
    return int(ending.outcome != Outcome.OFF_TOPIC)
