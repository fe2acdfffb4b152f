"""What a source sets around every text: newsletter lines, "read also", copyright, boxes about the author.

Such lines are learned by counting (pipeline/storage/boilerplate.py) and left out where texts are compared. Leaving out
one side's lines can only make texts of two sources more alike, as the share that the shorter has in common only grows;
it can only tell apart texts of one source that had little in common but these lines.
"""

from __future__ import annotations

from collections.abc import Set

from pipeline.dedupe.prints import key_of
from pipeline.text import words

#: lines at the beginning and at the end of a text among which boilerplate is looked for
_FIRST, _LAST = 2, 6
#: shorter lines prove nothing of two texts anyway
_WORDS_LEAST = 5
#: a text that has fewer words of its own is compared whole
_OWN_LEAST = 30


def edges(text: str) -> frozenset[int]:
    """Hashes of the lines at both ends of a text that might be boilerplate: those of five words and more."""
    lines = text.split("\n")
    outer = lines if len(lines) <= _FIRST + _LAST else [*lines[:_FIRST], *lines[-_LAST:]]
    return frozenset(key for line in outer if (key := _key(line)) is not None)


def without(text: str, known: Set[int]) -> str:
    """The text without the lines whose hash is known; whole where too little would be left."""
    if not known:
        return text
    own = "\n".join(line for line in text.split("\n") if _key(line) not in known)
    return own if len(words(own)) >= _OWN_LEAST else text


def _key(line: str) -> int | None:
    found = words(line)
    return key_of(" ".join(found)) if len(found) >= _WORDS_LEAST else None
