"""`vigia demo`: the whole flow on an invented press, served on loopback, over two days of June 2012."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import samples.newsroom
from frontends.cli.output import progress, say, write_json
from frontends.cli.report import Story, print_report, story_json

if TYPE_CHECKING:
    from pipeline.desk import Desk
    from pipeline.runner import Event
    from pipeline.settings import Settings
    from samples.newsroom.server import Newsroom

#: the folder of the newsroom: its sources.toml is the catalogue
PRESS = Path(samples.newsroom.__file__).parent

#: the day before and the day after the meeting's second day; the clock is set to the newsroom's time, see
#: docs/decisions/0003-newsroom-clock.md
EDITIONS = {1: datetime(2012, 6, 26, 12, tzinfo=UTC), 2: datetime(2012, 6, 27, 12, tzinfo=UTC)}
#: seconds to wait for an entry that is tried again
PATIENCE = 3.0
#: polls of each feed in an edition, as it is polled all day: most of the second are answered 304
POLLS = 2


@dataclass(frozen=True, slots=True)
class _Demo:
    settings: Settings
    press: Newsroom
    folder: Path


def run_demo(folder: Path, *, fresh: bool, json: bool) -> int:
    """Play both editions (only the second into a store that has seen the first), report, return the exit status."""
    from samples.newsroom.server import Newsroom

    if fresh:
        for name in ("vigia.sqlite", "vigia.sqlite-wal", "vigia.sqlite-shm", "vigia.sqlite.lock", "alerts.jsonl"):
            (folder / name).unlink(missing_ok=True)
    started = time.monotonic()
    with Newsroom() as press:
        demo = _Demo(_settings(folder), press, folder)
        _make_store(demo.settings)
        before = _holdings(demo)
        alerts = StringIO()
        for edition in (1, 2) if before["entries"] == 0 else (2,):
            _play(demo, edition, alerts)
        story = _tell(demo, before, time.monotonic() - started)
    if json:
        write_json(story_json(story))
    else:
        print_report(story)
        say(f"Look further: export VIGIA_DATABASE_URL={demo.settings.database_url}")
        say("  ./run vigia serve                       and open http://127.0.0.1:8000/")
        say("  ./run vigia statements legalization     who said what")
    return 0


def _settings(folder: Path) -> Settings:
    """The defaults, but hurried: the press is on this machine and some of it misbehaves on purpose."""
    from pipeline.bootstrap import configuration

    return dataclasses.replace(
        configuration.settings_from_environment(),
        database_url=f"sqlite:///{(folder / 'vigia.sqlite').absolute()}",
        alerts_file=str(folder.absolute() / "alerts.jsonl"),
        webhook_url="",
        host_gap=0.0,
        host_concurrency=4,
        fetch_connect_timeout=1.0,
        fetch_read_timeout=1.0,
        fetch_timeout=2.0,
        feed_timeout=2.0,
        retry_base=0.2,
        retry_cap=1.0,
        attempts_max=3,
    )


def _play(demo: _Demo, edition: int, alerts: StringIO) -> None:
    """Poll, fetch, read and alert until an edition of the press has nothing more to say."""
    from pipeline.bootstrap import engine
    from pipeline.clock import ShiftedClock
    from pipeline.runner import Runner

    demo.press.edition = edition
    clock = ShiftedClock(EDITIONS[edition])
    wiring = engine.wire(
        demo.settings,
        clock=clock,
        catalogue=PRESS,
        addresses=dict.fromkeys(demo.press.hosts, demo.press.address),
        stream=alerts,
        seed=2012,
    )
    with closing(wiring), closing(Runner(wiring.flow, engine.open_pool(demo.settings))) as runner:
        runner.take_over()
        with progress() as shown:
            polls = POLLS * sum(len(source.feeds) for source in wiring.flow.sources.values() if source.enabled)
            bar = shown.add_task(f"{EDITIONS[edition]:%d %B %Y}: reading the papers", total=polls)
            done: Counter[str] = Counter()

            def seen(event: Event) -> None:
                done[event.step] += 1
                shown.update(bar, completed=done["poll"] + done["read"], total=polls + done["fetch"])

            runner.watch = seen
            for _ in range(POLLS):
                runner.make_due()
                runner.round(threading.Event(), patience=PATIENCE)


def _make_store(settings: Settings) -> None:
    """A store to begin with, where there is none: a desk would take it for a mistyped address."""
    from pipeline.bootstrap import desks

    desks.open_store(settings).close()


def _desk(demo: _Demo) -> Desk:
    from pipeline.bootstrap import desks
    from pipeline.clock import ShiftedClock

    return desks.open_desk(demo.settings, ShiftedClock(EDITIONS[2]), PRESS)


def _holdings(demo: _Demo) -> dict[str, int]:
    return _desk(demo).status().totals.rows


def _tell(demo: _Demo, before: dict[str, int], seconds: float) -> Story:
    desk = _desk(demo)
    status = desk.status()
    return Story(
        seconds=seconds,
        store=demo.settings.database_url,
        totals=status.totals,
        added={name: number - before[name] for name, number in status.totals.rows.items()},
        topics=desk.topics(),
        countries=desk.countries(),
        items=desk.search("", limit=1000),
        statements=desk.statements("", limit=1000),
        alerts=desk.alerts(limit=1000),
        failures=desk.failures(limit=1000),
        sources=desk.source_views(),
    )
