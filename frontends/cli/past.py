"""`vigia backfill`: what an outlet published before we came."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontends.cli import work
from frontends.cli.output import progress, say, write_json

if TYPE_CHECKING:
    from pipeline.backfill import Method, Step
    from pipeline.flow import Flow
    from pipeline.settings import Settings
    from pipeline.storage.backfills import Backfill
    from pipeline.types import Source

#: characters of an address beside the bar: its end says the day or the page
_TAIL = 24


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(backfill)


def backfill(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="An enabled source.")],
    since: Annotated[str, typer.Option("--since", help="First day, YYYY-MM-DD.")],
    until: Annotated[str, typer.Option("--until", help="Last day; nothing: now.")] = "",
    method: Annotated[
        Literal["auto", "wp-json", "wordpress", "archive", "sitemap"],
        typer.Option("--method", help="Where its past is listed; auto finds out."),
    ] = "auto",
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Fetch and read what was found right away, as `vigia poll --source` does.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON line for each page of the list.")] = False,
) -> None:
    """Find what a source published in the past and store it without alerting; stopped, the same call goes on."""
    from pipeline.bootstrap import configuration, engine
    from pipeline.clock import SystemClock
    from pipeline.runner import only_engine

    settings = configuration.settings_from_environment()
    chosen = _source(settings, source)
    first, last = _day("--since", since), _day("--until", until) if until else None
    if last is not None and last < first:
        raise _refuse(f"--until: expected a day on or after {first}, got {last}")
    if first > (today := SystemClock().now().date()):
        raise _refuse(f"--since: expected a day that has begun, {today} at the latest, got {first}")
    work.log_to_stderr(settings)
    stop = work.stop_on_signals()
    wiring = engine.wire(settings)
    with ExitStack() as stack:
        stack.callback(wiring.close)
        if fetch:
            stack.enter_context(only_engine(wiring.flow.store))
        flow = stack.enter_context(engine.open_past(wiring, _pause(stop)))
        walked = _walk(flow, chosen, first, last, None if method == "auto" else method, stop, json)
        status = _status(walked)
        if fetch and walked is not None and walked.state != "failed" and not walked.failures and not stop.is_set():
            status = max(status, _fetch(settings, wiring.flow, source, stop, json))
    raise typer.Exit(status)


class _Stopped(Exception):
    """Asked to stop while a host's turn was waited for: the request is not made."""


def _pause(stop: threading.Event) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise _Stopped

    return pause


def _refuse(words: str) -> typer.Exit:
    say(f"vigia: {words}")
    return typer.Exit(2)


def _source(settings: Settings, slug: str) -> Source:
    from pipeline.bootstrap import configuration

    known = configuration.load_sources(configuration.config_folder(settings))
    if slug in known and known[slug].enabled:
        return known[slug]
    state = f"disabled: {known[slug].reason}" if slug in known else "not in sources.toml"
    raise _refuse(f"backfill: expected an enabled source, got {slug!r}, {state}")


def _day(option: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise _refuse(f"{option}: expected a day such as 2012-06-27, got {written!r}") from None


def _walk(
    flow: Flow,
    source: Source,
    since: date,
    until: date | None,
    method: Method | None,
    stop: threading.Event,
    json: bool,
) -> Backfill | None:
    """Go through the list of a source's past until its end, a stop, or too many failures; None: it did not begin."""
    from pipeline.backfill import begin

    try:
        current, resumed = begin(flow, source, since, until, method)
    except _Stopped:
        say("stopped before it was known where the past is listed")
        return None
    say(_opening(current, resumed))
    current = _to_the_end(flow, current, stop, json)
    say(_closing(current))
    return current


def _status(walked: Backfill | None) -> int:
    """1 where something is missing."""
    return int(walked is not None and (walked.state == "failed" or walked.failures > 0 or walked.skipped > 0))


def _to_the_end(flow: Flow, current: Backfill, stop: threading.Event, json: bool) -> Backfill:
    from pipeline.backfill import FAILURES_MAX, backfill_page

    with progress() as shown, suppress(_Stopped):
        bar = shown.add_task(f"{current.source} by {current.method}", total=None)
        while current.state == "running" and not stop.is_set():
            step = backfill_page(flow, current.id)
            current = step.backfill
            _tell(step, json)
            words = f"{current.source}: {current.new} new, ..{step.url[-_TAIL:]}"
            shown.update(bar, completed=current.requests, description=words)
            if current.failures >= FAILURES_MAX:
                break
            stop.wait(step.wait)
    return current


def _tell(step: Step, json: bool) -> None:
    if json:
        write_json(step)
    elif step.note:
        say(f"{step.url}: {step.note}" if step.url not in step.note else step.note)


def _opening(current: Backfill, resumed: bool) -> str:
    span = f"{current.since:%Y-%m-%d} to {current.until:%Y-%m-%d}"
    if resumed:
        return f"{current.source}: {span} by {current.method}, going on after {current.requests} pages"
    return f"{current.source}: {span} by {current.method}"


def _closing(current: Backfill) -> str:
    words = f"{current.requests} pages listed {current.seen} entries, {current.found} of that time, {current.new} new"
    undated = f", {current.undated} undated and left out" if current.undated else ""
    ends = {
        "done": "done; `vigia run` or `vigia poll` fetches what is new",
        "running": "not at the end yet: the same command goes on from here",
        "failed": f"given up: {current.error}; the same command tries again from here, another --method begins anew",
    }
    skipped = f"; {current.skipped} could not be read, and what they list is missing" if current.skipped else ""
    return f"{words}{undated}{skipped}; {ends[current.state]}"


def _fetch(settings: Settings, flow: Flow, source: str, stop: threading.Event, json: bool) -> int:
    """One round of the engine, on this source's feeds and on all entries that wait."""
    from pipeline.bootstrap import engine
    from pipeline.runner import Runner

    with closing(Runner(flow, engine.open_pool(settings))) as runner:
        runner.take_over()
        runner.source = source
        counts = work.watch(runner, json)
        runner.round(stop)
    say(", ".join(f"{number} {name}" for name, number in counts.most_common()) or "nothing was waiting")
    return 1 if counts["quarantined"] else 0
