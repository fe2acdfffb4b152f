"""`vigia worker`, `beat` and `status`: what an operator sees when something is missing, and when nothing is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from pipeline import tidying
from pipeline.bootstrap import desks
from pipeline.errors import BrokerAway
from pipeline.settings import Settings
from pipeline.storage import feeds
from tests import services
from tests.engine import PRESS
from workers.app import make_app
from workers.bench import Bench, Surroundings
from workers.post import Post
from workers.schedule import Beat

ROOT = Path(__file__).parents[2]
BROKER = "redis://127.0.0.1:1/0"
STORE = "postgresql://vigia@127.0.0.1:1/vigia"


def vigia(*words: str, before: str = "pass", **settings: str) -> subprocess.CompletedProcess[str]:
    script = f"import sys; {before}; from frontends.cli.main import main; sys.argv[0] = 'vigia'; main()"
    outside = {key: value for key, value in os.environ.items() if not key.startswith("VIGIA_")}
    env = {**outside, **{f"VIGIA_{name.upper()}": value for name, value in settings.items()}}
    command = [sys.executable, "-c", script, *words]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=90)


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["worker"], {"database_url": STORE}, "VIGIA_BROKER_URL: expected redis://HOST:PORT/NUMBER"),
        (["beat"], {"database_url": STORE}, "VIGIA_BROKER_URL: expected redis://HOST:PORT/NUMBER"),
        (
            ["beat"],
            {"database_url": STORE, "broker_url": "amqp://x"},
            "expected redis://HOST:PORT/NUMBER, got 'amqp://x'",
        ),
        (
            ["beat"],
            {"database_url": STORE, "broker_url": "unix:///run/redis.sock"},
            "expected redis://HOST:PORT/NUMBER, got 'unix:///run/redis.sock'",
        ),
        (["beat"], {"broker_url": BROKER}, "VIGIA_DATABASE_URL: expected a PostgreSQL store"),
        (
            ["worker", "--queues", "poll,read"],
            {"database_url": STORE, "broker_url": BROKER},
            "--queues: expected any of poll, fetch, process, deliver, got 'read'",
        ),
        (
            ["worker", "--queues", "process,fetch"],
            {"database_url": STORE, "broker_url": BROKER},
            "--queues: expected process alone",
        ),
    ],
)
def test_what_is_set_wrongly_is_refused_at_once(words: list[str], settings: dict[str, str], said: str) -> None:
    done = vigia(*words, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broker_that_does_not_answer_is_named() -> None:
    done = vigia("beat", database_url=STORE, broker_url=BROKER)
    assert done.returncode == 1
    assert f"VIGIA_BROKER_URL: expected Redis at {BROKER}, got: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_does_not_answer_is_named(server: services.Redis) -> None:
    done = vigia("worker", "--queues", "process", database_url=STORE, broker_url=server.url)
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_secret_of_a_broker_is_not_told() -> None:
    done = vigia("beat", database_url=STORE, broker_url="redis://:verysecret@127.0.0.1:1/0")
    assert "VIGIA_BROKER_URL: expected Redis at redis://" in done.stderr
    assert "verysecret" not in done.stderr


@pytest.mark.parametrize("missing", ["celery", "redis"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    done = vigia("beat", before=f"sys.modules['{missing}'] = None", database_url=STORE, broker_url=BROKER)
    assert done.returncode == 2
    assert (
        f"workers need the extra `distributed`, {missing} is missing: pip install 'vigia[distributed]'" in done.stderr
    )


def test_help_needs_no_extra() -> None:
    done = vigia(
        "--help", before="sys.modules['celery'] = sys.modules['redis'] = sys.modules['prometheus_client'] = None"
    )
    assert done.returncode == 0


# --- the beat ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def bench(server: services.Redis, client: redis.Redis, tmp_path: Path) -> Iterator[Bench]:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/vigia.sqlite",
        broker_url=server.url,
        alerts_file=str(tmp_path / "alerts.jsonl"),
        queue_max=5,
    )
    desks.open_store(settings).close()
    made = Bench(settings, Surroundings(catalogue=PRESS))
    yield made
    made.close()


def beat(bench: Bench) -> Beat:
    return Beat(bench, Post(make_app(bench.settings), bench.redis, bench.settings.queue_max))


def test_the_beat_sends_what_is_due_as_far_as_there_is_room(bench: Bench) -> None:
    beat(bench).tick()
    assert bench.redis.llen("poll") == 5
    with bench.flow.store.read() as db:
        known = feeds.listing(db)
    assert len(known) > 5, "the store follows the catalogue"


def test_a_second_beat_sends_nothing_twice(bench: Bench) -> None:
    beat(bench).tick()
    sent = bench.redis.lrange("poll", 0, -1)
    bench.redis.delete("poll")
    beat(bench).tick()
    again = bench.redis.lrange("poll", 0, -1)
    bodies = [json.loads(message)["body"] for message in (*sent, *again)]  # type: ignore[misc]
    assert len(bodies) == len(set(bodies)) == 10


def test_a_full_queue_is_left_alone(bench: Bench) -> None:
    one = beat(bench)
    one.tick()
    one.tick()
    assert bench.redis.llen("poll") == 5


def test_a_beat_without_a_broker_waits_and_leases_nothing(bench: Bench, tmp_path: Path) -> None:
    away = services.Redis(tmp_path / "away")
    post = Post(make_app(bench.settings), redis.Redis(port=away.port), 5)
    with pytest.raises(BrokerAway):
        Beat(bench, post).tick()
    with bench.flow.store.read() as db:
        assert feeds.next_due(db, None, bench.flow.clock.now()) is not None


def test_the_beat_tidies_up_a_batch_at_a_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = iter([tidying.Tidied(pages=1), tidying.Tidied(entries=1)])
    monkeypatch.setattr(tidying, "tidy", lambda flow: batches)
    monkeypatch.setattr(tidying, "EVERY", 0.0)
    monkeypatch.setattr("pipeline.checkup.EVERY", 0.0)
    one = beat(bench)
    one.tick()
    assert next(batches) == tidying.Tidied(entries=1), "one was taken, the other left for the next tick"


# --- status -----------------------------------------------------------------------------------------------------------


def test_status_tells_of_queues_and_workers_where_there_is_a_broker(bench: Bench) -> None:
    beat(bench).tick()
    done = vigia("status", "--json", database_url=bench.settings.database_url, broker_url=bench.settings.broker_url)
    told = json.loads(done.stdout)
    assert told["queues"] == {"poll": 5, "fetch": 0, "process": 0, "deliver": 0}
    assert told["unacked"] == 0
    assert told["workers"] == []
    assert told["due"]["poll"]["rows"] > 5
    assert told["ended_last_hour"] == 0
    assert "totals" in told


def test_status_without_a_broker_is_as_it_was(bench: Bench) -> None:
    done = vigia("status", "--json", database_url=bench.settings.database_url)
    assert "queues" not in json.loads(done.stdout)
