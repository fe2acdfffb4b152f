"""What can be exported: what a query finds of it, and what a batch of that is as rows and as JSON.

What a query finds is looked up once, at the beginning, and kept as numbers, 8 bytes each. So what comes in meanwhile
moves nothing, nothing is told twice, and it is known how much there is to do. The rows are read batch after batch, each
in a short transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline.desk import Desk, Position, SpeakerLine, SpeakerWish
from pipeline.errors import QueryError
from pipeline.exporting import columns
from pipeline.exporting.columns import Column
from pipeline.query import parse
from pipeline.storage import leaving, views
from pipeline.storage.store import Transaction
from pipeline.text import words
from pipeline.wording import worded

Row = Sequence[Any]
Rows = Callable[[Transaction, Sequence[int]], Iterable[Row]]
#: speakers in a page
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of export: a line of what it is, its columns, and how it is read."""

    meaning: str
    columns: tuple[Column, ...]
    #: what a query finds, at most so much of it: numbers, or what is few
    find: Callable[[Desk, str, int | None], Sequence[Any]]
    #: some of that as rows
    rows: Callable[[Desk, Sequence[Any]], list[Row]]
    #: ... as the JSON of the command line and the API, where that has more than the rows
    told: Callable[[Desk, Sequence[Any]], list[Any]] | None = None


def _found(about: leaving.About) -> Callable[[Desk, str, int | None], Sequence[int]]:
    def find(desk: Desk, query: str, limit: int | None) -> Sequence[int]:
        with desk.store.read(bounded=False) as db:
            return leaving.found(db, about, parse(query).root, desk.clock.now(), limit)

    return find


def _read(rows: Callable[[Transaction, Sequence[int]], Iterable[Any]]) -> Callable[[Desk, Sequence[int]], list[Any]]:
    def read(desk: Desk, ids: Sequence[int]) -> list[Any]:
        with desk.store.read(bounded=False) as db:
            return list(rows(db, ids))

    return read


def _positions(desk: Desk, query: str, limit: int | None) -> Sequence[Position]:
    if query.strip():
        raise QueryError(query, 0, worded("no query: positions are those of all countries on all topics"), f'"{query}"')
    return desk.positions().cells[:limit]


def _position_rows(_: Desk, found: Sequence[Position]) -> list[Row]:
    return [
        (
            one.country, one.topic, one.stance, one.at, one.speaker.name, one.speaker.role, one.speaker.key,
            one.statement_id, one.text, *(one.counts.get(side, 0) for side in ("for", "against", "mixed")),
        )
        for one in found
    ]  # fmt: skip


def _speakers(desk: Desk, words_of: str, limit: int | None) -> Sequence[SpeakerLine]:
    return list(islice(_pages(desk, tuple(words(words_of))), limit))


def _pages(desk: Desk, wanted: tuple[str, ...]) -> Iterator[SpeakerLine]:
    page = desk.speaker_page(SpeakerWish(wanted, limit=_PAGE))
    yield from page.speakers
    while page.after is not None:
        page = desk.speaker_page(SpeakerWish(wanted, limit=_PAGE, after=page.after))
        yield from page.speakers


def _speaker_rows(_: Desk, found: Sequence[SpeakerLine]) -> list[Row]:
    return [(one.key, one.name, one.role, one.country, one.statements, one.last_seen_at) for one in found]


def _as_found(_: Desk, found: Sequence[Any]) -> list[Any]:
    return list(found)


KINDS: Mapping[str, Kind] = {
    "items": Kind(
        "A row an item that meets the query, newest publication first.",
        columns.ITEMS,
        _found("item"),
        _read(leaving.item_rows),
        _read(views.item_lines),
    ),
    "statements": Kind(
        "A row a statement that meets the query, newest publication first.",
        columns.STATEMENTS,
        _found("statement"),
        _read(leaving.statement_rows),
        _read(views.statement_views),
    ),
    "reports": Kind(
        "A row a report of a statement that meets the query; those of one statement together.",
        columns.REPORTS,
        _found("statement"),
        _read(leaving.report_rows),
    ),
    "alerts": Kind(
        "A row an alert that fired on an item that meets the query, newest first.",
        columns.ALERTS,
        _found("alert"),
        _read(leaving.alert_rows),
    ),
    "positions": Kind(
        "A row a country and topic on which its officials took a clear stance; there is no query.",
        columns.POSITIONS,
        _positions,
        _position_rows,
        _as_found,
    ),
    "speakers": Kind(
        "A row a speaker whose name, role or key holds all words of the query, who said most first.",
        columns.SPEAKERS,
        _speakers,
        _speaker_rows,
        _as_found,
    ),
}
