"""Stored items and what reads them again: a pool without processes, the invented press as lines, rows of a store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import text

from pipeline.analysis import Analyst, outcome_of
from pipeline.flow import Flow
from pipeline.importing import Line, import_pieces
from pipeline.importing.jsonl import piece_of
from pipeline.reprocess import Asked, Tally, begin, reprocess
from pipeline.settings import Settings
from pipeline.storage.store import Store
from pipeline.types import Article, Page
from samples.newsroom.press import load_press
from tests.flows import CONFIG

#: what was read, without when something was settled
WHAT_IS_SAID = {
    "items": "id, source, url, title, text, lang, authors, countries, published_at, text_hash, words, signature",
    "item_topics": "item_id, topic, score, evidence",
    "item_countries": "item_id, country",
    "item_bands": "item_id, band",
    "appearances": "id, item_id, url_key, relation, title, text",
    "statements": "id, speaker_id, key, text, kind, lang, role, country, confidence, published_at",
    "statement_topics": "statement_id, topic, stance",
    "statement_bands": "statement_id, band",
    "reports": 'statement_id, item_id, appearance_id, revision_id, "where", parts, text, kind, role, confidence, sides',
    "alerts": "id, rule, subject, item_id, statement_id",
    "entries": "url_key, version, outcome, item_id, quiet, state",
}


class InlinePool:
    """Reads in this process, at once. `watch` is called before each reading."""

    workers = 1

    def __init__(self, config: Path = CONFIG, settings: Settings | None = None) -> None:
        self.analyst = Analyst.load(config, settings or Settings())
        self.readings = 0
        self.watch = lambda url: None

    def read(self, page: Page, *, keep_all: bool) -> Future[Any]:
        return self._done(page.url, lambda: self.analyst.read(page, keep_all=keep_all))

    def analyze(self, article: Article, *, statements: bool = True) -> Future[Any]:
        return self._done(article.url, lambda: self.analyst.analyze(article, statements=statements))

    def _done(self, url: str, work: Any) -> Future[Any]:
        self.readings += 1
        self.watch(url)
        done: Future[Any] = Future()
        done.set_result(outcome_of(url, work))
        return done


def press_lines(number: int = 1000) -> Iterator[Line]:
    """The stories of the invented press."""
    press = load_press()
    for story in list(press.stories.values())[:number]:
        body = "\n".join(story.text)
        yield Line(press.url_of(story), story.title, body, story.outlet, story.at, press.outlets[story.outlet].language)


def import_press(flow: Flow, pool: InlinePool, number: int = 1000) -> None:
    for done in import_pieces(flow, pool, map(piece_of, press_lines(number))):  # type: ignore[arg-type]
        assert not done.error


def again(
    flow: Flow, pool: InlinePool, *, dry_run: bool = False, stop: Event | None = None, made_of: str = "", **asked: Any
) -> Tally:
    """Reprocess to the end, or to where `stop` stops it."""
    wanted, total = Asked(**asked), Tally()
    job, _ = begin(flow, wanted, made_of, dry_run=dry_run)
    for done in reprocess(flow, pool, job, wanted, stop=stop or Event(), dry_run=dry_run):  # type: ignore[arg-type]
        total += done.tally
    return total


def told(store: Store, *but: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that a store says, without the tables `but`."""
    with store.read() as db:
        return {
            table: sorted(map(tuple, db.execute(text(f"SELECT {columns} FROM {table}"))), key=repr)
            for table, columns in WHAT_IS_SAID.items()
            if table not in but
        }


def run_sql(store: Store, *statements: str) -> None:
    with store.write() as db:
        for statement in statements:
            db.execute(text(statement))


def ask(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.read() as db:
        return [tuple(row) for row in db.execute(text(query))]
