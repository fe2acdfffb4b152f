"""What `vigia worker` and `vigia beat` run, until a signal ends it."""

from __future__ import annotations

import logging
import os
import platform
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import redis
from billiard import current_process
from kombu.utils.url import maybe_sanitize_url

from pipeline.bootstrap import desks
from pipeline.errors import BrokerAway, ConfigError
from pipeline.metrics import Metrics, served
from pipeline.settings import Settings
from workers import signals, tasks
from workers.app import QUEUES, make_app
from workers.bench import Bench, Surroundings
from workers.look import gauges
from workers.post import Post
from workers.schedule import Beat
from workers.seat import seat

log = logging.getLogger("vigia.workers")


def run_worker(
    settings: Settings,
    queues: Sequence[str],
    concurrency: int | None = None,
    around: Surroundings | None = None,
) -> int:
    """Work on queues until SIGTERM (what is under way ends) or SIGQUIT (it goes back); returns the exit status.

    It is 1, after an end as by SIGTERM, where an embedded engine came to the store while that was away.

    Raises ConfigError, BrokerAway, StoreError where it could not work at all.
    """
    forks = _forks(queues)
    app = make_app(settings)
    with ExitStack() as stack:
        metrics = stack.enter_context(_metrics(settings, forks=forks))
        bench = Bench(settings, around or Surroundings(), metrics)
        ready = _check(settings, bench)
        # a signal reaches the main thread, wherever that waits
        lost = stack.enter_context(seat(settings, lambda: os.kill(os.getpid(), signal.SIGTERM)))
        post = Post(app, bench.redis, settings.queue_max)
        tasks.register(app, bench, post)
        signals.connect(bench)
        if forks:
            # once, before the fork: children share the memory, and one that replaces another reads no half-edited file
            _ = bench.analyst
        if metrics is not None:
            stack.enter_context(served(metrics, settings.metrics_address, ready))
        worker = app.Worker(
            hostname=f"{'-'.join(queues)}.{os.getpid()}@{platform.node()}",
            queues=list(queues),
            pool="prefork" if forks else "threads",
            concurrency=concurrency or (settings.process_workers if forks else settings.fetch_threads),
            without_gossip=True,
            without_mingle=True,
            quiet=True,
            loglevel=settings.log_level.upper(),
        )
        log.info("working on %s", ", ".join(queues))
        worker.start()
        return int(worker.exitcode or lost())


def run_beat(settings: Settings, stop: threading.Event, around: Surroundings | None = None) -> None:
    """Send what is due until `stop` is set. Raises ConfigError, BrokerAway, StoreError where it could not begin."""
    app = make_app(settings)
    with ExitStack() as stack:
        metrics = stack.enter_context(_metrics(settings, forks=False))
        bench = Bench(settings, around or Surroundings(), metrics)
        stack.callback(bench.close)
        ready = _check(settings, bench)
        post = Post(app, bench.redis, settings.queue_max)
        tasks.register(app, bench, post)
        if metrics is not None:
            metrics.ask(lambda: gauges(bench.flow, post))
            stack.enter_context(served(metrics, settings.metrics_address, ready))
        with closing(desks.find_store(settings)) as store, store.among() as still_allowed:
            log.info("sending what is due in %s to workers at %s", store.name, _broker(settings))
            Beat(bench, post, still_allowed).run(stop)


def _forks(queues: Sequence[str]) -> bool:
    """Whether they need children that can be killed. Raises ConfigError for what is none or does not go together."""
    unknown = sorted(set(queues) - set(QUEUES))
    if unknown or not queues:
        raise ConfigError("vigia worker", "--queues", f"any of {', '.join(QUEUES)}", ", ".join(unknown))
    if "process" in queues and len(queues) > 1:
        expected = "process alone: it is worked on in processes that can be killed, the others on threads"
        raise ConfigError("vigia worker", "--queues", expected, ",".join(queues))
    return "process" in queues


def _check(settings: Settings, bench: Bench) -> Callable[[], None]:
    """Whether broker and store could be worked with, now and whenever it is asked again."""

    def ready() -> None:
        try:
            bench.redis.ping()
        except redis.RedisError as error:
            raise BrokerAway(f"VIGIA_BROKER_URL: expected Redis at {_broker(settings)}, got: {error}") from error
        # closed at once: children must not inherit a connection
        with closing(desks.find_store(settings)) as store:
            store.check()

    ready()
    return ready


def _broker(settings: Settings) -> str:
    """Its address for people: without its password."""
    return str(maybe_sanitize_url(settings.broker_url))


@contextmanager
def _metrics(settings: Settings, *, forks: bool) -> Iterator[Metrics | None]:
    """What counts, where it is asked for; with a folder for what forked children count."""
    if not settings.metrics_address:
        yield None
    elif not forks:
        yield Metrics()
    else:
        with tempfile.TemporaryDirectory(prefix="vigia-metrics-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            yield Metrics(slot=lambda: getattr(current_process(), "index", "main"))
