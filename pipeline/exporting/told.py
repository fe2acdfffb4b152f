"""What a query finds as entries of a feed: items with what is said in them, statements with who said it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pipeline.desk import Desk
from pipeline.exporting.export import begin
from pipeline.exporting.feeds import Entry
from pipeline.storage import leaving, views

#: statements of an item that its entry tells
_SAID = 5


def entries(desk: Desk, about: str, query: str, limit: int) -> list[Entry]:
    """The newest items or statements that a query finds. Raises QueryError; KeyError for another kind."""
    made = _MADE[about]
    found = begin(desk, about, query, limit)
    return [entry for batch in found.batches() for entry in made(desk, batch)]


def _of_items(desk: Desk, ids: Sequence[int]) -> Iterator[Entry]:
    with desk.store.read() as db:
        lines = views.item_lines(db, ids)
        summaries, said = leaving.excerpts(db, ids), leaving.said_in(db, ids)
    for line in lines:
        told = [f"{_who(name, role)}: “{words}”" for name, role, words in said.get(line.id, ())[:_SAID]]
        yield Entry(
            about="items",
            number=line.id,
            title=line.title,
            link=line.url,
            summary="\n".join([summaries.get(line.id, ""), *told]).strip(),
            seen_at=line.first_seen_at,
            published_at=line.published_at,
            author=line.source_name,
            topics=tuple(topic.topic for topic in line.topics),
        )


def _of_statements(desk: Desk, ids: Sequence[int]) -> Iterator[Entry]:
    with desk.store.read() as db:
        lines = views.statement_views(db, ids)
    for line in lines:
        by = _who(line.speaker.name, line.speaker.role)
        sides = "; ".join(f"{topic}: {side}" for topic, side in sorted(line.stance.items()))
        where = "\n".join(f"{report.source_name}: {report.title}" for report in line.reports[:_SAID])
        yield Entry(
            about="statements",
            number=line.id,
            title=f"{by}: {line.text}" if len(line.text) <= 120 else f"{by}: {line.text[:119]}…",
            link=line.reports[0].url if line.reports else "",
            summary="\n".join(part for part in (f"“{line.text}”", sides, where) if part),
            seen_at=line.first_seen_at,
            published_at=line.published_at,
            author=by,
            topics=line.topics,
        )


def _who(name: str | None, role: str | None) -> str:
    return f"{name} ({role})" if name and role else name or role or "?"


_MADE: Mapping[str, Callable[[Desk, Sequence[int]], Iterator[Entry]]] = {
    "items": _of_items,
    "statements": _of_statements,
}
ABOUT = tuple(_MADE)
