"""`vigia serve` as it runs: several processes at one address, one of which dies, or their parent."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from frontends.cli.crew import pause_after
from tests.cli.test_commands import environment, vigia
from tests.services import free_port

WORDS = "three wet umbrellas\n"
#: so many fresh connections and each of two processes has had one, but for once in a million times
OFTEN = 20


@dataclass
class Served:
    """A server that runs, and who belongs to it."""

    process: subprocess.Popen[str]
    port: int

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET", body: str | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Over a connection of its own, so that the kernel chooses who answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        told = answer.status, answer.headers, answer.read().decode()
        connection.close()
        return told

    def statuses(self, path: str) -> set[int]:
        return {self.ask(path)[0] for _ in range(OFTEN)}

    @property
    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def served(home: Path, *options: str, **settings: str) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-c", "from frontends.cli.main import main; main()", "serve", *options]
    ours = environment(home, VIGIA_WEB_ADDRESS=f"127.0.0.1:{port}", **settings)
    running = Served(subprocess.Popen(command, env=ours, stderr=subprocess.PIPE, text=True), port)
    began: list[int] = []
    try:
        until(lambda: answers(running))
        began += running.children
        yield running
    finally:
        there = [running.process.pid, *running.children] if running.process.poll() is None else []
        for one in {*there, *began}:
            # who outlived its parent would keep the test's output open
            if not is_gone(one):
                os.kill(one, signal.SIGKILL)
        running.process.communicate(timeout=30)


def answers(server: Served) -> bool:
    assert server.process.poll() is None, server.process.communicate()[1]
    try:
        return server.ask("/healthz")[0] == 200
    except OSError:
        return False


def until(come: Callable[[], bool], within: float = 60.0) -> None:
    end = time.monotonic() + within
    while not come():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.1)


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_several_processes_answer_and_end_together(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as server:
        children = server.children
        assert len(children) == 2
        assert server.statuses("/sources.json") == {200}
        server.process.send_signal(signal.SIGTERM)
        _, said = server.process.communicate(timeout=60)
    assert server.process.returncode == 0, said
    assert "Traceback" not in said
    assert "died" not in said
    assert all(map(is_gone, children))


def test_who_dies_is_replaced_and_nobody_is_turned_away_meanwhile(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as server:
        dies, stays = server.children
        os.kill(dies, signal.SIGKILL)
        assert server.statuses("/sources.json") == {200}
        until(lambda: len(server.children) == 2 and dies not in server.children)
        assert stays in server.children


def test_what_one_process_writes_the_other_shows(tmp_path: Path) -> None:
    rule = {"name": "eradication", "query": "topic:eradication", "channels": ["terminal"]}
    kind = {"content-type": "application/json"}
    with served(tmp_path, "--processes", "2") as server:
        assert server.ask("/api/v1/rules", kind, method="POST", body=json.dumps(rule))[0] == 201
        assert server.statuses("/api/v1/rules/eradication") == {200}
        changed = {name: value for name, value in rule.items() if name != "name"} | {"query": "topic:cultivation"}
        server.ask("/api/v1/rules/eradication", kind, method="PUT", body=json.dumps(changed))
        shown = {json.loads(server.ask("/api/v1/rules/eradication")[2])["query"] for _ in range(OFTEN)}
        assert shown == {"topic:cultivation"}


def test_every_process_notices_the_first_account(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as server:
        assert server.statuses("/sources.json") == {200}
        vigia("users", "add", "ana", "--role", "editor", "--password-stdin", home=tmp_path, stdin=WORDS)
        until(lambda: server.statuses("/sources.json") == {401}, 20)


def test_what_all_processes_answered_is_counted_in_one_place(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, "--processes", "2", VIGIA_METRICS_ADDRESS=f"127.0.0.1:{port}") as server:
        # an answer is counted when it is sent: a moment after it was read; one was asked for to see that we are served
        until(lambda: counted(port) == 1)
        assert server.statuses("/sources.json") == {200}
        until(lambda: counted(port) == 1 + OFTEN)
        web = server.children[:2]
        for one in web:
            os.kill(one, signal.SIGKILL)
        until(lambda: not set(web) & set(server.children) and len(server.children) == 3)
        assert server.statuses("/sources.json") == {200}
        until(lambda: counted(port) == 1 + 2 * OFTEN)


def counted(port: int) -> float:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    asking.request("GET", "/metrics")
    lines = asking.getresponse().read().decode().splitlines()
    asking.close()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("vigia_requests_total{"))


def test_processes_whose_parent_was_killed_end_by_themselves(tmp_path: Path) -> None:
    with served(tmp_path, "--processes", "2") as server:
        children = server.children
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
        until(lambda: all(map(is_gone, children)), 30)


@pytest.mark.parametrize("options", [(), ("--processes", "2")])
def test_an_address_that_is_taken_is_refused(tmp_path: Path, options: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        # it would share with anybody
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = vigia("serve", "--address", f"127.0.0.1:{taken.getsockname()[1]}", *options, home=tmp_path)
    assert done.returncode == 2
    assert re.search("VIGIA_WEB_ADDRESS: expected a free address .*in use", done.stderr)


def test_who_cannot_live_is_started_ever_more_slowly() -> None:
    assert [pause_after(deaths) for deaths in range(9)] == [0, 0, 1, 2, 4, 8, 16, 30, 30]
