"""A store that was polled before 0002 goes on polling after it, with all that it knew."""

from __future__ import annotations

from sqlalchemy import text

from pipeline.storage import feeds, migrate, sources
from pipeline.storage.entries import Announcement, announce
from pipeline.storage.store import Store
from pipeline.types import Entry, FeedAddress, FeedState, Source
from tests.fakes import NOW

DIARIO = Source("diario", "Diario", "PE", ("es",), "http://d.example", (FeedAddress("https://WWW.d.example:8443/rss"),))


def test_feeds_keep_what_was_known_and_learn_their_host(store: Store) -> None:
    with store.write() as db:
        sources.sync(db, [DIARIO])
        feeds.sync(db, [DIARIO], NOW, 300)
        (before,) = feeds.take_due(db, NOW, 9, 600)
        announce(
            db,
            "diario",
            before.id,
            [Announcement(Entry("http://d.example/1"), "k", "u", host="d.example")],
            NOW,
            quiet=False,
        )
    migrate.downgrade(store.engine, "0001")
    with store.read() as db:
        assert "host" not in db.execute(text("SELECT * FROM feeds")).keys()  # noqa: SIM118 - a result has no __contains__
    store.upgrade()
    with store.write() as db:
        after = feeds.load(db, before.id)
        assert after == FeedState(1, "diario", before.url, before.kind, NOW, 300.0, host="www.d.example")
        assert [feed.id for feed in feeds.take_due(db, NOW, 9, 600)] == [before.id]
        assert db.execute(text("SELECT count(*) FROM entries WHERE feed_id = :id"), {"id": before.id}).scalar() == 1
