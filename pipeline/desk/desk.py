"""The desk itself: one method for each question."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.clock import Clock
from pipeline.dedupe import changes
from pipeline.desk import counting, lately, outlets, standing, streams
from pipeline.desk.answers import (
    AlertPage,
    Facets,
    Health,
    ItemPage,
    Mover,
    Point,
    PositionHistory,
    Positions,
    SavedView,
    SeenItems,
    SeenStatements,
    SourceProfile,
    SourceView,
    SpeakerPage,
    SpeakerProfile,
    StatementPage,
    Status,
    Timeline,
    Today,
    TopicLine,
)
from pipeline.desk.outlets import TROUBLE
from pipeline.desk.reference import Reference
from pipeline.errors import ConfigError, QueryError
from pipeline.query import parse
from pipeline.query.excerpt import LOOKED_AT
from pipeline.settings import Settings
from pipeline.storage import (
    counts,
    due,
    entries,
    feeds,
    fired,
    items,
    quoted,
    saved,
    search,
    seen,
    sources,
    speakers,
    spoken,
    tally,
    views,
)
from pipeline.storage.conditions import About
from pipeline.storage.context import with_context
from pipeline.storage.search import Wish
from pipeline.storage.speakers import SpeakerLine, SpeakerWish
from pipeline.storage.spoken import StatementWish, place_after
from pipeline.storage.store import Store
from pipeline.text import words
from pipeline.trial import Backtest, try_rule
from pipeline.types import AlertRule, Outcome, Source
from pipeline.wording import worded

#: alerts are for news: what has not fired so long after it was seen will not fire
_ALERTING = timedelta(days=30)
#: what a saved search is called
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


_FIRST, _NOTHING = StatementWish(), Reference()


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions about one store."""

    store: Store
    clock: Clock
    settings: Settings
    sources: Mapping[str, Source]
    reference: Reference = _NOTHING

    def search(self, query: str, limit: int | None = 20, offset: int = 0) -> list[views.ItemLine]:
        """Items that meet a query, newest publication first. Raises QueryError."""
        with self.store.read() as db:
            return views.item_lines(db, search.find_items(db, parse(query).root, self.clock.now(), limit, offset))

    def page(self, query: str, wish: Wish) -> ItemPage:
        """A page of the items that meet a query. Raises QueryError; ValueError for a mark that no page gave."""
        with self.store.read() as db:
            found = search.page(db, parse(query).root, self.clock.now(), wish)
            return ItemPage(tuple(views.item_lines(db, found.ids)), found.after)

    def statements(self, query: str, limit: int | None = 20, offset: int = 0) -> list[views.StatementView]:
        """Statements that meet a query, newest publication first. Raises QueryError."""
        with self.store.read() as db:
            found = spoken.find_statements(db, parse(query).root, self.clock.now(), limit, offset)
            return views.statement_views(db, found)

    def statement_page(self, query: str, wish: StatementWish = _FIRST) -> StatementPage:
        """A page of the statements that meet a query, newest publication first. Raises as `page`."""
        with self.store.read() as db:
            found = spoken.page(db, parse(query).root, self.clock.now(), wish)
            return StatementPage(tuple(views.statement_views(db, found.ids)), found.after)

    def items_seen(self, query: str, after: str | None = None, limit: int = 100) -> SeenItems:
        """Items that meet a query, in the order in which they were first seen, after a mark. Raises as `page`."""
        with self.store.read() as db:
            found = seen.after(db, "item", parse(query).root, self.clock.now(), after, limit)
            return SeenItems(tuple(views.item_lines(db, found.ids)), found.after, found.more)

    def statements_seen(self, query: str, after: str | None = None, limit: int = 100) -> SeenStatements:
        """The same of statements."""
        with self.store.read() as db:
            found = seen.after(db, "statement", parse(query).root, self.clock.now(), after, limit)
            return SeenStatements(tuple(views.statement_views(db, found.ids)), found.after, found.more)

    def stream_items(self, query: str, batch: int = 1_000) -> Iterator[views.ItemLine]:
        """Every item that meets a query, newest publication first; each batch is a transaction of its own."""
        return streams.items(lambda after: self.page(query, Wish(limit=batch, after=after)))

    def stream_statements(self, query: str, batch: int = 1_000) -> Iterator[views.StatementView]:
        """The same of statements."""
        return streams.statements(lambda after: self.statement_page(query, StatementWish(batch, after)))

    def explain(self, query: str, lang: str = "en") -> str:
        """Say in a sentence what a query finds, in English or Spanish. Raises QueryError."""
        return parse(query).explain(lang)

    def timeline(self, query: str, about: About = "item") -> Timeline:
        """What a query finds over time, by publication. Raises QueryError."""
        with self.store.read() as db:
            return counting.timeline(tally.by_day(db, about, parse(query).root, self.clock.now()))

    def facets(self, query: str, about: About = "item") -> Facets:
        """What a search could be narrowed by, counted among the newest that it finds. Raises QueryError."""
        with self.store.read() as db:
            return counting.facets(tally.by_value(db, about, parse(query).root, self.clock.now()))

    def count(self, about: About, query: str) -> int:
        """How many items or statements meet a query. Raises QueryError."""
        with self.store.read() as db:
            return search.count(db, about, parse(query).root, self.clock.now())

    def query(self, written: str) -> str:
        """The query itself, or the one that was saved, for `@` and its name. Raises QueryError for an unknown name."""
        if not written.startswith("@"):
            return written
        with self.store.read() as db:
            found = saved.query_of(db, written[1:])
            if found is None:
                known = ", ".join(f"@{one.name}" for one in saved.listing(db))
                raise QueryError(
                    written,
                    0,
                    worded("a saved search ({names})", names=known or worded("there is none")),
                    f'"{written}"',
                )
        return found

    def saved(self) -> list[SavedView]:
        """Saved searches by name, each with what it finds in a sentence."""
        with self.store.read() as db:
            return [
                SavedView(one.name, one.query, parse(one.query).explain(), one.saved_at) for one in saved.listing(db)
            ]

    def save(self, name: str, query: str) -> None:
        """Keep a query under a name, in place of what had it. Raises QueryError, and ConfigError for the name."""
        if not _NAME.fullmatch(name):
            raise ConfigError("saved searches", "name", "1 to 80 of a-z, 0-9 and -, the first no -", name)
        parse(query)
        with self.store.write() as db:
            saved.save(db, saved.SavedSearch(name, query.strip(), self.clock.now()))

    def drop(self, name: str) -> bool:
        """Keep a saved search no longer; False where there is none of that name."""
        with self.store.write() as db:
            return saved.drop(db, name)

    def item(self, item_id: int) -> views.ItemView:
        """One item with everything, its publishers' changes word by word. Raises KeyError for an unknown id."""
        with self.store.read() as db:
            return _compared(views.item_view(db, item_id))

    def statement(self, statement_id: int) -> views.StatementView:
        """One statement, each report with what stands around the words. Raises KeyError for an unknown id."""
        with self.store.read() as db:
            found = views.statement_views(db, [statement_id])
            if not found:
                raise KeyError(f"statement: expected an id in the store, got {statement_id}")
            return with_context(db, found[0])

    def statements_by_id(self, statement_ids: Iterable[int | None]) -> dict[int, views.StatementView]:
        """Those of these statements that there are; None stands for what is about none."""
        wanted = sorted({one for one in statement_ids if one is not None})
        with self.store.read() as db:
            return {one.id: one for one in views.statement_views(db, wanted)}

    def item_at(self, url_key: str) -> views.ItemView | None:
        """The item that stands at a canonical URL key, as its own page or as a copy's; None where there is none."""
        with self.store.read() as db:
            shown = items.shown_at(db, url_key)
            return views.item_view(db, shown.item_id) if shown is not None else None

    def alerts(self, limit: int = 50, rule: str | None = None) -> list[views.AlertView]:
        """Alerts that fired, newest first."""
        with self.store.read() as db:
            return fired.alert_views(db, limit, rule)

    def alert_page(self, rule: str | None = None, limit: int = 100, after: str | None = None) -> AlertPage:
        """A page of alerts, newest first; only a rule's, where one is named. Raises ValueError as `page`."""
        with self.store.read() as db:
            found = fired.alert_views(db, limit + 1, rule, below=None if after is None else place_after(after))
            return AlertPage(tuple(found[:limit]), str(found[limit - 1].id) if len(found) > limit else None)

    def alerts_on(self, item: views.ItemView) -> list[views.AlertView]:
        """Alerts that an item or a statement in it fired within a month of being seen, newest first."""
        with self.store.read() as db:
            return fired.alerts_on(db, item.id, item.first_seen_at, item.first_seen_at + _ALERTING)

    def texts(self, item_ids: Sequence[int]) -> dict[int, str]:
        """How items' texts begin, as far as excerpts look into them."""
        with self.store.read() as db:
            return views.beginnings(db, item_ids, LOOKED_AT)

    def last_heard(self) -> datetime | None:
        """When a statement was last heard for the first time."""
        with self.store.read() as db:
            return quoted.last_heard(db)

    def positions(self, as_of: datetime | None = None, topics: Collection[str] | None = None) -> Positions:
        """Where each country's officials stand, as of a moment (now), on each topic or on these. Raises ConfigError."""
        with self.store.read() as db:
            return standing.positions(db, self.reference.officials, as_of or self.clock.now(), topics)

    def position(
        self, country: str, topic: str, as_of: datetime | None = None, wish: StatementWish = _FIRST
    ) -> PositionHistory:
        """The dated statements behind a position, newest first. Raises ConfigError; ValueError as `page`."""
        with self.store.read() as db:
            cell, at = (country, topic), as_of or self.clock.now()
            return standing.history(db, self.reference.officials, cell, at, wish)

    def movers(self, since: datetime, limit: int = 20) -> tuple[Mover, ...]:
        """Speakers whose latest clear stance on a topic was first heard since then, and is another than before."""
        with self.store.read() as db:
            return standing.movers(db, since, limit)

    def today(self, since: datetime, limit: int = 50) -> Today:
        """Statements, alerts, movers, so many of each, since then; outlets in trouble. Raises ConfigError."""
        with self.store.read() as db:
            age = timedelta(seconds=self.settings.alert_max_age)
            asked = lately.Since(since, self.clock.now(), limit, age)
            return lately.today(db, asked, self.reference.officials, self.sources.values())

    def status(self) -> Status:
        """Counts, sizes and what comes next."""
        # sizes and revisions come from connections of their own: not while this thread holds one already
        schema, size, now = self.store.revision(), self.store.size(), self.clock.now()
        with self.store.read() as db:
            return Status(
                database=self.store.address,
                schema=schema,
                bytes=size,
                now=now,
                totals=counts.totals(db),
                next_poll_at=feeds.next_due(db),
                next_work_at=entries.next_try(db),
                health=outlets.health(db),
                due=due.due(db, now),
                ended_last_hour=due.ended_since(db, now - timedelta(hours=1)),
            )

    def health(self) -> Health:
        """How the sources are: which of them are in trouble, since when, and what was found."""
        with self.store.read() as db:
            return outlets.health(db)

    def topics(self) -> dict[str, int]:
        """Items by topic, most first."""
        with self.store.read() as db:
            return counts.by_topic(db)

    def topic_views(self) -> list[TopicLine]:
        """Every topic that is watched: what it means, and how many items have it. Raises ConfigError."""
        with self.store.read() as db:
            return lately.topic_lines(db, self.reference.topics, self.clock.now())

    def countries(self) -> dict[str, int]:
        """Items by country they are about, most first."""
        with self.store.read() as db:
            return counts.by_country(db)

    def source_views(self) -> list[SourceView]:
        """Every outlet of the catalogue with its feeds' state."""
        with self.store.read() as db:
            return outlets.views(db, self.sources.values(), self.clock.now())

    def volumes(self) -> dict[str, tuple[Point, ...]]:
        """New entries a day of each outlet of the catalogue, for the days that `source` tells, oldest first."""
        with self.store.read() as db:
            return outlets.volumes(db, self.sources, self.clock.now())

    def source(self, slug: str) -> SourceProfile:
        """One outlet of the catalogue: its feeds, its last days, what was noticed and what failed. Raises KeyError."""
        if slug not in self.sources:
            raise KeyError(f"source: expected a slug of the catalogue, got {slug}")
        with self.store.read() as db:
            return outlets.profile(db, self.sources[slug], self.clock.now())

    def unknown(self, url_keys: Collection[str]) -> int:
        """How many of these canonical addresses nobody has announced yet."""
        with self.store.read() as db:
            return len(set(url_keys) - entries.announced_among(db, list(url_keys)))

    def failures(self, limit: int = 50, source: str | None = None) -> list[entries.Failure]:
        """Entries that ended in trouble or wait for another attempt, newest first."""
        with self.store.read() as db:
            return entries.failures(db, [outcome.value for outcome in TROUBLE], limit, source)

    def tried_again(self) -> int:
        """How many entries failed and wait for another attempt."""
        with self.store.read() as db:
            return entries.tried_again(db)

    def knows(self, slug: str) -> bool:
        """Whether a source is in the catalogue or, imported or taken out of it by now, in the store."""
        with self.store.read() as db:
            return slug in self.sources or sources.exists(db, slug)

    def not_quarantined(self, entry_ids: Sequence[int]) -> list[int]:
        """Those of these ids that are no entry that `retry` takes up again."""
        with self.store.read() as db:
            return sorted(set(entry_ids) - entries.quarantined(db, entry_ids))

    def speakers(self, words_of: str = "", limit: int = 50) -> list[SpeakerLine]:
        """Speakers whose name, role or key holds all these words, who said most first."""
        with self.store.read() as db:
            return speakers.lines(db, SpeakerWish(tuple(words(words_of)), limit=limit))

    def speaker_page(self, wish: SpeakerWish) -> SpeakerPage:
        """A page of the speakers that are wanted, who said most first. Raises ValueError as `page`."""
        with self.store.read() as db:
            return standing.speaker_page(db, wish)

    def speaker(self, key: str) -> SpeakerProfile:
        """One speaker: where they stand on each topic, since when, what they turned. Raises KeyError."""
        with self.store.read() as db:
            return standing.speaker(db, key)

    def said_by(self, key: str, wish: StatementWish = _FIRST) -> StatementPage:
        """A page of what one speaker said, newest first. Raises KeyError; ValueError as `page`."""
        with self.store.read() as db:
            return standing.said_by(db, key, wish)

    def speaker_name(self, key: str) -> str | None:
        """What a stored speaker is called, or the key of one without a name; None for one that is not there."""
        with self.store.read() as db:
            return None if speakers.find(db, key) is None else speakers.name_of(db, key) or key

    def retry(self, entry_ids: Sequence[int] | None = None, source: str | None = None) -> int:
        """Take up quarantined entries again: those given, or all (of a source); returns how many."""
        with self.store.write() as db:
            chosen = entries.with_outcome(db, Outcome.QUARANTINED, source) if entry_ids is None else entry_ids
            return entries.reopen(db, chosen, self.clock.now())

    def try_rule(self, rule: AlertRule, since: timedelta, *, live: bool = False) -> Backtest:
        """What a rule would have fired on in that time, had it been standing; sends nothing. It need not be kept.

        What came with a first poll, a back-fill or an import is judged as of its publication, so that archives can be
        tried too; with `live` it stays quiet.
        """
        now = self.clock.now()
        with self.store.read() as db:
            return try_rule(db, self.settings, rule, now, now - since, live=live)


def _compared(item: views.ItemView) -> views.ItemView:
    """With each earlier text compared with the one after it."""
    told = [(one.title, one.text) for one in item.revisions] + [(item.title, item.text)]
    compared = [
        replace(one, title_changes=changes(one.title, title), changes=changes(one.text, text))
        for one, (title, text) in zip(item.revisions, told[1:], strict=True)
    ]
    return replace(item, revisions=tuple(compared))
