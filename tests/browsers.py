"""A real Chromium for the tests of pages: that of the machine, else one fetched by name; never a skipped test."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.services import Missing

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> Path:
    """Where Chromium is. On a Debian-like machine whose root we are it is installed first. Raises Missing."""
    if not (_found() or _installed()):
        raise Missing("Chromium: expected one on the machine; on Debian: apt-get install chromium")
    found = _found()
    assert found is not None
    return found


def _found() -> Path | None:
    named = os.environ.get("TEST_CHROMIUM")
    path = named or next((where for name in _NAMES if (where := shutil.which(name))), None)
    return Path(path) if path else None


def _installed() -> bool:
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    steps = (["update", "-q"], ["install", "-qy", "--no-install-recommends", "chromium"])
    return all(subprocess.run(["apt-get", *step], check=False, **quiet).returncode == 0 for step in steps)  # type: ignore[call-overload]


#: a sandbox needs privileges of its own, which root in a container does not have
ARGUMENTS = ("--no-sandbox",) if os.geteuid() == 0 else ()
