"""Whether an article is about a topic, told by its patterns and by all its words. Pure arithmetic.

A sum of weights says how much there is of a topic, not whether the article is about it: five facts of a passing mention
weigh as much as one headline. All words of an article together say more of that (`pipeline.topics.vocabulary`). So one
logistic model, the same for all topics, weighs how much its patterns come to, how much the words speak for it, and how
much more for it than for any other topic. A second one says by the drug words, all words and the best topic whether the
article is about drugs as a public matter at all; where it is not, no topic applies.

The weights stand in config/aboutness.toml; `python -m tests.gold.fit_topics` learns them from our labelled texts
(logistic regression, D. R. Cox 1958, on standardised traits).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from pathlib import Path
from typing import NamedTuple

from pipeline.topics.files import read_aboutness
from pipeline.topics.vocabulary import Spoken
from pipeline.types import PARENT_TOPIC

#: what the file and an account call that which is added whatever the traits are
_ALWAYS = "always"
#: a topic whose patterns come to this is asked; where the words speak for it, one cue is enough
LEAST = 0.9
#: fewer words than this have no density, and more drug words than this no more of one
_DENSITY_WORDS, _DENSITY_MOST = 40, 2.5
#: the lengths that weights were learned from; beyond them a line drawn through them leads nowhere
_LENGTH_LEAST, _LENGTH_MOST = 80, 450
#: the surest that the best topic makes an article
_BEST_MOST = 6.0


class TopicTraits(NamedTuple):
    """What an article has of one topic; with weights in place of values, the model's."""

    #: logarithm of the sum of its patterns
    strength: float
    #: what all words of the article speak for: above 0, for the topic
    words: float
    #: how much more they speak for it than for any other
    words_beside: float
    #: what the words near its best pattern speak for
    words_near: float
    #: what they speak for: above 0, for drugs as a public matter
    words_of_drugs: float
    #: its square: between some and much of it the difference is greater than between much and more
    words_of_drugs_squared: float
    #: strength x words_of_drugs: patterns are the surer where all is about drugs
    strength_among_drugs: float
    #: logarithm of 1 + the topics whose patterns come to as much as is asked
    breadth: float
    #: logarithm of the words, title included, by 100; from 80 to 450 of them
    length: float
    #: breadth x length: a long article may be about much
    breadth_of_length: float
    #: breadth x words, breadth x words_near: where much is told, what is near counts for more
    breadth_of_words: float
    breadth_of_words_near: float


class DrugTraits(NamedTuple):
    """What an article has of drugs at all; with weights in place of values, the model's."""

    #: logarithm of 1 + the sum of the parent's patterns
    strength: float
    #: logarithm of 1 + drug words in 100 words, of any topic, at most 2.5
    density: float
    #: 1 where there is any drug word, else 0
    named: float
    #: what all words of the article speak for: above 0, for drugs as a public matter
    words: float
    #: what the best topic's traits come to, at most 6 either way
    best_topic: float
    #: what all words speak for the topic that they speak for most
    words_of_best: float


@dataclass(frozen=True, slots=True)
class Model:
    """One logistic model: what each trait is multiplied by, and where it begins. A sum of 0 is a score of one half."""

    intercept: float
    weights: TopicTraits | DrugTraits

    def shares(self, traits: TopicTraits | DrugTraits) -> dict[str, float]:
        """What each trait adds, by its name; and what is added whatever they are."""
        added = {name: w * x for name, w, x in zip(self.weights._fields, self.weights, traits, strict=True)}
        return added | {_ALWAYS: self.intercept}

    def sum_of(self, traits: TopicTraits | DrugTraits) -> float:
        """The sum of the shares."""
        added: float = sum(map(mul, self.weights, traits))
        return self.intercept + added


class Best(NamedTuple):
    """The most that any topic of an article has."""

    #: what the traits of one come to
    topic: float
    #: what all words speak for one
    words: float

    @classmethod
    def of(cls, model: Model, traits: Collection[TopicTraits]) -> Best:
        """The most among the traits of one or more topics, as the model weighs them."""
        return cls(max(map(model.sum_of, traits)), max(one.words for one in traits))


@dataclass(frozen=True, slots=True)
class Aboutness:
    """The two models that tell what an article is about."""

    topic: Model
    drugs: Model

    @classmethod
    def load(cls, folder: Path) -> Aboutness | None:
        """Read `folder`/aboutness.toml; None where there is none. Raises ConfigError(file, key, expected, got)."""
        names = {"topic": (_ALWAYS, *TopicTraits._fields), "drugs": (_ALWAYS, *DrugTraits._fields)}
        read = read_aboutness(folder, names)
        if read is None:
            return None
        topic = TopicTraits(**{name: read.topic[name] for name in TopicTraits._fields})
        drugs = DrugTraits(**{name: read.drugs[name] for name in DrugTraits._fields})
        return cls(Model(read.topic[_ALWAYS], topic), Model(read.drugs[_ALWAYS], drugs))


def score_of(added: float) -> float:
    """Map a sum of shares to 0..1."""
    return 1 / (1 + math.exp(-max(min(added, 500.0), -500.0)))


def sum_needed(threshold: float) -> float:
    """Return the sum of shares whose score is `threshold`."""
    return math.log(threshold / (1 - threshold))


def topic_traits(
    totals: Mapping[str, float], words: int, spoken: Spoken, near: Callable[[str], float]
) -> dict[str, TopicTraits]:
    """What an article has of each topic that is asked, by slug: from the sums of their patterns, and its words.

    `near` says what the words near the best pattern of a topic speak for it.
    """
    cued = {slug: spoken.said_of(slug) for slug, total in totals.items() if total}
    most, next_most = (*sorted(cued.values(), reverse=True), 0.0, 0.0)[:2]
    of_drugs = spoken.of_drugs
    breadth, length = math.log1p(sum(total >= LEAST for total in totals.values())), _length(words)
    return {
        slug: TopicTraits(
            strength=(strength := math.log(totals[slug])),
            words=said,
            words_beside=said - (next_most if said == most else most),
            words_near=(said_near := near(slug)),
            words_of_drugs=of_drugs,
            words_of_drugs_squared=of_drugs**2,
            strength_among_drugs=strength * of_drugs,
            breadth=breadth,
            length=length,
            breadth_of_length=breadth * length,
            breadth_of_words=breadth * said,
            breadth_of_words_near=breadth * said_near,
        )
        for slug, said in cued.items()
        if said > 0 or totals[slug] >= LEAST
    }


def _length(words: int) -> float:
    return math.log(max(min(words, _LENGTH_MOST), _LENGTH_LEAST) / 100)


def drug_traits(total: float, drug_words: int, words: int, spoken: Spoken, best: Best) -> DrugTraits:
    """What an article has of drugs: its parent's patterns, drug words among all, what all say, and its best topic."""
    return DrugTraits(
        strength=math.log1p(total),
        density=min(math.log1p(100 * drug_words / max(words, _DENSITY_WORDS)), _DENSITY_MOST),
        named=float(drug_words > 0),
        words=spoken.of_drugs,
        best_topic=max(min(best.topic, _BEST_MOST), -_BEST_MOST),
        words_of_best=best.words,
    )


@dataclass(frozen=True)
class Judged:
    """What one article is about, by the models."""

    aboutness: Aboutness
    #: by slug, of the topics that the article says enough of; none where the article is not asked
    traits: Mapping[str, TopicTraits]
    #: what it has of drugs, given its best topic
    drugs_beside: Callable[[Best], DrugTraits]

    def score(self, slug: str) -> float:
        """The score of a topic, 0..1; where the article is not about drugs, no more than the parent's."""
        if slug == PARENT_TOPIC:
            return self._about_drugs
        if slug not in self._sums:
            return 0.0
        score = score_of(self._sums[slug])
        return score if self.is_on_drugs else min(score, self._about_drugs)

    @property
    def is_on_drugs(self) -> bool:
        """Whether the article is about drugs as a public matter at all."""
        return self._about_drugs >= 1 / 2

    def shares(self, slug: str) -> dict[str, float]:
        """What each trait adds to the topic's sum, by its name; nothing where the topic was not weighed."""
        if slug == PARENT_TOPIC and self._drugs:
            return self.aboutness.drugs.shares(self._drugs)
        return self.aboutness.topic.shares(self.traits[slug]) if slug in self.traits else {}

    @cached_property
    def _sums(self) -> dict[str, float]:
        return {slug: self.aboutness.topic.sum_of(traits) for slug, traits in self.traits.items()}

    @cached_property
    def _drugs(self) -> DrugTraits | None:
        if not self.traits:
            return None
        return self.drugs_beside(Best(max(self._sums.values()), max(one.words for one in self.traits.values())))

    @cached_property
    def _about_drugs(self) -> float:
        return score_of(self.aboutness.drugs.sum_of(self._drugs)) if self._drugs else 0.0
