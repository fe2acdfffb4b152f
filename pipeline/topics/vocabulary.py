"""What the words of an article speak for, whatever patterns they make.

Patterns say why a topic applies and where; they know only what somebody thought of. Who reports on a needle exchange
also writes of nurses, vans and councils, and those words together say much. So each of six thousand stems has a weight
for each topic, learned from our labelled texts: an article's words are counted (logarithm), rarer ones count more
(inverse frequency), their length as a vector is brought to one, and they are weighed. What comes of it is one trait of
the article (`pipeline.topics.aboutness`). It is a sum, so it can be explained word by word.

A stem is the first five signs of a folded word, all letters and four at least: `legalizacion`, `legalization` and
`legalizacao` are one, so languages teach each other.

Term weighting: G. Salton and C. Buckley 1988; weights: logistic regression, one topic against the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.topics.files import VocabularyFile, read_vocabulary
from pipeline.types import PARENT_TOPIC, Span

#: letters of a stem, and of the shortest that is learned
_STEM, _STEM_LEAST = 5, 4
#: what somebody wants to know of a topic's words at most
_TELLING = 8


def stems(text: str) -> list[str]:
    """The stem of each word of a folded text, short words and numbers too, which no vocabulary knows."""
    return [word[:_STEM] for word in text.split()]


def is_learnable(stem: str) -> bool:
    """Whether a vocabulary may know it: letters, and four at least."""
    return len(stem) >= _STEM_LEAST and stem.isalpha()


@dataclass(frozen=True, eq=False)
class Spoken:
    """What one article's words speak for. Worked out when first asked."""

    vocabulary: Vocabulary
    #: of each word, in order: the row of its stem, 0 where that is unknown
    rows: NDArray[np.intp]

    def said_of(self, slug: str) -> float:
        """For a topic, or the parent: above 0 where the words alone would call it; 0 of one that was never learned."""
        column = self.vocabulary.columns.get(slug)
        return 0.0 if column is None else self._said[column]

    @cached_property
    def of_drugs(self) -> float:
        """The same of drugs as a public matter, which much hangs on."""
        return self.said_of(PARENT_TOPIC)

    def said_near(self, stretches: Mapping[str, Span]) -> dict[str, float]:
        """For each topic, what the words from one up to another speak for by themselves."""
        learned = {slug: words for slug, words in stretches.items() if slug in self.vocabulary.columns}
        if not learned:
            return dict.fromkeys(stretches, 0.0)
        columns = [self.vocabulary.columns[slug] for slug in learned]
        values = self._values_of(self._counts_in(list(learned.values())))
        said = self.vocabulary.always[columns] + (values * self._weights[:, columns].T).sum(axis=1)
        return dict.fromkeys(stretches, 0.0) | dict(zip(learned, said.tolist(), strict=True))

    def telling(self, slug: str) -> dict[str, float]:
        """The stems that say most of it, for or against, each with what it adds; the most first."""
        column = self.vocabulary.columns.get(slug)
        if column is None:
            return {}
        shares = zip(self._stems, (self._values * self._weights[:, column]).tolist(), strict=True)
        most = sorted(shares, key=lambda share: (-abs(share[1]), share[0]))[:_TELLING]
        return {stem: round(share, 3) for stem, share in most}

    @cached_property
    def _said(self) -> list[float]:
        # einsum and not a product of matrices: that may start threads, and its sums hang on their number.
        said: list[float] = (self.vocabulary.always + np.einsum("s,st->t", self._values, self._weights)).tolist()
        return said

    @property
    def _stems(self) -> list[str]:
        return [self.vocabulary.stems[row] for row in self._known]

    @cached_property
    def _counts(self) -> NDArray[np.intp]:
        """How often each stem of the vocabulary occurs; the unknown not counted."""
        counts = np.bincount(self.rows, minlength=len(self.vocabulary.stems))
        counts[0] = 0
        return counts

    @cached_property
    def _known(self) -> NDArray[np.intp]:
        """The rows of the stems that occur."""
        return self._counts.nonzero()[0]

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        weights: NDArray[np.float64] = self.vocabulary.weights[self._known]
        return weights

    @cached_property
    def _values(self) -> NDArray[np.float64]:
        """What each stem that occurs counts; the squares add up to one."""
        values: NDArray[np.float64] = self._values_of(self._counts[np.newaxis, self._known])[0]
        return values

    def _values_of(self, counts: NDArray[np.intp]) -> NDArray[np.float64]:
        """The same of stretches, a line each, given how often each stem occurs in each."""
        values: NDArray[np.float64] = self.vocabulary.rarity[self._known] * (1 + np.log(np.maximum(counts, 1)))
        values *= counts > 0
        lengths = np.sqrt((values * values).sum(axis=1, keepdims=True))
        values /= np.where(lengths > 0, lengths, 1)
        return values

    def _counts_in(self, stretches: Sequence[Span]) -> NDArray[np.intp]:
        """How often each stem that occurs does so in each stretch."""
        many = len(self._known) + 1
        numbers = np.zeros(len(self.vocabulary.stems), np.intp)
        numbers[self._known] = np.arange(1, many)
        words = numbers[self.rows]
        flat = [words[first:last] + many * line for line, (first, last) in enumerate(stretches)]
        counts = np.bincount(np.concatenate(flat), minlength=many * len(flat))
        return counts.reshape(-1, many)[:, 1:]


class Vocabulary:
    """The stems we know, and what each speaks for. Row 0 is that of every unknown stem, and weighs nothing."""

    def __init__(self, file: VocabularyFile) -> None:
        #: by slug, the parent's too: which of the weights are the topic's
        self.columns: Mapping[str, int] = {slug: column for column, slug in enumerate(file.topics)}
        #: by column: what is added whatever the words are
        self.always = np.array(file.always, np.float64)
        #: by row
        self.stems = ("", *file.rarity)
        #: by row: how much a stem counts, the more the fewer texts have it
        self.rarity = np.array((0.0, *file.rarity.values()))
        #: by row and column
        self.weights = np.array([(0.0,) * len(self.columns), *file.weights.values()])
        self._rows = {stem: row for row, stem in enumerate(self.stems) if row}

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `folder`/vocabulary.tsv; without it and aboutness.toml no word says anything. Raises ConfigError."""
        return cls(read_vocabulary(folder))

    def read(self, stems: Sequence[str]) -> Spoken:
        """Take in the words of an article, in order."""
        return Spoken(self, np.fromiter(map(self._rows.get, stems, repeat(0)), np.intp, len(stems)))
