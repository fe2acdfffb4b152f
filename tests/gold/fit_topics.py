"""Learns what words and traits of articles weigh (pipeline/topics/vocabulary.py, aboutness.py) from our labelled texts.

`python -m tests.gold.fit_topics` prints how well texts are told that were left out of the learning, one writer after
the other; with `--write` it writes config/vocabulary.tsv and config/aboutness.toml from all of them. Some minutes of
one core; the same every time.

Three steps:

1. Words: for each topic, and for drugs at all, a logistic regression on the stems of all texts that have been read.
2. Each text is told by the words of the texts of others, so that step 3 trusts words as far as they will carry.
3. Traits, that one among them: logistic regression on the texts no pattern was tuned on.

Nothing is learned from material that is not ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.topics import Countries, Topics
from pipeline.topics.aboutness import Aboutness, Best, DrugTraits, Judged, Model, TopicTraits, sum_needed
from pipeline.topics.files import read_topics
from pipeline.topics.scan import Scan
from pipeline.topics.vocabulary import Spoken, Vocabulary, is_learnable
from pipeline.types import PARENT_TOPIC
from tests.gold.reading import CONFIG, TOPICS, Row, rows
from tests.gold.score_topics import LEARNED, READ, Told, micro, untagged_traps

#: how freely words may weigh (scikit-learn's C); how many texts have a stem that is learned, and how many
#: stems are kept, those that weigh most for any topic
WORDS_FREEDOM, TEXTS_LEAST, STEMS_MOST = 30.0, 5, 6000
#: from which chance on a topic applies, and a text is about drugs: best for F1, with the traps in mind
TOPIC_CUT, DRUGS_CUT = 0.36, 0.50
#: words alone call a topic from here on, before that becomes their 0
WORDS_CUT = -0.9
STEPS = 2000


@dataclass(frozen=True, slots=True)
class Example:
    """Traits, and whether they are of what they seem to be."""

    traits: Sequence[float]
    is_so: bool


@dataclass(frozen=True)
class Text:
    """A labelled text, scanned, with what words say of it."""

    row: Row
    scan: Scan
    spoken: Spoken
    #: who wrote it: texts of one hand are left out together
    writer: str
    #: whether no pattern was tuned on it
    is_honest: bool

    @cached_property
    def traits(self) -> dict[str, TopicTraits]:
        """What it has of each topic that is asked."""
        return self.scan.traits(self.spoken)

    def drugs(self, best: Best) -> DrugTraits:
        """What it has of drugs, given its best topic."""
        return self.scan.drugs(self.spoken, best)

    def told_by(self, vocabulary: Vocabulary) -> Text:
        """The text with what these words say of it."""
        return replace(self, spoken=self.scan.spoken_by(vocabulary))


def read() -> list[Text]:
    """Every text that has been read, scanned with the shipped patterns, before any word says anything."""
    topics = Topics(read_topics(CONFIG), Countries.load(CONFIG), Vocabulary({}, (), {}, {}))
    return [_scanned(topics, name, row) for name in READ for row in rows(f"topics/{name}.jsonl")]


def _scanned(topics: Topics, name: str, row: Row) -> Text:
    scan = topics.scan(row["title"], row["text"], row["lang"])
    writer = row["id"].rpartition("-")[0] if name in LEARNED else name
    return Text(row, scan, scan.spoken, writer, name in LEARNED)


# --- words ------------------------------------------------------------------------------------------------------------


def words_of(texts: Sequence[Text]) -> Vocabulary:
    """What the most telling stems of these texts weigh for each topic, and for drugs at all."""
    weights = _words_among(texts).weights
    most = sorted(weights, key=lambda stem: (-max(map(abs, weights[stem])), stem))[:STEMS_MOST]
    return _words_among(texts, frozenset(most))


def _words_among(texts: Sequence[Text], wanted: Collection[str] | None = None) -> Vocabulary:
    def stems_of(text: Text) -> list[str]:
        return list(filter(is_learnable if wanted is None else wanted.__contains__, text.scan.layout.stems))

    counted = TfidfVectorizer(analyzer=stems_of, min_df=TEXTS_LEAST, sublinear_tf=True)
    matrix = counted.fit_transform(texts)
    slugs = (PARENT_TOPIC, *sorted(TOPICS))
    learned = [_weights(matrix, np.array([_is_on(text.row, slug) for text in texts]), slug) for slug in slugs]
    names = counted.get_feature_names_out().tolist()
    weights = np.array([weights for weights, _ in learned]).T.tolist()
    return Vocabulary(
        columns={slug: at for at, slug in enumerate(slugs)},
        always=tuple(always for _, always in learned),
        rarity=dict(zip(names, counted.idf_.tolist(), strict=True)),
        weights=dict(zip(names, map(tuple, weights), strict=True)),
    )


def _is_on(row: Row, slug: str) -> bool:
    return bool(row["topics"]) if slug == PARENT_TOPIC else slug in row["topics"]


def _weights(matrix: Any, is_so: Any, slug: str) -> tuple[Any, float]:
    """A topic is rare, so its texts count as much as all others together; half the texts are on drugs anyway."""
    balance, cut = (None, 0.0) if slug == PARENT_TOPIC else ("balanced", WORDS_CUT)
    model = LogisticRegression(C=WORDS_FREEDOM, class_weight=balance, max_iter=STEPS).fit(matrix, is_so)
    return model.coef_[0], float(model.intercept_[0]) - cut


def told_by_others(texts: Sequence[Text]) -> list[Text]:
    """Each text with what the words say that were learned from the texts of other writers."""
    told = []
    for writer in sorted({text.writer for text in texts}):
        vocabulary = words_of([text for text in texts if text.writer != writer])
        told += [text.told_by(vocabulary) for text in texts if text.writer == writer]
    return told


# --- traits -----------------------------------------------------------------------------------------------------------


def learn(texts: Sequence[Text]) -> Aboutness:
    """The models of topics and of drugs that tell these texts best; they have been told by others' words."""
    asked = [text for text in texts if text.traits]
    pairs = [Example(traits, slug in text.row["topics"]) for text in asked for slug, traits in text.traits.items()]
    topic = fitted(pairs, TopicTraits._make, TOPIC_CUT)
    whole = [Example(text.drugs(Best.of(topic, text.traits.values())), bool(text.row["topics"])) for text in asked]
    return Aboutness(topic, fitted(whole, DrugTraits._make, DRUGS_CUT))


def found(aboutness: Aboutness, text: Text) -> frozenset[str]:
    """The topics that apply to a text."""
    judged = Judged(aboutness, text.traits, text.drugs)
    return frozenset(slug for slug in judged.traits if judged.score(slug) >= 1 / 2)


def fitted(
    examples: Sequence[Example], named: Callable[[Iterable[float]], TopicTraits | DrugTraits], cut: float
) -> Model:
    """Learn one model on standardised traits; the chance `cut` becomes the score one half."""
    values = np.array([each.traits for each in examples])
    means, spreads = values.mean(axis=0), values.std(axis=0)
    spreads[spreads == 0] = 1.0
    model = LogisticRegression(max_iter=STEPS, tol=1e-6)
    model.fit((values - means) / spreads, np.array([each.is_so for each in examples]))
    weights = model.coef_[0] / spreads
    begin = float(model.intercept_[0] - weights @ means) - sum_needed(cut)
    return Model(begin, named(weights.tolist()))


# --- the report and the files -----------------------------------------------------------------------------------------


def report(texts: Sequence[Text]) -> Iterator[str]:
    """How well each writer's texts are told by what was learned without them."""
    told = []
    for writer in sorted({text.writer for text in texts}):
        aboutness = learn([text for text in texts if text.writer != writer])
        left_out = [text for text in texts if text.writer == writer]
        one = [Told(text.row, frozenset(text.row["topics"]), found(aboutness, text)) for text in left_out]
        yield f"{writer:10s} {micro(one)}  traps untagged {untagged_traps(one):.3f}"
        told += one
    yield f"{'all':10s} {micro(told)}  traps untagged {untagged_traps(told):.3f}"


def write(vocabulary: Vocabulary, aboutness: Aboutness) -> None:
    """Write the configuration files."""
    (CONFIG / "vocabulary.tsv").write_text(vocabulary_file(vocabulary), "utf-8")
    (CONFIG / "aboutness.toml").write_text(aboutness_file(aboutness), "utf-8")


def vocabulary_file(vocabulary: Vocabulary) -> str:
    """config/vocabulary.tsv."""
    lines = [
        "# What each stem of an article's words weighs for each topic: pipeline/topics/vocabulary.py says how. Learned",
        "# from our labelled texts; `python -m tests.gold.fit_topics --write` writes this file anew.",
        "\t".join(("stem", "rarity", *vocabulary.columns)),
        "\t".join(("*", "0", *map(_number, vocabulary.always))),
    ]
    for stem, weights in sorted(vocabulary.weights.items()):
        lines.append("\t".join((stem, f"{vocabulary.rarity[stem]:.2f}", *map(_number, weights))))
    return "\n".join(lines) + "\n"


def _number(weight: float) -> str:
    return f"{weight:.2f}" if round(weight, 2) else "0"


def aboutness_file(aboutness: Aboutness) -> str:
    """config/aboutness.toml."""

    def table(name: str, model: Model) -> str:
        values = {"always": model.intercept, **model.weights._asdict()}
        return f"[{name}]\n" + "".join(f"{key} = {value:.3f}\n" for key, value in values.items())

    parts = (
        "# What the traits of an article weigh: pipeline/topics/aboutness.py says what each is. Learned from our\n"
        "# labelled texts; `python -m tests.gold.fit_topics --write` writes this file anew.\n",
        table("topic", aboutness.topic),
        table("drugs", aboutness.drugs),
    )
    return "\n".join(parts)


def main() -> None:
    texts = read()
    told = [text for text in told_by_others(texts) if text.is_honest]
    if "--write" in sys.argv:
        write(words_of(texts), learn(told))
    else:
        print("\n".join(report(told)))  # noqa: T201 - this is its work


if __name__ == "__main__":
    main()
