"""How well statements are found, construction by construction. `python -m tests.gold.score_statements` reports.

A statement is found when four fifths of its words and of those found for it are the same (tests/gold/spans.py). What is
said about it (speaker, kind, role, country, via) is judged on statements that are found, so that nothing counts twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.types import Report
from tests.gold.reading import LANGUAGES, Row, analyzed, rows
from tests.gold.spans import matched, words
from tests.gold.tally import Tally, share

#: share of words in common from which a statement counts as found
SAME = 0.8


@dataclass(frozen=True, slots=True)
class Read:
    """A gold article, what was found in it, and which finds are which of its statements: {index in gold: in found}."""

    row: Row
    found: tuple[Report, ...]
    pairs: dict[int, int]

    @property
    def statements(self) -> list[Row]:
        return list(self.row["statements"])

    @property
    def told(self) -> list[tuple[Row, Report]]:
        return [(self.row["statements"][i], self.found[j]) for i, j in sorted(self.pairs.items())]


def read(row: Row) -> Read:
    """What the shipped program makes of a gold article."""
    return compared(row, analyzed(row).reports)


def compared(row: Row, found: tuple[Report, ...]) -> Read:
    whole = f"{row['title']}\n{row['text']}"
    begins = {"title": 0, "text": len(row["title"]) + 1}

    def said(where: str, parts: Iterable[Iterable[int]]) -> frozenset[int]:
        return words(whole, [[begins[where] + at for at in part] for part in parts])

    gold = [said(each["in"], each["parts"]) for each in row["statements"]]
    return Read(row, found, matched(gold, [said(report.where, report.parts) for report in found], SAME))


def tally(reads: Iterable[Read]) -> Tally:
    """Statements found, found that are none, and missed."""
    return sum(
        (
            Tally(len(each.pairs), len(each.found) - len(each.pairs), len(each.statements) - len(each.pairs))
            for each in reads
        ),
        Tally(),
    )


def named(reads: Iterable[Read]) -> float:
    """Share of the gold statements that are found with the right name, 0..1: it never falls when more are found."""
    every = list(reads)
    found = sum(name_is_right(gold, report) for each in every for gold, report in each.told)
    return share(found, sum(len(each.statements) for each in every))


# --- what is said about a statement: gold, found -> right? ------------------------------------------------------------


def name_is_right(gold: Row, found: Report) -> bool:
    """The shorter name's words are all in the longer; where the article names nobody, no name is the right one."""
    return _same(gold["speaker_name"], found.speaker.name)


def a_role_is_told(gold: Row, found: Report) -> bool:
    """Where the article gives a role, one is told; which one is not judged: the program has its own words for them."""
    return gold["role"] is None or found.speaker.role is not None


ASPECTS: dict[str, Callable[[Row, Report], bool]] = {
    "name": name_is_right,
    "role": a_role_is_told,
    "kind": lambda gold, found: bool(gold["kind"] == found.kind),
    "country": lambda gold, found: gold["country"] in (None, found.speaker.country),
    "via": lambda gold, found: _same(gold["via"], found.via),
    "cue": lambda gold, found: gold["cue"] is None or _meet(gold["cue"], found.cue),
}


def right(reads: Iterable[Read], aspect: str) -> float:
    """Share of the statements found of which an aspect is right, 0..1."""
    judged = [ASPECTS[aspect](gold, found) for each in reads for gold, found in each.told]
    return share(sum(judged), len(judged))


def _same(one: str | None, other: str | None) -> bool:
    mine, yours = (set(re.findall(r"\w+", (name or "").lower())) for name in (one, other))
    return mine == yours or bool(mine and yours and (mine <= yours or yours <= mine))


def _meet(one: Any, other: Any) -> bool:
    return other is not None and bool(one[0] < other[1] and other[0] < one[1])


# --- the report -------------------------------------------------------------------------------------------------------


def report() -> Iterator[str]:
    reads = [read(row) for row in rows("statements.jsonl")]
    for lang in LANGUAGES:
        yield _line(lang, [each for each in reads if each.row["lang"] == lang])
    for construction in dict.fromkeys(each.row["construction"] for each in reads):
        yield _line(construction, [each for each in reads if each.row["construction"] == construction])
    yield "what is missing, wrong, or not said rightly"
    for each in reads:
        yield from (f"  {each.row['id']} {each.row['construction']:22s} {problem}" for problem in problems(each))


def _line(name: str, reads: list[Read]) -> str:
    aspects = "  ".join(f"{aspect} {right(reads, aspect):.2f}" for aspect in ASPECTS)
    return f"{name:22s} {tally(reads)}   named {named(reads):.2f}  of those found: {aspects}"


def problems(each: Read) -> Iterator[str]:
    """Everything in which what was found differs from the gold, a line each."""
    for i, gold in enumerate(each.statements):
        if i not in each.pairs:
            yield f"missed  {gold['text']!r}"
    for j, found in enumerate(each.found):
        if j not in each.pairs.values():
            yield f"false   {found.text!r} ({found.speaker.name})"
    for gold, found in each.told:
        for aspect, is_right in ASPECTS.items():
            if not is_right(gold, found):
                yield f"{aspect:7s} {gold['text'][:40]!r}: is {_gold(gold, aspect)!r}, told {_found(found, aspect)!r}"


def _gold(gold: Row, aspect: str) -> Any:
    return gold["speaker_name" if aspect == "name" else aspect]


def _found(found: Report, aspect: str) -> Any:
    return getattr(found.speaker if aspect in ("name", "role", "country") else found, aspect)


if __name__ == "__main__":
    print("\n".join(report()))  # noqa: T201 - this is its work
