"""How outlets stand: each with its feeds, and all together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from pipeline.desk.answers import Health, Point, SourceProfile, SourceView
from pipeline.desk.counting import points
from pipeline.storage import counts, days, entries, feeds, hosts, symptoms
from pipeline.storage.store import Transaction
from pipeline.types import FeedState, Outcome, Source

#: outcomes that are listed as failures: something that a person may want to mend
TROUBLE = (Outcome.QUARANTINED, Outcome.BLOCKED, Outcome.GONE, Outcome.DISALLOWED, Outcome.NOT_ARTICLE)
#: days of an outlet that are told, and failures
_DAYS, _FAILURES = 60, 20
#: of a feed, from good to bad
_STANDINGS = ("well", "degraded", "lost")


def view(
    source: Source, known: Sequence[tuple[FeedState, str]], per_day: float, stops: Mapping[str, datetime]
) -> SourceView:
    """An outlet of the catalogue, with the feeds among the known (each with its declared address) that are its."""
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


def views(db: Transaction, catalogue: Iterable[Source], now: datetime) -> list[SourceView]:
    """Every one of these outlets, with its feeds as they are now."""
    known = feeds.listing(db)
    per_day, stops = entries.per_day(db, now), hosts.stops(db, now)
    return [view(source, known, round(per_day.get(source.slug, 0.0), 1), stops) for source in catalogue]


def profile(db: Transaction, source: Source, now: datetime) -> SourceProfile:
    """One outlet with its last days."""
    since = now - timedelta(days=_DAYS - 1)
    found = days.since(db, since.date(), source.slug)
    brought = {one.day: one.entries for one in found}
    (shown,) = views(db, [source], now)
    return SourceProfile(
        source=shown,
        items=counts.of_source(db, source.slug),
        days=tuple(found),
        volume=points(brought, "day", since.date(), now.date()),
        symptoms=tuple(symptoms.of_source(db, source.slug, since)),
        failures=tuple(entries.failures(db, [outcome.value for outcome in TROUBLE], _FAILURES, source.slug)),
    )


def volumes(db: Transaction, slugs: Iterable[str], now: datetime) -> dict[str, tuple[Point, ...]]:
    """What each of these outlets brought on each of the last days; days without anything are points of 0."""
    since = (now - timedelta(days=_DAYS - 1)).date()
    brought: dict[str, dict[date, int]] = {}
    for one in days.since(db, since):
        brought.setdefault(one.source, {})[one.day] = one.entries
    return {slug: points(brought.get(slug, {}), "day", since, now.date()) for slug in slugs}


def health(db: Transaction) -> Health:
    """What is known of all of them now."""
    found = tuple(symptoms.unended(db))
    ill = {symptom.source for symptom in found if symptom.source}
    return Health(len(feeds.polled_sources(db)), len(ill), feeds.last_poll(db), found)
