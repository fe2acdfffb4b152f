"""The command that lets things leave the store: what a query finds, as a table or a feed; or all of the store."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from frontends.cli.moving import readable, tell, watching
from frontends.cli.output import MOST, Json, open_desk, pace, say, size, write_json

if TYPE_CHECKING:
    from typing import BinaryIO

    from pipeline.desk import Desk
    from pipeline.exporting.export import Export

About = Literal["items", "statements", "reports", "alerts", "positions", "speakers"]
Format = Literal["csv", "jsonl", "parquet", "rss", "atom"]
STDOUT = Path("-")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    what: Annotated[
        str, typer.Argument(metavar="QUERY|FILE", help="As docs/query.md says, or @NAME; with --all, the archive.")
    ] = "",
    about: Annotated[About | None, typer.Option("--about", help="What to export: docs/exports.md.")] = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = "csv",
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="There when it is whole; - is stdout.")
    ] = STDOUT,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin CSV so that spreadsheets read it as UTF-8.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="The whole store as an archive, which `vigia import` reads; - is stdout.")
    ] = False,
    json: Json = False,
) -> None:
    """Write what a query finds to a file: CSV, JSON lines, Parquet, RSS or Atom; or, with --all, the whole store."""
    if everything and about is None and what:
        _whole_store(Path(what), json)
        return
    if everything or about is None:
        raise _refused("expected --all and a file, or --about and what to export", "both" if about else "neither")
    if json and output == STDOUT:
        raise _refused("--json: expected --output FILE beside it", "stdout, which the export itself goes to")
    began = time.monotonic()
    with _written(output) as out:
        rows, length = (
            _feed(out, about, form, what, limit)
            if form in ("rss", "atom")
            else _table(out, _begin(about, what, limit), form, bom)
        )
    spent = max(time.monotonic() - began, 1e-3)
    if json:
        write_json({"file": str(output), "about": about, "format": form, "rows": rows, "bytes": length})
    else:
        say(f"{'stdout' if output == STDOUT else output}: {rows} rows, {size(length)}, {rows / spent:,.0f} rows/s")


def _refused(expected: str, got: str) -> typer.Exit:
    say(f"vigia: export: {expected}, got {got}")
    return typer.Exit(2)


@contextmanager
def _written(file: Path) -> Iterator[BinaryIO]:
    """Where to write: stdout, or what becomes the file once it is whole. Nothing half-written bears its name."""
    if file == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = file.with_name(file.name + ".part")
    with readable(file):
        try:
            with part.open("wb") as out:
                yield out
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)


def _begin(about: About, query: str, limit: int | None) -> Export:
    from pipeline.exporting.export import begin

    return begin(open_desk(), about, query, limit)


def _table(out: BinaryIO, export: Export, form: Any, bom: bool) -> tuple[int, int]:
    """Write a table; returns rows and bytes."""
    from pipeline.exporting.export import write

    rows = length = 0
    with pace("exporting", len(export.keys)) as reach:
        for piece in write(export, form, bom=bom):
            out.write(piece.body)
            rows, length = rows + piece.rows, length + len(piece.body)
            reach(piece.done)
    return rows, length


def _feed(out: BinaryIO, about: About, form: Any, query: str, limit: int | None) -> tuple[int, int]:
    """Write a feed; returns entries and bytes."""
    from pipeline.exporting import feeds, told

    if about not in told.ABOUT:
        raise _refused(f"--format {form}: expected --about {' or '.join(told.ABOUT)}", about)
    desk: Desk = open_desk()
    asked = desk.query(query)
    found = told.entries(desk, about, asked, min(limit or feeds.ENTRIES, feeds.MOST))
    body = feeds.written(feeds.feed(about, asked, desk.explain(asked), "http://localhost/", form, found), form)
    out.write(body)
    return len(found), len(body)


def _whole_store(file: Path, json: bool) -> None:
    if file != STDOUT:
        tell(json, file, *_archive(file))
        return
    with TemporaryDirectory() as folder:
        copied, _ = _archive(Path(folder) / "vigia.archive")
        with (Path(folder) / "vigia.archive").open("rb") as whole:
            shutil.copyfileobj(whole, sys.stdout.buffer)
    say(f"stdout: {copied.rows} rows")


def _archive(file: Path) -> tuple[Any, str]:
    """Write the whole store to a file; what was copied, and that in words."""
    from pipeline import archive
    from pipeline.bootstrap import configuration, desks
    from pipeline.clock import SystemClock

    store = desks.find_store(configuration.settings_from_environment())
    with closing(store), readable(file), watching(f"exporting {file}") as watch:
        copied = archive.write(store, file, SystemClock().now(), watch)
    return copied, f"{file}: {copied.rows} rows, {size(file.stat().st_size)}"
