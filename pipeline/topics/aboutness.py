"""Whether an article is about a topic, told by the shape of what a scan found of it. Pure arithmetic.

A sum of weights says how much there is of a topic, not whether the article is about it: five facts of a passing mention
weigh as much as one headline. So an article has traits for each topic (how much, beside what leads, in how many
sentences, among how many drug words), and one logistic model, the same for all topics but for a small leaning of each,
weighs them. A second one says by the drug words, and by the best topic, whether the article is about drugs as a public
matter at all; where it is not, or there is no drug word, no topic applies.

The weights stand in config/aboutness.toml; `python -m tests.gold.fit_topics` learns them from our labelled texts
(logistic regression with a ridge on standardised traits, D. R. Cox 1958; le Cessie and van Houwelingen 1992).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from pipeline.topics.files import read_aboutness
from pipeline.topics.weighing import CUE, LIKELY, NOT, OVERLAPPED, SURE, Cover, Weighed
from pipeline.types import Span

#: what the file and an account call that which is added whatever the traits are
_ALWAYS = "always"
#: of a smaller sum hardly an article was about the topic, so none is asked
LEAST = 1.1
#: patterns of one sentence that weigh as much together say one thing twice
_CROWDED = 1.2
#: fewer words than this have no density, and more drug words than this no more of one
_DENSITY_WORDS, _DENSITY_MOST = 40, 2.5
#: the surest that the best topic makes an article
_BEST_MOST = 6.0


class TopicTraits(NamedTuple):
    """What an article has of one topic; with weights in place of values, the model's."""

    #: logarithm of the sum of its patterns
    strength: float
    #: that sum as a part of the leading topic's, 0..1
    beside_leader: float
    #: logarithm of 1 + the best pattern of each sentence, added up
    sentences: float
    #: logarithm of 1 + the sentences in which patterns meet
    crowded: float
    #: logarithm of 1 + its patterns that need a second
    likely: float
    #: logarithm of 1 + its patterns of two phrases, cues left out
    pairs: float
    #: logarithm of 1 + the sum of its patterns of one word, cues left out
    single_words: float
    #: logarithm of 1 + its patterns whose words a stronger one took
    overlaps: float
    #: logarithm of 1 + drug words in 100 words, of any topic, at most 2.5
    drugs: float
    #: strength x drugs
    strength_among_drugs: float
    #: 1 where the text is about drugs otherwise, else 0
    in_context: float
    #: logarithm of the words, title included, by 100
    length: float


class DrugTraits(NamedTuple):
    """What an article has of drugs at all; with weights in place of values, the model's."""

    #: logarithm of 1 + the sum of the parent's patterns
    strength: float
    #: share of the sentences with a drug word of any topic, 0..1
    spread: float
    #: logarithm of 1 + the parent's sure patterns
    named: float
    #: logarithm of 1 + the sentences with a drug word of the parent
    sentences: float
    #: where the parent's first drug word stands, 0 at the beginning and 1 at the end, or where there is none
    first: float
    #: as of a topic
    length: float
    #: what the best topic's traits come to, at most 6 either way
    best_topic: float


@dataclass(frozen=True, slots=True)
class Model:
    """One logistic model: what each trait is multiplied by, and where it begins. A sum of 0 is a score of one half."""

    intercept: float
    weights: TopicTraits | DrugTraits
    #: added for a topic, by slug; one that was never learned has none
    leaning: Mapping[str, float]

    def shares(self, traits: TopicTraits | DrugTraits, slug: str = "") -> dict[str, float]:
        """What each trait adds, by its name; and what is added whatever they are."""
        added = {name: w * x for name, w, x in zip(self.weights._fields, self.weights, traits, strict=True)}
        return added | {_ALWAYS: self.intercept + self.leaning.get(slug, 0.0)}

    def sum_of(self, traits: TopicTraits | DrugTraits, slug: str = "") -> float:
        """The sum of the shares."""
        added = sum(w * x for w, x in zip(self.weights, traits, strict=True))
        return added + self.intercept + self.leaning.get(slug, 0.0)


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
        return cls(Model(read.topic[_ALWAYS], topic, read.leaning), Model(read.drugs[_ALWAYS], drugs, {}))


def score_of(added: float) -> float:
    """Map a sum of shares to 0..1."""
    return 1 / (1 + math.exp(-max(min(added, 500.0), -500.0)))


def sum_needed(threshold: float) -> float:
    """Return the sum of shares whose score is `threshold`."""
    return math.log(threshold / (1 - threshold))


@dataclass(frozen=True)
class Setting:
    """What an article's topics have in common."""

    #: where its sentences end, in order
    breaks: Sequence[int]
    #: words of title and text
    words: int
    #: characters of title and text, folded
    chars: int
    #: where drug words of any topic stand
    drugs: Cover
    in_context: bool

    def sentence(self, span: Span) -> int:
        """Number the sentence in which a span ends."""
        return bisect_left(self.breaks, span[1])

    @cached_property
    def length(self) -> float:
        """Logarithm of the words by 100."""
        return math.log(max(self.words, 10) / 100)

    @cached_property
    def density(self) -> float:
        """Drug words among all words."""
        count = sum(1 for _ in self.drugs)
        return min(math.log1p(100 * count / max(self.words, _DENSITY_WORDS)), _DENSITY_MOST)


def topic_traits(
    setting: Setting, total: float, leading: float, weighed: Sequence[Weighed], patterns: Sequence[str]
) -> TopicTraits:
    """Describe what an article has of a topic: its sum, the leading topic's, and what was weighed.

    `patterns` says how each pattern is written, by number.
    """
    counted = [line for line in weighed if not line.reason]
    strong = [line for line in counted if line.use.kind is not CUE]
    best, together = _by_sentence(setting, counted)
    strength, density = math.log(total), setting.density
    return TopicTraits(
        strength=strength,
        beside_leader=total / leading,
        sentences=math.log1p(sum(best.values())),
        crowded=math.log1p(sum(weight >= _CROWDED for weight in together.values())),
        likely=math.log1p(sum(line.use.kind is LIKELY for line in counted)),
        pairs=math.log1p(sum("~" in patterns[line.use.pattern] for line in strong)),
        single_words=math.log1p(sum(line.value for line in strong if line.use.words == 1)),
        overlaps=math.log1p(sum(line.reason == OVERLAPPED for line in weighed if line.use.kind is not NOT)),
        drugs=density,
        strength_among_drugs=strength * density,
        in_context=float(setting.in_context),
        length=setting.length,
    )


def _by_sentence(setting: Setting, counted: Sequence[Weighed]) -> tuple[dict[int, float], dict[int, float]]:
    """The best weight of a pattern in each sentence, and the weights of its different patterns together."""
    best: dict[int, float] = {}
    together: dict[int, float] = {}
    for line in counted:
        weight = line.use.kind.weight
        for sentence in {setting.sentence(span) for span in line.spans}:
            best[sentence] = max(best.get(sentence, 0.0), weight)
            together[sentence] = together.get(sentence, 0.0) + weight
    return best, together


def drug_traits(setting: Setting, parent: Sequence[Weighed], best_topic: float) -> DrugTraits:
    """Describe what an article has of drugs: what was weighed of the parent, and what its best topic comes to."""
    counted = [line for line in parent if not line.reason]
    naming = [line for line in counted if line.use.kind is SURE or line.use.kind is LIKELY]
    spans = [span for line in naming for span in line.spans]
    return DrugTraits(
        strength=math.log1p(sum(line.value for line in counted)),
        spread=len({setting.sentence(span) for span in setting.drugs}) / len(setting.breaks),
        named=math.log1p(sum(line.use.kind is SURE for line in counted)),
        sentences=math.log1p(len({setting.sentence(span) for span in spans})),
        first=min((start for start, _ in spans), default=setting.chars) / setting.chars,
        length=setting.length,
        best_topic=max(min(best_topic, _BEST_MOST), -_BEST_MOST),
    )


@dataclass(frozen=True)
class Judged:
    """What one article is about, by the models."""

    aboutness: Aboutness
    #: by topic number; 0 is the parent
    slugs: Sequence[str]
    #: of the topics that the article says enough of; none where there is no drug word
    traits: Mapping[int, TopicTraits]
    #: what it has of drugs, given what its best topic comes to
    drugs_beside: Callable[[float], DrugTraits]

    def score(self, topic: int) -> float:
        """The score of a topic, 0..1; where the article is not about drugs, no more than the parent's."""
        if not topic:
            return self._about_drugs
        if topic not in self._sums:
            return 0.0
        score = score_of(self._sums[topic])
        return score if self._about_drugs >= 1 / 2 else min(score, self._about_drugs)

    def shares(self, topic: int) -> dict[str, float]:
        """What each trait adds to the topic's sum, by its name; nothing where the topic was not weighed."""
        if not topic and self._drugs:
            return self.aboutness.drugs.shares(self._drugs)
        if topic not in self.traits:
            return {}
        return self.aboutness.topic.shares(self.traits[topic], self.slugs[topic])

    @cached_property
    def _sums(self) -> dict[int, float]:
        model = self.aboutness.topic
        return {topic: model.sum_of(traits, self.slugs[topic]) for topic, traits in self.traits.items()}

    @cached_property
    def _drugs(self) -> DrugTraits | None:
        return self.drugs_beside(max(self._sums.values())) if self._sums else None

    @cached_property
    def _about_drugs(self) -> float:
        return score_of(self.aboutness.drugs.sum_of(self._drugs)) if self._drugs else 0.0
