"""A flow with a real store, a fake network and a channel to look into; and articles to settle in it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import dedupe, ingest
from pipeline.fetch import HostGate
from pipeline.flow import Flow
from pipeline.rulebook import RuleBook
from pipeline.settings import Settings
from pipeline.sources import UrlKeys
from pipeline.storage import alerts, entries, feeds, fired, items, sources, statements, views
from pipeline.storage.entries import Announcement
from pipeline.storage.store import Store
from pipeline.types import (
    AlertRule,
    Analysis,
    Article,
    Ending,
    Entry,
    FeedAddress,
    Item,
    Report,
    Source,
    Speaker,
    TopicMatch,
)
from tests.fakes import NOW, FakeWeb, Inbox, ManualClock

CONFIG = Path(__file__).parent.parent / "config"
DIARIO = Source("diario", "Diario", "PE", ("es",), "http://diario.example", (FeedAddress("http://diario.example/rss"),))
GACETA = Source("gaceta", "Gaceta", "MX", ("es",), "http://gaceta.example", (FeedAddress("http://gaceta.example/rss"),))
RULES = (
    AlertRule("said", "topic:legalization", channels=("inbox",)),
    AlertRule("written", "topic:legalization", about="item", channels=("inbox",)),
)


@dataclass
class Bench:
    """A flow and what a test looks at."""

    flow: Flow
    web: FakeWeb
    clock: ManualClock
    inbox: Inbox

    def announce(
        self, url: str, source: Source = DIARIO, *, quiet: bool = False, version: str = "", **said: object
    ) -> int:
        entry = Entry(url, **said)  # type: ignore[arg-type]
        url_key = self.flow.url_keys.key(url)
        announcement = Announcement(entry, f"{url_key}{version}", url_key, version, host=self.flow.hosts.key(url))
        with self.flow.store.write() as db:
            due = {state.source: state.id for state, _ in feeds.listing(db)}
            made = entries.announce(db, source.slug, due[source.slug], [announcement], self.clock.now(), quiet=quiet)
        return made[0]

    def settle(self, analysis: Analysis, source: Source = DIARIO, *, quiet: bool = False, version: str = "") -> Ending:
        entry_id = self.announce(analysis.article.url, source, quiet=quiet, version=version)
        ending = ingest.settle(self.flow, entry_id, analysis)
        assert ending is not None
        return ending

    def deliver(self) -> None:
        while waiting := self._waiting():
            for delivery_id in waiting:
                ingest.deliver_alert(self.flow, delivery_id)

    def _waiting(self) -> list[int]:
        with self.flow.store.read() as db:
            return list(alerts.next_of_each(db, self.clock.now()).values())

    def item(self, item_id: int) -> Item:
        with self.flow.store.read() as db:
            return items.load(db, item_id)

    def view(self, item_id: int) -> views.ItemView:
        with self.flow.store.read() as db:
            return views.item_view(db, item_id)

    def statement_ids(self, item_id: int) -> set[int]:
        with self.flow.store.read() as db:
            return statements.of_item(db, item_id)

    def alerts(self, rule: str = "said") -> list[views.AlertView]:
        with self.flow.store.read() as db:
            return fired.alert_views(db, 100, rule)


def bench(store: Store, rules: Sequence[AlertRule] = RULES, **changes: object) -> Bench:
    """A flow on `store` whose outlets are DIARIO and GACETA."""
    clock, inbox = ManualClock(), Inbox()
    web = FakeWeb(clock)
    settings = replace(Settings(), **changes)  # type: ignore[arg-type]
    catalogue = {source.slug: source for source in (DIARIO, GACETA)}
    with store.write() as db:
        sources.sync(db, catalogue.values())
        feeds.sync(db, catalogue.values(), clock.now(), settings.poll_min)
    flow = Flow(
        settings=settings,
        store=store,
        clock=clock,
        rng=random.Random(1),
        fetcher=web,
        sources=catalogue,
        url_keys=UrlKeys.load(CONFIG),
        rules=RuleBook(clock, rules, ("inbox",)),
        channels={"inbox": inbox},
        gate=HostGate(settings.host_gap, settings.host_concurrency, clock),
    )
    return Bench(flow, web, clock, inbox)


def prose(seed: int, words: int = 200) -> str:
    """A text of its own for each seed: no two share a shingle but by chance."""
    rng = random.Random(seed)
    return " ".join(f"{rng.choice('abcdefghijklmnop')}{rng.randrange(5000)}" for _ in range(words))


def analysis(
    url: str,
    text: str,
    *reports: Report,
    topics: Sequence[str] = ("legalization",),
    title: str = "A title",
    canonical: str | None = None,
) -> Analysis:
    """What reading an article might have found."""
    article = Article(url, canonical or url, title, text, published_at=NOW, lang="es")
    matches = tuple(TopicMatch(topic, 0.8) for topic in topics)
    return Analysis(article, "es", matches, ("PE",), reports, dedupe.fingerprint(title, text))


def report(words: str, speaker: str = "Rosa Quintanilla", confidence: float = 0.9, **more: object) -> Report:
    """A statement about legalization, as an article reports it."""
    who = Speaker(speaker, "minister", "PE", key=speaker.lower().replace(" ", "-"))
    fields: dict[str, object] = {"topics": ("legalization",), "stance": {"legalization": "against"}, **more}
    return Report("text", ((0, len(words)),), words, "direct", speaker=who, confidence=confidence, **fields)  # type: ignore[arg-type]
