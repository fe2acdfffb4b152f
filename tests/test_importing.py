"""Imports: lines and web archives, streamed, in order, once, and gone on with where they were stopped."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.importing import Imported, Piece, import_pieces, open_file, read_lines
from pipeline.importing.jsonl import LINE_MAX
from pipeline.storage.store import Store
from tests.again import InlinePool, ask, press_lines, told
from tests.flows import Bench, bench
from tests.warcs import packed, plain, record, write_warc

TEXT = (
    "La ministra Rosa Quintanilla rechazó ayer en Lima la legalización de la marihuana en el país. "
    "«La legalización de la marihuana es una derrota para las familias de este país», dijo la ministra. "
) * 2


@pytest.fixture(scope="module")
def pool() -> InlinePool:
    return InlinePool()


@pytest.fixture
def desk(store: Store) -> Bench:
    return bench(store)


def page(number: int = 0, text: str = TEXT) -> str:
    return f"<html><head><title>Un titular {number}</title></head><body><article><h1>Un titular</h1><p>{text}</p>"


def bring(
    desk: Bench, pool: InlinePool, path: Path, *, upto: int | None = None, restart: bool = False
) -> list[Imported]:
    """Import a file, or the first answers of it, as a process that is killed then."""
    opened = open_file(desk.flow, path, restart=restart)
    done: list[Imported] = []
    for one in import_pieces(desk.flow, pool, opened.pieces(), keep=opened.keep):  # type: ignore[arg-type]
        done.append(one)
        if len(done) == upto:
            return done
    opened.end()
    return done


def outcomes(done: list[Imported]) -> list[str]:
    return [one.ending.outcome if one.ending else (one.error and "error") or "passed" for one in done]


def write_lines(path: Path, number: int = 1000) -> Path:
    lines = [
        {"url": one.url, "title": one.title, "text": one.text, "source": one.source, "lang": one.lang}
        | {"published_at": one.published_at and one.published_at.isoformat()}
        for one in press_lines(number)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


# --- lines ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")), max_size=20))
@settings(max_examples=60)
def test_every_line_is_answered_in_order_and_reading_goes_on_anywhere(lines: list[bytes]) -> None:
    whole = b"\n".join(lines)
    pieces = list(read_lines(io.BytesIO(whole)))
    assert [piece.number for piece in pieces] == [at for at, line in enumerate(lines, 1) if line.strip()]
    for at, piece in enumerate(pieces):
        stream = io.BytesIO(whole)
        stream.seek(piece.after or 0)
        assert list(read_lines(stream, piece.after or 0, piece.number)) == pieces[at + 1 :]


def test_a_line_without_an_end_is_named_and_not_taken_into_memory() -> None:
    class Endless(io.BytesIO):
        largest = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            got = super().readline(size)
            self.largest = max(self.largest, len(got))
            return got

    good = json.dumps({"url": "http://a.example/", "title": "T", "text": "x", "source": "a"}).encode()
    stream = Endless(b"x" * (3 * LINE_MAX) + b"\n" + good)
    bad, fine = read_lines(stream)
    assert "expected a line of" in bad.error
    assert fine.url == "http://a.example/"
    assert stream.largest <= LINE_MAX + 1


@pytest.mark.parametrize("packed_too", [False, True])
def test_lines_may_be_packed(desk: Bench, pool: InlinePool, tmp_path: Path, packed_too: bool) -> None:
    path = write_lines(tmp_path / "press.jsonl")
    if packed_too:
        path.write_bytes(gzip.compress(path.read_bytes()))
    done = bring(desk, pool, path)
    assert len(done) == len(list(press_lines()))
    assert outcomes(done).count("stored") > 50


# --- once, and where it was -------------------------------------------------------------------------------------------


def test_what_is_known_is_not_read_again(desk: Bench, pool: InlinePool, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "press.jsonl", 40)
    first, before = bring(desk, pool, path), told(desk.flow.store)
    readings = pool.readings
    again = bring(desk, pool, path)
    assert pool.readings == readings
    assert [(one.url, one.ending and one.ending.outcome, one.ending and one.ending.item_id) for one in again] == [
        (one.url, one.ending and one.ending.outcome, one.ending and one.ending.item_id) for one in first
    ]
    assert told(desk.flow.store) == before


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "warc.gz", "warc"])
def test_a_stopped_import_goes_on_with_what_it_had_not_settled(
    desk: Bench, pool: InlinePool, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"press.{kind}"
    number = 60
    if kind.startswith("jsonl"):
        write_lines(path, number)
        if kind.endswith("gz"):
            path.write_bytes(gzip.compress(path.read_bytes()))
    else:
        pack = packed if kind.endswith("gz") else plain
        path.write_bytes(b"".join(pack(record(f"http://a.example/{at}", page(at))) for at in range(number)))
    first = bring(desk, pool, path, upto=24)
    rest = bring(desk, pool, path)
    assert [one.number for one in (*first, *rest)] == list(range(1, number + 1))
    counts = ask(desk.flow.store, "SELECT counts, state, number FROM imports")
    assert [(sum(json.loads(row[0]).values()), row[1], row[2]) for row in counts] == [(number, "done", number)]
    assert ask(desk.flow.store, "SELECT count(*) FROM entries") == [(number,)]


def test_restart_begins_with_the_first_byte(desk: Bench, pool: InlinePool, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "press.jsonl", 60)
    bring(desk, pool, path, upto=24)
    assert len(bring(desk, pool, path, restart=True)) == 60


def test_another_file_under_the_same_name_is_another_file(desk: Bench, pool: InlinePool, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "press.jsonl", 60)
    bring(desk, pool, path, upto=24)
    path.write_bytes(path.read_bytes().replace(b"http://", b"hxxp://", 1).replace(b"hxxp://", b"http://", 1) + b"\n")
    assert len(bring(desk, pool, path)) == 60


def test_an_archive_packed_as_a_whole_is_read_from_its_beginning_again(
    desk: Bench, pool: InlinePool, tmp_path: Path
) -> None:
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(b"".join(plain(record(f"http://a.example/{at}", page(at))) for at in range(60))))
    bring(desk, pool, path, upto=24)
    readings = pool.readings
    assert len(bring(desk, pool, path)) == 60
    assert pool.readings - readings < 60
    assert ask(desk.flow.store, "SELECT count(*) FROM entries") == [(60,)]


# --- archives ---------------------------------------------------------------------------------------------------------


def test_only_pages_are_imported(desk: Bench, pool: InlinePool, tmp_path: Path) -> None:
    path = write_warc(
        tmp_path / "a.warc.gz",
        [
            record("http://a.example/robots.txt", "User-agent: *", content_type="text/plain"),
            record("http://a.example/1", page(1)),
            record("http://a.example/1", page(1), kind="revisit"),
            record("http://a.example/1", "", kind="request"),
            record("http://a.example/2", page(2), status="404 Not Found"),
            record("dns:a.example", "1.2.3.4"),
            record("http://a.example/3.jpg", b"\xff\xd8", content_type="image/jpeg"),
            record("http://a.example/4", "<html><body><p>El equipo ganó el partido de ayer.</p></body></html>"),
        ],
    )
    done = bring(desk, pool, path)
    assert outcomes(done) == ["passed", "stored", "passed", "passed", "passed", "passed", "passed", "off_topic"]
    assert ask(desk.flow.store, "SELECT url FROM items") == [("http://a.example/1",)]


def test_a_page_is_kept_with_the_time_it_was_fetched_and_read_in_its_charset(
    desk: Bench, pool: InlinePool, tmp_path: Path
) -> None:
    body = page().encode("iso-8859-1").replace(b"\xab", b'"').replace(b"\xbb", b'"')
    named = {"content_type": "text/html; charset=iso-8859-1", "content_encoding": "gzip"}
    one = record("http://a.example/1", gzip.compress(body), **named)
    bring(desk, pool, write_warc(tmp_path / "a.warc.gz", [one]))
    ((text,),) = ask(desk.flow.store, "SELECT text FROM items")
    assert "legalización de la marihuana en el país" in text
    ((fetched_at, kind),) = ask(desk.flow.store, "SELECT fetched_at, content_type FROM pages")
    assert str(fetched_at).startswith("2012-06-26 10:00:00")
    assert kind == "text/html; charset=iso-8859-1"
    assert ask(desk.flow.store, "SELECT id FROM alerts") == []


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://diario.example/1", "diario"),
        ("https://www.diario.example/1", "diario"),
        ("http://blogs.diario.example/1", "diario"),
        ("http://otrodiario.example/1", "otrodiario.example"),
        ("http://WWW.Desconocido.example/1", "desconocido.example"),
    ],
)
def test_a_source_is_the_catalogues_or_the_host(
    desk: Bench, pool: InlinePool, tmp_path: Path, url: str, slug: str
) -> None:
    bring(desk, pool, write_warc(tmp_path / "a.warc.gz", [record(url, page())]))
    assert ask(desk.flow.store, "SELECT source FROM items") == [(slug,)]


def test_bad_records_are_named_and_the_others_imported(desk: Bench, pool: InlinePool, tmp_path: Path) -> None:
    whole = [packed(record(f"http://a.example/{at}", page(at))) for at in range(3)]
    huge = packed(record("http://a.example/huge", "x" * 25_000_000))
    cut = tmp_path / "cut.warc"
    cut.write_bytes(b"".join(plain(record(f"http://a.example/{at}", page(at))) for at in range(3))[:-60])
    assert outcomes(bring(desk, pool, cut)) == ["stored", "reprint", "error"]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(whole[0] + huge + whole[1] + b"\x1f\x8b\x08" + b"garbage" * 30)
    done = bring(desk, pool, path)
    assert outcomes(done)[:3] == ["stored", "error", "reprint"]
    assert "expected a page of" in done[1].error
    assert outcomes(done)[3:] == ["error"]


def test_a_page_that_our_code_cannot_settle_is_put_aside_and_the_others_go_on(
    desk: Bench, pool: InlinePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.importing import run

    settle = run.settle_analysis

    def fail(flow: Any, db: Any, work: Any, found: Any) -> Any:
        if work.url.endswith("/1"):
            raise ZeroDivisionError
        return settle(flow, db, work, found)

    monkeypatch.setattr(run, "settle_analysis", fail)
    path = write_warc(tmp_path / "a.warc.gz", [record(f"http://a.example/{at}", page(at)) for at in range(3)])
    assert outcomes(bring(desk, pool, path)) == ["stored", "quarantined", "reprint"]
    monkeypatch.undo()
    assert outcomes(bring(desk, pool, path)) == ["stored", "reprint", "reprint"]


def test_much_is_never_in_memory_at_once(desk: Bench, pool: InlinePool) -> None:
    read = settled = most = 0

    def pieces() -> Iterator[Piece]:
        nonlocal read, most
        for line in read_lines(io.BytesIO(b"".join(json.dumps(one).encode() + b"\n" for one in many))):
            read += 1
            most = max(most, read - settled)
            yield line

    many = [{"url": f"http://a.example/{at}", "title": "T", "text": "hola", "source": "a"} for at in range(500)]
    for _ in import_pieces(desk.flow, pool, pieces()):  # type: ignore[arg-type]
        settled += 1
    assert settled == 500
    assert most < 120
