"""Pieces -> what became of each: read ahead in processes, settled in order, a batch in one transaction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pipeline import claims
from pipeline.analysis import as_sold
from pipeline.errors import Never, Retry, Unreadable
from pipeline.flow import Flow
from pipeline.importing.jsonl import Line, piece_of
from pipeline.importing.piece import Piece
from pipeline.reading import PagePool, result_of
from pipeline.settling import settle_analysis
from pipeline.storage import entries, locks, pages, sources
from pipeline.storage.entries import Announcement
from pipeline.storage.store import Transaction
from pipeline.storage.trouble import Fault, attempted
from pipeline.types import Analysis, Ending, Outcome, Work

#: pieces settled in one transaction, and bytes of them, so that large ones do not fill the memory
_AT_ONCE, _WEIGHT = 24, 4_000_000
#: batches being read while one is settled
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one piece: `error` is set for one that is none, `passed` for one left out; they have no ending."""

    number: int
    url: str | None
    ending: Ending | None
    error: str = ""
    passed: str = ""
    #: the byte of the file at which the next one begins, where that is known
    after: int | None = None


#: told of each batch within its transaction
Keep = Callable[[Transaction, Sequence[Imported]], None]


@dataclass(frozen=True, slots=True)
class _Begun:
    """A piece being read, or one whose ending is known already."""

    piece: Piece
    future: Future[Any] | None = None
    known: Ending | None = None


def import_pieces(
    flow: Flow, pool: PagePool, pieces: Iterable[Piece], *, quiet: bool = True, keep: Keep | None = None
) -> Iterator[Imported]:
    """Import pieces, telling what became of each in their order, once it is in the store.

    Safe to run again: known ones keep their ending, but for the quarantined, which are read again. Alerts stay quiet
    unless `quiet` is False.
    """
    ahead: deque[list[_Begun]] = deque()
    for batch in _batches(pieces):
        ahead.append(_begin(flow, pool, batch))
        if len(ahead) > _AHEAD:
            yield from _settle(flow, ahead.popleft(), quiet=quiet, keep=keep)
    while ahead:
        yield from _settle(flow, ahead.popleft(), quiet=quiet, keep=keep)


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    batch, weight = list[Piece](), 0
    for piece in pieces:
        batch.append(piece)
        weight += piece.weight
        if len(batch) >= _AT_ONCE or weight >= _WEIGHT:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _begin(flow: Flow, pool: PagePool, batch: Sequence[Piece]) -> list[_Begun]:
    wanted = {(flow.url_keys.key(piece.url), piece.version): piece for piece in batch if piece.entry is not None}
    with flow.store.read() as db:
        known = entries.endings(db, list(wanted))
    ended = {id(wanted[key]): ending for key, ending in known.items() if ending.outcome != Outcome.QUARANTINED}
    return [_start(flow, pool, piece, ended.get(id(piece))) for piece in batch]


def _start(flow: Flow, pool: PagePool, piece: Piece, known: Ending | None) -> _Begun:
    if known is not None:
        return _Begun(piece, known=known)
    if piece.page is not None:
        return _Begun(piece, pool.read(piece.page, keep_all=_keeps_all(flow, piece.source)))
    return _Begun(piece, pool.analyze(piece.article) if piece.article is not None else None)


def _keeps_all(flow: Flow, slug: str) -> bool:
    source = flow.sources.get(slug)
    return flow.settings.keep == "all" or (source is not None and source.keep == "all")


# --- settle -----------------------------------------------------------------------------------------------------------


def _settle(flow: Flow, batch: Sequence[_Begun], *, quiet: bool, keep: Keep | None) -> list[Imported]:
    found = [(begun, result_of(begun.future, begun.piece.url) if begun.future else None) for begun in batch]
    if keep is None and not any(begun.future for begun in batch):
        return [_imported(begun.piece, begun.known) for begun in batch]

    def step(db: Transaction) -> list[Imported]:
        locks.hold(db, (name for begun, what in found for name in _claims(flow, begun.piece, what)))
        done = [_imported(begun.piece, _ended(flow, db, begun, what, quiet=quiet)) for begun, what in found]
        if keep is not None:
            keep(db, done)
        return done

    return flow.store.transact(step)


def _claims(flow: Flow, piece: Piece, found: Analysis | Retry | Never | None) -> Iterator[str]:
    if found is not None:
        yield claims.of_address(flow.url_keys.key(piece.url))
    if isinstance(found, Analysis):
        yield from claims.of_analysis(found)


def _imported(piece: Piece, ending: Ending | None) -> Imported:
    return Imported(piece.number, piece.url or None, ending, piece.error, piece.passed, piece.after)


def _ended(
    flow: Flow, db: Transaction, begun: _Begun, found: Analysis | Retry | Never | None, *, quiet: bool
) -> Ending | None:
    """Settle one; what our own code cannot settle is put aside with its error, and does not stop the others."""
    if found is None:
        return begun.known
    done = attempted(db, lambda: _settle_piece(flow, db, begun.piece, found, quiet=quiet))
    if not isinstance(done, Fault):
        return done
    # it is quarantined, and listed by `vigia failures`
    return _settle_piece(flow, db, begun.piece, Unreadable(f"{begun.piece.url}: {done}"), quiet=quiet)


def settle_article(flow: Flow, line: Line, found: Analysis | Retry | Never, *, quiet: bool = True) -> Ending:
    """Announce and settle an article in one transaction; the same text at the same address keeps its first outcome.

    Unless that was quarantined, as the process that read it died: then it is settled as if it had not been there.
    """
    piece = piece_of(line)

    def step(db: Transaction) -> Ending:
        locks.hold(db, _claims(flow, piece, found))
        return _settle_piece(flow, db, piece, found, quiet=quiet)

    return flow.store.transact(step)


def _settle_piece(flow: Flow, db: Transaction, piece: Piece, found: Analysis | Retry | Never, *, quiet: bool) -> Ending:
    now = flow.clock.now()
    work = _announced(flow, db, piece, quiet=quiet)
    if work.outcome is not None:
        return Ending(work.outcome, "imported before", work.item_id)
    ending = _ending(flow, db, work, piece, found)
    entries.end(db, work.id, ending, now)
    if piece.page is not None and (ending.outcome != Outcome.OFF_TOPIC or flow.settings.keep_off_topic_pages > 0):
        pages.save(db, work.id, piece.page, piece.page.fetched_at)
    return ending


def _announced(flow: Flow, db: Transaction, piece: Piece, *, quiet: bool) -> Work:
    """The entry of a piece, new or known; a quarantined one is taken up again."""
    if piece.entry is None:
        raise ValueError(f"{piece.url}: expected something to import, got none")
    url_key = flow.url_keys.key(piece.url)
    sources.ensure(db, piece.source)
    announced = Announcement(piece.entry, piece.version, url_key, piece.version, host=flow.hosts.key(piece.url))
    entries.announce(db, piece.source, None, [announced], flow.clock.now(), quiet=quiet)
    work = entries.announced(db, url_key, piece.version)
    if work.outcome == Outcome.QUARANTINED and entries.import_again(db, work.id, quiet=quiet):
        work = entries.announced(db, url_key, piece.version)
    return work


def _ending(flow: Flow, db: Transaction, work: Work, piece: Piece, found: Analysis | Retry | Never) -> Ending:
    if isinstance(found, Never):
        return Ending(found.outcome, str(found))
    if isinstance(found, Retry):
        return Ending(Outcome.QUARANTINED, str(found))
    # a page may show the beginning only; a text that somebody brings is taken for whole
    return settle_analysis(flow, db, work, as_sold(found, flow.sources.get(work.source)) if piece.page else found)
