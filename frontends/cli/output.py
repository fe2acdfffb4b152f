"""How commands speak: JSON on stdout when asked, else tables and words; progress on stderr, none when piped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    from pipeline.desk import Desk

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
#: more than any store holds, and few enough for a database
MOST = 2_000_000_000
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")]


def write_json(value: Any, *more: Any) -> None:
    """One JSON document on one line; what is in `more`, objects like the first, adds its keys."""
    import msgspec

    whole = (
        value if not more else {name: item for one in (value, *more) for name, item in msgspec.to_builtins(one).items()}
    )
    sys.stdout.write(msgspec.json.encode(whole).decode() + "\n")
    sys.stdout.flush()


def console() -> Console:
    """Where words go; colours only on a terminal, long lines are not cut when piped."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(soft_wrap=not terminal, highlight=False, width=None if terminal else 160)


def say(words: str) -> None:
    """A line for the person watching, on stderr."""
    typer.echo(words, err=True)


def known_source(desk: Desk, slug: str | None) -> None:
    """Refuse a slug that is neither in the catalogue nor, being out of it by now, in the store."""
    if slug is not None and not desk.knows(slug):
        say(f"vigia: --source: expected a source, as `vigia sources --all` lists them, got {slug!r}")
        raise typer.Exit(2)


def open_desk() -> Desk:
    """The read side of the store that the settings name."""
    from pipeline.bootstrap import configuration, desks

    return desks.open_desk(configuration.settings_from_environment())


def progress() -> Progress:
    """A progress display on stderr that vanishes when done, and never shows when piped."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    errors = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def pace(words: str, total: int, unit: Literal["", "bytes"] = "") -> Iterator[Callable[[int], None]]:
    """Show how much of a known total is done: a bar on a terminal, a line for each tenth where nobody watches one.

    Hand what it gives how much is done by now.
    """
    with progress() as shown:
        if shown.disable:
            yield _Tenths(words, total, unit)
            return
        bar = shown.add_task(words, total=total)

        def reach(done: int) -> None:
            speed = shown.tasks[bar].speed
            rate = f", {size(speed) if unit else f'{speed:,.0f}'}/s" if speed else ""
            shown.update(bar, completed=done, description=words + rate)

        yield reach


class _Tenths:
    """Says how far it is each time that another tenth is done."""

    def __init__(self, words: str, total: int, unit: str) -> None:
        self._words, self._total, self._unit, self._told = words, total, unit, 0

    def __call__(self, done: int) -> None:
        tenth = 10 * done // max(self._total, 1)
        if tenth > self._told:
            self._told = tenth
            far = f"{size(done)} of {size(self._total)}" if self._unit else f"{done} of {self._total}"
            say(f"{self._words}: {far}")


def table(
    title: str | None,
    *columns: str,
    rows: Iterable[Iterable[object]],
    right: tuple[int, ...] = (),
    whole: tuple[int, ...] = (),
) -> Table:
    """A plain table; `right` names the columns of numbers, `whole` those whose lines are never broken.

    Cells are text, never markup. A column that is empty is left out.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    # a column of nothing takes room that the others need; a table of nothing shows what it would have
    kept = [place for place in range(len(columns)) if not cells or any(row[place] for row in cells)]
    for place in kept:
        side: Literal["left", "right"] = "right" if place in right else "left"
        made.add_column(columns[place], justify=side, overflow="fold", no_wrap=place in whole)
    for row in cells:
        made.add_row(*(Text(row[place]) for place in kept))
    return made


def printable(text: str) -> str:
    """Texts come from strangers: no escape sequence or direction mark of theirs reaches the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)


def without(why: str, url: str) -> str:
    """A reason without the address that stands beside it."""
    return why.replace(f"{url}: ", "", 1)


def moment(at: datetime | None) -> str:
    """A time for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def size(number: float) -> str:
    """Bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
