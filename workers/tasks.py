"""The tasks: each wraps one of the four steps, takes ids, may be run twice, and sends what follows after its commit.

A task that cannot reach the store or the broker says so and ends: the store knows what is still to be done, and that is
sent again. Nothing is retried by message.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery

from pipeline import dispatch, ingest
from pipeline.dispatch import read_limit
from pipeline.errors import BrokerAway, StoreError
from pipeline.logs import bound
from workers.bench import Bench
from workers.post import Post

log = logging.getLogger("vigia.tasks")


class Tasks:
    """What is done with a message: `task` is its name, which a message that comes a second time has again."""

    def __init__(self, bench: Bench, post: Post) -> None:
        self._bench, self._post = bench, post

    def poll(self, task: str, feed_ids: list[int]) -> None:
        """Poll feeds of one host, one after the other."""
        for feed_id in feed_ids:
            with bound(feed=feed_id):
                polled = dispatch.poll(self._bench.flow, feed_id, task, time.sleep)
                if polled is None:
                    continue
                log.info(
                    "poll %s %s: %s, %d new. %s", polled.source, polled.url, polled.kind, polled.new, polled.notice
                )
                if polled.lost:
                    self._post.send("vigia.seek", [feed_id])

    def seek(self, _task: str, feed_id: int) -> None:
        """Look for what may replace a lost feed."""
        with bound(feed=feed_id):
            ingest.seek_feed(self._bench.flow, feed_id)

    def fetch(self, task: str, entry_id: int) -> None:
        """Fetch a page; then it may be read, and its host be asked for the next one."""
        with bound(entry=entry_id):
            flow = self._bench.flow
            host = dispatch.fetch(flow, entry_id, task, time.sleep)
            if host is None:
                return
            self._post.pages(flow, entry_id)
            # else the beat looks sooner than the host takes another request
            if flow.settings.host_gap < flow.settings.dispatch_every:
                self._post.fetches(flow, host)

    def read(self, task: str, entry_id: int) -> None:
        """Read a page, where a child may be killed; alerts may have fired."""
        with bound(entry=entry_id):
            ending = dispatch.read(self._bench.flow, entry_id, task, self._bench.analyst, time.sleep)
            if ending is not None:
                log.info("%s: %s", ending.outcome, ending.detail)
                self._post.deliveries(self._bench.flow)

    def deliver(self, task: str, delivery_id: int) -> None:
        """Deliver a message; then its channel may be sent the next one."""
        with bound(delivery=delivery_id):
            if dispatch.deliver(self._bench.flow, delivery_id, task):
                self._post.deliveries(self._bench.flow)


def register(app: Celery, bench: Bench, post: Post) -> None:
    """Make the tasks of an application."""
    tasks = Tasks(bench, post)
    for work in (tasks.poll, tasks.seek, tasks.fetch, tasks.read, tasks.deliver):
        limit = read_limit(bench.settings) if work == tasks.read else None
        name = f"vigia.{work.__name__}"
        app.task(_wrapped(work), name=name, bind=True, time_limit=limit)


def _wrapped(work: Callable[[str, Any], None]) -> Callable[[Any, Any], None]:
    def run(self: Any, ids: Any) -> None:
        with _in_words(self.request.id):
            work(self.request.id, ids)

    return run


@contextmanager
def _in_words(task: str) -> Iterator[None]:
    """Every line says which task it is of. A store or broker that is away ends the task in words, not in a trace."""
    with bound(task=task):
        try:
            yield
        except (StoreError, BrokerAway) as error:
            log.warning("put off, to be sent again: %s", error)
