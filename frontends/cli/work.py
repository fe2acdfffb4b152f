"""Commands that do the work: demo, run, poll, retry."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import current_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.beside import pages_beside
from frontends.cli.output import Json, known_source, say, write_json

if TYPE_CHECKING:
    from pipeline.desk import Desk
    from pipeline.flow import Flow
    from pipeline.metrics import Metrics
    from pipeline.runner import Event, Runner
    from pipeline.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(demo)
    app.command()(run)
    app.command()(poll)
    app.command()(retry)


def demo(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where the demo keeps its store; default: var/demo here.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty store.")] = False,
    json: Json = False,
) -> None:
    """Run the whole flow on an invented press, served on loopback; no network needed."""
    from frontends.cli.demo import run_demo

    raise typer.Exit(run_demo(folder or Path("var") / "demo", fresh=fresh, json=json))


def run(
    json: Annotated[bool, typer.Option("--json", help="One JSON line for each thing done.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="Show the pages meanwhile, as `vigia serve` does.")] = False,
) -> None:
    """Poll the sources day and night; Ctrl-C or SIGTERM stops cleanly, and the next run goes on from there."""
    with _engine(json) as (runner, stop, _), pages_beside(stop, wanted=serve) as ended:
        watch(runner, json)
        announce("watching; Ctrl-C stops")
        runner.run(stop)
    announce("stopped")
    leave(runner, ended.status)
    raise typer.Exit(ended.status)


def poll(
    source: Annotated[str | None, typer.Option("--source", help="This source only, due or not.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every feed, due or not.")] = False,
    json: Json = False,
) -> None:
    """One round: poll the feeds that are due, work until nothing is left to do now."""
    with _engine(json) as (runner, stop, desk):
        runner.source = _known(source)
        if source is not None or everything:
            runner.make_due()
        counts = watch(runner, json)
        runner.round(stop)
        # what was put off has not ended: nothing tells of it, and yet it was worked on
        waiting = desk.tried_again()
    summary = [f"{number} {name}" for name, number in counts.most_common()]
    summary += [f"{waiting} waiting for another attempt: `vigia failures` says why"] if waiting else []
    say(", ".join(summary) or "nothing was due")
    status = 1 if counts["feeds failed"] or counts["quarantined"] else 0
    leave(runner, status)
    raise typer.Exit(status)


def leave(runner: Runner, status: int) -> None:
    """Do not wait for requests that would not end: the store is closed, and they are work still to do."""
    if runner.hanging:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _known(source: str | None) -> str | None:
    from pipeline.bootstrap import configuration

    known = configuration.load_sources(configuration.config_folder(configuration.settings_from_environment()))
    if source is None or (source in known and known[source].enabled):
        return source
    state = f"disabled: {known[source].reason}" if source in known else "not in sources.toml"
    say(f"vigia: --source: expected an enabled source, got {source!r}, {state}")
    raise typer.Exit(2)


def _is_of_workers(settings: Settings) -> bool:
    """Whether workers share the store: they need a broker, and refuse SQLite."""
    return bool(settings.broker_url) and settings.database_url.startswith("postgres")


@contextmanager
def _engine(json: bool) -> Iterator[tuple[Runner, threading.Event, Desk]]:
    from pipeline.bootstrap import configuration, engine
    from pipeline.desk import Desk
    from pipeline.runner import Runner, only_engine

    settings = configuration.settings_from_environment()
    if _is_of_workers(settings):
        # it takes for dead whatever it finds under way, and workers have work under way
        say("vigia: VIGIA_BROKER_URL: expected none for the embedded engine, got one: the store belongs to workers")
        raise typer.Exit(2)
    log_to_stderr(settings)
    stop = stop_on_signals()
    metrics = _metrics(settings)
    # JSON lines are alone on stdout
    wiring = engine.wire(settings, stream=sys.stderr if json else None, observer=metrics)
    flow = wiring.flow
    with ExitStack() as stack:
        stack.callback(wiring.close)
        if metrics is not None:
            stack.enter_context(_served(metrics, flow))
        stack.enter_context(only_engine(flow.store))
        runner = Runner(flow, engine.open_pool(settings))
        stack.callback(runner.close)
        runner.take_over()
        yield runner, stop, Desk(flow.store, flow.clock, flow.settings, flow.sources)


def _metrics(settings: Settings) -> Metrics | None:
    """What counts, where it is asked for; the library for it is slow to load."""
    if not settings.metrics_address:
        return None
    from pipeline.metrics import Metrics

    return Metrics()


def _served(metrics: Metrics, flow: Flow) -> AbstractContextManager[int]:
    from pipeline.bootstrap import engine
    from pipeline.metrics import served

    metrics.ask(lambda: engine.due_gauges(flow))
    return served(metrics, flow.settings.metrics_address, flow.store.check)


@contextmanager
def measured(settings: Settings, ready: Callable[[], None]) -> Iterator[Metrics | None]:
    """Metrics, served meanwhile, where they are asked for."""
    metrics = _metrics(settings)
    if metrics is None:
        yield None
        return
    from pipeline.metrics import served

    with served(metrics, settings.metrics_address, ready):
        yield metrics


@contextmanager
def measured_together(
    settings: Settings, ready: Callable[[], None]
) -> Iterator[tuple[Metrics | None, dict[str, Callable[[], None]]]]:
    """The same for what is forked from this process: counts are added up, and shown by one that does nothing else."""
    if not settings.metrics_address:
        yield None, {}
        return
    with TemporaryDirectory(prefix="vigia-metrics-") as folder:
        # before the library for it is loaded, which asks once
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        from pipeline.metrics import Metrics, server_of

        metrics = Metrics(slot=lambda: current_process().name)
        with server_of(metrics, settings.metrics_address, ready) as server:
            yield metrics, {"metrics": server.serve_forever}


def log_to_stderr(settings: Settings) -> None:
    """What happens, as lines on stderr."""
    from pipeline.logs import log_to

    log_to(sys.stderr, settings)


def announce(words: str) -> None:
    """A line on how it goes, on stderr; a log of JSON objects has it as one."""
    from pipeline.logs import write_at_once

    if not write_at_once("vigia", words):
        say(words)


def stop_on_signals() -> threading.Event:
    """SIGINT and SIGTERM ask for a clean stop; asked twice, the process ends at once, which loses nothing either."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        announce("stopping: letting requests under way end (again: at once)")

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop


def watch(runner: Runner, json: bool) -> Counter[str]:
    """Say what happens, a line each: for people on stderr, as JSON on stdout."""
    counts: Counter[str] = Counter()
    log = logging.getLogger("vigia")

    def seen(event: Event) -> None:
        counts.update(_kinds(event))
        if json:
            write_json(event)
        else:
            _tell(log, event)

    runner.watch = seen
    return counts


def _kinds(event: Event) -> list[str]:
    if event.polled is not None:
        return ["feeds failed" if event.polled.kind == "failed" else "feeds polled"]
    return [event.ending.outcome.value] if event.ending else []


def _tell(log: logging.Logger, event: Event) -> None:
    if event.polled is not None:
        polled = event.polled
        level = logging.WARNING if polled.kind in ("failed", "retired") else logging.INFO
        log.log(level, "poll %s %s: %s, %d new. %s", polled.source, polled.url, polled.kind, polled.new, polled.notice)
    elif event.ending is not None:
        log.info("%s %s: %s", event.ending.outcome, event.url, event.ending.detail)


def retry(
    entry: Annotated[
        list[int] | None, typer.Argument(help="Entries, as `vigia failures` shows them; none: all.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="All of this source.")] = None,
    json: Json = False,
) -> None:
    """Take up quarantined entries again; the next run or poll works on them."""
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    desk = desks.open_desk(settings)
    known_source(desk, source)
    unknown = desk.not_quarantined(entry or [])
    taken = desk.retry(entry or None, source)
    if json:
        write_json({"retried": taken})
    else:
        engine = "the workers go" if _is_of_workers(settings) else "`vigia poll` or `vigia run` goes"
        say(f"{taken} entries are work again; {engine} on with them")
    for number in unknown:
        say(f"vigia: retry: expected a quarantined entry as `vigia failures` lists them, got {number}")
    if unknown:
        raise typer.Exit(1)
