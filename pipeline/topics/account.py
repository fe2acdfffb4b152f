"""What a scan answers when it is asked why: every pattern it found, what each added, and what kept it from adding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.types import Evidence

#: a title or a text as short as one; its first words; what comes after
Place = Literal["headline", "lead", "tail"]


@dataclass(frozen=True, slots=True)
class Line:
    """One pattern in an account: what it added, or why it did not."""

    #: as the topic's file writes it
    pattern: str
    #: the list it stands in: sure, likely, in_context, cues, not
    kind: str
    #: of one occurrence, before its place counts
    weight: float
    value: float
    #: empty when it counts
    reason: str
    evidence: tuple[Evidence, ...]
    #: where each piece of the evidence stands
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Why a topic applies to an article, or why not."""

    topic: str
    applies: bool
    #: 0..1
    score: float
    threshold: float
    #: the sum whose score this is, and the sum that was needed: of an article's shares, of a shorter text's patterns
    total: float
    needed: float
    #: what each trait of an article adds to the sum, by its name; none of a shorter text, whose lines add up to it
    shares: Mapping[str, float]
    #: the stems that say most in the trait `words`, each with what it adds to it
    words: Mapping[str, float]
    lines: tuple[Line, ...]
    #: why nothing was weighed, else empty
    reason: str = ""

    @property
    def missed(self) -> bool:
        """Whether the topic nearly applied: something counted or was struck, and it was not enough."""
        return not self.applies and any(line.kind != "not" for line in self.lines)
