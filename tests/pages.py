"""The project's files and pages, for the tests that read them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: folders that tools make; left out where git cannot say what belongs to the project
_MADE = {"__pycache__", "var", "dist", "build", ".git", ".venv", ".hypothesis", ".benchmarks"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is, or would be, part of the project."""
    listed = _listed_by_git()
    return tuple(path for path in (listed or walked(ROOT)) if path.is_file() and not path.is_symlink())


def _listed_by_git() -> list[Path]:
    """Empty where git is absent, or this is no checkout."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "-z", "--exclude-standard"]
    try:
        found = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [ROOT / name.decode() for name in found.stdout.split(b"\0") if name]


def walked(folder: Path) -> Iterator[Path]:
    """The same without git, as far as names tell."""
    for path in sorted(folder.iterdir()):
        if path.name in _MADE or path.name.endswith(("_cache", ".egg-info")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from walked(path)
        else:
            yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md"]


def page(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    return path.read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level or above."""
    lines = text.splitlines()
    assert heading in lines, f"no heading {heading!r}"
    level = heading.count("#")
    rest = lines[lines.index(heading) + 1 :]
    inside = takewhile(lambda line: not re.match(rf"#{{1,{level}}} ", line), rest)
    return "\n".join(inside)


def rows(text: str) -> dict[str, list[str]]:
    """The tables in `text`: the other cells of a row by its first cell, code marks taken off."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {line[0].strip("`"): line[1:] for line in cells}
