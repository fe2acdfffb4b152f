"""Going on: from page to page, and from day to day."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from starlette.testclient import TestClient

from frontends.web.office import Office


def walked(client: TestClient, path: str, noun: str) -> list[int]:
    """Numbers of everything that the links of answers lead to."""
    found: list[int] = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200
        found += [one["id"] for one in answer.json()[noun]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    return found


@pytest.mark.parametrize(
    ("path", "noun"),
    [
        ("/api/v1/items?limit=2", "items"),
        ("/api/v1/items?limit=2&sort=published", "items"),
        ("/api/v1/items?limit=2&sort=relevance&q=droga* OR coca OR drug*", "items"),
        ("/api/v1/statements?limit=2", "statements"),
        ("/api/v1/statements?limit=2&sort=published", "statements"),
        ("/api/v1/alerts?limit=1", "alerts"),
    ],
)
def test_links_lead_through_everything_once(client: TestClient, path: str, noun: str) -> None:
    (whole,) = [client.get(path.replace("limit=1", "limit=500").replace("limit=2", "limit=500")).json()[noun]]
    found = walked(client, path, noun)
    assert len(found) > 2
    assert sorted(found) == sorted(one["id"] for one in whole)


def test_speakers_are_told_once_each(client: TestClient) -> None:
    keys: list[str] = []
    path = "/api/v1/speakers?limit=3"
    while path:
        answer = client.get(path)
        keys += [one["key"] for one in answer.json()["speakers"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert len(keys) > 3
    assert keys == [one["key"] for one in client.get("/api/v1/speakers?limit=500").json()["speakers"]]


def later(office: Office, number: int) -> int:
    """Store one more statement, said and seen now; returns its number."""
    path = office.desk.store.path
    assert path is not None
    with sqlite3.connect(path) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(statements)")]
        row: dict[str, Any] = dict(
            zip(columns, db.execute("SELECT * FROM statements WHERE id = 1").fetchone(), strict=True)
        )
        row |= {"id": number, "key": number, "first_seen_at": office.clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")}
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO statements ({', '.join(row)}) VALUES ({marks})", list(row.values()))
    db.close()
    return number


def test_who_comes_again_misses_nothing_and_is_told_nothing_twice(client: TestClient, office: Office) -> None:
    there = len(client.get("/api/v1/statements?limit=500").json()["statements"])
    found: list[int] = []
    after, asked = "", 0
    while asked < there // 3 + 3:
        answer = client.get("/api/v1/statements", params={"limit": 3, **({"after": after} if after else {})}).json()
        found += [one["id"] for one in answer["statements"]]
        after, asked = answer["after"], asked + 1
        if asked in (1, 3):
            later(office, 900_000 + asked)
    assert len(found) == len(set(found)) == there + 2
    assert {900_001, 900_003} < set(found)
    # and tomorrow it goes on
    later(office, 900_009)
    tomorrow = client.get("/api/v1/statements", params={"after": after}).json()
    assert [one["id"] for one in tomorrow["statements"]] == [900_009]
    assert tomorrow["more"] is False


def test_no_link_leads_on_from_the_end(client: TestClient) -> None:
    answer = client.get("/api/v1/items?limit=500")
    assert answer.json()["more"] is False
    assert answer.json()["after"]
    assert "link" not in answer.headers


def test_a_link_keeps_the_question(client: TestClient) -> None:
    onward = client.get("/api/v1/items", params={"q": "drug* OR coca OR droga*", "limit": 1}).links["next"]["url"]
    assert onward.startswith("/api/v1/items?q=drug%2A+OR+coca")
    assert "&limit=1&after=" in onward
