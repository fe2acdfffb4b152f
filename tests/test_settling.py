"""What one article means for the store: stored once, told once, nothing lost."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from pipeline import ingest
from pipeline.errors import NotArticle
from pipeline.storage import entries
from pipeline.storage.store import Store
from pipeline.types import Outcome
from tests.flows import DIARIO, GACETA, Bench, analysis, bench, prose, report

WORDS = "La legalización sería una derrota para las familias de este país y no la vamos a firmar"
TEXT = f"«{WORDS}», dijo la ministra. " + prose(1)


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


# --- items ------------------------------------------------------------------------------------------------------------


def test_an_article_on_topic_is_stored_with_all_that_was_found(desk: Bench) -> None:
    ending = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    assert ending.outcome == Outcome.STORED
    assert ending.item_id is not None
    view = desk.view(ending.item_id)
    assert view.text == TEXT
    assert [topic.topic for topic in view.topics] == ["legalization"]
    assert view.countries == ("PE",)
    assert [said.text for said in view.statements] == [WORDS]
    assert view.statements[0].speaker.name == "Rosa Quintanilla"
    assert view.statements[0].stance == {"legalization": "against"}
    assert [place.relation for place in view.appearances] == ["original"]


def test_an_article_off_topic_leaves_no_text(desk: Bench) -> None:
    ending = desk.settle(analysis("http://diario.example/1", TEXT, topics=()))
    assert (ending.outcome, ending.item_id) == (Outcome.OFF_TOPIC, None)


def test_a_source_that_is_kept_whole_keeps_off_topic_articles(store: Store) -> None:
    desk = bench(store, keep="all")
    assert desk.settle(analysis("http://diario.example/1", TEXT, topics=())).outcome == Outcome.STORED


def test_settling_again_changes_nothing(desk: Bench) -> None:
    found = analysis("http://diario.example/1", TEXT, report(WORDS))
    entry_id = desk.announce("http://diario.example/1")
    first, again = ingest.settle(desk.flow, entry_id, found), ingest.settle(desk.flow, entry_id, found)
    assert first is not None
    assert again is not None
    assert (again.outcome, again.item_id) == (first.outcome, first.item_id)
    assert len(desk.alerts()) == 1


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        (TEXT, "same"),
        (TEXT.replace("ministra", "titular"), "copy"),
        (" ".join(TEXT.split()[:80]), "trimmed"),
        (TEXT + " " + prose(9, 600), "extended"),
    ],
)
def test_a_copy_becomes_an_appearance_of_the_item(desk: Bench, text: str, relation: str) -> None:
    first = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    copy = desk.settle(analysis("http://gaceta.example/x", text, report(WORDS), title="Otro título"), GACETA)
    assert (copy.outcome, copy.item_id) == (Outcome.REPRINT, first.item_id)
    assert first.item_id is not None
    view = desk.view(first.item_id)
    assert [(place.source, place.relation) for place in view.appearances] == [
        ("diario", "original"),
        ("gaceta", relation),
    ]
    assert [len(said.reports) for said in view.statements] == [1]


def test_another_article_is_another_item(desk: Bench) -> None:
    first = desk.settle(analysis("http://diario.example/1", TEXT))
    other = desk.settle(analysis("http://gaceta.example/2", prose(2)), GACETA)
    assert other.outcome == Outcome.STORED
    assert other.item_id != first.item_id


def test_the_trimmed_copy_may_come_first(desk: Bench) -> None:
    """The item then takes the fuller text, and its statements with it; the shorter one stays with its appearance."""
    later_words = "Propondremos regular la venta en farmacias antes de fin de año"
    full = f"{TEXT} «{later_words}», añadió."
    short = " ".join(TEXT.split()[:140])
    first = desk.settle(analysis("http://gaceta.example/x", short, report(WORDS)), GACETA)
    second = desk.settle(analysis("http://diario.example/1", full, report(WORDS), report(later_words)))
    assert (second.outcome, second.item_id) == (Outcome.REPRINT, first.item_id)
    assert first.item_id is not None
    view = desk.view(first.item_id)
    assert (view.text, view.source, view.url) == (full, "diario", "http://diario.example/1")
    assert {said.text for said in view.statements} == {WORDS, later_words}
    assert all(len(said.reports) == 1 for said in view.statements)


def test_what_only_a_copy_adds_is_heard_too(desk: Bench) -> None:
    local = "En nuestra ciudad nadie ha pedido esa ley y la rechazaremos en el concejo"
    first = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    longer = f"{TEXT} {prose(5, 700)} «{local}», dijo el alcalde."
    desk.settle(analysis("http://gaceta.example/x", longer, report(WORDS), report(local, "Tomás Arce")), GACETA)
    assert first.item_id is not None
    assert len(desk.statement_ids(first.item_id)) == 2


def test_a_changed_text_at_the_same_address_is_a_revision(desk: Bench) -> None:
    changed = TEXT.replace(WORDS, "La legalización no está en la agenda del gabinete") + " Corrección: " + prose(3, 40)
    first = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    later = desk.settle(
        analysis("http://diario.example/1", changed, report("La legalización no está en la agenda del gabinete")),
        version="2",
    )
    assert (later.outcome, later.item_id) == (Outcome.UPDATED, first.item_id)
    assert first.item_id is not None
    view = desk.view(first.item_id)
    assert view.text == changed
    assert [revision.text for revision in view.revisions] == [TEXT]
    assert [said.text for said in view.statements] == ["La legalización no está en la agenda del gabinete"]


def test_a_reprint_that_is_changed_leaves_the_item_as_it_is(desk: Bench) -> None:
    first = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    desk.settle(analysis("http://gaceta.example/x", TEXT, report(WORDS)), GACETA)
    changed = f"{TEXT} Nota de la redacción: {prose(3, 40)}"
    later = desk.settle(analysis("http://gaceta.example/x", changed, report(WORDS)), GACETA, version="2")
    assert (later.outcome, later.item_id) == (Outcome.UPDATED, first.item_id)
    assert first.item_id is not None
    view = desk.view(first.item_id)
    assert (view.text, view.source, view.revisions) == (TEXT, "diario", ())
    assert [len(said.reports) for said in view.statements] == [1]


def test_the_same_text_at_the_same_address_is_no_news(desk: Bench) -> None:
    found = analysis("http://diario.example/1", TEXT, report(WORDS))
    first = desk.settle(found)
    again = desk.settle(found, version="2")
    assert (again.outcome, again.item_id) == (Outcome.REPRINT, first.item_id)
    assert first.item_id is not None
    assert desk.view(first.item_id).revisions == ()


def test_the_page_may_name_another_address_as_its_own(desk: Bench) -> None:
    first = desk.settle(analysis("http://diario.example/1", TEXT))
    found = analysis("http://diario.example/amp-copy", TEXT, canonical="http://diario.example/1")
    assert desk.settle(found).item_id == first.item_id


def test_pages_that_all_name_the_front_page_stay_apart(desk: Bench) -> None:
    front = "http://diario.example/portada"
    first = desk.settle(analysis("http://diario.example/1", TEXT, canonical=front))
    second = desk.settle(analysis("http://diario.example/2", prose(7), canonical=front))
    third = desk.settle(analysis("http://diario.example/3", prose(8), canonical="http://diario.example/1"))
    assert [ending.outcome for ending in (first, second, third)] == [Outcome.STORED] * 3
    assert len({ending.item_id for ending in (first, second, third)}) == 3


def test_two_threads_settling_one_text_make_one_item(desk: Bench) -> None:
    entry_ids = [desk.announce(f"http://diario.example/{n}") for n in range(6)]
    found = [analysis(f"http://diario.example/{n}", TEXT, report(WORDS)) for n in range(6)]
    threads = [
        threading.Thread(target=ingest.settle, args=(desk.flow, entry_id, one))
        for entry_id, one in zip(entry_ids, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk.flow.store.read() as db:
        ended = [entries.load(db, entry_id) for entry_id in entry_ids]
    assert sorted(work.outcome or "" for work in ended) == [Outcome.REPRINT] * 5 + [Outcome.STORED]
    assert len({work.item_id for work in ended}) == 1
    assert len(desk.alerts()) == 1


# --- statements and alerts --------------------------------------------------------------------------------------------


def test_a_new_statement_alerts_once_however_often_reprinted(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    desk.settle(analysis("http://gaceta.example/2", f"{prose(2)} {WORDS}", report(WORDS)), GACETA)
    desk.settle(analysis("http://gaceta.example/3", f"{prose(3)} {WORDS}", report(f"{WORDS}.")), GACETA)
    assert len(desk.alerts("said")) == 1
    assert len(desk.alerts("written")) == 3


def test_the_same_words_of_another_speaker_are_another_statement(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    desk.settle(analysis("http://gaceta.example/2", prose(2), report(WORDS, "Tomás Arce")), GACETA)
    assert len(desk.alerts("said")) == 2


def test_said_again_after_the_memory_window_is_news_again(store: Store) -> None:
    desk = bench(store, memory_window=30.0, alert_max_age=1e9)
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    desk.clock.forward(days=20)
    desk.settle(analysis("http://gaceta.example/2", prose(2), report(WORDS)), GACETA)
    assert len(desk.alerts("said")) == 1
    desk.clock.forward(days=40)
    desk.settle(analysis("http://gaceta.example/3", prose(3), report(WORDS)), GACETA)
    assert len(desk.alerts("said")) == 2


def test_first_polls_and_imports_are_quiet(desk: Bench) -> None:
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)), quiet=True)
    desk.settle(analysis("http://gaceta.example/2", prose(2), report(WORDS)), GACETA)
    assert desk.alerts("said") == []


def test_old_news_never_alerts(desk: Bench) -> None:
    desk.clock.forward(hours=49)
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    assert desk.alerts("said") == []
    assert desk.alerts("written") == []


def test_a_doubtful_report_is_stored_but_not_told(desk: Bench) -> None:
    ending = desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS, confidence=0.2)))
    assert ending.item_id is not None
    assert len(desk.statement_ids(ending.item_id)) == 1
    assert desk.alerts("said") == []


def test_a_corrected_article_tells_only_what_is_new_in_it(desk: Bench) -> None:
    added = "Tampoco apoyaremos la despenalización del consumo en ningún caso"
    desk.settle(analysis("http://diario.example/1", TEXT, report(WORDS)))
    found = analysis("http://diario.example/1", f"{TEXT} {added} {prose(4, 30)}", report(WORDS), report(added))
    desk.settle(found, version="2")
    assert [added in alert.body for alert in desk.alerts("said")] == [True, False]


# --- failures ---------------------------------------------------------------------------------------------------------


def test_a_failure_for_good_ends_the_entry_with_its_reason(desk: Bench) -> None:
    entry_id = desk.announce("http://diario.example/1")
    ending = ingest.settle(desk.flow, entry_id, NotArticle("http://diario.example/1: no article"))
    assert ending is not None
    assert (ending.outcome, ending.detail) == (Outcome.NOT_ARTICLE, "http://diario.example/1: no article")


def test_a_source_date_stands_in_for_a_missing_one(desk: Bench) -> None:
    found = analysis("http://diario.example/1", TEXT)
    undated = replace(found, article=replace(found.article, published_at=None))
    entry_id = desk.announce("http://diario.example/1", DIARIO, claimed_at=desk.clock.now())
    ending = ingest.settle(desk.flow, entry_id, undated)
    assert ending is not None
    assert ending.item_id is not None
    assert desk.item(ending.item_id).published_at == desk.clock.now()
