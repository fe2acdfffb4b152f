"""Redis restarts while tasks are under way: what was received through a connection that is gone is still seen to."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Exchange, Message, Queue

from pipeline.settings import Settings
from tests.services import Redis
from workers.app import make_app
from workers.transport import Transport

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path / "redis") as started:
        yield started


@dataclass
class Work:
    """What a worker has when Redis goes: a task under way, a question for the next one, an ear for orders."""

    redis: Redis
    connection: Connection
    message: Message
    tasks: Any

    def lose(self) -> None:
        """Do with the connection what a worker does with one that it finds lost."""
        self.connection.collect(socket_timeout=1)
        self.connection.close()

    def acknowledge(self) -> None:
        """The task is done."""
        self.message.ack_log_error(logging.getLogger("test"), self.connection.connection_errors)

    def held(self) -> tuple[Any, Any]:
        """Messages that wait, and those that somebody works on."""
        return self.redis.client.llen("fetch"), self.redis.client.hlen("unacked")


def _drain(connection: Connection) -> None:
    """Take whatever comes; raises socket.timeout when there is no more."""
    while True:
        connection.drain_events(timeout=0.05)


@pytest.fixture
def work(redis: Redis) -> Work:
    app = make_app(Settings(broker_url=redis.url))
    app.send_task("nap", (1,), queue="fetch")
    connection = app.connection_for_read()
    received: list[Message] = []
    tasks, orders = connection.default_channel, connection.channel()
    connection.Consumer([Queue("fetch")], tasks, callbacks=[lambda _, message: received.append(message)]).consume()
    connection.drain_events(timeout=5)
    ear = Queue("ear", Exchange("orders", type="fanout"), auto_delete=True)
    connection.Consumer([ear], orders, callbacks=[lambda *_: None]).consume()
    with pytest.raises(socket.timeout):
        _drain(connection)
    assert tasks._in_poll, "the question is asked"
    return Work(redis, connection, received[0], tasks)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_every_connection_to_a_broker_is_of_this_kind(scheme: str) -> None:
    app = make_app(Settings(broker_url=f"{scheme}://broker.example/0"))
    assert app.connection_for_read().get_transport_cls() is Transport
    assert app.connection_for_write().get_transport_cls() is Transport


# --- one connection ---------------------------------------------------------------------------------------------------


def test_a_lost_connection_is_closed_though_the_server_is_away(work: Work) -> None:
    opened = work.connection.transport
    work.redis.stop()
    work.lose()
    assert work.tasks.closed
    assert opened.channels == [], "none is kept, with its sockets, for being behind one that could not say good-bye"


def test_a_task_that_ends_when_the_server_is_back_is_acknowledged(work: Work) -> None:
    work.redis.stop()
    work.lose()
    work.redis.start()
    assert work.held() == (0, 1)
    work.acknowledge()
    assert work.held() == (0, 0)


def test_a_task_that_ends_while_the_server_is_away_is_held_to_be_sent_again(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.redis.stop()
    work.lose()
    work.acknowledge()
    assert "Couldn't ack" in caplog.text
    work.redis.start()
    assert work.held() == (0, 1)


def test_a_task_whose_child_died_goes_back_when_the_server_is_there_again(work: Work) -> None:
    work.redis.stop()
    work.lose()
    work.redis.start()
    work.message.reject(requeue=True)
    assert work.held() == (1, 0)


def test_what_is_under_way_goes_back_when_a_connection_is_lost_and_the_server_is_not(work: Work) -> None:
    work.redis.stop()
    work.redis.start()
    work.lose()
    assert work.held() == (1, 0)
    work.acknowledge()
    assert work.held() == (1, 0), "it is somebody else's now"


# --- workers ----------------------------------------------------------------------------------------------------------


@dataclass
class Napper:
    """A worker on tasks that only take their time."""

    redis: Redis
    log: Path
    process: subprocess.Popen[bytes]

    def until(self, done: Callable[[], object]) -> None:
        """Wait for something. Real time: another process works meanwhile."""
        end = time.monotonic() + PATIENCE
        while not done():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.02)

    def losses(self) -> int:
        """How often it found Redis away."""
        return self.log.read_text().count("Cannot connect to redis://")


@pytest.fixture
def napper(redis: Redis, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Napper]:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "tests.workers.napping", redis.url, request.param]
    with log.open("wb") as to, subprocess.Popen(command, cwd=ROOT, stdout=to, stderr=to) as process:
        yield Napper(redis, log, process)
        process.terminate()
        assert process.wait(PATIENCE) == 0, log.read_text()[-3000:]


@pytest.mark.parametrize(("napper", "restarts"), [("threads", 10), ("prefork", 4)], indirect=["napper"])
def test_workers_outlive_restarts_while_they_work(napper: Napper, restarts: int) -> None:
    redis = napper.redis.client
    for _ in range(restarts):
        app = make_app(Settings(broker_url=napper.redis.url))
        for _ in range(2):
            app.send_task("nap", (0.7,), queue="fetch")
        app.close()
        napper.until(lambda: redis.hlen("unacked") == 2)
        before = napper.losses()
        napper.redis.stop()
        napper.until(lambda: napper.losses() > before)  # noqa: B023
        napper.redis.start()
        napper.until(lambda: redis.hlen("unacked") == redis.llen("fetch") == 0)
    assert "Unrecoverable" not in napper.log.read_text()
