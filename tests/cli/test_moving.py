"""A whole store through the command line: out of SQLite, into PostgreSQL and back, the same at every stop."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import services
from tests.cli.test_commands import LINES, as_json, environment

VIGIA = Path(sys.executable).with_name("vigia")


def vigia(*words: str, url: str, home: Path) -> subprocess.CompletedProcess[str]:
    settings = environment(home, VIGIA_DATABASE_URL=url)
    return subprocess.run([VIGIA, *words], capture_output=True, text=True, timeout=90, env=settings)


@pytest.mark.timeout(300)
def test_a_store_is_moved_to_postgresql_and_back(postgres: services.Postgres, tmp_path: Path) -> None:
    here, there, again = f"sqlite:///{tmp_path}/here.sqlite", postgres.database(), f"sqlite:///{tmp_path}/again.sqlite"
    lines = tmp_path / "lines.jsonl"
    lines.write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    assert vigia("import", str(lines), url=here, home=tmp_path).returncode == 0
    out, back = str(tmp_path / "out.archive"), str(tmp_path / "back.archive")
    written = as_json(vigia("export", "--all", out, "--json", url=here, home=tmp_path))
    assert written["tables"]["items"]["rows"] == 1

    older = vigia("import", out, url=there, home=tmp_path)
    assert (older.returncode, "run `vigia db upgrade`" in older.stderr) == (2, True)
    assert vigia("db", "upgrade", url=there, home=tmp_path).returncode == 0
    moved = as_json(vigia("import", out, "--json", url=there, home=tmp_path))
    assert moved["tables"] == written["tables"]
    twice = vigia("import", out, url=there, home=tmp_path)
    assert (twice.returncode, "expected an empty store" in twice.stderr) == (1, True)
    assert vigia("db", "restore", out, "--replace", url=there, home=tmp_path).returncode == 0

    assert as_json(vigia("export", "--all", back, "--json", url=there, home=tmp_path))["tables"] == written["tables"]
    assert as_json(vigia("import", back, "--json", url=again, home=tmp_path))["tables"] == written["tables"]
    for url in (here, there, again):
        assert as_json(vigia("status", "--json", url=url, home=tmp_path))["totals"]["rows"]["items"] == 1
        assert vigia("db", "check", url=url, home=tmp_path).returncode == 0
        assert vigia("db", "vacuum", url=url, home=tmp_path).returncode == 0
    postgres.drop(there)


def test_going_down_asks_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/vigia.sqlite"
    assert vigia("db", "upgrade", url=url, home=tmp_path).returncode == 0
    # nobody is there to answer
    assert vigia("db", "downgrade", "0007", url=url, home=tmp_path).returncode == 1
    done = as_json(vigia("db", "downgrade", "0007", "--yes", "--json", url=url, home=tmp_path))
    assert done["schema"] == "0007"
    unknown = vigia("db", "downgrade", "0999", "--yes", url=url, home=tmp_path)
    assert (unknown.returncode, "expected base or one of" in unknown.stderr) == (2, True)


def test_what_is_to_be_exported_is_said(tmp_path: Path) -> None:
    done = vigia("export", str(tmp_path / "a"), url=f"sqlite:///{tmp_path}/vigia.sqlite", home=tmp_path)
    assert (done.returncode, "expected --all" in done.stderr) == (2, True)


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    url = f"postgresql://ana:s3cret@127.0.0.1:{services.free_port()}/vigia"
    for words in (("status",), ("db", "check"), ("doctor", "--no-network")):
        done = vigia(*words, url=url, home=tmp_path)
        assert done.returncode == 1
        assert "s3cret" not in done.stdout + done.stderr
        assert "postgresql://ana@127.0.0.1" in done.stdout + done.stderr
