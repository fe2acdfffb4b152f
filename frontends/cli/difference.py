"""Shows what a publisher changed: [-deleted-] {+inserted+}, as `git diff --word-diff` does; coloured on terminals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from frontends.cli.output import console, moment, printable

if TYPE_CHECKING:
    from rich.text import Text

    from pipeline.storage.views import RevisionView
    from pipeline.types import Change

_MARKS = {"deleted": ("[-", "-]", "red strike"), "inserted": ("{+", "+}", "green"), "same": ("", "", "")}


def print_revisions(revisions: Sequence[RevisionView]) -> None:
    """Print the changes, the first one first; paragraphs without any are left out."""
    from rich.text import Text

    out = console()
    for revision in revisions:
        out.print(f"\n[bold]Changed, as noticed {moment(revision.replaced_at)}[/bold]")
        if any(change.op != "same" for change in revision.title_changes):
            out.print(Text.assemble("headline: ", *_marked(revision.title_changes)))
        for line in _lines(revision.changes):
            out.print(line)


def _lines(changes: Iterable[Change]) -> Iterator[Text]:
    """The paragraphs that hold a change; an ellipsis for those between."""
    from rich.text import Text

    paragraph, changed, left_out = Text(), False, False
    for piece, style, same in _pieces(changes):
        paragraph.append(piece.rstrip("\n"), style)
        changed = changed or not same
        if not piece.endswith("\n"):
            continue
        if changed:
            yield paragraph
        elif not left_out:
            yield Text("…")
        paragraph, changed, left_out = Text(), False, not changed
    if changed:
        yield paragraph
    elif paragraph.plain and not left_out:
        yield Text("…")


def _pieces(changes: Iterable[Change]) -> Iterator[tuple[str, str, bool]]:
    """What is printed, piece by piece: (text, style, unchanged?), a piece ending with its paragraph at the latest."""
    for change in changes:
        before, after, style = _MARKS[change.op]
        for line in printable(change.text).splitlines(keepends=True):
            words = line.strip()
            if not words:
                yield line, "", True
                continue
            start = line.index(words)
            yield line[:start] + before + words + after, style, change.op == "same"
            yield line[start + len(words) :], "", True


def _marked(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    return ((piece, style) for piece, style, _ in _pieces(changes))
