"""How well reports of one statement are told from reports of others, on families made of our own labelled texts.

A family is a text and what newsrooms make of it: shortened, cut at other places, punctuated otherwise, with a bracket
or an ellipsis in it. Against it stand what only looks like it: a negation put in or taken out, a figure changed, a word
turned round, halves of two statements, other statements of the same speaker. Run as a script, it prints JSON.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.statements import identity

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "tests" / "gold" / "topics" / "dev.jsonl"
LANGUAGES = ("en", "es", "pt")
#: a part that is quoted has at least so many words
_PART = 8
_SPEAKER = "ana-ruiz"
#: language: what turns a text round when it is put before a word; pairs of words that say the opposite
_DENIAL = {"en": "not", "es": "no", "pt": "não"}
_OPPOSITE = {
    "en": (("more", "less"), ("will", "won't"), ("all", "none"), ("up", "down"), ("first", "last"), ("new", "old")),
    "es": (("más", "menos"), ("todos", "ninguno"), ("nuevo", "viejo"), ("primera", "última"), ("con", "sin")),
    "pt": (("mais", "menos"), ("todos", "nenhum"), ("novo", "velho"), ("primeira", "última"), ("com", "sem")),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts of one speaker, whether they are one statement, and how the second was made."""

    lang: str
    how: str
    one: str
    other: str
    same: bool


def pairs(seed: int = 1) -> Iterator[Pair]:
    """All pairs, true and false."""
    rng = random.Random(seed)
    for lang in LANGUAGES:
        said = _statements(lang)
        for number, text in enumerate(said):
            yield from (Pair(lang, how, text, other, True) for how, other in _same(text, rng))
            other = said[(number + 1) % len(said)]
            yield from (Pair(lang, how, text, told, False) for how, told in _others(text, other, lang, rng))
        yield from (Pair(lang, "other", one, other, False) for one, other in itertools.combinations(said, 2))


def _statements(lang: str) -> list[str]:
    rows = (json.loads(line) for line in TEXTS.read_text("utf-8").splitlines())
    return [row["text"] for row in rows if row["lang"] == lang and len(row["text"].split()) >= 2 * _PART]


def _same(text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    words = text.split()
    yield "capitals", text.upper()
    yield "no punctuation", re.sub(r"(?<!\w)[^\w\s]|[^\w\s](?!\w)", "", text)
    yield "dashes", text.replace(",", " —").replace(".", "...")
    yield "beginning", " ".join(words[: max(_PART, len(words) // 2)])
    yield "end", " ".join(words[-max(_PART, len(words) // 2) :])
    first = rng.randrange(len(words) - _PART)
    yield "middle", " ".join(words[first : first + max(_PART, len(words) // 3)])
    if len(words) >= 4 * _PART:
        third = len(words) // 3
        yield "cut", " ".join((*words[:third], "[...]", *words[third + _PART :]))
    at = rng.randrange(_PART, len(words))
    yield "bracket", " ".join((*words[:at], "(sic)", *words[at:]))


def _others(text: str, other: str, lang: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    words = text.split()
    at = rng.randrange(2, len(words) - 2)
    yield "denied", " ".join((*words[:at], _DENIAL[lang], *words[at:]))
    yield "figure", _figure_changed(words, rng)
    for one, opposite in _OPPOSITE[lang]:
        if one in words:
            yield "opposite", " ".join(opposite if word == one else word for word in words)
    yield "halves", " ".join((*words[: len(words) // 2], *other.split()[len(other.split()) // 2 :]))


def _figure_changed(words: list[str], rng: random.Random) -> str:
    """Another figure where there is one; else one put in the place of a word inside."""
    changed = [re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 10), word) for word in words]
    if changed == words:
        changed[rng.randrange(2, len(words) - 2)] = "4700"
    return " ".join(changed)


def told_same(pair: Pair) -> bool:
    """Does the store take both for one: do they share a look-up key, and are their words near?"""
    (_, mine), (_, theirs) = (identity.keys_of(_SPEAKER, text) for text in (pair.one, pair.other))
    return not set(mine).isdisjoint(theirs) and identity.same_statement(pair.one, pair.other)


def run() -> dict[str, dict[str, float]]:
    """Recall and precision by language, and the share told the same by how the pairs were made."""
    every = list(pairs())
    told = {id(pair): told_same(pair) for pair in every}
    result: dict[str, dict[str, float]] = {}
    for lang in LANGUAGES:
        mine = [pair for pair in every if pair.lang == lang]
        hits = sum(told[id(pair)] and pair.same for pair in mine)
        called, true = sum(told[id(pair)] for pair in mine), sum(pair.same for pair in mine)
        result[lang] = {
            "pairs": len(mine),
            "recall": round(hits / true, 4),
            "precision": round(hits / called, 4),
        }
    made = {pair.how: [told[id(one)] for one in every if one.how == pair.how] for pair in every}
    result["told the same"] = {how: round(sum(each) / len(each), 4) for how, each in made.items()}
    return result


if __name__ == "__main__":
    print(json.dumps(run(), indent=1, ensure_ascii=False))
    sys.exit(0)
