"""`vigia backfill` as it is used: against a small press on loopback, stopped and gone on with."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.storage import feeds
from pipeline.storage.store import Store
from tests.cli.test_commands import TEXT, VIGIA, as_json
from tests.cli.test_press import CONFIG, LOCAL, declared, settings, site, vigia
from tests.fetch.conftest import Host, answer

SPAN = ("--since", "2012-05-01", "--until", "2012-05-10")


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture
def config(tmp_path: Path, host: Host) -> Path:
    """An outlet with a feed, and an archive of ten days with one article each."""
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    declared(host, folder, "/rss")
    text = (folder / "sources.toml").read_text("utf-8")
    archive = f'archive = "{site(host)}/archivo/{{year}}-{{month:02}}-{{day:02}}"\n'
    (folder / "sources.toml").write_text(text + archive, "utf-8")
    host.says[LOCAL, "/rss"] = answer(body=b'<rss version="2.0"><channel></channel></rss>')
    for day in range(1, 11):
        link = f'<a href="/nota/1000{day:02}">Nota</a>'
        host.says[LOCAL, f"/archivo/2012-05-{day:02}"] = answer(body=link.encode(), content_type="text/html")
        title = f"Quintanilla rechaza la legalización de la marihuana por vez {day}"
        page = (
            f"<html lang=es><title>{title}</title><article><h1>{title}</h1><p>{TEXT}</p><p>{day * TEXT}</p></article>"
        )
        host.says[LOCAL, f"/nota/1000{day:02}"] = answer(body=page.encode(), content_type="text/html; charset=utf-8")
    return folder


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def waiting(config: Path) -> dict[str, int]:
    found: dict[str, int] = as_json(vigia("status", "--json", config=config))["totals"]["waiting"]
    return found


def test_it_lists_the_past_once_and_says_what_came_of_it(config: Path) -> None:
    done = vigia("backfill", "puente", *SPAN, "--json", config=config)
    assert done.returncode == 0, done.stderr
    told = lines(done)
    assert [line["url"].rpartition("-")[2] for line in told] == [f"{day:02}" for day in range(10, 0, -1)]
    assert [line["new"] for line in told] == [1] * 10
    assert told[-1]["backfill"]["state"] == "done"
    assert "10 pages listed 10 entries, 10 of that time, 10 new; done" in done.stderr
    assert waiting(config) == {"to_fetch": 10}
    again = vigia("backfill", "puente", *SPAN, config=config)
    assert "10 of that time, 0 new; done" in again.stderr
    assert waiting(config) == {"to_fetch": 10}


def test_a_sitemap_may_be_larger_than_a_page(host: Host, config: Path) -> None:
    pages = "".join(f"<url><loc>{site(host)}/2012/05/09/{n:0280}</loc></url>" for n in range(40_000))
    body = f"<urlset>{pages}</urlset>".encode()
    assert len(body) > 12_000_000
    host.says[LOCAL, "/robots.txt"] = answer(body=f"Sitemap: {site(host)}/mapa.xml".encode())
    host.says[LOCAL, "/mapa.xml"] = answer(body=body, content_type="application/xml")
    done = vigia("backfill", "puente", *SPAN, "--method", "sitemap", config=config)
    assert (done.returncode, "40000 new; done" in done.stderr) == (0, True), done.stderr


def test_what_could_not_be_read_is_said_and_told_by_the_status(host: Host, config: Path) -> None:
    lines = "".join(f"Sitemap: {site(host)}/{name}.xml\n" for name in ("roto", "bueno"))
    host.says[LOCAL, "/robots.txt"] = answer(body=lines.encode())
    host.says[LOCAL, "/roto.xml"] = answer(body=b"<html>Back soon</html>", content_type="text/html")
    one = f"<urlset><url><loc>{site(host)}/2012/05/09/a</loc></url></urlset>"
    host.says[LOCAL, "/bueno.xml"] = answer(body=one.encode(), content_type="application/xml")
    done = vigia("backfill", "puente", *SPAN, "--method", "sitemap", config=config)
    assert done.returncode == 1
    assert "expected a feed or sitemap, got <html>" in done.stderr
    assert "1 new; 1 could not be read, and what they list is missing; done" in done.stderr


def test_stopped_it_goes_on_where_it_was(host: Host, config: Path) -> None:
    slow = {**settings(config.parent, config), "VIGIA_HOST_GAP": "0.3"}
    call = [VIGIA, "backfill", "puente", *SPAN, "--json"]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=slow)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "not at the end yet" in said
    before = sum(path.startswith("/archivo/") for path in host.paths(LOCAL))
    assert before < 10
    done = vigia("backfill", "puente", *SPAN, config=config)
    assert f"going on after {before} pages" in done.stderr
    assert "10 new; done" in done.stderr
    assert sum(path.startswith("/archivo/") for path in host.paths(LOCAL)) == 10, "no page is asked for twice"


def test_killed_it_loses_nothing(config: Path) -> None:
    slow = {**settings(config.parent, config), "VIGIA_HOST_GAP": "0.3"}
    call = [VIGIA, "backfill", "puente", *SPAN, "--json"]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=slow)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    assert "10 of that time, 10 new; done" in vigia("backfill", "puente", *SPAN, config=config).stderr


def test_what_was_found_is_fetched_right_away_if_asked_and_alerts_nobody(config: Path) -> None:
    done = vigia("backfill", "puente", *SPAN, "--fetch", "--json", config=config)
    assert done.returncode == 0, done.stderr
    assert waiting(config) == {}
    status = as_json(vigia("status", "--json", config=config))["totals"]
    assert sum(status["outcomes"].values()) == 10
    assert status["outcomes"]["stored"] >= 1
    assert as_json(vigia("alerts", "--json", config=config)) == []


def test_a_feed_that_a_killed_engine_had_taken_is_polled_as_well(config: Path) -> None:
    assert vigia("backfill", "puente", *SPAN, config=config).returncode == 0
    (file,) = config.parent.rglob("vigia.sqlite")
    store = Store(f"sqlite:///{file}")
    with store.write() as db:
        assert feeds.take_due(db, datetime.now(UTC), 99, 600)
    store.close()
    done = vigia("backfill", "puente", *SPAN, "--fetch", "--json", config=config)
    assert [line["url"] for line in lines(done) if line.get("step") == "poll"] != []


def test_an_outlet_that_lists_no_past_is_said_so(host: Host, config: Path) -> None:
    declared(host, config, "/rss")
    done = vigia("backfill", "puente", *SPAN, config=config)
    assert done.returncode == 1
    for tried in ("wp-json:", "wordpress:", "archive:", "sitemap:"):
        assert tried in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nadie", "--since", "2012-05-01"), "nadie"),
        (("puente", "--since", "ayer"), "--since"),
        (("puente", "--since", "2012-05-01", "--until", "2012-04-01"), "--until"),
        (("puente", "--since", "2012-05-01", "--method", "magia"), "magia"),
    ],
)
def test_wrong_usage_is_named(config: Path, words: tuple[str, ...], named: str) -> None:
    done = vigia("backfill", *words, config=config)
    assert done.returncode == 2
    assert named in done.stderr


def test_the_future_is_not_asked_for(host: Host, config: Path) -> None:
    done = vigia("backfill", "puente", "--since", "2930-01-01", config=config)
    assert done.returncode == 2
    assert "--since: expected a day that has begun" in done.stderr
    assert host.asked == []
