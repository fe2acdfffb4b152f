"""A store from before reprocessing: its reports stay, and say nothing of their sides until they are read again."""

from __future__ import annotations

from sqlalchemy import inspect

from pipeline.storage import migrate
from pipeline.storage.store import Store
from tests.again import InlinePool, again, ask, import_press, run_sql, told
from tests.flows import DIARIO, GACETA, analysis, bench


def test_old_reports_stay_and_are_filled_in_by_reading_them_again(store: Store) -> None:
    desk, pool = bench(store), InlinePool()
    import_press(desk.flow, pool, 30)
    # an item that took the headline of an earlier appearance is described by it only once it is read again
    again(desk.flow, pool)
    before = told(store)
    migrate.downgrade(store.engine, "0010")
    assert "forgotten" not in inspect(store.engine).get_table_names()
    migrate.upgrade(store.engine)
    assert ask(store, "SELECT count(*) FROM reports WHERE sides IS NOT NULL") == [(0,)]
    assert told(store, "reports") == {table: rows for table, rows in before.items() if table != "reports"}
    found = again(desk.flow, pool)
    assert (found.reports_changed, found.statements_changed) == (0, 0)
    assert told(store) == before


def test_a_topic_is_taken_from_a_statement_only_once_all_its_reports_are_known(store: Store) -> None:
    desk, pool = bench(store), InlinePool()
    quote = "«La legalización de la marihuana es una derrota para las familias de este país»"
    for source in (DIARIO, GACETA):
        body = f"La ministra Rosa Quintanilla dijo: {quote}. " + f"Lo cuenta {source.name}. " * 12
        article = analysis(f"http://{source.slug}.example/1", body).article
        desk.settle(pool.analyst.analyze(article), source)
    before = told(store)
    assert ask(store, "SELECT count(DISTINCT item_id) FROM reports GROUP BY statement_id") == [(2,)]
    more = "INSERT INTO statement_topics SELECT id, 'us-policy', 'for' FROM statements"
    run_sql(store, "UPDATE reports SET sides = NULL", more)
    again(desk.flow, pool, source="diario")
    assert "us-policy" in {topic for _, topic, _ in told(store)["statement_topics"]}
    again(desk.flow, pool, source="gaceta")
    assert told(store) == before
