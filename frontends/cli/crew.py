"""Several processes that are forked from one, which does nothing but mind them.

    tend({"web-1": serve, "web-2": serve}, stop)        # until `stop` is set; each name in a process of its own

What was loaded before is theirs, too, and was paid for once. So the parent has neither threads nor connections, nor may
it get any: a child would have them without what makes them work. Whoever dies is replaced; whoever dies soon after it
began, again and again, ever more slowly. All end with the parent, however that ends.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess

log = logging.getLogger("vigia.crew")

#: what a process does until it is asked to end, by SIGTERM, which raises SystemExit where nothing else hears it
Work = Callable[[], None]

#: seconds between two looks at whether it is time to end, or to start somebody
_LOOK = 0.2
#: seconds that all of them have to end in, beyond what an answer under way has
_PATIENCE = 15.0
#: who lived for so many seconds did not die of how it began
_SOUND = 60.0
_LONGEST = 30.0
_ASKED_TO_END = (signal.SIGINT, signal.SIGTERM)
_FORK = multiprocessing.get_context("fork")


@dataclass(slots=True)
class _Place:
    """One name, and the process that has it now."""

    name: str
    work: Work
    process: ForkProcess | None = None
    began: float = 0.0
    #: early deaths in a row
    deaths: int = 0
    start_at: float = 0.0


def tend(works: Mapping[str, Work], stop: threading.Event) -> None:
    """Have all of it done until `stop` is set, which a signal may do; then let everybody end what is under way."""
    gc.collect()
    # what is there now stays: to look through it again and again would have each process keep a copy
    gc.freeze()
    places = [_Place(name, work) for name, work in works.items()]
    try:
        while not stop.is_set():
            for place in places:
                _mend(place)
            wait([place.process.sentinel for place in places if place.process is not None], _LOOK)
    finally:
        _end(places)


def pause_after(deaths: int) -> float:
    """Seconds until a process is started again that died early so often in a row."""
    return min(2.0 ** (deaths - 2), _LONGEST) if deaths > 1 else 0.0


def _mend(place: _Place) -> None:
    now = time.monotonic()
    process = place.process
    if process is not None and not process.is_alive():
        process.join()
        place.process = None
        place.deaths = place.deaths + 1 if now - place.began < _SOUND else 1
        place.start_at = now + pause_after(place.deaths)
        log.error("process %s died (%s); another takes its place", place.name, _how(process.exitcode))
    if place.process is None and now >= place.start_at:
        place.process, place.began = _forked(place), now


def _how(status: int | None) -> str:
    return signal.Signals(-status).name if status is not None and status < 0 else f"status {status}"


def _forked(place: _Place) -> ForkProcess:
    process = _FORK.Process(target=_live, args=(place.work,), name=place.name)
    with _deaf():
        process.start()
    return process


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """What is asked meanwhile is heard afterwards: a child would hear it with the parent's ears."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED_TO_END)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(work: Work) -> None:
    for asked in _ASKED_TO_END:
        signal.signal(asked, lambda *_: sys.exit(0))
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED_TO_END)
    work()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - this is a child
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _end(places: list[_Place]) -> None:
    """Ask all to end, then wait; who does not end in time is killed."""
    running = [place.process for place in places if place.process is not None]
    for process in running:
        process.terminate()
    until = time.monotonic() + _PATIENCE
    for process in running:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            log.warning("process %s did not end in time: killed", process.name)
            process.kill()
            process.join()
