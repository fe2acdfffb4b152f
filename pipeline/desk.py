"""The read side, shared by the command line, the API and the pages. Changes nothing but what `retry` says.

A `Desk` answers in the types of pipeline/storage/views.py, counts.py and entries.py, ready to be shown or written as
JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.alerts.novelty import Hearing, judge
from pipeline.clock import Clock
from pipeline.query import parse
from pipeline.settings import Settings
from pipeline.storage import counts, entries, feeds, migrate, search, views
from pipeline.storage.search import About
from pipeline.storage.store import Store
from pipeline.types import AlertRule, FeedState, Outcome, Source

#: outcomes that `failures` lists: something that a person may want to mend
TROUBLE = (Outcome.QUARANTINED, Outcome.BLOCKED, Outcome.GONE, Outcome.DISALLOWED, Outcome.NOT_ARTICLE)


@dataclass(frozen=True, slots=True)
class Status:
    """How the store and its sources are doing."""

    database: str
    schema: str
    bytes: int
    now: datetime
    totals: counts.Totals
    next_poll_at: datetime | None
    next_work_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """An outlet with what we remember of its feeds."""

    slug: str
    name: str
    country: str
    languages: tuple[str, ...]
    enabled: bool
    reason: str
    feeds: tuple[FeedState, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have made of one thing in the store; `suppressed` says why it would have kept quiet."""

    title: str
    url: str
    #: when it would have fired
    at: datetime
    item_id: int
    statement_id: int | None
    suppressed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions about one store."""

    store: Store
    clock: Clock
    settings: Settings
    sources: Mapping[str, Source]

    def search(self, query: str, limit: int = 20, offset: int = 0) -> list[views.ItemLine]:
        """Items that meet a query, newest publication first. Raises QueryError."""
        with self.store.read() as db:
            return views.item_lines(db, search.find_items(db, parse(query).root, self.clock.now(), limit, offset))

    def statements(self, query: str, limit: int = 20, offset: int = 0) -> list[views.StatementView]:
        """Statements that meet a query, newest publication first. Raises QueryError."""
        with self.store.read() as db:
            found = search.find_statements(db, parse(query).root, self.clock.now(), limit, offset)
            return views.statement_views(db, found)

    def count(self, about: About, query: str) -> int:
        """How many items or statements meet a query. Raises QueryError."""
        with self.store.read() as db:
            return search.count(db, about, parse(query).root, self.clock.now())

    def item(self, item_id: int) -> views.ItemView:
        """One item with everything. Raises KeyError for an unknown id."""
        with self.store.read() as db:
            return views.item_view(db, item_id)

    def alerts(self, limit: int = 50, rule: str | None = None) -> list[views.AlertView]:
        """Alerts that fired, newest first."""
        with self.store.read() as db:
            return views.alert_views(db, limit, rule)

    def status(self) -> Status:
        """Counts, sizes and what comes next."""
        with self.store.read() as db:
            return Status(
                database=self.store.url,
                schema=migrate.current(self.store.engine) or "",
                bytes=self.store.size(),
                now=self.clock.now(),
                totals=counts.totals(db),
                next_poll_at=feeds.next_due(db),
                next_work_at=entries.next_try(db),
            )

    def topics(self) -> dict[str, int]:
        """Items by topic, most first."""
        with self.store.read() as db:
            return counts.by_topic(db)

    def countries(self) -> dict[str, int]:
        """Items by country they are about, most first."""
        with self.store.read() as db:
            return counts.by_country(db)

    def source_views(self) -> list[SourceView]:
        """Every outlet of the catalogue with its feeds' state."""
        with self.store.read() as db:
            known = feeds.listing(db)
        return [self._source(source, known) for source in self.sources.values()]

    def _source(self, source: Source, known: Sequence[tuple[FeedState, str]]) -> SourceView:
        mine = tuple(state for state, _ in known if state.source == source.slug)
        return SourceView(
            source.slug, source.name, source.country, source.languages, source.enabled, source.reason, mine
        )

    def unknown(self, url_keys: Collection[str]) -> int:
        """How many of these canonical addresses nobody has announced yet."""
        with self.store.read() as db:
            return len(set(url_keys) - entries.announced_among(db, list(url_keys)))

    def failures(self, limit: int = 50, source: str | None = None) -> list[entries.Failure]:
        """Entries that ended in trouble or wait for another attempt, newest first."""
        with self.store.read() as db:
            return entries.failures(db, [outcome.value for outcome in TROUBLE], limit, source)

    def retry(self, entry_ids: Sequence[int] | None = None, source: str | None = None) -> int:
        """Take up quarantined entries again: those given, or all (of a source); returns how many."""
        with self.store.write() as db:
            chosen = entries.with_outcome(db, Outcome.QUARANTINED, source) if entry_ids is None else entry_ids
            return entries.reopen(db, chosen, self.clock.now())

    def try_rule(self, rule: AlertRule, since: timedelta) -> list[Trial]:
        """What a rule would have fired on in that time, oldest first, had it been standing; sends nothing.

        Each thing is judged as of its publication (else its first sight), so that imported archives can be tried too.
        """
        found = self._items_met(rule) if rule.about == "item" else self._statements_met(rule)
        start = self.clock.now() - since
        return sorted((trial for trial in found if trial.at >= start), key=lambda trial: trial.at)

    def _items_met(self, rule: AlertRule) -> list[Trial]:
        return [
            self._trial(line.title, line.url, line.published_at or line.first_seen_at, line.id)
            for line in self.search(rule.query, limit=-1)
        ]

    def _statements_met(self, rule: AlertRule) -> list[Trial]:
        return [
            self._trial(
                _headline(said),
                said.reports[0].url,
                said.published_at or said.first_seen_at,
                said.reports[0].item_id,
                said.id,
                said.confidence,
            )
            for said in self.statements(rule.query, limit=-1)
            if said.reports
        ]

    def _trial(
        self, title: str, url: str, at: datetime, item_id: int, statement_id: int | None = None, confidence: float = 1.0
    ) -> Trial:
        verdict = judge(Hearing(False, at, at, confidence), at, self.settings)
        return Trial(title, url, at, item_id, statement_id, verdict.reasons)


def _headline(statement: views.StatementView) -> str:
    return f"{statement.speaker.name or statement.speaker.role or 'unnamed speaker'}: {statement.text}"
