"""What an outlet published before we came: found, announced once, quietly; stopped anywhere, gone on with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pipeline import backfill, ingest
from pipeline.backfill import NoPast, Step, backfill_page, begin
from pipeline.errors import Disallowed, TooLarge
from pipeline.flow import Flow
from pipeline.importing import Line, settle_article
from pipeline.poll import HostRules
from pipeline.sources import past
from pipeline.storage import backfills as backfill_rows
from pipeline.storage import entries as entry_rows
from pipeline.storage import feeds as feed_rows
from pipeline.storage import hosts as host_rows
from pipeline.storage import sources as source_rows
from pipeline.storage.schema import entries
from pipeline.storage.store import Store
from pipeline.types import Ending, FeedAddress, FeedKind, Outcome, Source
from tests.fakes import FakeWeb
from tests.flows import DIARIO, Bench, analysis, bench, prose

SITE = "http://diario.example"
SINCE, UNTIL = date(2012, 5, 1), date(2012, 5, 31)
SPAN = past.Span(past.start_of(SINCE), past.start_of(UNTIL) + timedelta(days=1, microseconds=-1))


@pytest.fixture
def made(store: Store) -> Bench:
    return bench(store)


def post(number: int, day: str) -> dict[str, object]:
    rendered = {"rendered": f"Nota {number}"}
    guid = {"rendered": f"{SITE}/?p={number}"}
    return {"link": f"{SITE}/nota-{number}", "guid": guid, "title": rendered, "date_gmt": day}


def wordpress(web: FakeWeb, *pages: list[int]) -> None:
    """An outlet whose posts are all of 9 May 2012, listed on these pages."""
    for number, posts in enumerate(pages, 1):
        body = json.dumps([post(one, "2012-05-09T10:00:00") for one in posts])
        web.says(past.PostPages(SITE, number).url(SPAN), body, x_wp_totalpages=str(len(pages)))


def restored(made: Bench, backfill_id: int) -> past.PostPages:
    """Where a walk through posts stands."""
    with made.flow.store.read() as db:
        cursor = past.restored(backfill_rows.load(db, backfill_id).cursor or "")
    assert isinstance(cursor, past.PostPages)
    return cursor


def announced(flow: Flow) -> list[tuple[str, str, bool, str]]:
    with flow.store.read() as db:
        query = select(entries.c.url, entries.c.title, entries.c.quiet, entries.c.state).order_by(entries.c.id)
        return [tuple(row) for row in db.execute(query)]


def walk(flow: Flow, source: Source = DIARIO, method: backfill.Method | None = "wp-json") -> list[Step]:
    current, _ = begin(flow, source, SINCE, UNTIL, method)
    steps: list[Step] = []
    while current.state == "running":
        steps.append(backfill_page(flow, current.id))
        current = steps[-1].backfill
    return steps


def test_the_past_becomes_quiet_work_of_the_first_feed(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3])
    steps = walk(made.flow)
    assert [(step.found, step.new) for step in steps] == [(2, 2), (1, 1)]
    last = steps[-1].backfill
    assert (last.state, last.cursor, last.requests, last.seen, last.found, last.new) == ("done", None, 2, 3, 3, 3)
    assert announced(made.flow) == [(f"{SITE}/nota-{n}", f"Nota {n}", True, "to_fetch") for n in (1, 2, 3)]
    with made.flow.store.read() as db:
        assert len(entry_rows.to_fetch(db, made.clock.now(), 20, 20)) == 3, "the engine takes it up like any work"


def test_a_second_walk_adds_nothing(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3])
    walk(made.flow)
    before = announced(made.flow)
    assert [step.new for step in walk(made.flow)] == [0, 0]
    assert announced(made.flow) == before


def test_what_a_feed_announced_before_is_known_and_the_other_way_round(made: Bench) -> None:
    made.announce(f"{SITE}/nota-1", title="Nota 1")
    wordpress(made.web, [1, 2])
    assert [step.new for step in walk(made.flow)] == [1]
    item = f"<item><title>Nota 2</title><link>{SITE}/nota-2/?utm_source=rss</link><guid>{SITE}/?p=2</guid></item>"
    made.web.says(f"{SITE}/rss", f'<rss version="2.0"><channel>{item}</channel></rss>')
    assert ingest.poll_feed(made.flow, 1).new == 0


def test_what_was_imported_is_not_fetched_again(made: Bench) -> None:
    settle_article(
        made.flow, Line(f"{SITE}/nota-1", "Nota 1", prose(1), "diario"), analysis(f"{SITE}/nota-1", prose(1))
    )
    wordpress(made.web, [1, 2])
    assert [step.new for step in walk(made.flow)] == [1]


def test_the_past_goes_to_the_first_feed_whose_ids_are_those_of_the_past(made: Bench) -> None:
    news = FeedAddress(f"{SITE}/news.xml", FeedKind.NEWS_SITEMAP)
    source = replace(DIARIO, slug="otro", feeds=(news, FeedAddress(f"{SITE}/otro.rss")))
    with made.flow.store.write() as db:
        source_rows.sync(db, [source])
        feed_rows.sync(db, [source], made.clock.now(), 300)
        first = backfill_rows.first_feed(db, "otro")
        assert first is not None
        assert feed_rows.load(db, first).url == f"{SITE}/otro.rss"
        assert backfill_rows.first_feed(db, "nadie") is None


def test_it_goes_on_where_it_was_stopped(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3], [4])
    first, resumed = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert (resumed, first.method) == (False, "wp-json")
    backfill_page(made.flow, first.id)
    asked = len(made.web.asked)
    again, resumed = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert (again.id, again.requests, resumed) == (first.id, 1, True)
    assert len(made.web.asked) == asked, "where the past is listed is remembered"
    assert backfill_page(made.flow, again.id).url.count("page=2")
    with pytest.raises(NoPast):
        # another span is another backfill, and of that the web of this test knows nothing
        begin(made.flow, DIARIO, date(2012, 5, 2), UNTIL, "wp-json")


def test_a_page_that_was_announced_but_not_moved_past_is_safe_to_run_again(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordpress(made.web, [1, 2], [3])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    with monkeypatch.context() as patched:
        patched.setattr(backfill.backfills, "move", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            backfill_page(made.flow, current.id)
    assert len(announced(made.flow)) == 2
    step = backfill_page(made.flow, current.id)
    assert (step.found, step.new, step.backfill.new, step.backfill.requests) == (2, 0, 2, 1)


def test_a_page_that_cannot_be_had_stays_the_next_one(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    made.web.answers.clear()
    waits = [backfill_page(made.flow, current.id).wait for _ in range(3)]
    assert waits == [60.0, 120.0, 240.0]
    wordpress(made.web, [1, 2], [3])
    step = backfill_page(made.flow, current.id)
    assert (step.new, step.backfill.failures, step.backfill.error) == (2, 0, None)


def test_a_host_that_asks_for_time_gets_it(made: Bench) -> None:
    wordpress(made.web, [1])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    url = made.web.asked[-1].url
    made.web.says(url, "", 429, retry_after="900")
    assert backfill_page(made.flow, current.id).wait == 900.0


def test_a_host_that_is_stopped_is_not_asked_and_that_is_no_failure(made: Bench) -> None:
    wordpress(made.web, [1])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    made.web.says(made.web.asked[-1].url, "", 429, retry_after="900")
    backfill_page(made.flow, current.id)
    asked = len(made.web.asked)
    with made.flow.store.read() as db:
        assert set(host_rows.stops(db, made.clock.now())) == {"diario.example"}, "polls and fetches wait as well"
    made.clock.forward(seconds=300)
    step = backfill_page(made.flow, current.id)
    assert (step.wait, step.backfill.failures, len(made.web.asked)) == (600.0, 1, asked)
    assert "left alone until" in step.note
    made.clock.forward(seconds=600)
    wordpress(made.web, [1])
    assert backfill_page(made.flow, current.id).new == 1


def test_no_other_method_is_tried_on_a_host_that_asks_for_patience(made: Bench) -> None:
    made.web.says(past.PostPages(SITE).url(SPAN), "slow down", 429)
    with pytest.raises(NoPast, match="429"):
        begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert len(made.web.asked) == 1
    with pytest.raises(NoPast, match="left alone until"):
        begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert len(made.web.asked) == 1


def test_a_relay_that_asks_for_patience_is_not_asked_for_another_method(made: Bench) -> None:
    """It is not stopped for all, but this walk has heard it."""
    flow = replace(made.flow, hosts=HostRules(relays=frozenset({"diario.example"})))
    made.web.says(past.PostPages(SITE).url(SPAN), "slow down", 429)
    with pytest.raises(NoPast, match="429"):
        begin(flow, DIARIO, SINCE, UNTIL, None)
    assert len(made.web.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_host_that_refuses_ends_it(made: Bench, status: int) -> None:
    wordpress(made.web, [1])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    made.web.says(made.web.asked[-1].url, "no", status)
    step = backfill_page(made.flow, current.id)
    assert (step.backfill.state, step.wait) == ("failed", 0.0)
    assert str(status) in (step.backfill.error or "")
    assert backfill_page(made.flow, current.id).url == "", "nothing more is asked"


def test_the_past_of_hosts_that_share_a_limit_waits_with_them(made: Bench) -> None:
    flow = replace(made.flow, hosts=HostRules(shared=frozenset({"blogs.example"})))
    entry = {**post(1, "2012-05-09T10:00:00"), "link": "http://ana.blogs.example/1"}
    made.web.says(past.PostPages(SITE).url(SPAN), json.dumps([entry]), x_wp_totalpages="1")
    walk(flow)
    with flow.store.read() as db:
        assert [host for _, host, _ in entry_rows.to_fetch(db, made.clock.now(), 9, 9)] == ["blogs.example"]


def test_a_page_for_repairs_is_a_failure_and_not_the_end(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    backfill_page(made.flow, current.id)
    made.web.says(restored(made, current.id).url(SPAN), "<html>Back soon</html>")
    for failures in range(1, backfill.FAILURES_MAX + 1):
        step = backfill_page(made.flow, current.id)
        assert (step.backfill.state, step.backfill.failures) == ("running", failures)
        assert step.wait > 0
    again, resumed = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert (again.id, resumed, again.failures) == (current.id, True, 0)
    wordpress(made.web, [1, 2], [3])
    assert (backfill_page(made.flow, again.id).new, len(announced(made.flow))) == (1, 3)


def test_one_that_failed_goes_on_where_it_was(made: Bench) -> None:
    wordpress(made.web, [1, 2], [3])
    current, _ = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    backfill_page(made.flow, current.id)
    made.web.says(restored(made, current.id).url(SPAN), "no", 403)
    assert backfill_page(made.flow, current.id).backfill.state == "failed"
    wordpress(made.web, [1, 2], [3])
    again, resumed = begin(made.flow, DIARIO, SINCE, UNTIL, None)
    assert (again.id, again.state, again.requests, resumed) == (current.id, "running", 1, True)
    step = backfill_page(made.flow, again.id)
    assert (step.url.count("page=2"), step.new, step.backfill.state) == (1, 1, "done")
    assert begin(made.flow, DIARIO, SINCE, UNTIL, None)[0].id != current.id, "one that ended is not gone on with"


def test_a_walk_with_a_last_day_is_not_taken_for_one_without(made: Bench) -> None:
    source = replace(DIARIO, archive=SITE + "/{year}/{month}/")
    first, _ = begin(made.flow, source, SINCE, UNTIL, "archive")
    second, resumed = begin(made.flow, source, SINCE, None, "archive")
    assert (resumed, second.until, second.id != first.id) == (False, made.clock.now(), True)
    assert begin(made.flow, source, SINCE, UNTIL, "archive") == (first, True)


def test_the_source_says_what_is_no_article(made: Bench) -> None:
    source = replace(DIARIO, skip=("/nota-2",))
    wordpress(made.web, [1, 2])
    assert [step.new for step in walk(replace(made.flow, sources={"diario": source}), source)] == [1]


def test_more_entries_than_one_statement_takes(made: Bench) -> None:
    pages = "".join(f"<url><loc>{SITE}/2012/05/09/n{number}</loc></url>" for number in range(1_234))
    made.web.says(f"{SITE}/robots.txt", f"Sitemap: {SITE}/mapa.xml")
    made.web.says(f"{SITE}/mapa.xml", f"<urlset>{pages}</urlset>")
    (step,) = walk(made.flow, method="sitemap")
    assert (step.found, step.new, step.backfill.new) == (1_234, 1_234, 1_234)


# --- which method -----------------------------------------------------------------------------------------------------


def rss(*numbers: int) -> str:
    at = "<pubDate>Wed, 09 May 2012 10:00:00 GMT</pubDate>"
    items = "".join(f"<item><title>Nota {n}</title><link>{SITE}/nota-{n}</link>{at}</item>" for n in numbers)
    return f'<rss version="2.0"><channel>{items}</channel></rss>'


def nowhere(web: FakeWeb) -> None:
    for path in ("/robots.txt", "/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/rss", "/rss?paged=2"):
        web.says(SITE + path, "not here", 404)
    web.says(past.PostPages(SITE).url(SPAN), "not here", 404)


def test_a_feed_that_can_be_turned(made: Bench) -> None:
    nowhere(made.web)
    made.web.says(f"{SITE}/rss", rss(1, 2))
    made.web.says(f"{SITE}/rss?paged=2", rss(3))
    made.web.says(f"{SITE}/rss?paged=3", "no", 404)
    steps = walk(made.flow, method=None)
    assert steps[-1].backfill.method == "wordpress"
    assert [step.new for step in steps] == [2, 1, 0]


def test_a_feed_that_shows_its_first_page_for_ever_is_not_turned(made: Bench) -> None:
    nowhere(made.web)
    for path in ("/rss", "/rss?paged=2"):
        made.web.says(SITE + path, rss(1, 2))
    made.web.says(f"{SITE}/sitemap.xml", f"<urlset><url><loc>{SITE}/2012/05/09/a</loc></url></urlset>")
    assert walk(made.flow, method=None)[-1].backfill.method == "sitemap"


def test_a_declared_archive_comes_first_and_days_without_news_are_passed_over(made: Bench) -> None:
    source = replace(DIARIO, archive=SITE + "/archivo/{year}-{month:02}-{day:02}")
    wordpress(made.web, [1])
    for day in range(1, 32):
        made.web.says(f"{SITE}/archivo/2012-05-{day:02}", "no", 404)
    made.web.says(f"{SITE}/archivo/2012-05-09", '<a href="/nota/123456">x</a>')
    steps = walk(made.flow, source, None)
    assert steps[-1].backfill.method == "archive"
    assert (len(steps), sum(step.new for step in steps), steps[-1].backfill.state) == (31, 1, "done")


def test_a_sitemap_that_cannot_be_read_is_passed_over(made: Bench) -> None:
    made.web.says(f"{SITE}/robots.txt", f"Sitemap: {SITE}/malo.xml\nSitemap: {SITE}/no.xml\nSitemap: {SITE}/bueno.xml")
    made.web.says(f"{SITE}/malo.xml", "<html></html>")
    made.web.answers[f"{SITE}/no.xml"] = Disallowed("robots.txt forbids it")
    made.web.says(f"{SITE}/bueno.xml", f"<urlset><url><loc>{SITE}/2012/05/09/a</loc></url></urlset>")
    steps = walk(made.flow, method="sitemap")
    assert [step.new for step in steps] == [0, 0, 1]
    assert "expected a feed or sitemap" in steps[0].note
    assert [step.backfill.skipped for step in steps] == [1, 2, 2], "what they list is missing, and that is said"


def test_a_sitemap_that_is_not_there_is_not_missing(made: Bench) -> None:
    made.web.says(f"{SITE}/robots.txt", f"Sitemap: {SITE}/no.xml\nSitemap: {SITE}/grande.xml")
    made.web.says(f"{SITE}/no.xml", "", 404)
    made.web.answers[f"{SITE}/grande.xml"] = TooLarge("too large")
    assert [step.backfill.skipped for step in walk(made.flow, method="sitemap")] == [0, 1]


def test_a_challenge_is_a_refusal_whatever_its_status(made: Bench) -> None:
    made.web.says(f"{SITE}/robots.txt", f"Sitemap: {SITE}/mapa.xml")
    made.web.says(f"{SITE}/mapa.xml", "<html>Just a moment</html>", cf_mitigated="challenge")
    (step,) = walk(made.flow, method="sitemap")
    assert (step.backfill.state, step.backfill.skipped) == ("failed", 0)
    made.web.says(f"{SITE}/mapa.xml", f"<urlset><url><loc>{SITE}/2012/05/09/a</loc></url></urlset>")
    assert [step.new for step in walk(made.flow, method="sitemap")] == [1]


def test_a_walk_through_sitemaps_goes_on_in_its_list(made: Bench) -> None:
    children = "".join(f"<sitemap><loc>{SITE}/{n}.xml</loc></sitemap>" for n in (1, 2, 3))
    made.web.says(f"{SITE}/robots.txt", f"Sitemap: {SITE}/i.xml")
    made.web.says(f"{SITE}/i.xml", f"<sitemapindex>{children}</sitemapindex>")
    for number in (1, 2, 3):
        made.web.says(f"{SITE}/{number}.xml", f"<urlset><url><loc>{SITE}/2012/05/09/{number}</loc></url></urlset>")
    steps = walk(made.flow, method="sitemap")
    assert [step.url.rpartition("/")[2] for step in steps] == ["i.xml", "1.xml", "2.xml", "3.xml"]
    assert steps[-1].backfill.new == 3
    assert len(steps[1].backfill.cursor or "") < 100


def test_what_was_tried_is_told_where_nothing_lists_the_past(made: Bench) -> None:
    nowhere(made.web)
    with pytest.raises(NoPast, match=r"(?s)wp-json: .*wordpress: .*archive: .*sitemap: "):
        begin(made.flow, DIARIO, SINCE, UNTIL, None)
    with pytest.raises(NoPast, match="expected a feed in sources"):
        begin(made.flow, replace(DIARIO, slug="nadie"), SINCE, UNTIL, None)


def test_the_end_is_now_where_none_is_given(made: Bench) -> None:
    source = replace(DIARIO, archive=SITE + "/{year}/{month}/")
    current, _ = begin(made.flow, source, SINCE, None, "archive")
    assert current.until == made.clock.now()
    made.clock.forward(days=3)
    assert begin(made.flow, source, SINCE, None, "archive") == (current, True)


# --- beside the news --------------------------------------------------------------------------------------------------


def test_a_change_is_fetched_after_what_the_page_said_first(made: Bench) -> None:
    """Else it would be taken for news, and alert on what stood in the quiet first reading."""
    first = made.announce(f"{SITE}/vieja", quiet=True)
    change = made.announce(f"{SITE}/vieja", version="1")
    new = made.announce(f"{SITE}/nueva")
    assert order(made) == [new, first, change]
    with made.flow.store.write() as db:
        entry_rows.end(db, first, Ending(Outcome.OFF_TOPIC), made.clock.now())
    assert order(made) == [change, new], "its first reading over, it is news like any"


def test_news_is_fetched_before_the_past(made: Bench) -> None:
    old = [made.announce(f"{SITE}/vieja-{number}", quiet=True) for number in range(30)]
    new = made.announce(f"{SITE}/nueva")
    assert order(made, 3) == [new, *old[:2]]


def order(made: Bench, limit: int = 100) -> list[int]:
    """What is fetched, first things first."""
    with made.flow.store.read() as db:
        return [entry_id for entry_id, _, _ in entry_rows.to_fetch(db, made.clock.now(), limit, limit)]
