"""How well it is told which side a speaker takes. `python -m tests.gold.score_stance` prints the report.

A call is a topic for which the program says `for` or `against`; `mixed` and `unclear` call nothing. A call is right
when the gold says the same: calling a side where the gold has none is as wrong as calling the other. Calls on topics
that the gold does not list are strays: shown, not counted, since the gold names what a statement is about foremost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.gold.reading import Row, analyzed, by_language, rows
from tests.gold.spans import matched, words
from tests.gold.tally import share

SIDES = ("for", "against")
#: share of words in common from which a statement that was found is the one that the gold means
SAME = 0.5


@dataclass(frozen=True, slots=True)
class Stand:
    """One topic of one statement: which side the speaker takes, and which one was told. None: no such topic there."""

    row: Row
    topic: str
    gold: str | None
    told: str | None


def stands(row: Row) -> list[Stand]:
    """What the shipped program makes of a gold statement, topic by topic."""
    told = _told(row)
    return [Stand(row, topic, row["stance"].get(topic), told.get(topic)) for topic in sorted({*row["stance"], *told})]


def _told(row: Row) -> dict[str, str]:
    reports = [report for report in analyzed(row).reports if report.where == "text"]
    gold = [words(row["text"], row["parts"])]
    pairs = matched(gold, [words(row["text"], report.parts) for report in reports], SAME)
    return dict(reports[pairs[0]].stance) if pairs else {}


def precision(stands: Iterable[Stand]) -> float:
    """Share of the calls that are right, 0..1."""
    calls = [each for each in stands if each.told in SIDES and each.gold is not None]
    return share(sum(each.told == each.gold for each in calls), len(calls))


def coverage(stands: Iterable[Stand]) -> float:
    """Share of the sides taken that are called, rightly or wrongly, 0..1."""
    taken = [each for each in stands if each.gold in SIDES]
    return share(sum(each.told in SIDES for each in taken), len(taken))


def strays(stands: Iterable[Stand]) -> int:
    return sum(each.told in SIDES and each.gold is None for each in stands)


def report() -> Iterator[str]:
    every: list[Stand] = []
    for lang, mine in by_language(rows("stance.jsonl")):
        found = [stand for row in mine for stand in stands(row)]
        every += found
        figures = f"precision {precision(found):.3f}  coverage {coverage(found):.3f}  strays {strays(found)}"
        yield f"{lang}: {len(mine)} statements  {figures}"
    yield "wrong calls, missed calls and strays"
    for each in every:
        if each.told != each.gold and (each.told in SIDES or each.gold in SIDES):
            yield f"  {each.row['id']}  {each.topic}: is {each.gold}, told {each.told}  | {each.row['text'][:150]}"


if __name__ == "__main__":
    print("\n".join(report()))  # noqa: T201 - this is its work
