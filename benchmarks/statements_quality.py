"""How well statements are found, on real press that nobody here wrote. Run as a script, it prints JSON.

The material and its scorer lie beside a maintainer's checkout (../shared); without them this says so and stops.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from pipeline.statements import Lexicons, People, find_reports
from pipeline.types import Report

ROOT = Path(__file__).resolve().parent.parent
SETS = ("polnear.dev", "ancora_silver.dev", "es_handgold.dev", "bosque_silver.dev")


def run(shared: Path) -> dict[str, Any]:
    """Score every set in `shared`/data/quotes: {set: {measure: figure}}, F1 in per cent."""
    scorer_file = shared / "bench" / "score_quotes.py"
    if not scorer_file.is_file():
        return {"skipped": f"no {scorer_file.name} beside the checkout"}
    scorer = _load(scorer_file)
    lexicons, people = Lexicons.load(ROOT / "config"), People.load(ROOT / "config")
    return {name: _score(scorer, shared / "data" / "quotes" / f"{name}.jsonl", lexicons, people) for name in SETS}


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: expected a Python file, got something else")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _score(scorer: ModuleType, gold: Path, lexicons: Lexicons, people: People) -> dict[str, Any]:
    articles = [json.loads(line) for line in gold.read_text("utf-8").splitlines()]
    began = time.perf_counter()
    found = [_reports(article, lexicons, people) for article in articles]
    seconds = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        predicted = Path(folder) / "predicted.jsonl"
        with predicted.open("w", encoding="utf-8") as lines:
            for article, reports in zip(articles, found, strict=True):
                lines.write(json.dumps({"id": article["id"], "quotes": [_quote(report) for report in reports]}) + "\n")
        result = scorer.score(str(gold), str(predicted), speech_only=True)
    return _summary(result) | {"articles_per_s": round(len(articles) / seconds), "words": _words(articles)}


def _reports(article: dict[str, Any], lexicons: Lexicons, people: People) -> tuple[Report, ...]:
    return find_reports(
        "",
        article["text"],
        article["lang"],
        lexicons=lexicons,
        people=people,
        span_topics=lambda where, start, end: (),
        said_at=None,
    )


def _quote(report: Report) -> dict[str, Any]:
    return {
        "span": [report.parts[0][0], report.parts[-1][1]],
        "parts": report.parts,
        "speaker": report.speaker.mention,
        "speaker_name": report.speaker.name,
        "kind": report.kind,
    }


def _summary(result: dict[str, Any]) -> dict[str, Any]:
    kinds = {kind: result["by_kind"][kind]["overlap"]["F1"] for kind in ("direct", "mixed", "indirect")}
    scores = {measure: result[measure]["F1"] for measure in ("exact", "overlap", "found", "attributed")}
    speaker = {"speaker": result["speaker"]["either"], "name": result["speaker"]["name"]}
    return scores | {"precision": result["overlap"]["P"], "recall": result["overlap"]["R"]} | kinds | speaker


def _words(articles: list[dict[str, Any]]) -> int:
    return sum(len(article["text"].split()) for article in articles)


if __name__ == "__main__":
    print(json.dumps(run(ROOT.parent / "shared"), indent=1))
    sys.exit(0)
