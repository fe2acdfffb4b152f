"""Walks through the past that were under way before 0008 go on after it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from pipeline.sources import past
from pipeline.storage import backfills, migrate, sources
from pipeline.storage.store import Store

MAY, END = datetime(2012, 5, 1, tzinfo=UTC), datetime(2012, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC)
CURSOR = '{"type":"sitemap","ahead":[{"url":"http://d.example/2.xml","depth":1}],"done":["http://d.example/1.xml"]}'
ROW = (
    "INSERT INTO backfills (source, feed_id, method, since, until, cursor, state, requests, seen, found, new, undated,"
    " failures, started_at, updated_at) VALUES ('diario', 1, 'sitemap', '2012-05-01 00:00:00.000000', :until, :cursor,"
    " 'running', 1, 0, 0, 0, 0, 0, '2012-06-27 00:00:00.000000', '2012-06-27 00:00:00.000000')"
)


def test_walks_keep_their_place_and_know_whether_a_last_day_was_asked_for(store: Store) -> None:
    with store.write() as db:
        sources.ensure(db, "diario")
        db.exec_driver_sql(
            "INSERT INTO feeds (source, url, declared_url, kind, state, next_due_at, interval, key_rung, polls, reads,"
            " failures, moved_seen) VALUES ('diario', 'u', 'u', 'rss', 'active', '2012-06-27', 300, 0, 0, 0, 0, 0)"
        )
    migrate.downgrade(store.engine, "0005")
    with store.write() as db:
        db.execute(text(ROW), {"until": "2012-05-31 23:59:59.999999", "cursor": CURSOR})
        db.execute(text(ROW), {"until": "2012-06-27 12:00:00.000000", "cursor": CURSOR})
    store.upgrade()
    with store.read() as db:
        bounded = backfills.unfinished(db, "diario", MAY, END, None)
        open_ended = backfills.unfinished(db, "diario", MAY, None, None)
        assert bounded is not None
        assert open_ended is not None
        assert [(one.id, one.open_ended, one.skipped) for one in (bounded, open_ended)] == [(1, False, 0), (2, True, 0)]
        cursor = past.restored(bounded.cursor or "", backfills.listed(db, bounded.id))
    assert cursor == past.Sitemaps((past.Ahead("http://d.example/2.xml", 1),))
    migrate.downgrade(store.engine, "0005")
    store.upgrade()
    with store.read() as db:
        assert backfills.unfinished(db, "diario", MAY, END, None) == bounded
