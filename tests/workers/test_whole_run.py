"""Real workers on real servers: what comes of a press of 500 entries, whatever dies on the way.

One run, as starting it is what costs: the morning's papers, then an evening in which something is published for each
fault, the fault happens while that is worked on, and everything must be there once before the next.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.services import Postgres, Redis
from tests.workers.newsdesk import (
    EVENING_PAGES,
    LATE_PAGES,
    MORNING_PAGES,
    POISON,
    SOON,
    Desk,
    ask,
    embedded,
    outcome_of,
    press,
    twice,
)
from workers.app import QUEUES, make_app
from workers.gate import connect
from workers.look import look
from workers.post import ROUTES, Post

#: seconds in which everything must be as if nothing had happened
RECOVERY = 60.0
#: seconds for what is only a lot of work, on a machine that is busy
PATIENCE = 240.0


@dataclass
class House:
    """What can be broken: servers, and workers on a press."""

    redis: Redis
    postgres: Postgres
    desk: Desk


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Redis(tmp_path / "redis") as redis, Postgres() as postgres, press(tmp_path / "press") as served:
        desk = Desk(served, tmp_path / "desk", postgres.database(), redis.url)
        try:
            yield House(redis, postgres, desk)
        finally:
            desk.end_all()
            desk.store.close()
    assert served.newsroom.errors == []


# --- faults -----------------------------------------------------------------------------------------------------------


def kill_a_child(house: House) -> None:
    os.kill(house.desk.children("reading")[0], signal.SIGKILL)


def kill_workers(house: House) -> None:
    for name, queues in (("reading", "process"), ("fetching", "poll,fetch,deliver")):
        house.desk.end(name, signal.SIGKILL)
        house.desk.start(name, "worker", queues)


def stop_all(house: House) -> None:
    for name in ("beat", "fetching", "reading"):
        assert house.desk.end(name, signal.SIGTERM) == 0, house.desk.said(name)
    house.desk.start_all()


def restart_redis(house: House) -> None:
    house.redis.stop()
    time.sleep(1)
    house.redis.start()


def flush_redis(house: House) -> None:
    house.redis.client.flushall()


def restart_postgres(house: House) -> None:
    house.postgres.stop()
    time.sleep(1)
    house.postgres.start()


def second_beat(house: House) -> None:
    house.desk.start("beat again", "beat")


def jump_clocks(house: House) -> None:
    for name, seconds in (("reading", "7200"), ("fetching", "-7200"), ("beat", "7200")):
        (house.desk.folder / f"jump-{name}").write_text(seconds)


def send_everything_again(house: House) -> None:
    """Whatever is or was work, three times over, by somebody who asks nobody."""
    settings = Settings(broker_url=house.redis.url)
    post = Post(make_app(settings), connect(settings.broker_url), settings.queue_max)
    ids = {
        what: [row[0] for row in ask(house.desk.store, f"SELECT id FROM {what}")] for what in ("entries", "deliveries")
    }
    feeds = [[row[0]] for row in ask(house.desk.store, "SELECT id FROM feeds")]
    for task in ROUTES:
        if task != "vigia.seek":
            of = {"vigia.poll": feeds, "vigia.deliver": ids["deliveries"]}.get(task, ids["entries"])
            post.send(task, of * 3)


FAULTS: tuple[Callable[[House], None], ...] = (
    kill_a_child,
    kill_workers,
    restart_redis,
    flush_redis,
    restart_postgres,
    second_beat,
    jump_clocks,
    send_everything_again,
    stop_all,
)


# --- the run ----------------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_there_twice_whatever_dies(house: House, tmp_path: Path) -> None:
    desk = house.desk
    desk.open()
    desk.publish(1)
    desk.start_all()
    desk.until_done(PATIENCE)
    assert_who_works(house)
    for number, fault in enumerate(FAULTS, 1):
        took = break_it(house, fault, MORNING_PAGES + (EVENING_PAGES - MORNING_PAGES) * number // len(FAULTS))
        assert twice(desk.store) == [], f"after {fault.__name__}"
        assert took < RECOVERY
    desk.publish(2)
    desk.until_done(PATIENCE)

    # the embedded engine, on the same press, finds the same
    with closing(embedded(desk.press, tmp_path / "embedded")) as alone:
        expected = outcome_of(alone)
    found = outcome_of(desk.store)
    assert sum(found.entries.values()) >= 500
    assert found.entries == expected.entries
    assert found.items == expected.items
    assert found.statements == expected.statements
    assert found.reports == expected.reports
    assert found.alerts == expected.alerts
    assert len(found.alerts) > 20
    assert_told_once(desk)
    poison_ends_quarantined(house)


def assert_who_works(house: House) -> None:
    """What `vigia status` tells of queues and workers."""
    seen = look(Settings(broker_url=house.redis.url))
    assert set(seen.queues) == set(QUEUES)
    told = {one.queues: (one.pid, one.concurrency, sum(one.tasks.values())) for one in seen.workers}
    fetching, reading = (house.desk.running[name].pid for name in ("fetching", "reading"))
    assert told[("deliver", "fetch", "poll")][:2] == (fetching, SOON["fetch_threads"])
    assert told[("process",)][:2] == (reading, SOON["process_workers"])
    assert told[("process",)][2] >= MORNING_PAGES


def break_it(house: House, fault: Callable[[House], None], shown: int) -> float:
    """Publish something, let the fault happen while it is worked on; gives the seconds until all of it was there."""
    desk = house.desk
    before, known = desk.ended(), shown
    desk.publish(2, known)
    desk.until(lambda: desk.ended() > before + 1)
    fault(house)
    try:
        return desk.until_done(RECOVERY)
    except AssertionError as error:
        raise AssertionError(f"{fault.__name__}: {error}") from error


def assert_told_once(desk: Desk) -> None:
    lines = [json.loads(line)["id"] for line in (desk.folder / "alerts.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == len(set(lines))
    assert [(len(lines), "sent")] == ask(
        desk.store, "SELECT count(*), state FROM deliveries WHERE channel = 'file' GROUP BY state"
    )


def poison_ends_quarantined(house: House) -> None:
    """Pages that hang, kill or bloat whoever reads them are counted out, and the others do not wait for them."""
    desk = house.desk
    desk.press.around.poison = True
    last = ask(desk.store, "SELECT max(id) FROM entries")[0][0]
    desk.publish(2, LATE_PAGES)
    desk.until_done(RECOVERY)
    rows = ask(desk.store, f"SELECT url, outcome, attempts, ended_at FROM entries WHERE id > {last}")
    bad = {url.rpartition("/")[2]: (outcome, attempts) for url, outcome, attempts, _ in rows if url.endswith(POISON)}
    assert bad == dict.fromkeys(POISON, ("quarantined", 3))
    others = [(outcome, at) for url, outcome, _, at in rows if not url.endswith(POISON)]
    assert len(others) == LATE_PAGES - EVENING_PAGES
    assert "quarantined" not in {outcome for outcome, _ in others}
    assert max(at for _, at in others) < max(at for url, *_, at in rows if url.endswith(POISON))
