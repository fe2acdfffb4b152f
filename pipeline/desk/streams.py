"""Everything that a query finds, page after page: constant memory, and no transaction that lasts.

A page begins where the one before ended, by publication. What comes in meanwhile is told where it stands after that,
and not where it stands before; nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.desk.answers import ItemPage, StatementPage
from pipeline.storage.views import ItemLine, StatementView


def items(page: Callable[[str | None], ItemPage]) -> Iterator[ItemLine]:
    """The items of all pages."""
    found = page(None)
    yield from found.items
    while found.after is not None:
        found = page(found.after)
        yield from found.items


def statements(page: Callable[[str | None], StatementPage]) -> Iterator[StatementView]:
    """The statements of all pages."""
    found = page(None)
    yield from found.statements
    while found.after is not None:
        found = page(found.after)
        yield from found.statements
