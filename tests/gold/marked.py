"""Reads marked-up articles into lines of statements.jsonl, so that no offset is ever counted by hand.

    == surname
    T: Public hearing
    Rapporteur Hilde Aagaard met forty families. Aagaard {{1:said}} that [[1:soldiers had entered homes]].
    1 | indirect | Hilde Aagaard | rapporteur | - | -

A block is one article: `==` and its construction, `T:` and its title, its paragraphs, and a line for each statement:
number, kind, speaker's name, role, country, via (`-` where the article gives none). `[[1:...]]` is a piece of
statement 1, `{{1:...}}` its cue; a statement in pieces repeats its number, and marks may stand inside marks.
`python -m tests.gold.marked LANG FIRST < article.txt` prints the lines, numbered from FIRST.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

_MARK = re.compile(r"(\[\[|\{\{)(\d):|\]\]|\}\}")
_STATEMENT = re.compile(r"(\d) \| (direct|mixed|indirect)" + r" \| ([^|]+)" * 3 + r" \| ([^|]+)$")

#: kind of mark ("[[" a piece, "{{" a cue), number of the statement, span in the text without marks
_Marked = tuple[str, str, list[int]]


def articles(marked: str, lang: str, first: int = 1) -> Iterator[dict[str, Any]]:
    """The articles of a marked-up text as lines of the gold. Raises ValueError for marks that do not close or fit."""
    for number, block in enumerate(re.split(r"^== ", marked, flags=re.M)[1:], first):
        construction, titled, *lines = block.strip().split("\n")
        described = [line for line in lines if _STATEMENT.match(line)]
        fields = {
            "title": _read(titled.removeprefix("T: ")),
            "text": _read("\n".join(line for line in lines if line not in described)),
        }
        yield {
            "id": f"{lang}-{number:03d}",
            "lang": lang,
            "construction": construction,
            "title": fields["title"][0],
            "text": fields["text"][0],
            "statements": [_statement(line, fields) for line in described],
        }


def _read(marked: str) -> tuple[str, list[_Marked]]:
    """The text without its marks, and what they marked, in the order in which they open."""
    plain, at = "", 0
    found: list[_Marked] = []
    opened: list[_Marked] = []
    for mark in _MARK.finditer(marked):
        plain += marked[at : mark.start()]
        at = mark.end()
        if mark[1]:
            opened.append((mark[1], mark[2], [len(plain)]))
            found.append(opened[-1])
        elif not opened:
            raise ValueError(f"expected an open mark before {marked[mark.start() :][:40]!r}, got none")
        else:
            opened.pop()[2].append(len(plain))
    if opened:
        raise ValueError(f"expected every mark of {marked[:40]!r} closed, got {opened[-1]}")
    return plain + marked[at:], found


def _statement(line: str, fields: dict[str, tuple[str, list[_Marked]]]) -> dict[str, Any]:
    described = _STATEMENT.match(line)
    if described is None:
        raise ValueError(f"expected number | kind | name | role | country | via, got {line!r}")
    number, kind, name, role, country, via = (
        None if each.strip() == "-" else each.strip() for each in described.groups()
    )
    where, parts = next(
        ((where, parts) for where, (_, marks) in fields.items() if (parts := _spans(marks, "[[", number))), ("", [])
    )
    if not parts:
        raise ValueError(f"expected words marked [[{number}:...]], got none for {line!r}")
    text, marks = fields[where]
    return {
        "parts": parts,
        "in": where,
        "text": " ".join(text[start:end] for start, end in parts),
        "cue": next(iter(_spans(marks, "{{", number)), None),
        "speaker_name": name,
        "role": role,
        "country": country,
        "kind": kind,
        "via": via,
    }


def _spans(marks: list[_Marked], kind: str, number: str | None) -> list[list[int]]:
    return [span for opening, mine, span in marks if opening == kind and mine == number]


if __name__ == "__main__":
    for article in articles(sys.stdin.read(), sys.argv[1], int(sys.argv[2])):
        print(json.dumps(article, ensure_ascii=False))  # noqa: T201 - this is its work
