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

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter, mul
from pathlib import Path

from pipeline.topics.files import read_vocabulary
from pipeline.types import PARENT_TOPIC

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


@dataclass(frozen=True)
class Spoken:
    """What one article's words speak for. Worked out when first asked."""

    vocabulary: Vocabulary
    #: how often each stem occurs that is known
    counts: Mapping[str, int]

    def said_of(self, slug: str) -> float:
        """For a topic, or the parent: above 0 where the words alone would call it; 0 of one that was never learned."""
        column = self.vocabulary.columns.get(slug)
        return 0.0 if column is None else self.vocabulary.always[column] + sum(self._shares(column))

    @cached_property
    def of_drugs(self) -> float:
        """The same of drugs as a public matter, which much hangs on."""
        return self.said_of(PARENT_TOPIC)

    def telling(self, slug: str) -> dict[str, float]:
        """The stems that say most of it, for or against, each with what it adds; the most first."""
        column = self.vocabulary.columns.get(slug)
        if column is None:
            return {}
        shares = zip(self.counts, self._shares(column), strict=True)
        most = sorted(shares, key=lambda share: (-abs(share[1]), share[0]))[:_TELLING]
        return {stem: round(share, 3) for stem, share in most}

    def _shares(self, column: int) -> Iterator[float]:
        """What each stem adds to one topic."""
        return map(mul, self._values, map(itemgetter(column), self._weights))

    @cached_property
    def _values(self) -> list[float]:
        """What each stem counts; the squares add up to one."""
        rarity = self.vocabulary.rarity
        # most words stand once, and a logarithm takes as long as all else
        values = [
            rarity[stem] * (1 + math.log(many)) if many > 1 else rarity[stem] for stem, many in self.counts.items()
        ]
        length = math.sqrt(sum(map(mul, values, values)))
        return [value / length for value in values]

    @cached_property
    def _weights(self) -> list[Sequence[float]]:
        weights = self.vocabulary.weights
        return [weights[stem] for stem in self.counts]


@dataclass(frozen=True)
class Vocabulary:
    """The stems we know, and what each speaks for."""

    #: by slug, the parent's too: which of the weights are the topic's
    columns: Mapping[str, int]
    #: what is added whatever the words are
    always: Sequence[float]
    #: how much a stem counts, the more the fewer texts have it
    rarity: Mapping[str, float]
    weights: Mapping[str, Sequence[float]]

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read `folder`/vocabulary.tsv; without it and aboutness.toml no word says anything. Raises ConfigError."""
        read = read_vocabulary(folder)
        return cls({slug: at for at, slug in enumerate(read.topics)}, read.always, read.rarity, read.weights)

    def read(self, found: Iterable[str]) -> Spoken:
        """Count the stems that are known."""
        return Spoken(self, Counter(filter(self.rarity.__contains__, found)))
