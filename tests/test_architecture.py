"""The house rules of docs/architecture.md: who may import whom, and where the outside world may be touched."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("sources", "poll", "fetch", "extract", "topics", "query", "dedupe", "statements", "alerts", "health")

#: every room of pipeline/ and how high it lies; imports point down, or stay within a room
FLOORS = {
    # types.py names it among its own, so that it can stay one list
    "alertrule": -1,
    "types": 0,
    "wording": 0,
    "errors": 1,
    "settings": 2,
    "clock": 2,
    "text": 2,
    "httpdates": 2,
    "tomlfile": 2,
    "loading": 2,
    "access": 2,
    "logs": 3,
    **dict.fromkeys(STAGES, 3),
    "storage": 3,
    "claims": 4,
    "archive": 4,
    "records": 4,
    "analysis": 4,
    "flow": 4,
    "rulebook": 4,
    "notices": 4,
    "patience": 4,
    "recognition": 4,
    "correcting": 4,
    "prospect": 4,
    "drypoll": 4,
    "bundling": 4,
    "firing": 4,
    "trial": 5,
    "settling": 5,
    "polling": 5,
    "reading": 5,
    "ingest": 6,
    "importing": 6,
    "checkup": 6,
    "tidying": 6,
    "reprocess": 6,
    "backfill": 6,
    "alertdesk": 6,
    "accessdesk": 6,
    "ruledesk": 6,
    "desk": 6,
    "exporting": 7,
    "runner": 7,
    "dispatch": 7,
    "metrics": 7,
    "bootstrap": 8,
}
#: rooms of one floor do not know each other, except where one is made of the other
NEIGHBOURS = {("statements", "topics"), ("alerts", "query"), ("storage", "query"), ("storage", "health")}

#: who alone may import what
DOORS = {
    "sqlalchemy": ("pipeline/storage/",),
    "alembic": ("pipeline/storage/",),
    "httpx": (
        "pipeline/fetch/",
        "pipeline/alerts/deliver.py",
        "pipeline/alerts/channels.py",
        "pipeline/bootstrap/",
    ),
    "httpcore": ("pipeline/fetch/",),
    "h2": ("pipeline/fetch/",),
    "socket": ("pipeline/fetch/", "frontends/cli/listening.py"),
    "smtplib": ("pipeline/alerts/mail.py",),
    "apprise": ("pipeline/alerts/chat.py",),
    "jinja2": ("pipeline/alerts/letter.py", "frontends/web/shown.py"),
    "fastapi": ("frontends/web/", "frontends/api/"),
    "starlette": ("frontends/web/", "frontends/api/"),
    "argon2": ("pipeline/access/passwords.py",),
    "babel": ("frontends/web/languages.py", "frontends/web/world/draw.py"),
    "uvicorn": ("frontends/cli/serve.py",),
    "celery": ("workers/",),
    "prometheus_client": ("pipeline/metrics.py",),
    "kombu": ("workers/",),
    "pyarrow": ("pipeline/exporting/parquet.py",),
    "redis": ("workers/",),
    "typer": ("frontends/cli/",),
    "rich": ("frontends/cli/",),
}


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    relative = path.relative_to(ROOT / "pipeline")
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def rooms_imported(path: Path) -> set[str]:
    found = {name.split(".")[1] for name in imports(path) if name.startswith("pipeline.")}
    return found & FLOORS.keys()


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_in_the_pipeline_point_down(path: Path) -> None:
    mine = room(path)
    if path.name == "__init__.py" and mine == "__init__":
        assert not list(imports(path)), "pipeline/__init__.py tells the story and imports nothing"
        return
    assert mine in FLOORS, f"{path.name} has no place: add it to FLOORS and to docs/architecture.md"
    for other in rooms_imported(path) - {mine}:
        allowed = FLOORS[other] < FLOORS[mine] or (mine, other) in NEIGHBOURS
        assert allowed or (FLOORS[other] == FLOORS[mine] == 4), f"{path} imports {other}, which lies above or beside it"


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pipeline_knows_no_face(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}
    assert not tops & {"frontends", "workers", "samples", "benchmarks", "tests"}


@pytest.mark.parametrize("library", DOORS)
def test_each_door_to_the_outside_is_in_one_place(library: str) -> None:
    for path in modules("pipeline", "frontends", "workers"):
        relative = str(path.relative_to(ROOT))
        if any(name.split(".")[0] == library for name in imports(path)):
            assert relative.startswith(DOORS[library]), f"{relative} imports {library}"


@pytest.mark.parametrize("path", modules("frontends", "workers"), ids=lambda path: str(path.relative_to(ROOT)))
def test_faces_go_through_bootstrap_and_the_desk(path: Path) -> None:
    """They may name the types that the desk answers in, but not ask the store themselves."""
    answers = (
        "pipeline.storage.views",
        "pipeline.storage.backfills",
        "pipeline.storage.counts",
        "pipeline.storage.entries",
        "pipeline.storage.store",
    )
    for name in imports(path):
        assert not name.startswith("pipeline.storage.") or name.startswith(answers), f"{path} reaches into {name}"


@pytest.mark.parametrize(
    "path", modules("pipeline", "workers", "frontends", "samples", "benchmarks"), ids=lambda path: path.name
)
def test_modules_stay_readable(path: Path) -> None:
    # a migration is a record of what was done, not code to live in
    if "migrations" in path.parts:
        return
    # types.py is one list on purpose: the whole flow can be read in it from top to bottom
    limit = 500 if path == ROOT / "pipeline" / "types.py" else 400
    assert len(path.read_text("utf-8").splitlines()) <= limit


@pytest.mark.parametrize("path", modules("pipeline"), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_asks_the_date_or_the_environment_behind_our_back(path: Path) -> None:
    """The clock and the environment are passed in; only the system clock itself and bootstrap may look."""
    text = path.read_text("utf-8")
    if path.name not in ("clock.py",):
        assert "datetime.now(" not in text
        assert "utcnow(" not in text
        assert "time.time()" not in text
    assert not any(name.startswith("os.environ") for name in imports(path))
    may_look = path.parent.name == "bootstrap" and path.name in ("configuration.py", "engine.py")
    assert may_look or not re.search(r"\bos\.(environ\b[.\[]|getenv)", text)
