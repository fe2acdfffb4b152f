"""A whole store in a file: it comes back as it was, in whichever database, or not at all."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update

from pipeline import archive
from pipeline.errors import ArchiveError, SchemaError
from pipeline.health import SourceDay, Symptom
from pipeline.storage import (
    alerts,
    backfills,
    days,
    hosts,
    imports,
    notices,
    pages,
    reprocessings,
    restraint,
    rules,
    saved,
    symptoms,
    transfer,
)
from pipeline.storage.saved import SavedSearch
from pipeline.storage.schema import forgotten, items, merged_items
from pipeline.storage.store import Store
from pipeline.types import Entry, HostState, Message, Page
from tests.fakes import NOW
from tests.flows import GACETA, Bench, analysis, bench, prose, report

WORDS = "Legalizar la marihuana sería un grave error para el Perú"


def quietly(table: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path}/target.sqlite")) as opened:
        opened.upgrade()
        yield opened


@pytest.fixture
def full(tmp_path: Path) -> Bench:
    """A store with a row in every table, most of them by the flow itself."""
    store = Store(f"sqlite:///{tmp_path}/full.sqlite")
    store.upgrade()
    desk = bench(store)
    desk.settle(analysis("http://diario.example/1", prose(1), report(WORDS)))
    desk.settle(analysis("http://gaceta.example/2", f"{prose(1)} {prose(7, 90)}", report(WORDS)), GACETA)
    desk.settle(analysis("http://diario.example/7", prose(70), title="Hoy"))
    desk.settle(analysis("http://diario.example/7", f"{prose(70)} y fin", title="Ayer"), version="v2")
    waiting = desk.announce("http://diario.example/9", content="<p>A\0B</p>", title="¡Año! \N{PILE OF POO}")
    with store.write() as db:
        pages.save(db, waiting, Page("u", "u", bytes(range(256)), "text/html", NOW, Entry("u")), NOW)
        hosts.save(db, HostState("diario.example", NOW, NOW, "429", 1))
        days.add(db, SourceDay("diario", NOW.date(), polls=3, hours_news=0b101))
        symptoms.begin(db, Symptom("diario", "silence", NOW, "nothing new", "warning"))
        told = Message("n", "source-health", "T", "B", "", NOW, {"b": 1, "a": [1.5, {"x": None}]}, "source-health")
        notices.tell(db, told, "diario", "silence", "silence", ["inbox"])
        saved.save(db, SavedSearch("peru", "country:PE", NOW))
        imports.begin(db, "/an/archive.jsonl", 10, "h", NOW)
        reprocessings.begin(db, "{}", "m", None, None, NOW)
        db.execute(insert(merged_items).values(id=99, item_id=1))
        restraint.remember(db, "said", "silence", {"rosa / legalization": (NOW, 2)})
        restraint.hold(db, 1, "said", "digest", "PE", NOW, ["desk"])
        restraint.mute(db, "said", NOW, NOW)
        rules.save(db, "kept", {"query": "coca", "channels": ["file"]}, "ana", NOW)
        restraint.suppress(db, restraint.Suppressed("said", "item 1", 1, None, NOW, "told before", ("rosa",)))
        db.execute(insert(forgotten).values(key=-7))
        backfills.begin(db, "diario", "archive", NOW, NOW, "{}", 1, NOW, open_ended=True)
    return desk


def test_from_sqlite_to_postgresql_and_back(full: Bench, postgres_store: Store, target: Store, tmp_path: Path) -> None:
    there, back = tmp_path / "there.archive", tmp_path / "back.archive"
    written = archive.write(full.flow.store, there, NOW, quietly)
    assert [name for name, each in written.tables.items() if not each.rows] == []
    assert archive.restore(postgres_store, there, quietly) == written
    assert archive.write(postgres_store, back, NOW, quietly) == written
    assert archive.restore(target, back, quietly) == written
    assert archive.write(target, tmp_path / "last.archive", NOW, quietly) == written


def test_a_store_that_was_moved_goes_on(full: Bench, postgres_store: Store, tmp_path: Path) -> None:
    """Row numbers go on after the last; what was settled is known; the same deliveries wait."""
    file = tmp_path / "store.archive"
    with full.flow.store.read() as db:
        waiting = alerts.next_of_each(db, NOW)
    archive.write(full.flow.store, file, NOW, quietly)
    archive.restore(postgres_store, file, quietly)
    moved = replace(full, flow=replace(full.flow, store=postgres_store))
    with postgres_store.read() as db:
        assert alerts.next_of_each(db, NOW) == waiting
    assert moved.settle(analysis("http://gaceta.example/3", prose(1)), GACETA).outcome == "reprint"
    ended = moved.settle(
        analysis("http://gaceta.example/4", prose(4), report(f"{WORDS}, dijo el lunes de hoy")), GACETA
    )
    assert (ended.outcome, ended.item_id) == ("stored", 3)


def test_a_store_that_is_not_empty_is_left_alone_unless_told(full: Bench, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "store.archive"
    written = archive.write(full.flow.store, file, NOW, quietly)
    other = bench(store)
    other.settle(analysis("http://diario.example/5", prose(5)))
    with pytest.raises(ArchiveError, match=r"expected an empty store, got rows in sources.*--replace"):
        archive.restore(store, file, quietly)
    assert other.item(1).text == prose(5)
    assert archive.restore(store, file, quietly, replace=True) == written
    assert other.item(1).text != prose(5)


def test_progress_is_told_table_by_table(full: Bench, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    written = archive.write(full.flow.store, tmp_path / "a", NOW, lambda *seen: told.append(seen))
    assert [seen[0] for seen in told] == list(written.tables)
    assert all(done == total == written.tables[table].rows for table, done, total in told)


def write(store: Store, file: Path) -> Path:
    archive.write(store, file, NOW, quietly)
    return file


# --- damage -----------------------------------------------------------------------------------------------------------


def refused(store: Store, file: Path, words: str) -> None:
    with pytest.raises(ArchiveError, match=words):
        archive.restore(store, file, quietly)
    with store.read() as db:
        assert transfer.filled(db) == []


def unpacked(file: Path) -> list[bytes]:
    return zstandard.ZstdDecompressor().stream_reader(file.read_bytes()[len(archive._MARK) :]).read().split(b"\n")


def packed(file: Path, lines: list[bytes]) -> None:
    file.write_bytes(archive._MARK + zstandard.compress(b"\n".join(lines)))


def test_any_zstd_tool_reads_it(full: Bench, tmp_path: Path) -> None:
    file = tmp_path / "a"
    archive.write(full.flow.store, file, NOW, quietly)
    whole = zstandard.ZstdDecompressor().stream_reader(file.read_bytes(), read_across_frames=True).read()
    assert whole.split(b"\n") == unpacked(file)


def test_what_is_damaged_changes_nothing(full: Bench, store: Store, tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    archive.write(full.flow.store, good, NOW, quietly)
    lines, whole = unpacked(good), good.read_bytes()
    changed = next(n for n, line in enumerate(lines) if b"Legalizar" in line)
    for made, words in (
        (lines[: len(lines) // 2], "cut short within"),
        (lines[:-2], "kind ending"),
        ([line.replace(b"Legalizar", b"Prohibir") for line in lines], "expected .* rows of sum .*, got"),
        ([*lines[:changed], *lines[changed + 1 :]], "expected .* rows of sum .*, got"),
        ([b'{"format":1,"schema":"0001","made_at":"2012-06-27T00:00:00Z"}', *lines[1:]], "of schema 0001"),
        ([b'{"format":2,"schema":"0009","made_at":"2012-06-27T00:00:00Z"}', *lines[1:]], "format 2"),
        ([lines[0], lines[1].replace(b'"columns":["', b'"columns":["x'), *lines[2:]], "expected table"),
    ):
        packed(bad, made)
        refused(store, bad, words)
    bad.write_bytes(whole[: len(whole) // 2])
    refused(store, bad, "cut short|damaged|kind|no row")
    bad.write_bytes(whole[:-20] + bytes(20))
    refused(store, bad, "damaged|cut short|rows of sum|kind|no row")
    bad.write_bytes(b"url,title\n")
    refused(store, bad, "expected an archive")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 0.999), bit=st.integers(0, 7))
def test_a_bit_that_flipped_is_noticed(full: Bench, target: Store, tmp_path: Path, at: float, bit: int) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    if not good.exists():
        archive.restore(target, write(full.flow.store, good), quietly)
    before = archive.write(target, tmp_path / "before", NOW, quietly)
    body = bytearray(good.read_bytes())
    body[int(at * len(body))] ^= 1 << bit
    bad.write_bytes(body)
    # a bit of the frame's own (a window larger than needed, say) may mean nothing
    with suppress(ArchiveError):
        archive.restore(target, bad, quietly, replace=True)
    assert archive.write(target, tmp_path / "after", NOW, quietly) == before


def test_what_the_database_keeps_otherwise_is_noticed(
    full: Bench, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last word is what can be read again from the store."""
    file = tmp_path / "a"
    archive.write(full.flow.store, file, NOW, quietly)
    count_on = transfer.count_on

    def lossy(db: object) -> None:
        count_on(db)  # type: ignore[arg-type]
        db.execute(update(items).values(words=0))  # type: ignore[attr-defined]

    monkeypatch.setattr(transfer, "count_on", lossy)
    refused(store, file, "items: expected 2 rows of sum .*, stored 2 rows of sum")


def test_an_older_store_is_upgraded_first(full: Bench, tmp_path: Path) -> None:
    full.flow.store.downgrade("0007")
    with pytest.raises(SchemaError, match="vigia db upgrade"):
        archive.write(full.flow.store, tmp_path / "a", NOW, quietly)
    assert not (tmp_path / "a").exists()


def test_a_failed_export_leaves_the_last_one(full: Bench, tmp_path: Path) -> None:
    file = tmp_path / "a"
    archive.write(full.flow.store, file, NOW, quietly)
    before = file.read_bytes()

    def full_disk(table: str, done: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        archive.write(full.flow.store, file, NOW, full_disk)
    assert (file.read_bytes(), list(tmp_path.glob("*.part"))) == (before, [])


# --- size -------------------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_store(target: Store, tmp_path: Path) -> None:
    """Twenty megabytes of pages go through, a few at a time: neither rows nor lines pile up."""
    with (
        closing(Store(f"sqlite:///{tmp_path}/big.sqlite")) as big,
        closing(Store(f"sqlite:///{tmp_path}/to")) as target,
    ):
        big.upgrade(), target.upgrade()
        desk, noise = bench(big), random.Random(1)
        for n in range(400):
            entry_id = desk.announce(f"http://diario.example/{n}")
            with big.write() as db:
                pages.save(db, entry_id, Page("u", "u", noise.randbytes(50_000), "", NOW, Entry("u")), NOW)
        tracemalloc.start()
        archive.write(big, tmp_path / "a", NOW, quietly)
        archive.restore(target, tmp_path / "a", quietly)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (tmp_path / "a").stat().st_size > 20_000_000
    assert peak < 60_000_000
