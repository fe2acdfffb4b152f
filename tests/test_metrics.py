"""What the steps did, as Prometheus reads it; and whether a process lives, and could work."""

from __future__ import annotations

import dataclasses
import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import ingest
from pipeline.errors import BrokerAway, ConfigError, StoreError
from pipeline.metrics import Metrics, served
from pipeline.settings import host_and_port
from pipeline.storage.store import Store
from tests.fakes import NOW
from tests.flows import Bench, analysis, bench, prose, report

ROOT = Path(__file__).parent.parent


def ask(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    told = answer.status, answer.read().decode()
    connection.close()
    return told


def values(metrics: Metrics) -> dict[str, float]:
    with served(metrics, "127.0.0.1:0", lambda: None) as port:
        lines = ask(port, "/metrics")[1].splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


@pytest.fixture
def desk(store: Store) -> Bench:
    made = bench(store)
    made.flow = dataclasses.replace(made.flow, observer=Metrics())
    return made


def metrics(desk: Bench) -> dict[str, float]:
    assert isinstance(desk.flow.observer, Metrics)
    return values(desk.flow.observer)


def test_each_step_is_counted_where_it_runs(desk: Bench) -> None:
    date = NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")
    item = f"<item><title>Una</title><link>http://diario.example/1</link><guid>1</guid><pubDate>{date}</pubDate></item>"
    desk.web.says("http://diario.example/rss", f"<rss><channel>{item}</channel></rss>")
    ingest.poll_feed(desk.flow, 1)
    ingest.fetch_entry(desk.flow, 1)
    desk.web.says("http://diario.example/1", "<html><p>Nota</p></html>", content_type="text/html")
    ingest.fetch_entry(desk.flow, 1)
    desk.settle(analysis("http://diario.example/2", prose(2), report("Nadie quiere eso aquí y ahora")))
    desk.deliver()
    told = metrics(desk)
    assert told['vigia_polls_total{verdict="read"}'] == 1
    assert told["vigia_announced_total"] == 1
    assert told['vigia_fetches_total{outcome="failed"}'] == 1
    assert told['vigia_fetches_total{outcome="fetched"}'] == 1
    assert told['vigia_entries_total{outcome="stored"}'] == 1
    assert told["vigia_statements_total"] == 1
    assert told['vigia_alerts_total{rule="said"}'] == 1
    assert told['vigia_deliveries_total{channel="inbox",result="sent"}'] == len(desk.inbox.messages)
    for stage in ("poll", "fetch", "settle", "deliver"):
        assert told[f'vigia_stage_seconds_count{{stage="{stage}"}}'] >= 1


def test_what_is_known_already_counts_as_nothing_new(desk: Bench) -> None:
    words = report("Nadie quiere eso aquí y ahora")
    desk.settle(analysis("http://diario.example/1", prose(1), words))
    desk.settle(analysis("http://diario.example/2", prose(2), words))
    told = metrics(desk)
    assert told["vigia_statements_total"] == 1
    assert told['vigia_alerts_total{rule="said"}'] == 1


def test_what_waits_is_asked_when_somebody_looks() -> None:
    made = Metrics()
    made.ask(lambda: {("waiting", ("fetch",)): 3.0, ("unacked_messages", ()): 2.0})
    told = values(made)
    assert told['vigia_waiting{step="fetch"}'] == 3
    assert told["vigia_unacked_messages"] == 2


def test_what_cannot_be_asked_is_left_out_and_the_rest_shown() -> None:
    def away() -> dict[tuple[str, tuple[str, ...]], float]:
        raise BrokerAway("no Redis")

    made = Metrics()
    made.ask(away)
    made.count("announced", number=2)
    told = values(made)
    assert told["vigia_announced_total"] == 2
    assert not any(name.startswith("vigia_waiting") for name in told)


def test_health_and_readiness() -> None:
    trouble: list[Exception] = []

    def ready() -> None:
        if trouble:
            raise trouble[0]

    with served(Metrics(), "127.0.0.1:0", ready) as port:
        assert ask(port, "/healthz") == (200, "ok\n")
        assert ask(port, "/readyz") == (200, "ready\n")
        trouble.append(StoreError("the store is down"))
        assert ask(port, "/readyz") == (503, "the store is down\n")
        assert ask(port, "/healthz")[0] == 200
        assert ask(port, "/elsewhere")[0] == 404


def test_forked_children_are_added_up_and_one_that_replaces_another_goes_on(tmp_path: Path) -> None:
    """In a process of its own: the library decides once for each how it counts."""
    script = (
        "import os\n"
        "from pipeline.metrics import Metrics\n"
        "from prometheus_client import generate_latest\n"
        "slot = ['main']\n"
        "made = Metrics(slot=lambda: slot[0])\n"
        "for name, number in (('0', 2), ('1', 3), ('0', 4)):\n"
        "    if (child := os.fork()) == 0:\n"
        "        slot[0] = name\n"
        "        made.count('fetches', 'fetched', number)\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "print(generate_latest(made.registry).decode())\n"
    )
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert 'vigia_fetches_total{outcome="fetched"} 9.0' in done.stdout, done.stderr
    assert len(list(tmp_path.glob("counter_[01].db"))) == 2


@pytest.mark.parametrize("text", ["9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:metrics", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="VIGIA_METRICS_ADDRESS: expected host:port"):
        host_and_port(text)


def test_an_address_that_is_taken_is_refused_in_words() -> None:
    with (
        served(Metrics(), "127.0.0.1:0", lambda: None) as port,
        pytest.raises(ConfigError, match="a free address"),
        served(Metrics(), f"127.0.0.1:{port}", lambda: None),
    ):
        pass
