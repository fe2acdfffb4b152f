"""Forms that are filled in again: texts of one wording whose numbers and names differ."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(r"(?P<number>\d+(?:[.,:]\d+)*)|(?P<word>\w+)|(?P<stop>[.!?…:;\n\"“”«»—–-])")
#: one changed fact in so many words makes a form filled in again; an updated toll in a long report does not
_WORDS_PER_CHANGE = 60


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Literal["number", "name", "word"]
    text: str

    @property
    def mask(self) -> str:
        return self.text if self.kind == "word" else self.kind


def _tokens(text: str) -> Iterator[_Token]:
    """Words, numbers and names (a run of capitalised words that does not open a sentence is one name)."""
    opening, name = True, list[str]()
    for match in _TOKEN.finditer(text):
        token, group = match.group(), match.lastgroup
        capital = group == "word" and token[0].isupper() and not opening
        if name and not capital:
            yield _Token("name", " ".join(name))
            name = []
        opening = group == "stop"
        if capital:
            name.append(token.casefold())
        elif group == "number":
            yield _Token("number", token)
        elif group == "word":
            yield _Token("word", token.casefold())
    if name:
        yield _Token("name", " ".join(name))


def _facts(text: str) -> dict[tuple[str, ...], set[str]]:
    """Numbers and names by their place: the two words on either side (numbers and names among these masked)."""
    edge = _Token("word", "")
    tokens = [edge, edge, *_tokens(text), edge, edge]
    facts = defaultdict[tuple[str, ...], set[str]](set)
    for at, token in enumerate(tokens):
        if token.kind != "word":
            facts[tuple(near.mask for near in tokens[at - 2 : at + 3])].add(token.text)
    return facts


def other_facts(a: str, b: str, words: int) -> bool:
    """Whether texts of like wording tell of different facts, `words` being the length of the shorter one."""
    of_a, of_b = _facts(a), _facts(b)
    changed, kept = {"number": 0, "name": 0}, {"number": 0, "name": 0}
    for place in of_a.keys() & of_b.keys():
        counts = changed if of_a[place].isdisjoint(of_b[place]) else kept
        counts[place[2]] += 1
    total = sum(changed.values())
    if total * _WORDS_PER_CHANGE < words or total == 0:
        return False
    return changed["number"] > kept["number"] or total > sum(kept.values())
