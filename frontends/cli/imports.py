"""`vigia import`: articles and pages that others collected."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli import work
from frontends.cli.moving import restore
from frontends.cli.output import Json, pace, say, write_json

if TYPE_CHECKING:
    from threading import Event as Stop

    from pipeline.flow import Flow
    from pipeline.importing import Imported, Piece
    from pipeline.reading import PagePool


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(import_)


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="JSON lines or web archives (WARC), packed or not; an archive of `vigia export`; - reads stdin."
        ),
    ],
    alert: Annotated[bool, typer.Option("--alert", help="Let rules fire on what is imported.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin with the first byte, wherever an earlier call stopped.")
    ] = False,
    json: Json = False,
) -> None:
    """Import articles ({"url","title","text","source","published_at"?,"lang"?} a line) and the pages of web archives.

    Stopped, the same call goes on. With --json every line is answered, so it begins at the beginning: what is known is
    only looked up. A whole store that `vigia export --all` wrote is restored, as `vigia db restore` does.
    """
    from pipeline import archive
    from pipeline.bootstrap import configuration, engine

    paths = list(_paths(files))
    if len(paths) == 1 and paths[0] is not None and archive.recognises(paths[0]):
        restore(paths[0], json=json)
        return
    settings, stop = configuration.settings_from_environment(), work.stop_on_signals()
    total: Counter[str] = Counter()
    with ExitStack() as stack:
        flow = stack.enter_context(closing(engine.wire(settings, catch_up=False))).flow
        pool = stack.enter_context(closing(engine.open_pool(settings)))
        for path in paths:
            if not stop.is_set():
                total += _import(flow, pool, path, stop, quiet=not alert, restart=restart or json, json=json)
    say(", ".join(f"{number} {name}" for name, number in total.most_common()) or "nothing to import")
    if stop.is_set():
        say("stopped; the same call goes on")
    if total["errors"] or total["quarantined"]:
        raise typer.Exit(1)


def _paths(files: list[Path]) -> Iterator[Path | None]:
    """The files named; None is stdin."""
    for path in files:
        if str(path) == "-":
            yield None
            continue
        try:
            path.open("rb").close()
        except OSError as error:
            say(f"vigia: {path}: expected a readable file, got {error.strerror}")
            raise typer.Exit(2) from None
        yield path


def _import(
    flow: Flow, pool: PagePool, path: Path | None, stop: Stop, *, quiet: bool, restart: bool, json: bool
) -> Counter[str]:
    """Import one file; returns how its lines or records ended, those of an earlier call included."""
    from pipeline.importing import import_pieces, open_file, read_lines

    if path is None:
        found: Counter[str] = Counter()
        for done in import_pieces(flow, pool, _until(read_lines(sys.stdin.buffer), stop), quiet=quiet):
            _tell(done, found, json)
        return found
    opened = open_file(flow, path, restart=restart)
    if opened.resumed:
        say(f"{path}: going on after {'record' if opened.is_warc else 'line'} {opened.job.number}")
    counts, word = Counter(opened.counts), "record" if opened.is_warc else "line"
    with pace(f"importing {path.name}", opened.size, "bytes") as reach:
        for done in import_pieces(flow, pool, _until(opened.pieces(), stop), quiet=quiet, keep=opened.keep):
            _tell(done, counts, json, f"{path}: {word}")
            reach(opened.read)
    if not stop.is_set():
        opened.end()
    return counts


def _until(pieces: Iterator[Piece], stop: Stop) -> Iterator[Piece]:
    """Pieces until a stop is asked for; what is under way then is settled still."""
    return takewhile(lambda _: not stop.is_set(), pieces)


def _tell(done: Imported, counts: Counter[str], json: bool, word: str = "line") -> None:
    from pipeline.importing import kind_of

    counts[kind_of(done)] += 1
    if done.ending is not None and json:
        write_json({"url": done.url, "outcome": done.ending.outcome, "item_id": done.ending.item_id})
    elif done.error:
        say(f"{word} {done.number}: {done.error}")
        if json:
            write_json({"url": done.url, "outcome": None, "item_id": None, "error": done.error})
