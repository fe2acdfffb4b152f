"""What leaves over HTTP: files that stream, feeds that are polled."""

from __future__ import annotations

import csv
import io
import re
import socket
import time

import feedparser
import pytest
from starlette.testclient import TestClient

from frontends.web.downloads import file_name
from frontends.web.office import Office
from pipeline.exporting.export import Export


def test_a_download_holds_all_that_the_search_finds(client: TestClient, office: Office) -> None:
    answer = client.get("/export/statements.csv", params={"q": "topic:legalization"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["id"]) for row in rows] == [one.id for one in office.desk.statements("topic:legalization", None)]
    assert len(rows) > 1
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="vigia-statements-topic-legalization.csv"'
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("about", ["items", "statements", "reports", "alerts", "positions", "speakers"])
@pytest.mark.parametrize("table", ["csv", "jsonl", "parquet"])
def test_programs_get_the_same_file(client: TestClient, about: str, table: str) -> None:
    api = client.get(f"/api/v1/export/{about}.{table}")
    assert api.status_code == 200
    assert api.content == client.get(f"/export/{about}.{table}").content
    assert len(api.content) > 100


def test_a_saved_search_and_a_limit(client: TestClient, office: Office) -> None:
    office.desk.save("mine", "topic:legalization")
    whole = client.get("/export/items.jsonl", params={"q": "@mine"}).text.splitlines()
    assert len(whole) == office.desk.count("item", "topic:legalization")
    assert client.get("/export/items.jsonl", params={"q": "@mine", "limit": 1}).text.splitlines() == whole[:1]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/export/items.csv?q=topic:(", 400, "position"),
        ("/export/items.csv?q=@nobody", 400, "position"),
        ("/api/v1/export/positions.csv?q=coca", 400, "no query"),
        ("/api/v1/export/nothing.csv", 422, "items"),
        ("/api/v1/export/items.docx", 422, "parquet"),
        ("/api/v1/export/items.csv?limit=0", 422, "limit"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_byte(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("query", ['"; rm -rf /', "../../etc/passwd", "a\r\nSet-Cookie: x=1", "топик", "x" * 500, "…"])
def test_a_file_name_is_a_plain_one(client: TestClient, query: str) -> None:
    assert re.fullmatch(r"vigia-items(-[A-Za-z0-9-]{1,80})?\.csv", file_name("items", query, "csv"))


def test_the_description_for_programs_has_it(client: TestClient) -> None:
    route = client.get("/api/v1/openapi.json").json()["paths"]["/api/v1/export/{about}.{table}"]["get"]
    assert set(route["responses"]["200"]["content"]) >= {"application/x-ndjson", "application/vnd.apache.parquet"}
    assert {"400", "422"} <= route["responses"].keys()


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize("about", ["items", "statements"])
def test_a_feed_reader_is_told_when_nothing_is_new(client: TestClient, about: str, form: str) -> None:
    path = f"/feeds/{about}.{form}?q=topic:legalization"
    first = client.get(path)
    read = feedparser.parse(first.text)
    assert read.entries
    assert not read.bozo
    assert first.headers["content-type"].startswith(f"application/{form}+xml")
    for known in (
        {"if-none-match": first.headers["etag"]},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = client.get(path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
    # the tag decides alone where there is one
    other = {"if-none-match": '"other"', "if-modified-since": first.headers["last-modified"]}
    assert client.get(path, headers=other).status_code == 200
    assert client.get(path, headers={"if-modified-since": "yesterday"}).status_code == 200


def test_a_client_that_goes_ends_the_work(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def endless(export: Export) -> object:
        while len(asked) < 100_000:
            asked.append(1)
            yield export.keys[:1]

    monkeypatch.setattr(Export, "batches", endless)
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(f"GET /export/statements.jsonl HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    until = time.monotonic() + 20
    before = -1
    while len(asked) != before and time.monotonic() < until:
        before = len(asked)
        time.sleep(0.5)  # the server is another thread, and says nothing when it stops
    assert before == len(asked) < 100_000
