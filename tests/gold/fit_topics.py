"""Learns what an article's traits weigh (pipeline/topics/aboutness.py) from our labelled texts that have been read.

`python -m tests.gold.fit_topics` prints how well texts are told that were left out of the learning, a tenth at a time;
with `--write` it writes config/aboutness.toml from all of them. Ridge logistic regression on standardised traits, by
Newton's steps; each topic has a leaning of its own, held towards none by the same ridge. Half a minute of one core; the
same every time.

What is labelled is about drugs or a trap, and has drug words nearly always. So what tells whether a text is about drugs
learns from ordinary press as well, which lies beside a maintainer's checkout: from the articles with a drug word that
are too long for it. Without them nothing is written.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.topics import Topics
from pipeline.topics.aboutness import LEAST, DrugTraits, Model, TopicTraits, score_of, sum_needed
from pipeline.topics.scan import Scan
from tests.gold.reading import CONFIG, Row, rows
from tests.gold.score_topics import READ, Told, micro, untagged_traps

#: the set that nobody had tuned patterns on when this was learned counts so many times
HONEST, HONEST_WEIGHT = "press-dev", 3.0
#: the ridge: of topics, and of drugs, where there is one example a text
TOPIC_RIDGE, DRUGS_RIDGE = 3.3, 10.0
#: from which chance on a topic applies, and a text is about drugs: best for F1, with the traps in mind
TOPIC_CUT, DRUGS_CUT = 0.38, 0.50
#: ordinary press, and what one article of it counts
PRESS, PRESS_WEIGHT = CONFIG.parents[1] / "shared" / "data" / "quotes", 3.0
PRESS_FILES = ("polnear.dev.jsonl", "ancora_silver.dev.jsonl", "bosque_silver.dev.jsonl")
#: learned from topics whose patterns come to this: those below what is asked of an article say how little is little
LEARNED_FROM = 0.3
FOLDS, STEPS = 10, 12


@dataclass(frozen=True, slots=True)
class Example:
    """Traits, and whether they are of what they seem to be."""

    traits: tuple[float, ...]
    slug: str
    is_so: bool
    weight: float


@dataclass(frozen=True, slots=True)
class Text:
    """A labelled text, scanned: what it has of each topic."""

    row: Row
    scan: Scan
    traits: dict[str, TopicTraits]
    weight: float
    fold: int


def read() -> list[Text]:
    """Every text that has been read, scanned with the shipped patterns."""
    topics = Topics.load(CONFIG)
    labelled = [
        _scanned(topics, row, HONEST_WEIGHT if name == HONEST else 1.0)
        for name in READ
        for row in rows(f"topics/{name}.jsonl")
    ]
    return labelled + [text for text in _ordinary(topics) if text.scan.names_drugs and not text.scan.in_context]


def _ordinary(topics: Topics) -> Iterator[Text]:
    for file in filter(Path.is_file, (PRESS / name for name in PRESS_FILES)):
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            article = json.loads(line)
            row = {"id": f"{file.stem}-{number}", "title": "", "topics": [], "trap": True}
            yield _scanned(topics, {**row, "text": article["text"], "lang": article["lang"]}, PRESS_WEIGHT)


def _scanned(topics: Topics, row: Row, weight: float) -> Text:
    slugs = [topics.parent.slug, *(topic.slug for topic in topics.all)]
    scan = topics.scan(row["title"], row["text"], row["lang"])
    traits = {slugs[topic]: found for topic, found in scan.traits(LEARNED_FROM).items()}
    return Text(row, scan, traits, weight, zlib.crc32(row["id"].encode()) % FOLDS)


def learn(texts: Sequence[Text]) -> tuple[Model, Model]:
    """The models of topics and of drugs that tell these texts best."""
    pairs = [
        Example(traits, slug, slug in text.row["topics"], text.weight)
        for text in texts
        if not is_ordinary(text.row)
        for slug, traits in text.traits.items()
    ]
    topic = fitted(pairs, TOPIC_RIDGE, TopicTraits._make, TOPIC_CUT)
    whole = [
        Example(text.scan.drugs_beside(best), "", bool(text.row["topics"]), text.weight)
        for text in texts
        if (best := best_topic(topic, text)) is not None
    ]
    return topic, fitted(whole, DRUGS_RIDGE, DrugTraits._make, DRUGS_CUT)


def is_ordinary(row: Row) -> bool:
    """Whether a text is ordinary press, not one of ours."""
    return row["id"].partition(".")[0] + ".dev.jsonl" in PRESS_FILES


def best_topic(model: Model, text: Text) -> float | None:
    """What the best topic comes to; None where there is none."""
    return max((model.sum_of(traits, slug) for slug, traits in asked(text)), default=None)


def asked(text: Text) -> list[tuple[str, TopicTraits]]:
    """The topics whose traits are weighed in an article, with these."""
    return [(slug, traits) for slug, traits in text.traits.items() if traits.strength >= math.log(LEAST)]


def found(topic: Model, drugs: Model, text: Text) -> frozenset[str]:
    """The topics that apply to a text."""
    best = best_topic(topic, text)
    if best is None or not text.scan.names_drugs or drugs.sum_of(text.scan.drugs_beside(best)) < 0:
        return frozenset()
    return frozenset(slug for slug, traits in asked(text) if topic.sum_of(traits, slug) >= 0)


# --- logistic regression ----------------------------------------------------------------------------------------------


def fitted(
    examples: Sequence[Example], ridge: float, named: Callable[[Iterable[float]], TopicTraits | DrugTraits], cut: float
) -> Model:
    """Learn one model; the chance `cut` becomes the score one half."""
    means, spreads = standards(examples)
    slugs = sorted({each.slug for each in examples} - {""})
    width = len(means)
    design = [
        (
            [1.0, *((x - mean) / spread for x, mean, spread in zip(each.traits, means, spreads, strict=True))],
            1 + width + slugs.index(each.slug) if each.slug else None,
            each,
        )
        for each in examples
    ]
    learned = newton(design, 1 + width + len(slugs), width + 1, ridge)
    weights = [w / spread for w, spread in zip(learned[1 : width + 1], spreads, strict=True)]
    begin = learned[0] - sum(w * mean for w, mean in zip(weights, means, strict=True)) - sum_needed(cut)
    return Model(begin, named(weights), dict(zip(slugs, learned[width + 1 :], strict=True)))


def standards(examples: Sequence[Example]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each trait."""
    columns = list(zip(*(each.traits for each in examples), strict=True))
    means = [math.fsum(column) / len(column) for column in columns]
    spreads = [
        math.sqrt(math.fsum((x - mean) ** 2 for x in column) / len(column)) or 1.0
        for column, mean in zip(columns, means, strict=True)
    ]
    return means, spreads


#: dense values, the place of the one leaning, and the example
Line = tuple[list[float], int | None, Example]


def newton(design: Sequence[Line], size: int, dense: int, ridge: float) -> list[float]:
    """Minimise the ridge-penalised log loss; what stands first, the intercept, is not penalised."""
    learned = [0.0] * size
    for _ in range(STEPS):
        slope = [0.0, *(-ridge * w for w in learned[1:])]
        bend = [[ridge * (row == column > 0) for column in range(size)] for row in range(size)]
        bend[0][0] = 1e-9
        for values, at, each in design:
            add(slope, bend, values, at, learned, each)
        for row in range(dense):
            for column in range(row):
                bend[column][row] = bend[row][column]
            for column in range(dense, size):
                bend[row][column] = bend[column][row]
        learned = [w + step for w, step in zip(learned, solved(bend, slope), strict=True)]
    return learned


def add(
    slope: list[float],
    bend: list[list[float]],
    values: list[float],
    at: int | None,
    learned: list[float],
    each: Example,
) -> None:
    """Add one example to the gradient and the lower half of the Hessian."""
    told = score_of(sum(w * x for w, x in zip(learned, values, strict=False)) + (learned[at] if at else 0.0))
    pull, curve = each.weight * (each.is_so - told), each.weight * told * (1 - told)
    for row, x in enumerate(values):
        slope[row] += pull * x
        scaled, line = curve * x, bend[row]
        for column in range(row + 1):
            line[column] += scaled * values[column]
    if at:
        slope[at] += pull
        bend[at][at] += curve
        for column, x in enumerate(values):
            bend[at][column] += curve * x


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solve a system of equations by elimination; the matrix is positive definite, so no rows need to change places."""
    rows_ = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    size = len(rows_)
    for pivot in range(size):
        head = rows_[pivot]
        for line in rows_[pivot + 1 :]:
            if factor := line[pivot] / head[pivot]:
                for column in range(pivot, size + 1):
                    line[column] -= factor * head[column]
    answer = [0.0] * size
    for row in reversed(range(size)):
        known = sum(rows_[row][column] * answer[column] for column in range(row + 1, size))
        answer[row] = (rows_[row][size] - known) / rows_[row][row]
    return answer


# --- the report and the file ------------------------------------------------------------------------------------------


def report(texts: Sequence[Text]) -> Iterator[str]:
    """How well each text is told by models that were learned without it."""
    told: dict[str, list[Told]] = {name: [] for name in (*READ, "ordinary")}
    where = {row["id"]: name for name in READ for row in rows(f"topics/{name}.jsonl")}
    for left_out in range(FOLDS):
        topic, drugs = learn([text for text in texts if text.fold != left_out])
        for text in texts:
            if text.fold == left_out:
                one = Told(text.row, frozenset(text.row["topics"]), found(topic, drugs, text))
                told[where.get(text.row["id"], "ordinary")].append(one)
    for name, each in told.items():
        yield f"{name:10s} {micro(each)}  traps untagged {untagged_traps(each):.3f}"


def written(topic: Model, drugs: Model) -> str:
    """The configuration file."""

    def table(name: str, values: dict[str, float]) -> str:
        return f"[{name}]\n" + "".join(f"{key} = {value:.3f}\n" for key, value in values.items())

    parts = (
        "# What the traits of an article weigh: pipeline/topics/aboutness.py says what each is. Learned from our\n"
        "# labelled texts; `python -m tests.gold.fit_topics` writes this file anew.\n",
        table("topic", {"always": topic.intercept, **topic.weights._asdict()}),
        table("drugs", {"always": drugs.intercept, **drugs.weights._asdict()}),
        "# what is added for a topic whatever its traits are; for one that is not here, nothing\n"
        + table("leaning", dict(topic.leaning)),
    )
    return "\n".join(parts)


if __name__ == "__main__":
    everything = read()
    if "--write" in sys.argv:
        if not any(is_ordinary(text.row) for text in everything):
            sys.exit(f"expected ordinary press in {PRESS}, got none")
        (CONFIG / "aboutness.toml").write_text(written(*learn(everything)), "utf-8")
    else:
        print("\n".join(report(everything)))  # noqa: T201 - this is its work
