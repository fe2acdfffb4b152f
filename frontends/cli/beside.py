"""The pages beside the engine: a process of their own, that neither waits for the other, and both end together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from frontends.cli.output import say

#: seconds that answers under way have when the engine has stopped
_PATIENCE = 15.0
_SERVE = (sys.executable, "-c", "from frontends.cli.main import main; main()", "serve")


@dataclass(slots=True)
class Ended:
    """How the pages ended: 0 while they are shown, or were until the engine stopped."""

    status: int = 0


@contextmanager
def pages_beside(stop: threading.Event, *, wanted: bool) -> Iterator[Ended]:
    """Show the pages until the block ends. Where they end by themselves, `stop` is set: half of it was not asked for.

    The engine and the pages are processes of one group: Ctrl-C reaches both.
    """
    ended = Ended()
    if not wanted:
        yield ended
        return
    # two processes cannot listen at one address: what is counted is the engine's
    environment = os.environ | {"VIGIA_METRICS_ADDRESS": ""}
    child = subprocess.Popen(_SERVE, env=environment)  # noqa: S603 - this program
    watcher = threading.Thread(target=_watch, args=(child, stop, ended), name="pages", daemon=True)
    watcher.start()
    try:
        yield ended
    finally:
        stop.set()
        child.terminate()
        try:
            child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
        watcher.join()


def _watch(child: subprocess.Popen[bytes], stop: threading.Event, ended: Ended) -> None:
    status = child.wait()
    if not stop.is_set():
        ended.status = status if status > 0 else 1
        say(f"vigia: the pages ended by themselves, with status {status}: stopping")
        stop.set()
