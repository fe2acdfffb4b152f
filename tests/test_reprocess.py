"""Reading again: what today's program says of stored texts, ids stable, nothing alerted, nothing lost."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ingest
from pipeline.errors import QueryError, WorkerDied
from pipeline.query.times import TimeError
from pipeline.reprocess import Asked, Tally, begin
from pipeline.reprocess.tally import numbers_of, tally_of
from pipeline.statements import identity
from pipeline.storage.store import Store
from tests.again import InlinePool, again, ask, import_press, run_sql, told
from tests.flows import CONFIG, DIARIO, Bench, analysis, bench, report


@pytest.fixture(scope="module")
def pool() -> InlinePool:
    return InlinePool()


@pytest.fixture(scope="module")
def press(pool: InlinePool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the invented press imported."""
    folder = tmp_path_factory.mktemp("press")
    store = Store(f"sqlite:///{folder}/vigia.sqlite")
    store.prepare()
    flow = bench(store).flow
    import_press(flow, pool)
    # an item that took the headline of an earlier appearance is described by it only once it is read again
    first = again(flow, pool)
    assert (first.failures, first.statements_new, first.statements_gone) == (0, 0, 0)
    assert first.changed <= 5
    store.close()
    return folder


@pytest.fixture
def desk(press: Path, tmp_path: Path) -> Iterator[Bench]:
    """A flow on a copy of it, a day later."""
    shutil.copytree(press, tmp_path / "store")
    store = Store(f"sqlite:///{tmp_path}/store/vigia.sqlite")
    made = bench(store)
    made.clock.forward(days=1)
    yield made
    store.close()


def without_topic(tmp_path: Path, slug: str) -> InlinePool:
    """A pool of a configuration that lacks a topic."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "topics" / f"{slug}.toml").unlink()
    return InlinePool(folder)


# --- nothing changed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("only", [None, "topics", "statements", "extraction"])
def test_the_same_program_finds_the_same(desk: Bench, pool: InlinePool, only: str | None) -> None:
    before = told(desk.flow.store)
    found = again(desk.flow, pool, only=only)
    assert found.read == len(before["items"]) > 50
    assert (found.changed, found.failures, found.statements_new, found.statements_gone) == (0, 0, 0, 0)
    assert told(desk.flow.store) == before


def test_what_is_missing_or_wrong_is_mended_under_the_same_ids(desk: Bench, pool: InlinePool) -> None:
    before = told(desk.flow.store)
    run_sql(
        desk.flow.store,
        "DELETE FROM reports WHERE id % 3 = 0",
        "UPDATE reports SET confidence = 0.01, sides = '{}' WHERE id % 3 = 1",
        "DELETE FROM item_topics WHERE item_id % 2 = 0",
        "UPDATE item_topics SET score = 0.01",
        "UPDATE items SET countries = '[]', words = 1, signature = x'00'",
        "DELETE FROM item_countries",
        "DELETE FROM item_bands WHERE item_id % 2 = 0",
    )
    assert again(desk.flow, pool).changed == len(before["items"])
    assert told(desk.flow.store) == before
    assert again(desk.flow, pool).changed == 0


# --- another configuration --------------------------------------------------------------------------------------------


def test_only_topics_changes_topics_and_nothing_else(desk: Bench, tmp_path: Path) -> None:
    before = told(desk.flow.store)
    had = [row for row in before["item_topics"] if row[1] == "eradication"]
    assert had
    found = again(desk.flow, without_topic(tmp_path, "eradication"), only="topics")
    after = told(desk.flow.store)
    # topics are weighed beside each other, so others may come or go: what is counted is what happened
    was, now = ({row[:2] for row in told_then["item_topics"]} for told_then in (before, after))
    assert found.lost == Counter(topic for _, topic in was - now)
    assert found.gained == Counter(topic for _, topic in now - was)
    assert found.lost["eradication"] == len(had)
    assert after | {"item_topics": []} == before | {"item_topics": []}


def test_all_of_it_takes_the_topic_from_statements_too_and_goes_back(
    desk: Bench, pool: InlinePool, tmp_path: Path
) -> None:
    before = told(desk.flow.store)
    assert any(topic == "eradication" for _, topic, _ in before["statement_topics"])
    lacking = without_topic(tmp_path, "eradication")
    assert again(desk.flow, lacking).statements_changed > 0
    assert not any(topic == "eradication" for _, topic, _ in told(desk.flow.store)["statement_topics"])
    assert again(desk.flow, lacking).changed == 0
    again(desk.flow, pool)
    assert told(desk.flow.store) == before


def test_an_item_without_any_topic_is_kept_and_counted(desk: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    kept = {"drug-policy.toml", "legalization.toml"}
    for file in (folder / "topics").glob("*.toml"):
        if file.name not in kept:
            file.unlink()
    number = len(ask(desk.flow.store, "SELECT id FROM items"))
    found = again(desk.flow, InlinePool(folder), only="topics")
    left = ask(desk.flow.store, "SELECT id FROM items WHERE id NOT IN (SELECT item_id FROM item_topics)")
    assert found.without_topic == len(left) > 0
    assert len(ask(desk.flow.store, "SELECT id FROM items")) == number


def test_a_dry_run_tells_and_changes_nothing(desk: Bench, tmp_path: Path) -> None:
    before, runs = told(desk.flow.store), ask(desk.flow.store, "SELECT id FROM reprocessings")
    assert again(desk.flow, without_topic(tmp_path, "eradication"), dry_run=True).lost["eradication"] > 0
    assert told(desk.flow.store) == before
    assert ask(desk.flow.store, "SELECT id FROM reprocessings") == runs


# --- which items ------------------------------------------------------------------------------------------------------


def test_only_what_is_asked_for_is_read(desk: Bench, pool: InlinePool) -> None:
    store = desk.flow.store
    of_source = ask(store, "SELECT source, count(*) FROM items GROUP BY source ORDER BY 2 DESC LIMIT 1")[0]
    assert again(desk.flow, pool, source=of_source[0]).read == of_source[1]
    late = ask(store, "SELECT count(*) FROM items WHERE published_at >= '2012-06-26'")[0][0]
    early = ask(store, "SELECT count(*) FROM items WHERE published_at < '2012-06-26'")[0][0]
    assert again(desk.flow, pool, since="2012-06-26").read == late > 0
    assert again(desk.flow, pool, until="2012-06-25").read == early > 0
    assert again(desk.flow, pool, query="topic:legalization").read == len(
        ask(store, "SELECT item_id FROM item_topics WHERE topic = 'legalization'")
    )


@pytest.mark.parametrize(("asked", "error"), [({"since": "30"}, TimeError), ({"query": "topic:("}, QueryError)])
def test_what_cannot_be_read_is_refused(desk: Bench, asked: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        begin(desk.flow, Asked(**asked), "")  # type: ignore[arg-type]


# --- stopped ----------------------------------------------------------------------------------------------------------


def test_the_same_call_goes_on_where_it_was_stopped(desk: Bench, tmp_path: Path) -> None:
    store, lacking, stop = desk.flow.store, without_topic(tmp_path, "eradication"), Event()
    number = len(ask(store, "SELECT id FROM items"))
    stop.set()
    first = again(desk.flow, lacking, stop=stop, since="30d")
    assert 0 < first.read < number
    desk.clock.forward(hours=1)
    job, resumed = begin(desk.flow, Asked(since="30d"), "")
    assert resumed
    assert tally_of(job.counts) == first
    second = again(desk.flow, lacking, since="30d")
    assert first.read + second.read == number
    assert begin(desk.flow, Asked(since="30d"), "")[1] is False


def test_another_program_or_configuration_begins_anew(desk: Bench, pool: InlinePool) -> None:
    stop = Event()
    stop.set()
    again(desk.flow, pool, stop=stop, made_of="yesterday's")
    assert begin(desk.flow, Asked(), "yesterday's")[1] is True
    assert begin(desk.flow, Asked(), "today's")[1] is False
    assert begin(desk.flow, Asked(only="topics"), "yesterday's")[1] is False


# --- beside an engine -------------------------------------------------------------------------------------------------


def test_an_item_that_changes_meanwhile_is_read_again_as_it_is_then(store: Store, pool: InlinePool) -> None:
    desk = bench(store)
    url, old = "http://diario.example/1", "La ministra rechazó la legalización de la marihuana. " * 8
    new = "El presidente anunció la erradicación de cultivos de coca en el valle. " * 8
    item_id = desk.settle(analysis(url, old)).item_id
    fresh = InlinePool()

    def publisher_changes_it(_: str) -> None:
        fresh.watch = lambda _: None
        desk.settle(analysis(url, new, topics=("interdiction",)), version="changed")

    fresh.watch = publisher_changes_it
    found = again(desk.flow, fresh)
    assert (found.read, found.failures) == (1, 0)
    assert item_id is not None
    assert desk.item(item_id).text == new
    assert "eradication" in {match.topic for match in desk.item(item_id).topics}
    assert again(desk.flow, pool).changed == 0


def test_an_item_that_never_holds_still_is_left_as_it_is_and_named(store: Store) -> None:
    desk, restless = bench(store), InlinePool()
    desk.settle(analysis("http://diario.example/1", "La ministra rechazó la legalización. " * 9))
    versions = iter(range(100))

    def change(_: str) -> None:
        number = next(versions)
        text = f"Versión {number} {'abcdefghij'[number % 10] * 5} de la ministra. " * 9
        desk.settle(analysis("http://diario.example/1", text), version=str(number))

    restless.watch = change
    assert again(desk.flow, restless, only="topics").failures == 1


def test_a_reading_process_that_dies_leaves_the_item_as_it_is(desk: Bench, pool: InlinePool) -> None:
    before, dying = told(desk.flow.store), InlinePool()

    class Dying:
        def analyze(self, *_: object, **__: object) -> object:
            raise WorkerDied("killed")

    dying.analyst = Dying()  # type: ignore[assignment]
    found = again(desk.flow, dying)
    assert found.failures == found.read > 0
    assert told(desk.flow.store) == before


# --- statements -------------------------------------------------------------------------------------------------------


def test_statements_nobody_reports_go_unless_an_alert_told_of_them(store: Store, pool: InlinePool) -> None:
    desk = bench(store)
    text = "La ministra habló ayer de la marihuana y de su posible legalización en el país. " * 5
    desk.settle(analysis("http://diario.example/1", text, report("jamás se dijo esto en ninguna parte")))
    desk.settle(
        analysis("http://diario.example/2", f"Otra cosa. {text}", report("tampoco aquello", "Otra Persona")), quiet=True
    )
    told_of = ask(store, "SELECT statement_id FROM alerts WHERE statement_id IS NOT NULL")
    assert len(told_of) == 1
    found = again(desk.flow, pool)
    assert (found.statements_kept, found.statements_gone, found.reports_gone) == (1, 1, 2)
    assert ask(store, "SELECT id FROM statements") == told_of


def test_statements_that_are_one_by_todays_rules_become_the_older_one(store: Store) -> None:
    desk, made = bench(store), InlinePool()
    short = "La legalización de la marihuana es una derrota para las familias de este país"
    long = f"{short} y también para todos"
    for number, words in enumerate((short, long), 1):
        body = f"La ministra Rosa Quintanilla, en la jornada {number}, dijo: «{words}». " + f"Relleno {number}. " * 20
        article = analysis(f"http://diario.example/{number}", body).article
        desk.settle(made.analyst.analyze(article), quiet=True)
    ((older,),) = ask(store, "SELECT id FROM statements")
    before, columns = told(store), "kind, lang, role, country, confidence, published_at, first_seen_at, last_seen_at"
    key = identity.statement_key(str(ask(store, "SELECT key FROM speakers")[0][0]), long)
    run_sql(
        store,
        f"INSERT INTO statements (id, speaker_id, key, text, {columns}) "
        f"SELECT 99, speaker_id, {key}, '{long}', {columns} FROM statements WHERE id = {older}",
        "UPDATE reports SET statement_id = 99 WHERE item_id = 2",
    )
    assert again(desk.flow, made).statements_gone == 1
    assert told(store) == before


def test_words_that_no_report_has_any_more_give_way_to_those_that_are_reported(store: Store) -> None:
    desk, made = bench(store), InlinePool()
    words = "«La legalización de la marihuana es una derrota para las familias de este país»"
    body = f"La ministra Rosa Quintanilla dijo: {words}. " + "Relleno para llenar. " * 15
    desk.settle(made.analyst.analyze(analysis("http://diario.example/1", body).article), quiet=True)
    before = told(store)
    run_sql(
        store,
        "UPDATE statements SET text = text || ' señor', key = 7",
        "UPDATE reports SET text = text || ' señor', parts = '[[0, 3]]'",
    )
    assert again(desk.flow, made).statements_changed == 1
    assert told(store) == before


# --- extraction -------------------------------------------------------------------------------------------------------


def page_of(desk: Bench, url: str, text: str, pool: InlinePool, **said: object) -> int:
    """An entry whose page was fetched and read."""
    entry_id = desk.announce(url, DIARIO, **said)  # type: ignore[arg-type]
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    html = (
        f"<html><head><title>Un titular</title></head><body><article><h1>Un titular</h1>{paragraphs}</article></body>"
    )
    desk.web.says(url, html, content_type="text/html; charset=utf-8")
    ingest.fetch_entry(desk.flow, entry_id)
    ingest.process_page(desk.flow, entry_id, pool.analyst)
    return entry_id


SAID = (
    "La ministra Rosa Quintanilla rechazó ayer en Lima la legalización de la marihuana en el país.\n"
    "«La legalización de la marihuana es una derrota para las familias de este país», dijo la ministra.\n"
    "Añadió que la erradicación de los cultivos de coca seguirá en el valle durante todo el año."
)


def test_a_kept_page_mends_the_text_and_a_page_that_is_gone_leaves_it(store: Store, pool: InlinePool) -> None:
    desk = bench(store)
    page_of(desk, "http://diario.example/1", SAID, pool)
    before = told(store)
    assert before["reports"]
    run_sql(store, "UPDATE items SET title = 'Menú', text = 'Inicio. ' || text, text_hash = 1")
    found = again(desk.flow, pool, only="extraction")
    assert (found.from_pages, found.texts) == (1, 1)
    assert told(store) == before
    run_sql(store, "UPDATE items SET title = 'Menú'", "DELETE FROM pages")
    assert again(desk.flow, pool).texts == 0
    assert desk.item(1).title == "Menú"


def test_a_page_that_is_no_article_any_more_leaves_the_stored_text_and_is_named(store: Store, pool: InlinePool) -> None:
    desk = bench(store)
    page_of(desk, "http://diario.example/1", SAID, pool)
    strict = InlinePool(settings=replace(desk.flow.settings, article_min_words=500))
    before = told(store)
    assert again(desk.flow, strict).refused == 1
    assert told(store) == before


# --- off topic --------------------------------------------------------------------------------------------------------


def test_off_topic_entries_whose_page_is_kept_may_be_on_topic_now(
    store: Store, pool: InlinePool, tmp_path: Path
) -> None:
    desk = bench(store, keep_off_topic_pages=30.0)
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    for file in (folder / "topics").glob("*.toml"):
        if file.stem not in ("drug-policy", "extradition"):
            file.unlink()
    blind = InlinePool(folder)
    entry_id = page_of(desk, "http://diario.example/1", SAID, blind)
    assert ask(store, "SELECT outcome FROM entries") == [("off_topic",)]
    assert again(desk.flow, pool).entries == 0
    found = again(desk.flow, pool, off_topic=True)
    assert (found.entries, found.entries_on_topic) == (1, 1)
    assert ask(store, f"SELECT outcome, quiet, state FROM entries WHERE id = {entry_id}") == [("stored", 1, "ended")]
    assert ask(store, "SELECT id FROM alerts") == []
    assert ask(store, "SELECT count(*) FROM reports") != [(0,)]
    assert again(desk.flow, pool, off_topic=True).entries == 0


# --- alerts -----------------------------------------------------------------------------------------------------------


def test_nothing_alerts_unless_asked_and_then_once(store: Store, pool: InlinePool) -> None:
    desk = bench(store)
    page_of(desk, "http://diario.example/1", SAID, pool)
    run_sql(store, "DELETE FROM deliveries", "DELETE FROM alerts", "DELETE FROM reports", "DELETE FROM item_topics")
    run_sql(
        store,
        "DELETE FROM positions",
        "DELETE FROM statement_topics",
        "DELETE FROM statement_bands",
        "DELETE FROM statement_words",
        "DELETE FROM statements",
    )
    assert again(desk.flow, pool, dry_run=True, alert=True).alerts > 0
    assert again(desk.flow, pool).alerts == 0
    assert ask(store, "SELECT id FROM alerts") == []
    run_sql(store, "DELETE FROM item_topics")
    assert again(desk.flow, pool, alert=True).alerts == 1
    assert ask(store, "SELECT rule FROM alerts") == [("written",)]
    run_sql(store, "DELETE FROM item_topics")
    assert again(desk.flow, pool, alert=True).alerts == 0


# --- numbers ----------------------------------------------------------------------------------------------------------

numbers = st.builds(
    Tally,
    read=st.integers(0, 9),
    statements_new=st.integers(0, 9),
    gained=st.dictionaries(st.sampled_from(["legalization", "us-policy"]), st.integers(1, 9)),
    lost=st.dictionaries(st.sampled_from(["legalization", "us-policy"]), st.integers(1, 9)),
)


@given(numbers, numbers)
def test_numbers_add_up_and_outlive_the_store(one: Tally, other: Tally) -> None:
    total = one + other
    assert total.read == one.read + other.read
    assert all(total.gained[t] == one.gained.get(t, 0) + other.gained.get(t, 0) for t in total.gained)
    assert tally_of(numbers_of(total)) == total
