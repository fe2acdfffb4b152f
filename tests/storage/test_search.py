"""Search over what the flow stored: kept in step, in order, page by page; tests/query/test_backends.py has the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.query import parse
from pipeline.storage import search, spoken, statements, words
from pipeline.storage.store import Store
from pipeline.types import Analysis
from tests.fakes import NOW
from tests.flows import Bench, analysis, bench, prose, report


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


def stored(desk: Bench, number: int, text: str = "", title: str = "A title", days: float = 0, version: str = "") -> int:
    ending = desk.settle(found(number, text, title, days), version=version)
    assert ending.item_id is not None
    return ending.item_id


def found(number: int, text: str, title: str = "A title", days: float = 0) -> Analysis:
    made = analysis(f"http://diario.example/{number}", f"{prose(number)} {text}", report(f"frase{number}"), title=title)
    return replace(made, article=replace(made.article, published_at=NOW - timedelta(days=days)))


def asked(desk: Bench, query: str, **wish: object) -> list[int]:
    return list(page(desk, query, **wish).ids)


def page(desk: Bench, query: str, **wish: object) -> search.Page:
    with desk.flow.store.read() as db:
        return search.page(db, parse(query).root, NOW, search.Wish(**wish))  # type: ignore[arg-type]


def test_a_changed_text_is_found_by_its_new_words_in_the_place_of_its_publication(desk: Bench) -> None:
    first = stored(desk, 1, "glifosato", days=2)
    second = stored(desk, 2, days=1)
    assert asked(desk, "") == [second, first]
    assert stored(desk, 1, "aspersión " * 90, title="Título nuevo", version="v2") == first
    assert asked(desk, "glifosato") == []
    assert asked(desk, "aspersion") == asked(desk, "title:titulo") == [first]
    assert asked(desk, "") == [second, first]


def test_what_was_written_in_bulk_is_found_once_its_words_are_filled(desk: Bench) -> None:
    item = stored(desk, 1, "glifosato")
    with desk.flow.store.write() as db:
        db.exec_driver_sql("DELETE FROM item_words")
        db.exec_driver_sql("DELETE FROM statement_words")
    assert asked(desk, "glifosato") == asked(desk, "said:frase1") == []
    with desk.flow.store.write() as db:
        assert words.fill(db) == 2
        assert words.fill(db) == 0
    assert asked(desk, "glifosato") == asked(desk, "said:frase1") == [item]


def test_speakers_are_found_by_the_name_they_came_to_have(desk: Bench) -> None:
    item = stored(desk, 1)
    assert asked(desk, 'speaker:"quintanilla rosa"') == [item]
    with desk.flow.store.read() as db:
        (said,) = spoken.find_statements(db, parse("rosa").root, NOW, 5)
        assert statements.load(db, said).speaker.name == "Rosa Quintanilla"


@pytest.mark.parametrize("sort", ["newest", "relevance"])
def test_what_arrives_meanwhile_moves_no_page(desk: Bench, sort: str) -> None:
    items = [stored(desk, number, "coca", days=number) for number in range(1, 6)]
    first = page(desk, "coca", sort=sort, limit=2)
    stored(desk, 9, "coca coca coca")
    second = page(desk, "coca", sort=sort, limit=2, after=first.after)
    third = page(desk, "coca", sort=sort, limit=2, after=second.after)
    assert [*first.ids, *second.ids, *third.ids] == items
    assert third.after is None


def test_the_best_answer_comes_first(desk: Bench) -> None:
    once = stored(desk, 1, "coca", days=1)
    title = stored(desk, 2, "coca", title="La coca", days=5)
    often = stored(desk, 3, "coca y coca y coca", days=9)
    latest = stored(desk, 4, "coca")
    assert asked(desk, "coca", sort="relevance") == [title, often, latest, once]
    assert asked(desk, "coca") == [latest, once, title, often]
    assert asked(desk, "lang:es", sort="relevance") == [latest, once, title, often]


def test_a_rarer_word_tells_more(desk: Bench) -> None:
    coca = [stored(desk, number, "coca", days=number) for number in range(1, 4)]
    opium = stored(desk, 5, "opio", days=9)
    assert asked(desk, "coca OR opio", sort="relevance") == [opium, *coca]


def test_behind_the_ranked_the_others_follow_newest_first(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "RANKED", 2)
    old = [stored(desk, number, "coca", days=number) for number in range(3, 6)]
    plain, better = stored(desk, 1, "coca", days=1), stored(desk, 2, "coca y coca", days=2)
    pages, after = [], None
    for _ in range(3):
        found = page(desk, "coca", sort="relevance", limit=2, after=after)
        pages.append(list(found.ids))
        after = found.after
    assert pages == [[better, plain], old[:2], old[2:]]
    assert after is None


def test_of_what_is_looked_for_text_by_text_fewer_are_ranked(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "RANKED_NEAR", 2)
    old = [stored(desk, number, "coca y opio", days=number) for number in range(3, 6)]
    plain, better = stored(desk, 1, "coca y opio", days=1), stored(desk, 2, "coca y opio y coca", days=2)
    newest_first = [plain, better, *old]
    assert asked(desk, "coca NEAR opio", sort="relevance", limit=9) == [better, plain]
    assert asked(desk, "coca (opio OR amapola NEAR opio)", sort="relevance", limit=9) == [better, plain]
    assert asked(desk, "coca -(amapola NEAR opio)", sort="relevance", limit=9) == [better, plain]
    assert sorted(asked(desk, "coca opio", sort="relevance", limit=9)) == sorted(newest_first)
    assert asked(desk, "coca NEAR opio", limit=9) == newest_first


def test_a_phrase_is_found_however_far_back_and_however_often_its_words_stand_before(desk: Bench) -> None:
    """A tsvector of PostgreSQL's would know 256 places of a word and 16,383 places in all."""
    item = stored(desk, 1, "de " * 400 + "relleno " * 17_000 + "de coca")
    assert asked(desk, '"de coca"') == asked(desk, "relleno NEAR/1 coca") == [item]
    assert asked(desk, "relleno NEAR/0 coca") == []


def test_a_line_without_spaces_is_found_by_how_it_begins(desk: Bench) -> None:
    item = stored(desk, 1, "大麻" * 2_000)
    assert asked(desk, "大麻大*") == [item]
    assert asked(desk, "大麻" * 2_000) == [item]


@pytest.mark.parametrize("looked_at", [1, 1_000])
@pytest.mark.parametrize("few", [0, 500])
def test_what_was_said_is_found_beside_other_conditions(
    desk: Bench, monkeypatch: pytest.MonkeyPatch, few: int, looked_at: int
) -> None:
    monkeypatch.setattr(search, "_FEW", few)
    monkeypatch.setattr(search, "_LOOKED_AT_SAID", looked_at)
    first, second, third = (stored(desk, number, days=number) for number in range(1, 4))
    assert asked(desk, "lang:es said:frase3") == [third]
    assert asked(desk, "-lang:es said:frase3") == asked(desk, "said:frase3 -lang:es") == []
    assert asked(desk, "-said:frase2") == [first, third]
    assert asked(desk, "said:(frase1 OR frase3) -said:frase1") == [third]
    assert asked(desk, "said:frase*", limit=2) == [first, second]


@pytest.mark.parametrize("query", ["coca", "said:frase1", "coca NEAR opio", "-coca"])
def test_what_is_asked_often_is_planned_for_its_own_words(postgres_store: Store, query: str) -> None:
    root = parse(query).root
    with postgres_store.read() as db:
        for _ in range(8):
            search.page(db, root, NOW, search.Wish("relevance"))
            search.count(db, "item", root, NOW)
            spoken.find_statements(db, root, NOW, 5)
        assert db.exec_driver_sql("SELECT statement FROM pg_prepared_statements").all() == []


@pytest.mark.parametrize("mark", ["", "x", "1.", ".1", "1.x", "1 2", "9" * 20, "٣"])
def test_a_mark_that_no_page_gave_is_refused(desk: Bench, mark: str) -> None:
    with pytest.raises(ValueError, match="after"):
        page(desk, "coca", after=mark)
