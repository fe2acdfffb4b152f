"""What Celery tells: when a process begins and ends, whose logging it is, which child died of which task."""

from __future__ import annotations

import logging
import resource
import signal
import sys
from typing import Any

from celery import signals
from celery.apps import worker as celery_worker

from pipeline.logs import bound, write_at_once
from workers.bench import Bench

log = logging.getLogger("vigia.workers")


def connect(bench: Bench) -> None:
    """Wire a worker's processes to `bench`. Signals keep weak references unless told otherwise."""
    signals.setup_logging.connect(_ours, weak=False)
    signals.worker_process_init.connect(lambda **_: _begin_child(bench), weak=False)
    signals.worker_process_shutdown.connect(lambda **_: bench.close(), weak=False)
    signals.worker_shutdown.connect(lambda **_: bench.close(), weak=False)
    signals.task_failure.connect(_died, weak=False)
    # its own way of saying that it ends is a bare line on stdout, whatever the form of the log
    celery_worker.safe_say = _say


def _ours(**_: Any) -> None:
    """Logging is set up already: a receiver is all that keeps Celery from setting up its own."""


def _say(words: str, _stream: Any = None) -> None:
    """What Celery has to say in a signal handler."""
    if not write_at_once(log.name, words):
        sys.stderr.write(f"{words}\n")


def _begin_child(bench: Bench) -> None:
    # Ctrl-C reaches the whole group; the parent decides what stops when
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = bench.settings.process_memory
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _died(task_id: str, exception: BaseException, args: Any, sender: Any, **_: Any) -> None:
    """A child was killed, or a bug of ours raised; the store counts it when the task comes again, or its lease ends."""
    with bound(task=task_id):
        log.error("%s %s failed: %s: %s", sender.name, args, type(exception).__name__, exception)
