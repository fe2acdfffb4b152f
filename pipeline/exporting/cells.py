"""Cells of a table: texts of strangers that a spreadsheet must not take for formulas."""

from __future__ import annotations

from datetime import datetime

Cell = str | int | float | bool | datetime | None

#: what makes a spreadsheet calculate, or split the cell (OWASP, CSV Injection)
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would calculate it."""
    return f"'{text}" if text.lstrip(" \u00a0\ufeff").startswith(_ACTIVE) or text.startswith(_ACTIVE) else text


def written(cell: Cell) -> str:
    """A cell as CSV has it: times as ISO 8601 in UTC, nothing for None, texts neutralised."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return neutral(cell) if isinstance(cell, str) else str(cell)
