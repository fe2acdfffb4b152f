"""Reads pages in processes that are killed when one hangs, and replaced when one crashes.

C parsers cannot be interrupted from inside: only the death of their process stops them. Knows no store.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.analysis import Analyst, outcome_of
from pipeline.errors import Never, Retry, WorkerDied
from pipeline.settings import Settings
from pipeline.types import Analysis, Article, Page

_T = TypeVar("_T")

#: the reading process's own; set once by `_prepare`
_analyst: Analyst


def config_files(folder: Path) -> list[Path]:
    """The files of a configuration that say how texts are read and what happens to them: all but words for people."""
    return sorted(file for file in folder.rglob("*") if file.suffix in {".toml", ".tsv"})


class PagePool:
    """`settings.process_workers` processes that read pages; each pays for loading the lexicons once."""

    def __init__(self, config: Path, settings: Settings) -> None:
        # forkserver: the parent has threads, so plain fork could copy a held lock
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["pipeline.analysis"])
        _start_server()
        self.workers = settings.process_workers
        self._timeout = settings.process_timeout
        # as it was when it was checked: a process that replaces another must not read what somebody is just editing
        files = {str(file.relative_to(config)): file.read_bytes() for file in config_files(config)}
        self._pool = ProcessPool(
            max_workers=settings.process_workers,
            max_tasks=settings.process_tasks,
            initializer=_prepare,
            initargs=(files, settings),
            context=context,
        )

    def read(self, page: Page, *, keep_all: bool) -> Future[Any]:
        """Start reading a page; ask `result_of` what came of it."""
        return self._schedule(_read, page, keep_all)

    def analyze(self, article: Article, *, statements: bool = True) -> Future[Any]:
        """Start analyzing an article that needs no extraction."""
        return self._schedule(_analyze, article, statements)

    def extract(self, page: Page) -> Future[Any]:
        """Start extracting an article, without analyzing it."""
        return self._schedule(_extract, page)

    def _schedule(self, function: Any, *args: Any) -> Future[Any]:
        started: Future[Any] = self._pool.schedule(function, args=args, timeout=self._timeout)
        return started

    def close(self) -> None:
        """Kill the processes; what they were reading is read again another time."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


def result_of(done: Future[Any], url: str) -> Any:
    """What came of reading `url`: an Analysis (or Article, if that was asked for), a Retry or a Never.

    The death of the reading process is a Retry.
    """
    try:
        return done.result()
    except TimeoutError:
        return WorkerDied(f"{url}: reading took too long; its process was killed")
    except ProcessExpired as error:
        return WorkerDied(f"{url}: the reading process died with exit code {error.exitcode}")


def _start_server() -> None:
    """Start what reading processes are forked from, deaf to Ctrl-C from its first moment, as they inherit.

    Ctrl-C reaches the whole group; the parent decides what stops when.
    """
    # starting this one, which the other would do, unblocks the signal
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare(files: Mapping[str, bytes], settings: Settings) -> None:
    global _analyst
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = settings.process_memory if hard == resource.RLIM_INFINITY else min(settings.process_memory, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    with TemporaryDirectory(prefix="vigia-") as folder:
        for name, body in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        _analyst = Analyst.load(Path(folder), settings)


def _read(page: Page, keep_all: bool) -> Analysis | Retry | Never:
    return _guarded(page.url, lambda: _analyst.read(page, keep_all=keep_all))


def _analyze(article: Article, statements: bool) -> Analysis | Retry | Never:
    return _guarded(article.url, lambda: _analyst.analyze(article, statements=statements))


def _extract(page: Page) -> Article | Retry | Never:
    return _guarded(page.url, lambda: _analyst.extract(page))


def _guarded(url: str, work: Callable[[], _T]) -> _T | Retry | Never:
    try:
        return outcome_of(url, work)
    except MemoryError:
        return WorkerDied(f"{url}: reading took more memory than allowed")
