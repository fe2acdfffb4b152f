"""Answers as flat rows: what the CSV of several pages holds."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.exporting import Sheet, columns
from pipeline.storage.views import ItemLine, StatementView

#: the first of the columns that exports have, which promise their names and order
_ITEMS = tuple(column.name for column in columns.ITEMS[:12])
_STATEMENTS = tuple(column.name for column in columns.STATEMENTS[:15])


def items(found: Iterable[ItemLine]) -> Sheet:
    """A row an item."""
    rows = (
        (
            one.id, one.published_at, one.first_seen_at, one.source, one.source_name, one.title, one.url, one.lang,
            " ".join(one.countries), " ".join(topic.topic for topic in one.topics), one.statements, one.appearances,
        )
        for one in found
    )  # fmt: skip
    return Sheet(_ITEMS, rows)


def statements(found: Iterable[StatementView]) -> Sheet:
    """A row a statement; its outlets, and where the first of them reports it."""
    rows = (
        (
            one.id, one.published_at, one.first_seen_at, one.speaker.name, one.speaker.role, one.speaker.country,
            one.text, one.kind, " ".join(one.topics),
            " ".join(f"{topic}={side}" for topic, side in sorted(one.stance.items())), ", ".join(one.via), one.lang,
            one.confidence, " ".join(dict.fromkeys(told.source for told in one.reports)),
            one.reports[0].url if one.reports else None,
        )
        for one in found
    )  # fmt: skip
    return Sheet(_STATEMENTS, rows)
