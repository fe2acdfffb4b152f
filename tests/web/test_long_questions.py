"""A question that the store is too long about: an answer that says so, and how to ask for less."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from frontends.web.app import create_app, open_office
from frontends.web.office import Office
from pipeline.desk import Desk, ItemPage, Wish
from pipeline.errors import OutOfTime
from pipeline.storage.database import Limits
from pipeline.storage.store import Store


@pytest.fixture
def hurried(office: Office) -> Iterator[TestClient]:
    """No question has the time to be answered."""
    with closing(Store(office.desk.store.url, Limits(reading=1e-9))) as store:
        ours = replace(office, desk=replace(office.desk, store=store), close=lambda: None)
        with TestClient(create_app(ours), base_url="http://127.0.0.1") as client:
            yield client


@pytest.mark.parametrize("path", ["/api/v1/items?q=coca", "/api/v1/timeline?q=coca", "/search.json?q=coca"])
def test_programs_are_told(hurried: TestClient, path: str) -> None:
    told = hurried.get(path)
    assert told.status_code == 503
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["seconds"] == 1e-9
    assert "narrow the question" in told.json()["detail"]


class Slow(Desk):
    """A desk that has too much to look through for one question, and none for any other."""

    def page(self, query: str, wish: Wish) -> ItemPage:
        raise OutOfTime(15)


def test_people_are_told_and_keep_what_they_had_asked(office: Office) -> None:
    desk = office.desk
    slow = Slow(desk.store, desk.clock, desk.settings, desk.sources, desk.reference)
    with TestClient(create_app(replace(office, desk=slow)), base_url="http://127.0.0.1") as client:
        told = client.get("/search?q=coca")
        assert told.status_code == 503
        assert "longer than 15 seconds. Narrow it: by time" in told.text
        assert 'value="coca"' in told.text
        assert "Acote la búsqueda" in client.get("/search?q=coca", headers={"accept-language": "es"}).text
        assert client.get("/search.json?q=coca").json()["seconds"] == 15


@pytest.mark.parametrize("part", ["timeline", "facets"])
def test_a_part_of_a_page_says_so_in_its_place(hurried: TestClient, part: str) -> None:
    told = hurried.get(f"/{part}?q=coca", headers={"hx-request": "true", "hx-target": f"section#{part}"})
    assert told.status_code == 503
    assert "Narrow the search" in told.text
    assert "<html" not in told.text
    assert "narrow the question" in hurried.get(f"/{part}?q=coca").text


def test_downloads_have_their_own_time(hurried: TestClient) -> None:
    assert hurried.get("/api/v1/export/items.csv?q=coca").status_code == 200


def test_the_setting_is_what_pages_have(office: Office) -> None:
    hurried = open_office(replace(office.settings, web_query_timeout=1e-9), office.topics)
    with TestClient(create_app(replace(office, desk=hurried.desk)), base_url="http://127.0.0.1") as client:
        assert client.get("/search?q=coca").status_code == 503
    hurried.close()
