"""Counting what was found right, found wrong and missed; precision, recall and F1 of it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts, and the shares made of them: 0..1. What nobody asked for or gave is right: 1."""

    hits: int = 0
    wrong: int = 0
    missed: int = 0

    @classmethod
    def of(cls, gold: AbstractSet[object], found: AbstractSet[object]) -> Tally:
        return cls(len(gold & found), len(found - gold), len(gold - found))

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.hits + other.hits, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return share(self.hits, self.hits + self.wrong)

    @property
    def recall(self) -> float:
        return share(self.hits, self.hits + self.missed)

    @property
    def f1(self) -> float:
        return share(2 * self.hits, 2 * self.hits + self.wrong + self.missed)

    def __str__(self) -> str:
        counts = f"right {self.hits:3d}  wrong {self.wrong:3d}  missed {self.missed:3d}"
        return f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}   {counts}"


def share(part: int, whole: int) -> float:
    """A part of nothing is all of it."""
    return part / whole if whole else 1.0
