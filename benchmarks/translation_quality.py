"""Whether a translated quotation can be told from another statement of the same speaker, without a translator.

Pairs are written by us (tests/statements/data/translations.txt): the same statement in two languages, and other ones by
the same speaker on the same topic with the same figures and names. What is tried needs no model: figures, names and
denials agree, lengths are alike, and a share of the longer words begin alike, in the same order. What came of it says
docs/decisions/0017-no-translated-quotations.md. Run as a script, it prints JSON.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from pipeline.statements import identity
from pipeline.text import words

PAIRS = Path(__file__).resolve().parent.parent / "tests" / "statements" / "data" / "translations.txt"
#: share of word beginnings in common, from generous to strict
_SHARES = (0.3, 0.5, 0.7, 0.8)
_WORD, _BEGINNING = 5, 4
_NAME = re.compile(r"(?<!^)(?<![.;] )\b[A-ZÁÉÍÓÚ]\w{3,}")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement of a scene, in one language."""

    scene: int
    letter: str
    lang: str
    text: str


def statements() -> list[Said]:
    """All statements, in the order of the file."""
    found: list[Said] = []
    scene = 0
    for line in PAIRS.read_text("utf-8").splitlines():
        if line.startswith("=="):
            scene += 1
        elif line and not line.startswith("#"):
            found.append(Said(scene, *line.split(" ", 2)))
    return found


def likeness(one: str, other: str) -> float:
    """Share of the longer words that begin alike in the same order, 0..1; 0 where the rest differs."""
    if _figures(one) != _figures(other) or not _names(one) & _names(other):
        return 0.0
    if identity.denies(one) != identity.denies(other):
        return 0.0
    if not 0.6 < len(one) / len(other) < 1 / 0.6:
        return 0.0
    mine, theirs = _beginnings(one), _beginnings(other)
    blocks = SequenceMatcher(None, mine, theirs, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(1, min(len(mine), len(theirs)))


def _figures(text: str) -> frozenset[str]:
    plain = re.sub(r"\b(\d+) mil\b", r"\g<1>000", re.sub(r"(\d)[.,](\d{3})\b", r"\1\2", text))
    return frozenset(re.findall(r"\d+(?:\.\d+)?", plain.replace(",", ".")))


def _names(text: str) -> frozenset[str]:
    return frozenset(_NAME.findall(text))


def _beginnings(text: str) -> list[str]:
    return [word[:_BEGINNING] for word in words(text) if len(word) >= _WORD]


def run() -> dict[str, dict[str, float]]:
    """Recall and precision at each share."""
    pairs = [
        (likeness(one.text, other.text), one.letter == other.letter)
        for one, other in itertools.combinations(statements(), 2)
        if one.scene == other.scene and one.lang != other.lang
    ]
    true = sum(same for _, same in pairs)
    result: dict[str, dict[str, float]] = {"pairs": {"true": true, "false": len(pairs) - true}}
    for share in _SHARES:
        called = [same for alike, same in pairs if alike >= share]
        result[str(share)] = {
            "recall": round(sum(called) / true, 3),
            "precision": round(sum(called) / len(called), 3) if called else 0.0,
        }
    return result


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
    sys.exit(0)
