"""How well topics are told, and how fast. Run as a script, it prints JSON.

Quality: "any topic" on short political statements that people labelled (their labels are not exhaustive: a statement
on drugs may lack the flag, and the flag may come from what was said around it). Speed: articles of 500 words on one
core, on ordinary press and on the newsroom's generated articles, where every sentence is about drugs: the dearest text.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.topics import Topics
from samples.newsroom.generate import texts

ROOT = Path(__file__).resolve().parent.parent
WORDS, ROUNDS, ARTICLES = 500, 3, 300
PRESS = ("polnear.dev", "ancora_silver.dev", "bosque_silver.dev")
#: title, text, language
Article = tuple[str, str, str]


def run(shared: Path) -> dict[str, Any]:
    """Measure: {"any_topic": figures, "speed": {corpus: articles per second}}."""
    topics = Topics.load(ROOT / "config")
    corpora = {"on_topic": list(_cut(texts(ARTICLES * 3, seed=11)))[:ARTICLES]}
    press = shared / "data" / "quotes"
    if press.is_dir():
        corpora["press"] = list(_cut(_press(press)))[:ARTICLES]
    return {
        "patterns": topics.patterns,
        "any_topic": _any_topic(topics, shared / "data" / "topics" / "liar.dev.jsonl"),
        "articles_per_s": {name: _speed(topics, articles) for name, articles in corpora.items()},
    }


def _any_topic(topics: Topics, path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"skipped": f"no {path.name} beside the checkout"}
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    pairs = [(bool(topics.match("", each["text"], each["lang"])), bool(each["drug_policy"])) for each in records]
    hit, wrong, missed = pairs.count((True, True)), pairs.count((True, False)), pairs.count((False, True))
    precision, recall = hit / max(hit + wrong, 1), hit / max(hit + missed, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {
        "texts": len(pairs),
        "precision": round(100 * precision, 1),
        "recall": round(100 * recall, 1),
        "f1": round(100 * f1, 1),
        "wrong": [each["id"] for each, pair in zip(records, pairs, strict=True) if pair == (True, False)],
        "missed": [each["id"] for each, pair in zip(records, pairs, strict=True) if pair == (False, True)],
    }


def _press(folder: Path) -> Iterator[Article]:
    for name in PRESS:
        for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines()[:200]:
            article = json.loads(line)
            yield "", article["text"], article["lang"]


def _cut(articles: Iterable[Article]) -> Iterator[Article]:
    """Join texts of one language and cut them into articles of WORDS words, with ten words for a title."""
    by_language = sorted(articles, key=lambda article: article[2])
    for language, group in groupby(by_language, key=lambda article: article[2]):
        words = "\n ".join(f"{title}\n {text}" for title, text, _ in group).split(" ")
        for start in range(0, len(words) - WORDS, WORDS):
            yield " ".join(words[start : start + 10]), " ".join(words[start : start + WORDS]), language


def _speed(topics: Topics, articles: list[Article]) -> dict[str, Any]:
    """Articles per second and core for what the flow asks of each: triage, then topics, then countries."""
    return {
        "articles": len(articles),
        "on_topic_share": round(sum(bool(topics.match(*article)) for article in articles) / len(articles), 2),
        "triage": _rate(articles, lambda article: topics.on_topic(article[1])),
        "topics": _rate(articles, lambda article: topics.match(*article)),
        "countries": _rate(articles, lambda article: topics.countries(article[0], article[1])),
    }


def _rate(articles: list[Article], ask: Callable[[Article], object]) -> int:
    """The best of some rounds, in CPU time: other work on the machine is not ours."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for article in articles:
            ask(article)
        best = min(best, time.process_time() - began)
    return round(len(articles) / best)


if __name__ == "__main__":
    json.dump(run(ROOT.parent / "shared"), sys.stdout, indent=1)
    print()
