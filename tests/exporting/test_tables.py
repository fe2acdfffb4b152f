"""All that a query finds, as a file: every format tells the same, nothing calculates, nothing is lost or doubled."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leavingpress import FORMULA, publish

from benchmarks.desk_store import make
from pipeline.desk import Desk
from pipeline.errors import ConfigError, QueryError
from pipeline.exporting import parquet
from pipeline.exporting.columns import Column
from pipeline.exporting.export import TABLES, Export, begin, csv_body, write
from pipeline.exporting.kinds import KINDS
from pipeline.settings import Settings
from pipeline.storage.store import Store
from tests.fakes import ManualClock
from tests.flows import Bench

QUERYABLE = ("items", "statements", "reports", "alerts")


def body(export: Export, table: str) -> bytes:
    return b"".join(piece.body for piece in write(export, table))  # type: ignore[arg-type]


def rows_of(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(export, "csv").decode(), newline="")))


def lines_of(export: Export) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in body(export, "jsonl").splitlines()]


def as_json(answer: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(answer))


def test_every_format_tells_the_same_newest_first(press: Bench, desk: Desk) -> None:
    import pyarrow.parquet as pq

    ids = [publish(press, number) for number in (3, 1, 2)]
    newest = [ids[1], ids[2], ids[0]]
    export = begin(desk, "items", "")
    table = pq.read_table(io.BytesIO(body(export, "parquet"))).to_pylist()
    assert [int(row["id"]) for row in rows_of(export)] == newest
    assert [line["id"] for line in lines_of(export)] == newest
    assert [row["id"] for row in table] == newest
    first, typed = rows_of(export)[0], table[0]
    assert (first["title"], first["topics"], first["countries"]) == ("Title 1", "legalization", "PE")
    assert (typed["title"], typed["topics"], typed["countries"]) == ("Title 1", ["legalization"], ["PE"])
    assert datetime.fromisoformat(first["published_at"]) == typed["published_at"]
    assert (typed["statements"], typed["appearances"]) == (1, 1)


def test_json_lines_are_what_the_desk_answers(press: Bench, desk: Desk) -> None:
    publish(press, 1)
    assert lines_of(begin(desk, "items", "")) == as_json(desk.search(""))
    assert lines_of(begin(desk, "statements", "")) == as_json(desk.statements(""))


def test_a_statement_says_who_and_where_and_its_report_leads_to_it(press: Bench, desk: Desk) -> None:
    item = publish(press, 1, words="legalizar sería una derrota para todos nosotros")
    (said,), (told,) = rows_of(begin(desk, "statements", "")), rows_of(begin(desk, "reports", ""))
    assert (said["speaker"], said["role"], said["country"]) == ("Speaker 1", "minister", "PE")
    assert (said["text"], said["stances"]) == (
        "legalizar sería una derrota para todos nosotros",
        "legalization=against",
    )
    assert (said["outlets"], said["reports"], said["items"]) == ("diario", "1", "1")
    assert (told["statement_id"], told["item_id"], told["url"]) == (said["id"], str(item), said["url"])
    assert told["present"] == "true"


def test_a_query_narrows_what_leaves(press: Bench, desk: Desk) -> None:
    publish(press, 1, title="Coca y café")
    publish(press, 2, title="Otra cosa")
    assert [row["title"] for row in rows_of(begin(desk, "items", "title:coca"))] == ["Coca y café"]
    desk.save("coca", "title:coca")
    assert [row["title"] for row in rows_of(begin(desk, "items", "@coca"))] == ["Coca y café"]
    assert [row["name"] for row in rows_of(begin(desk, "speakers", "speaker 2"))] == ["Speaker 2"]
    with pytest.raises(QueryError, match="at character"):
        begin(desk, "statements", "topic:(")
    with pytest.raises(QueryError, match="no query"):
        begin(desk, "positions", "coca")


def test_positions_name_who_took_them(press: Bench, desk: Desk) -> None:
    publish(press, 1)
    (cell,) = rows_of(begin(desk, "positions", ""))
    assert (cell["country"], cell["topic"], cell["stance"], cell["against"]) == ("PE", "legalization", "against", "1")
    assert cell["speaker"] == "Speaker 1"


@pytest.mark.parametrize("about", KINDS)
@pytest.mark.parametrize("table", TABLES)
def test_nothing_found_is_a_file_without_rows(desk: Desk, about: str, table: str) -> None:
    import pyarrow.parquet as pq

    names = [column.name for column in KINDS[about].columns]
    whole = body(begin(desk, about, ""), table)
    if table == "csv":
        assert whole.decode() == ",".join(names) + "\r\n"
    elif table == "jsonl":
        assert whole == b""
    else:
        assert pq.read_table(io.BytesIO(whole)).column_names == names


@pytest.mark.parametrize("about", QUERYABLE)
def test_rows_have_the_columns_that_are_promised(press: Bench, desk: Desk, about: str) -> None:
    publish(press, 1)
    export = begin(desk, about, "")
    for row in export.kind.rows(desk, export.keys):
        assert len(row) == len(export.kind.columns)


@pytest.mark.parametrize("about", ["items", "statements"])
def test_what_comes_in_meanwhile_moves_nothing(press: Bench, desk: Desk, about: str) -> None:
    for number in (2, 4, 6, 8):
        publish(press, number)
    export = Export(desk, KINDS[about], begin(desk, about, "").keys, batch=1)
    pieces = write(export, "csv")
    written = [next(pieces).body, next(pieces).body]
    publish(press, 1)
    publish(press, 5)
    publish(press, 9)
    written += [piece.body for piece in pieces]
    found = [int(line.split(b",")[0]) for line in b"".join(written).splitlines()[1:]]
    assert found == list(export.keys)
    assert len(begin(desk, about, "").keys) == 7


def test_progress_reaches_what_was_found(press: Bench, desk: Desk) -> None:
    for number in range(5):
        publish(press, number)
    export = Export(desk, KINDS["items"], begin(desk, "items", "").keys, batch=2)
    for table in ("csv", "jsonl"):
        assert [piece.done for piece in write(export, table) if piece.rows] == [2, 4, 5]  # type: ignore[arg-type]
    assert list(write(export, "parquet"))[-1].done == 5


def test_a_limit_takes_the_newest(press: Bench, desk: Desk) -> None:
    ids = [publish(press, number) for number in (1, 2, 3)]
    assert list(begin(desk, "items", "", 2).keys) == ids[:2]


# --- spreadsheets -----------------------------------------------------------------------------------------------------


def test_a_formula_in_a_headline_is_a_text(press: Bench, desk: Desk) -> None:
    publish(press, 1, title=FORMULA)
    export = begin(desk, "items", "")
    assert rows_of(export)[0]["title"] == f"'{FORMULA}"
    assert lines_of(export)[0]["title"] == FORMULA


_HOSTILE = st.one_of(
    st.text(st.sampled_from("=+-@;|,\t\r\n\"' \u00a0\ufeff＝－a1"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
_ACTIVE = re.compile('[\\s\u00a0\ufeff"]*[=+\\-@＝＋－＠]|[\t\r\n]')


@given(st.lists(st.tuples(_HOSTILE, st.integers(), st.lists(_HOSTILE, max_size=2).map(tuple)), max_size=4))
def test_no_cell_of_a_spreadsheet_begins_to_calculate(rows: list[tuple[str, int, tuple[str, ...]]]) -> None:
    columns = (Column("a", "text", ""), Column("n", "whole", ""), Column("b", "names", ""))
    written = csv_body(columns, rows)
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [int(row[1]) for row in read] == [number for _, number, _ in rows]
    for text, _, names in read:
        assert not _ACTIVE.match(text)
        assert not _ACTIVE.match(names)
    # where commas are for numbers, cells end at semicolons, and quotation marks amid them hold nothing together
    for cell in re.split("[;\r\n]", written):
        assert not re.match('[\\s\u00a0\ufeff"]*[=+\\-@＝＋－＠]', cell)


@given(st.text(st.characters(categories=["L", "N", "Zs"])))
def test_a_harmless_text_is_what_it_was(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_body((Column("a", "text", ""), Column("b", "text", "")), [(text, "x")])))
    assert row == [text, "x"]


def test_a_mark_for_spreadsheets_stands_first_and_once(press: Bench, desk: Desk) -> None:
    publish(press, 1)
    whole = b"".join(piece.body for piece in write(begin(desk, "items", ""), "csv", bom=True))
    assert whole.startswith(b"\xef\xbb\xbfid,published_at,")
    assert whole.count(b"\xef\xbb\xbf") == 1


# --- size -------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(240)
def test_ten_times_the_rows_take_no_more_memory(store: Store) -> None:
    make(store, 900)
    desk = Desk(store, ManualClock(), Settings(), {})
    keys = begin(desk, "statements", "").keys
    peaks = []
    for number in (200, 2_000):
        export = Export(desk, KINDS["statements"], keys[:number], batch=50)
        for table in ("csv", "jsonl"):  # what is remembered for good is no growth
            body(Export(desk, KINDS["statements"], keys[:50], batch=50), table)
        tracemalloc.start()
        for table in ("csv", "jsonl"):
            for _ in write(export, table):  # type: ignore[arg-type]
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_parquet_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'vigia\[parquet\]'"):
        parquet.pieces(begin(desk, "items", ""))
