"""What finding statements costs, beside a baseline that everybody knows: trafilatura's default extraction of the page.

CPU time, so that a busy machine does not matter; the best of several rounds. Run as a script, it prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.statements import Lexicons, People, find_reports

ROOT = Path(__file__).resolve().parent.parent
#: ordinary copy, and copy in which every sentence is a statement
USUAL = ROOT / "tests" / "gold" / "topics" / "dev.jsonl"
DENSE = ROOT / "tests" / "gold" / "statements.jsonl"
LANGUAGES = ("en", "es", "pt")
#: words of a usual article
_WORDS = 400
_ROUNDS = 5
#: words of the longest text, and how often it is as long as the one it is compared with
_LONG, _TIMES = 100_000, 10


def run() -> dict[str, float]:
    """Articles of 400 words a second and core, the baseline's pages, their ratio, and how cost grows with length."""
    lexicons, people = Lexicons.load(ROOT / "config"), People.load(ROOT / "config")

    def find(text: str, lang: str) -> object:
        return find_reports(
            "",
            text,
            lang,
            lexicons=lexicons,
            people=people,
            span_topics=lambda where, start, end: (),
            said_at=None,
        )

    articles, dense = ({lang: _article(file, lang, _WORDS) for lang in LANGUAGES} for file in (USUAL, DENSE))
    found = _rate(lambda: [find(text, lang) for lang, text in articles.items()], len(articles))
    crowded = _rate(lambda: [find(text, lang) for lang, text in dense.items()], len(dense))
    baseline = _rate(_extractions(list(articles.values())), len(articles))
    long, shorter = (
        _seconds(lambda words=words: find(_article(DENSE, "es", words), "es")) for words in (_LONG, _LONG // _TIMES)
    )  # type: ignore[misc]
    return {
        "articles_per_s": round(found),
        "dense_articles_per_s": round(crowded),
        "baseline_pages_per_s": round(baseline),
        "ratio": round(found / baseline, 2),
        f"cost_of_{_TIMES}_times_the_length": round(long / shorter, 1),
    }


def _article(file: Path, lang: str, words: int) -> str:
    rows = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    texts = [row["text"] for row in rows if row["lang"] == lang]
    said: list[str] = []
    while sum(len(text.split()) for text in said) < words:
        said += texts if words > _WORDS * 10 else [texts[len(said) % len(texts)]]
    return "\n".join(said)


def _extractions(texts: list[str]) -> Callable[[], object]:
    from trafilatura import extract

    pages = [
        "<html><body><nav><a href='/'>Home</a></nav><article><h1>Title</h1>"
        + "".join(f"<p>{line}</p>" for line in text.split("\n"))
        + "</article></body></html>"
        for text in texts
    ]
    return lambda: [extract(page) for page in pages]


def _rate(step: Callable[[], object], articles: int) -> float:
    return articles / min(_seconds(step) for _ in range(_ROUNDS))


def _seconds(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
    sys.exit(0)
