"""How long does it take to say which of 10,000 rules an item meets?

Rules are generated in the shapes that people write; items are the newsroom's generated pages, of about 400 words. The
baseline, in the same run and giving the same answers: asking every rule, one after the other. `ratio` is the baseline's
mean over ours. What an item costs once (cutting it into words) is in both.

    python -m benchmarks.rules_speed [RULES]
"""

from __future__ import annotations

import dataclasses
import gc
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

from pipeline.alerts.rules import Rules
from pipeline.query import Record, matches, parse
from pipeline.query.terms import terms
from pipeline.types import AlertRule
from samples.newsroom.generate import Bank, banks

RULES, ITEMS, BASELINE_ITEMS = 10_000, 400, 40
NOW = datetime(2012, 6, 27, tzinfo=UTC)
_TOPICS = [path.stem for path in sorted((Path(__file__).parent.parent / "config" / "topics").glob("*.toml"))]
_COUNTRIES = ("PE", "CO", "MX", "BO", "BR", "US", "ES", "CL", "AR", "UY", "EC", "PY", "VE", "PT")
_ROLES = ("president", "minister", "prime minister", "head of drug agency", "government", "police", "prosecutor")
_SOURCES = tuple(f"outlet-{number}" for number in range(300))
#: words that rules ask for and no page has, for each that some page has
_ABSENT = 2
#: shapes of rules, and how many of 100 rules have them
_SHAPES = {
    "topic:{topic} country:{country}": 12,
    "topic:({topic} OR {topic}) role:({role} OR {role}) country:{country}": 10,
    'speaker:"{name}"': 14,
    'speaker:"{name}" topic:{topic}': 8,
    "stance:{topic}=against role:{role} country:{country}": 4,
    '"{word} {word}"': 12,
    "{word} {word} country:{country}": 10,
    "({word} OR {word} OR {word}) topic:{topic}": 8,
    "{stem}* topic:{topic} -country:{country}": 5,
    "title:{word} last:7d": 5,
    "said:({word} NEAR/5 {word})": 4,
    "source:{source} {word}": 5,
    "role:{role} said:{word} last:30d": 2,
    "-topic:{topic} -lang:es {word}": 0.9,
    "NOT topic:{topic}": 0.1,
}


def run(shared: Path, number: int = RULES) -> dict[str, Any]:
    """Milliseconds an item, by index and without; how many rules are asked, and how many fire."""
    rng = random.Random(11)
    made = _rules(rng, number)
    started = time.process_time()
    rules = Rules(made)
    built = time.process_time() - started
    records = [_record(rng) for _ in range(ITEMS)]
    # collecting garbage walks through everything a process holds: no part of either way of asking
    gc.collect()
    gc.freeze()
    ours, fired = _timed(records, lambda record: rules.fired_by(record, NOW))
    queries = [(rule, parse(rule.query)) for rule in made]
    # each gets fresh records: what was worked out about one is kept in it
    again = [dataclasses.replace(record) for record in records[:BASELINE_ITEMS]]
    theirs, expected = _timed(
        again, lambda record: tuple(rule for rule, query in queries if matches(query, record, NOW))
    )
    if fired[: len(expected)] != expected:
        raise AssertionError("rules_speed: the index and asking every rule disagree")
    asked = [len(rules._candidates(record)) for record in records]
    return {
        "rules": number,
        "seconds_to_build": round(built, 2),
        "ms_per_item": ours,
        "baseline_asking_every_rule_ms": theirs,
        "rules_asked": round(mean(asked)),
        "rules_fired": round(mean(map(len, fired)), 1),
        "ratio": round(theirs["mean"] / ours["mean"], 1),
    }


def _timed(records: list[Record], ask: Callable[[Record], Any]) -> tuple[dict[str, float], list[Any]]:
    taken, answers = [], []
    for record in records:
        started = time.process_time()
        answers.append(ask(record))
        taken.append(1000 * (time.process_time() - started))
    return {"mean": round(mean(taken), 3), "p95": round(quantiles(taken, n=20)[-1], 3)}, answers


def _rules(rng: random.Random, number: int) -> list[AlertRule]:
    vocabulary = sorted({word for bank in banks().values() for text in bank.sentences for word in terms(text)})
    content = [word for word in vocabulary if len(word) > 4]
    # the pages are made of few words; of those that people watch for, most are not in today's news
    content += [f"{rng.choice(content)}{number}" for number in range(_ABSENT * len(content))]
    shapes = rng.choices(list(_SHAPES), weights=list(_SHAPES.values()), k=number)
    return [
        AlertRule(f"rule-{place}", _filled(rng, shape, content), about="item") for place, shape in enumerate(shapes)
    ]


def _filled(rng: random.Random, shape: str, content: list[str]) -> str:
    fill: dict[str, Callable[[], str]] = {
        "{topic}": lambda: rng.choice(_TOPICS),
        "{country}": lambda: rng.choice(_COUNTRIES),
        "{role}": lambda: f'"{rng.choice(_ROLES)}"',
        "{name}": lambda: _name(rng, rng.choice(list(banks().values()))),
        "{word}": lambda: rng.choice(content),
        "{stem}": lambda: rng.choice(content)[:6],
        "{source}": lambda: rng.choice(_SOURCES),
    }
    for mark, make in fill.items():
        while mark in shape:
            shape = shape.replace(mark, make(), 1)
    return shape


def _name(rng: random.Random, bank: Bank) -> str:
    return f"{rng.choice(bank.firsts)} {rng.choice(bank.lasts)} {rng.choice(bank.lasts)}"


def _record(rng: random.Random) -> Record:
    """An item as the newsroom's pages read: 20 sentences, two or three statements."""
    lang = rng.choice(("es", "en", "pt"))
    bank = banks()[lang]
    said = rng.sample(bank.said, 3)
    text = " ".join([rng.choice(bank.leads), *said, *rng.choices(bank.facts + bank.told, k=16)])
    topics = rng.sample(_TOPICS, rng.choice((1, 2, 2, 3)))
    return Record(
        "item",
        fields={
            "topic": (*topics, "drug-policy"),
            "source": (rng.choice(_SOURCES),),
            "country": tuple(rng.sample(_COUNTRIES, 2)),
            "lang": (lang,),
            "access": ("open",),
            "role": tuple(rng.sample(_ROLES, 2)),
            "kind": ("direct", "indirect"),
        },
        names={"speaker": (_name(rng, bank), _name(rng, bank)), "via": ()},
        texts={
            "title": (tuple(terms(rng.choice(bank.titles))),),
            "text": (tuple(terms(text)),),
            "said": tuple(tuple(terms(one)) for one in said),
        },
        published=NOW,
        seen=NOW,
        stance={topic: (rng.choice(("for", "against", "unclear")),) for topic in topics},
    )


if __name__ == "__main__":
    print(json.dumps(run(Path(), int(sys.argv[1]) if len(sys.argv) > 1 else RULES), indent=1))
