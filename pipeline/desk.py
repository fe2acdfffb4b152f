"""The read side, shared by the command line, the API and the pages. Changes nothing but what `retry` says.

A `Desk` answers in the types of pipeline/storage/views.py, counts.py and entries.py, ready to be shown or written as
JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from pipeline.clock import Clock
from pipeline.correcting import Corrected, correct
from pipeline.dedupe import changes
from pipeline.errors import ConfigError, QueryError
from pipeline.health import Symptom
from pipeline.query import parse
from pipeline.settings import Settings
from pipeline.statements.corrections import Corrections
from pipeline.storage import counts, due, entries, feeds, hosts, items, saved, search, sources, symptoms, views
from pipeline.storage import speakers as speaker_rows
from pipeline.storage.conditions import About
from pipeline.storage.search import Wish as Wish
from pipeline.storage.store import Store, Transaction
from pipeline.text import words
from pipeline.trial import Backtest as Backtest
from pipeline.trial import Trial as Trial
from pipeline.trial import try_rule
from pipeline.types import AlertRule, FeedState, Outcome, Source

#: what a saved search is called
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
#: of a feed, from good to bad
_STANDINGS = ("well", "degraded", "lost")
#: outcomes that `failures` lists: something that a person may want to mend
TROUBLE = (Outcome.QUARANTINED, Outcome.BLOCKED, Outcome.GONE, Outcome.DISALLOWED, Outcome.NOT_ARTICLE)


@dataclass(frozen=True, slots=True)
class Health:
    """How the sources are, as of the last check-up of a running engine."""

    #: sources that are polled, and those of them with an open symptom
    watched: int
    in_trouble: int
    #: the last poll of any feed: what follows is not younger
    last_poll_at: datetime | None
    #: open symptoms, warnings first; an empty source is us
    symptoms: tuple[Symptom, ...]

    def of(self, slug: str) -> tuple[Symptom, ...]:
        """The open symptoms of one source."""
        return tuple(symptom for symptom in self.symptoms if symptom.source == slug)


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
    health: Health
    #: what each step has to do now, and since when
    due: Mapping[due.Step, due.Due]
    #: entries that ended in the last hour
    ended_last_hour: int


@dataclass(frozen=True, slots=True)
class SourceView:
    """An outlet with what we remember of its feeds, and how it stands: as its worst feed does."""

    slug: str
    name: str
    country: str
    languages: tuple[str, ...]
    enabled: bool
    reason: str
    feeds: tuple[FeedState, ...]
    #: new entries a day of late
    entries_per_day: float = 0.0
    standing: Literal["well", "degraded", "lost"] = "well"
    standing_since: datetime | None = None
    standing_reason: str | None = None
    #: hosts of its feeds that are left alone now, and until when
    stopped: Mapping[str, datetime] = field(default_factory=dict)
    #: feeds that the catalogue declares by now and no start has read yet
    coming: tuple[str, ...] = ()
    #: feeds that it declared once
    former: tuple[FeedState, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of what a search found; `after` is what the question for the next page gives, None at the end."""

    items: tuple[views.ItemLine, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class SavedView:
    """A saved search; the explanation says in a sentence what it finds."""

    name: str
    query: str
    explanation: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions about one store."""

    store: Store
    clock: Clock
    settings: Settings
    sources: Mapping[str, Source]

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
            found = search.find_statements(db, parse(query).root, self.clock.now(), limit, offset)
            return views.statement_views(db, found)

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
                raise QueryError(written, 0, f"a saved search ({known or 'there is none'})", f'"{written}"')
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

    def item_at(self, url_key: str) -> views.ItemView | None:
        """The item that stands at a canonical URL key, as its own page or as a copy's; None where there is none."""
        with self.store.read() as db:
            shown = items.shown_at(db, url_key)
            return views.item_view(db, shown.item_id) if shown is not None else None

    def alerts(self, limit: int = 50, rule: str | None = None) -> list[views.AlertView]:
        """Alerts that fired, newest first."""
        with self.store.read() as db:
            return views.alert_views(db, limit, rule)

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
                health=_health(db),
                due=due.due(db, now),
                ended_last_hour=due.ended_since(db, now - timedelta(hours=1)),
            )

    def health(self) -> Health:
        """How the sources are: which of them are in trouble, since when, and what was found."""
        with self.store.read() as db:
            return _health(db)

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
            now = self.clock.now()
            known = feeds.listing(db)
            per_day, stops = entries.per_day(db, now), hosts.stops(db, now)
        return [
            _source(source, known, round(per_day.get(source.slug, 0.0), 1), stops) for source in self.sources.values()
        ]

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

    def speakers(self, words_of: str = "", limit: int = 50) -> list[speaker_rows.SpeakerLine]:
        """Speakers whose name, role or key holds all these words, who said most first."""
        wanted = words(words_of)
        with self.store.read() as db:
            found = speaker_rows.lines(db)
        kept = [who for who in found if set(wanted) <= set(words(f"{who.name or ''} {who.role or ''} {who.key}"))]
        return kept[:limit]

    def speaker_name(self, key: str) -> str | None:
        """What a stored speaker is called, or the key of one without a name; None for one that is not there."""
        with self.store.read() as db:
            return None if speaker_rows.find(db, key) is None else speaker_rows.name_of(db, key) or key

    def correct_speakers(self, corrections: Corrections) -> Corrected:
        """Bring what is stored in line with corrections, in one transaction."""
        return self.store.transact(lambda db: correct(db, corrections))

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


def _source(
    source: Source, known: Sequence[tuple[FeedState, str]], per_day: float, stops: Mapping[str, datetime]
) -> SourceView:
    wanted = {feed.url for feed in source.feeds}
    rows = [(state, declared) for state, declared in known if state.source == source.slug]
    # a feed that was followed to where it moved may be declared there by now
    mine = tuple(state for state, declared in rows if declared in wanted or state.url in wanted)
    there = {address for state, declared in rows for address in (declared, state.url)}
    polled = [feed for feed in mine if feed.state == "active"]
    worst = max(polled, key=lambda feed: _STANDINGS.index(feed.standing), default=None)
    return SourceView(
        slug=source.slug,
        name=source.name,
        country=source.country,
        languages=source.languages,
        enabled=source.enabled,
        reason=source.reason,
        feeds=mine,
        entries_per_day=per_day,
        standing=worst.standing if worst else "well",
        standing_since=worst.standing_since if worst else None,
        standing_reason=worst.standing_reason if worst else None,
        stopped={feed.host: stops[feed.host] for feed in polled if feed.host in stops},
        coming=tuple(feed.url for feed in source.feeds if feed.url not in there),
        former=tuple(state for state, _ in rows if state not in mine),
    )


def _compared(item: views.ItemView) -> views.ItemView:
    """With each earlier text compared with the one after it."""
    told = [(one.title, one.text) for one in item.revisions] + [(item.title, item.text)]
    compared = [
        replace(one, title_changes=changes(one.title, title), changes=changes(one.text, text))
        for one, (title, text) in zip(item.revisions, told[1:], strict=True)
    ]
    return replace(item, revisions=tuple(compared))


def _health(db: Transaction) -> Health:
    found = tuple(symptoms.unended(db))
    ill = {symptom.source for symptom in found if symptom.source}
    return Health(len(feeds.polled_sources(db)), len(ill), feeds.last_poll(db), found)
