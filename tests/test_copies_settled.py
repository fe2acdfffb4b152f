"""What becomes of copies and changes in the store: one item whatever the order, by its original, with its revisions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from benchmarks.copies_quality import FAMILIES, Desk, bank, bases
from pipeline.dedupe import Agencies, edges, relation
from pipeline.storage import boilerplate, entries, items
from pipeline.storage.schema import item_bands, merged_items, reports
from pipeline.storage.schema import items as item_table
from pipeline.storage.store import Store
from pipeline.types import Analysis, Outcome, Source
from tests.fakes import NOW
from tests.flows import CONFIG, DIARIO, GACETA, Bench, analysis, bench, prose, report

WORDS = "La legalización sería una derrota para las familias de este país y no la vamos a firmar"
TEXT = f"«{WORDS}», dijo la ministra. " + prose(1)


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store)
    made.flow = replace(made.flow, agencies=Agencies.load(CONFIG))
    return made


def published(found: Analysis, hours: float, *authors: str) -> Analysis:
    at = NOW + timedelta(hours=hours)
    return replace(found, article=replace(found.article, published_at=at, authors=authors))


def number(desk: Bench, found: Analysis, source: Source = DIARIO, version: str = "") -> int:
    item_id = desk.settle(found, source, version=version).item_id
    assert item_id is not None
    return item_id


# --- the original -----------------------------------------------------------------------------------------------------


def test_the_item_goes_by_its_earliest_appearance_even_if_that_is_seen_later(desk: Bench) -> None:
    first = number(desk, published(analysis("http://gaceta.example/x", TEXT, report(WORDS), title="Copia"), 5), GACETA)
    before = (desk.statement_ids(first), [alert.key for alert in desk.alerts()])
    later = published(analysis("http://diario.example/1", TEXT, report(WORDS), title="Original"), 1, "Ana Luz")
    assert number(desk, later) == first
    view = desk.view(first)
    assert (view.source, view.url, view.title, view.authors) == (
        "diario",
        "http://diario.example/1",
        "Original",
        ("Ana Luz",),
    )
    assert view.published_at == NOW + timedelta(hours=1)
    assert [(place.source, place.relation) for place in view.appearances] == [
        ("gaceta", "same"),
        ("diario", "original"),
    ]
    assert (desk.statement_ids(first), [alert.key for alert in desk.alerts()]) == before


def test_the_credited_agency_is_the_original_however_late_it_published(desk: Bench) -> None:
    credited = f"{TEXT}\nCon información de EFE"
    first = number(desk, published(analysis("http://gaceta.example/x", credited), 1), GACETA)
    agency = published(analysis("http://www.efe.com/1", TEXT, title="Despacho"), 3)
    assert number(desk, agency) == first
    assert desk.view(first).url == "http://www.efe.com/1"
    earliest = published(analysis("http://diario.example/1", TEXT), 0)
    assert number(desk, earliest) == first
    assert desk.view(first).url == "http://www.efe.com/1"


def test_a_trimmed_original_lends_its_name_and_the_fuller_text_stays(desk: Bench) -> None:
    short = " ".join(TEXT.split()[:140])
    first = number(desk, published(analysis("http://diario.example/1", short, title="Breve"), 0))
    number(desk, published(analysis("http://gaceta.example/x", TEXT, title="Larga"), 2), GACETA)
    view = desk.view(first)
    assert (view.title, view.text) == ("Breve", TEXT)


def test_what_is_said_in_a_headline_stays_with_that_headline(desk: Bench) -> None:
    said = replace(report(WORDS), where="title")
    first = number(desk, published(analysis("http://gaceta.example/x", TEXT, said, title=WORDS), 5), GACETA)
    number(desk, published(analysis("http://diario.example/1", TEXT, title="Otro titular"), 1))
    with desk.flow.store.read() as db:
        shown = {place.id: place.title for place in items.places_of(db, first)}
        rows = db.execute(select(reports.c.appearance_id).where(reports.c.where == "title")).scalars()
        assert [shown[row] for row in rows] == [WORDS]


def test_a_correction_of_the_original_changes_the_headline_of_the_item(desk: Bench) -> None:
    first = number(desk, published(analysis("http://diario.example/1", TEXT, title="Antes"), 0))
    number(desk, published(analysis("http://gaceta.example/x", TEXT, title="Copia"), 2), GACETA)
    changed = analysis("http://diario.example/1", f"{TEXT} Fe de erratas: {prose(3, 30)}", title="Después")
    number(desk, changed, version="2")
    view = desk.view(first)
    assert (view.title, [place.title for place in view.appearances]) == ("Después", ["Después", "Copia"])
    assert [(one.title, one.text) for one in view.revisions] == [("Antes", TEXT)]


# --- revisions --------------------------------------------------------------------------------------------------------


def test_a_stamp_is_no_revision_and_a_new_figure_is_one(desk: Bench) -> None:
    url = "http://diario.example/1"
    first = number(desk, analysis(url, f"Actualizado: 14:35\n{TEXT} Hay 12 detenidos."))
    same = desk.settle(analysis(url, f"Actualizado: 16:20\n{TEXT} Hay 12 detenidos."), version="2")
    assert (same.outcome, desk.view(first).revisions) == (Outcome.REPRINT, ())
    changed = desk.settle(analysis(url, f"Actualizado: 16:20\n{TEXT} Hay 15 detenidos."), version="3")
    assert (changed.outcome, len(desk.view(first).revisions)) == (Outcome.UPDATED, 1)


def test_no_more_than_24_revisions_are_kept_and_the_present_text_is_the_newest(desk: Bench) -> None:
    texts = [f"{TEXT} Van {prose(at, 9)} votos." for at in range(30)]
    ids = {number(desk, analysis("http://diario.example/1", one), version=str(at)) for at, one in enumerate(texts)}
    (item_id,) = ids
    view = desk.view(item_id)
    assert view.text == texts[-1]
    assert [one.text for one in view.revisions] == [*texts[:23], texts[28]]


# --- boilerplate ------------------------------------------------------------------------------------------------------

LETTER = "\n".join(prose(seed, 30) for seed in (901, 902, 903))


def brief(seed: int) -> str:
    return "\n".join([prose(903, 30), prose(seed, 45), LETTER])


def learned(desk: Bench, briefs: int = 4) -> None:
    """Long stories of a source with all its boilerplate: enough to know it."""
    for seed in range(briefs):
        story = "\n".join([prose(903, 30), prose(100 + seed, 300), LETTER])
        assert desk.settle(analysis(f"http://diario.example/{seed}", story)).outcome == Outcome.STORED


def test_briefs_in_much_boilerplate_are_told_apart_once_that_is_known(desk: Bench) -> None:
    assert relation(brief(200), brief(201)) == "copy"
    learned(desk)
    ids = {number(desk, analysis(f"http://diario.example/b{seed}", brief(seed))) for seed in (200, 201, 202)}
    assert len(ids) == 3


def test_keys_do_not_lead_from_one_article_of_a_source_to_all_others(desk: Bench) -> None:
    learned(desk, 12)
    with desk.flow.store.read() as db:
        shared = func.count(item_bands.c.item_id)
        per_key = db.execute(select(shared).group_by(item_bands.c.band)).scalars()
        assert max(per_key) <= boilerplate.REPEATED


def test_a_brief_of_another_site_is_known_in_its_boilerplate(desk: Bench) -> None:
    learned(desk)
    first = number(desk, analysis("http://diario.example/b", brief(200)))
    assert number(desk, analysis("http://gaceta.example/b", prose(200, 45)), GACETA) == first


def test_copies_on_one_site_are_not_its_boilerplate(desk: Bench) -> None:
    story = "\n".join(prose(seed, 40) for seed in range(6))
    ids = {number(desk, analysis(f"http://diario.example/{at}", f"{story}\n{prose(50 + at, 20)}")) for at in range(8)}
    assert len(ids) == 1
    with desk.flow.store.read() as db:
        assert boilerplate.known(db, {"diario": set(range(10)) | edges(story)}) == {}


def test_another_source_may_say_what_is_boilerplate_here(desk: Bench) -> None:
    learned(desk)
    with desk.flow.store.read() as db:
        lines = edges(LETTER)
        assert boilerplate.known(db, {"diario": lines, "gaceta": lines}) == {"diario": lines}


def test_what_is_remembered_of_a_source_is_bounded_and_the_repeated_stays(store: Store) -> None:
    bench(store)
    with store.write() as db:
        for item_id in range(1, 200):
            boilerplate.learn(db, "diario", item_id, {7, *range(item_id * 10, item_id * 10 + 7)})
        kept = db.execute(select(func.count()).select_from(boilerplate.boilerplate)).scalar_one()
        # forgetting waits until eight items have come, each with eight lines
        assert kept <= boilerplate.REMEMBERED + 8 * 8
        assert boilerplate.known(db, {"diario": {7, 20, 1990}}) == {"diario": frozenset({7})}


# --- in any order -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Folded:
    """What a store holds in the end, ids aside."""

    together: frozenset[frozenset[str]]
    originals: frozenset[str]


def folded(desk: Bench, texts: Sequence[tuple[str, str, float]]) -> Folded:
    for url, body, hours in texts:
        desk.settle(published(analysis(url, body, title=url), hours), GACETA if "gaceta" in url else DIARIO)
    with desk.flow.store.read() as db:
        rows = db.execute(text("SELECT item_id, url FROM appearances")).all()
        originals = db.execute(text("SELECT url FROM items")).scalars()
        groups: dict[int, set[str]] = {}
        for item_id, url in rows:
            groups.setdefault(item_id, set()).add(url)
        return Folded(frozenset(map(frozenset, groups.values())), frozenset(originals))


_STORES = count()


def fresh(folder: Path) -> Bench:
    store = Store(f"sqlite:///{folder}/{next(_STORES)}.sqlite")
    store.prepare()
    return bench(store)


COPIES = sorted(name for name, (_, copy) in FAMILIES.items() if copy)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_family_folds_into_one_item_by_the_same_original_in_any_order(tmp_path: Path, data: st.DataObject) -> None:
    """One story in up to five forms, and another story: two items, whatever comes first."""
    lang = data.draw(st.sampled_from(("es", "en", "pt")))
    base, other = data.draw(st.permutations(bases(lang, 12)))[:2]
    editor = Desk(lang, bank()[lang], random.Random(data.draw(st.integers(0, 10**6))))
    names = data.draw(st.lists(st.sampled_from(COPIES), min_size=1, max_size=4, unique=True))
    forms = [base, *(FAMILIES[name][0](base, editor)[1] for name in names)]
    told = [(f"http://gaceta.example/{at}", form, float(at % 3)) for at, form in enumerate(forms)]
    told.append(("http://diario.example/otra", other, 1.0))
    expected = folded(fresh(tmp_path), told)
    assert expected == folded(fresh(tmp_path), data.draw(st.permutations(told)))


def test_a_text_that_proves_two_items_to_be_one_merges_them_in_any_order(tmp_path: Path) -> None:
    """Two parts of a story have nothing in common but the whole."""
    first, second = prose(1, 160), prose(2, 200)
    told = [
        ("http://gaceta.example/a", first, 1.0),
        ("http://diario.example/b", second, 2.0),
        ("http://diario.example/c", f"{first}\n{second}", 0.0),
    ]
    ends = {folded(fresh(tmp_path), order) for order in permutations(told)}
    assert ends == {Folded(frozenset({frozenset(url for url, _, _ in told)}), frozenset({told[2][0]}))}


def merged(desk: Bench) -> tuple[int, int]:
    """Two items with a statement and an alert each, and the text that proves them one."""
    other = "No firmaremos ninguna ley que abra la puerta a la despenalización del consumo"
    first, second = prose(1, 160), prose(2, 200)
    kept = number(desk, analysis("http://gaceta.example/a", first, report(WORDS)), GACETA)
    gone = number(desk, analysis("http://diario.example/b", second, report(WORDS), report(other)))
    assert kept != gone
    whole = analysis("http://diario.example/c", f"{first}\n{second}", report(WORDS), report(other))
    assert number(desk, whole) == kept
    return kept, gone


def test_a_merged_item_keeps_statements_alerts_and_its_number(desk: Bench) -> None:
    kept, gone = merged(desk)
    view = desk.view(gone)
    assert view.id == kept
    assert [len(said.reports) for said in view.statements] == [1, 1]
    assert {alert.item_id for alert in (*desk.alerts("said"), *desk.alerts("written"))} == {kept}
    assert sorted(place.relation for place in view.appearances).count("original") == 1
    with desk.flow.store.read() as db:
        assert db.execute(select(merged_items.c.id, merged_items.c.item_id)).all() == [(gone, kept)]
        assert {work.item_id for work in (entries.load(db, at) for at in (1, 2, 3))} == {kept}
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
        assert db.execute(select(func.count()).select_from(item_table)).scalar_one() == 1


def test_the_number_of_a_merged_item_is_never_given_again(desk: Bench) -> None:
    kept, gone = merged(desk)
    assert number(desk, analysis("http://diario.example/new", prose(77))) not in (kept, gone)


def test_settling_a_family_twice_changes_nothing(desk: Bench) -> None:
    kept, _ = merged(desk)
    before = desk.view(kept)
    for url, body in (("http://gaceta.example/a", prose(1, 160)), ("http://diario.example/b", prose(2, 200))):
        desk.settle(analysis(url, body, report(WORDS)), version="again")
    assert desk.view(kept) == before
