"""Cells of a table: texts of strangers that a spreadsheet must not take for formulas."""

from __future__ import annotations

import re
from datetime import datetime

Cell = str | int | float | bool | datetime | None

#: what makes a spreadsheet calculate, or split the cell, at its beginning (OWASP, CSV Injection)
_BEGINS = re.compile('[\t\r\n]|[\\s\u00a0\ufeff"]*[=+\\-@＝＋－＠]')
#: within it, a cell begins for a spreadsheet that separates by something else, as those of Spain do, or that lost
#: count of the quotation marks
_WITHIN = re.compile('([;|\t\r\n])([\\s\u00a0\ufeff"]*)([=+\\-@＝＋－＠])')
#: most cells have none of these, and are done with
_SUSPECT = re.compile('[;|\t\r\n]|^[\\s\u00a0\ufeff"]*[=+\\-@＝＋－＠]')


def neutral(text: str) -> str:
    """The text, with an apostrophe wherever a spreadsheet would begin to calculate."""
    if _SUSPECT.search(text) is None:
        return text
    text = _WITHIN.sub(r"\1\2'\3", text)
    return f"'{text}" if _BEGINS.match(text) else text


def written(cell: Cell) -> str:
    """A cell as CSV has it: times as ISO 8601 in UTC, nothing for None, texts neutralised."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return neutral(cell) if isinstance(cell, str) else str(cell)
