"""How well topics are told on our own labelled texts. `python -m tests.gold.score_topics` prints the report on all sets
that have been read, `python -m tests.gold.score_topics unseen-2` the figures of that one.

Pure but for the report. All sets but the unseen ones have been read by those who tune the topics, or learned from:
docs/benchmarks.md has the figures that were taken blind. Of an unseen set nothing but figures is shown, when asked for:
who reads its mistakes will mend its words, not the topics.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.gold.reading import LANGUAGES, Row, analyzed, rows
from tests.gold.tally import Tally, share

HALVES = ("dev", "test")
#: the odd and the even numbers of one set of texts as long as articles
LONG = ("long-dev", "unseen-2")
#: two of three texts of another such set, and the third
PRESS = ("press-dev", "unseen-3")
#: texts of many writers, by language, from which weights are learned; kept back are every fourth text of those who came
#: first, and all that three writers wrote, one a language, of whom nothing is learned
LEARNED, KEPT_BACK = ("learn-en", "learn-es", "learn-pt"), ("unseen-4", "unseen-5")
SETS = (*HALVES, "fresh", *LONG, *PRESS, *LEARNED, *KEPT_BACK)
READ = (*HALVES, "fresh", "long-dev", "press-dev", *LEARNED)
#: those whose mistakes are shown
WORK = ("dev", "fresh", "long-dev", "press-dev")


@dataclass(frozen=True, slots=True)
class Told:
    """A labelled text with the topics it has, and those that were found."""

    row: Row
    gold: frozenset[str]
    found: frozenset[str]

    @property
    def is_trap(self) -> bool:
        return bool(self.row.get("trap"))


def tell(name: str) -> list[Told]:
    """Read every text of a set (one of `SETS`) with the shipped program."""
    return [
        Told(row, frozenset(row["topics"]), frozenset(match.topic for match in analyzed(row).topics))
        for row in rows(f"topics/{name}.jsonl")
    ]


def micro(told: Iterable[Told]) -> Tally:
    """Every pair of a text and a topic counts once."""
    return sum((Tally.of(each.gold, each.found) for each in told), Tally())


def in_language(told: Iterable[Told], lang: str) -> list[Told]:
    """Those of one language; of all for none."""
    return [each for each in told if lang in ("", each.row["lang"])]


def by_topic(told: list[Told]) -> dict[str, Tally]:
    topics = sorted(frozenset[str]().union(*(each.gold | each.found for each in told)))
    return {topic: micro(_narrowed(told, topic)) for topic in topics}


def _narrowed(told: Iterable[Told], topic: str) -> Iterator[Told]:
    only = frozenset({topic})
    return (Told(each.row, each.gold & only, each.found & only) for each in told)


def untagged_traps(told: Iterable[Told]) -> float:
    """The share of the traps in which no topic was found, 0..1."""
    traps = [each for each in told if each.is_trap]
    return share(sum(not each.found for each in traps), len(traps))


# --- the report -------------------------------------------------------------------------------------------------------


def report(names: Sequence[str]) -> Iterator[str]:
    sets = {name: tell(name) for name in names}
    for name, told in sets.items():
        yield f"{name}: {len(told)} texts, traps left untagged {untagged_traps(told):.3f}"
        yield from (f"  {lang}  {micro(in_language(told, lang))}" for lang in (*LANGUAGES, ""))
    yield "by topic, all that have been read"
    read = [each for name in READ for each in sets.get(name, ())]
    yield from (f"  {topic:26s} {tally}" for topic, tally in by_topic(read).items())
    for name in filter(sets.__contains__, WORK):
        yield f"mistakes, {name}"
        yield from _mistakes(sets[name])


def _mistakes(told: Iterable[Told]) -> Iterator[str]:
    for each in told:
        if each.gold != each.found:
            missed, false = sorted(each.gold - each.found), sorted(each.found - each.gold)
            yield f"  {each.row['id']}{' trap' if each.is_trap else ''}  missed {missed}  false {false}"
            yield f"      {each.row['title']} | {each.row['text'][:160]}".replace("\n", " ")


if __name__ == "__main__":
    print("\n".join(report(sys.argv[1:] or READ)))  # noqa: T201 - this is its work
