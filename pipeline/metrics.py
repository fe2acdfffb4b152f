"""Metrics for Prometheus, and the small server that shows them: /metrics, /healthz, /readyz.

docs/operating.md lists them. An `Observer` of the flow (pipeline/flow.py) that counts. What forked children count is
added up: each writes into a file named after its slot, which a child that replaces it goes on with.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from pipeline.errors import ConfigError, VigiaError
from pipeline.settings import host_and_port

log = logging.getLogger("vigia.metrics")

#: what the steps count: name -> (labels, what it says)
COUNTED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "polls": (("verdict",), "polls of feeds, by what the answer meant"),
    "announced": ((), "new entries that feeds announced"),
    "fetches": (("outcome",), "fetches of pages: fetched, failed (to be tried again), or how the entry ended"),
    "entries": (("outcome",), "entries that ended, by outcome; stored is a new item"),
    "statements": ((), "statements heard for the first time"),
    "alerts": (("rule",), "alerts that fired"),
    "requests": (("method", "status"), "answers to browsers and programs"),
    "deliveries": (("channel", "result"), "attempts to deliver a message: sent or failed"),
}
#: what is asked of the store and the broker when somebody looks: name -> (labels, what it says)
ASKED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "queue_messages": (("queue",), "messages in a queue"),
    "unacked_messages": ((), "messages that workers hold"),
    "waiting": (("step",), "rows that are due: feeds to poll, entries to fetch and to read, deliveries"),
    "lag_seconds": (("step",), "how long the one that is due longest has been due"),
}
_STAGES = "seconds that a stage took: poll, fetch, read, settle, deliver"
_ANSWERS = "seconds until a browser or program was answered"
#: any other word is a caller's invention, and would be a row of its own
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

#: (metric, labels) -> value
Gauges = Mapping[tuple[str, tuple[str, ...]], float]


class Metrics:
    """Counts what the steps do. `gauges`, if any, is asked whenever somebody looks."""

    def __init__(self, slot: Callable[[], object] | None = None) -> None:
        """`slot` names the process among forked ones, whose counts are then added up in PROMETHEUS_MULTIPROC_DIR."""
        if slot is not None:
            values.ValueClass = values.MultiProcessValue(slot)  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        own = None if slot is not None else self.registry
        self._counters = {
            name: Counter(f"vigia_{name}_total", says, labels, registry=own) for name, (labels, says) in COUNTED.items()
        }
        self._seconds = Histogram("vigia_stage_seconds", _STAGES, ("stage",), registry=own, buckets=_BUCKETS)
        self._answers = Histogram("vigia_request_seconds", _ANSWERS, registry=own, buckets=_BUCKETS)
        if slot is not None:
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]

    def count(self, what: str, label: str = "", number: int = 1) -> None:
        """So many of something happened."""
        counter = self._counters[what]
        labels = COUNTED[what][0]
        if labels:
            counter = counter.labels(*(label.rsplit(" ", 1) if len(labels) == 2 else (label,)))
        counter.inc(number)

    def took(self, stage: str, seconds: float) -> None:
        """A stage was gone through once."""
        self._seconds.labels(stage).observe(seconds)

    def answered(self, method: str, status: int, seconds: float) -> None:
        """A browser or program was answered."""
        self.count("requests", f"{method if method in _METHODS else 'other'} {status}")
        self._answers.observe(seconds)

    def ask(self, gauges: Callable[[], Gauges]) -> None:
        """Show these, too, asked whenever somebody looks."""
        self.registry.register(_Asked(gauges))


class _Asked:
    def __init__(self, gauges: Callable[[], Gauges]) -> None:
        self._gauges = gauges

    def describe(self) -> Iterable[Metric]:
        return [GaugeMetricFamily(f"vigia_{name}", says, labels=labels) for name, (labels, says) in ASKED.items()]

    def collect(self) -> Iterable[Metric]:
        try:
            found = self._gauges()
        except VigiaError as error:
            # what cannot be asked is not shown, rather than shown as nothing
            log.warning("metrics are incomplete: %s", error)
            return
        for name, (labels, says) in ASKED.items():
            family = GaugeMetricFamily(f"vigia_{name}", says, labels=labels)
            for (of, of_labels), value in found.items():
                if of == name:
                    family.add_metric(of_labels, value)
            yield family


@contextmanager
def served(metrics: Metrics, address: str, ready: Callable[[], None]) -> Iterator[int]:
    """Serve until the block ends; gives the port. `ready` raises a VigiaError where the process could do no work now.

    Raises ConfigError for an address that cannot be listened at.
    """
    with server_of(metrics, address, ready) as server:
        threading.Thread(target=server.serve_forever, args=(0.2,), name="metrics", daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()


@contextmanager
def server_of(metrics: Metrics, address: str, ready: Callable[[], None]) -> Iterator[ThreadingHTTPServer]:
    """The same, for a process to serve that is yet to be forked."""
    try:
        server = ThreadingHTTPServer(host_and_port(address), _answers(metrics, ready))
    except OSError as error:
        raise ConfigError(
            "environment", "VIGIA_METRICS_ADDRESS", f"a free address ({error.strerror})", address
        ) from None
    server.daemon_threads = True
    with server:
        yield server


def _answers(metrics: Metrics, ready: Callable[[], None]) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._say(200, generate_latest(metrics.registry), CONTENT_TYPE_PLAIN_0_0_4)
            elif self.path == "/healthz":
                self._say(200, b"ok\n")
            elif self.path == "/readyz":
                self._say(*_readiness(ready))
            else:
                self._say(404, b"expected /metrics, /healthz or /readyz\n")

        def _say(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Somebody looks every few seconds: no word of it."""

    return Answers


def _readiness(ready: Callable[[], None]) -> tuple[int, bytes]:
    try:
        ready()
    except VigiaError as error:
        return 503, f"{error}\n".encode()
    return 200, b"ready\n"
