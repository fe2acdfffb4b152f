"""Commands for what is kept: reprocess reads it again, tidy removes what need not be kept any longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontends.cli import work
from frontends.cli.output import Json, known_source, pace, say, write_json

if TYPE_CHECKING:
    from pipeline.reprocess import Asked, Reprocessed


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(reprocess)
    app.command()(tidy)


# --- reprocess --------------------------------------------------------------------------------------------------------


def reprocess(
    since: Annotated[str, typer.Option("--since", help="Published on or after a date, or as far back as 30d.")] = "",
    until: Annotated[str, typer.Option("--until", help="Published on or before a date.")] = "",
    source: Annotated[str | None, typer.Option("--source", help="Items of this source only.")] = None,
    query: Annotated[str, typer.Option("--query", help="Items that meet a query only.")] = "",
    only: Annotated[
        Literal["topics", "statements", "extraction"] | None,
        typer.Option("--only", help="Bring this part up to date only; extraction needs kept pages."),
    ] = None,
    off_topic: Annotated[
        bool, typer.Option("--off-topic", help="Read kept pages of off-topic entries, too: they may be on topic now.")
    ] = False,
    alert: Annotated[bool, typer.Option("--alert", help="Let rules fire on what is new or changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")] = False,
    json: Json = False,
) -> None:
    """Read stored items again with the program and configuration of today; stopped, the same call goes on."""
    from pipeline.reprocess import Asked

    asked = Asked(since, until, source, query, only, alert, off_topic)
    if off_topic and query:
        raise _refuse("--query: expected none beside --off-topic: off-topic entries are not searched")
    if off_topic and only:
        raise _refuse("--only: expected none beside --off-topic: what is on topic now is read whole")
    done = _reprocess(asked, dry_run=dry_run)
    if json:
        write_json(done)
    else:
        for line in _summary(done):
            say(line)
    raise typer.Exit(int(done.numbers.failures > 0))


def _refuse(words: str) -> typer.Exit:
    say(f"vigia: {words}")
    return typer.Exit(2)


def _reprocess(asked: Asked, *, dry_run: bool) -> Reprocessed:
    from pipeline.bootstrap import configuration, desks, engine
    from pipeline.query.times import TimeError
    from pipeline.reprocess import Reprocessed, begin, size
    from pipeline.reprocess import reprocess as work_through
    from pipeline.reprocess.tally import tally_of

    settings = configuration.settings_from_environment()
    known_source(desks.open_desk(settings), asked.source)
    stop = work.stop_on_signals()
    with ExitStack() as stack:
        flow = stack.enter_context(closing(engine.wire(settings, catch_up=False))).flow
        pool = stack.enter_context(closing(engine.open_pool(settings)))
        try:
            job, resumed = begin(flow, asked, engine.made_of(settings), dry_run=dry_run)
        except TimeError as error:
            raise _refuse(f"--since, --until: expected {error}, got {asked.since!r}, {asked.until!r}") from None
        numbers, left, done = tally_of(job.counts), size(flow, job, asked), 0
        if resumed:
            say(f"going on with what was begun: {numbers.read + numbers.entries} done, {left} to do")
        with pace("reprocessing", left) as reach:
            for batch in work_through(flow, pool, job, asked, stop=stop, dry_run=dry_run):
                numbers += batch.tally
                for line in batch.said:
                    say(line)
                done += batch.done
                reach(done)
    return Reprocessed(resumed, not stop.is_set(), dry_run, numbers)


def _summary(done: Reprocessed) -> Iterator[str]:
    """What changed, in words."""
    found = done.numbers
    would = "would have " if done.dry_run else ""
    yield f"read {found.read} items, {found.from_pages} of them from their pages; {would}changed {found.changed}"
    if found.refused:
        yield f"{found.refused} pages are no articles by today's rules: their stored texts were read instead"
    if found.texts:
        yield f"texts: {found.texts} changed"
    for topic in sorted(found.gained.keys() | found.lost.keys()):
        yield f"topic {topic}: +{found.gained.get(topic, 0)} -{found.lost.get(topic, 0)}"
    if found.without_topic:
        yield f"{found.without_topic} items are left without any topic; they are kept"
    yield f"reports: {found.reports_new} new, {found.reports_changed} changed, {found.reports_gone} gone"
    yield (
        f"statements: {found.statements_new} new, {found.statements_changed} changed, {found.statements_gone} gone, "
        f"{found.statements_kept} kept for an alert's sake though nobody reports them"
    )
    if found.entries:
        yield f"off-topic entries: read {found.entries}, {found.entries_on_topic} on topic now"
    if found.alerts:
        yield f"{found.alerts} alerts"
    if found.failures:
        yield f"{found.failures} could not be read, and are as they were"
    if not done.finished:
        yield "stopped; the same call goes on" if not done.dry_run else "stopped"


# --- tidy -------------------------------------------------------------------------------------------------------------


def tidy(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would be removed; remove nothing.")] = False,
    json: Json = False,
) -> None:
    """Remove pages and off-topic entries that are older than the settings say; a running engine does it once a day."""
    from pipeline.bootstrap import configuration, engine
    from pipeline.tidying import Tidied, tidy, untidy

    stop = work.stop_on_signals()
    with closing(engine.wire(configuration.settings_from_environment(), catch_up=False)) as wiring:
        found = untidy(wiring.flow)
        total = found if dry_run else Tidied()
        with pace("tidying up", found.pages + found.entries) as reach:
            for batch in () if dry_run else tidy(wiring.flow):
                total += batch
                reach(total.pages + total.entries)
                if stop.is_set():
                    break
    if json:
        write_json({**asdict(total), "dry_run": dry_run})
        return
    verb = "would remove" if dry_run else "removed"
    say(f"{verb} {total.pages} pages and {total.entries} off-topic entries; `vigia db vacuum` gives the room back")
