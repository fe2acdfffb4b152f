"""Sends messages: ids, after the store has written down that they are sent, as far as a queue has room."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from pipeline import dispatch
from pipeline.errors import BrokerAway
from pipeline.flow import Flow
from workers.app import QUEUES

log = logging.getLogger("vigia.post")

#: task -> the queue it waits in
ROUTES = {
    "vigia.poll": "poll",
    "vigia.seek": "poll",
    "vigia.fetch": "fetch",
    "vigia.read": "process",
    "vigia.deliver": "deliver",
}


class Post:
    """The way to the queues. Thread-safe."""

    def __init__(self, app: Celery, client: redis.Redis, queue_max: int) -> None:
        self._app, self._client, self._most = app, client, queue_max

    def room(self, queue: str) -> int:
        """How many messages a queue takes before it is full. Raises BrokerAway."""
        try:
            return max(0, self._most - int(self._client.llen(queue)))  # type: ignore[arg-type]
        except redis.RedisError as error:
            raise BrokerAway(f"queue {queue}: expected its length, got: {error}") from error

    def lengths(self) -> dict[str, int]:
        """Messages in each queue, and of all queues those that workers hold ("unacked"). Raises BrokerAway."""
        try:
            held = int(self._client.hlen("unacked"))  # type: ignore[arg-type]
        except redis.RedisError as error:
            raise BrokerAway(f"broker: expected the number of messages held, got: {error}") from error
        return {**{queue: self._most - self.room(queue) for queue in QUEUES}, "unacked": held}

    def send(self, task: str, ids: Iterable[object]) -> None:
        """One message for each id. Raises BrokerAway; what was not sent then is sent again when its lease runs out."""
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                for one in ids:
                    self._app.send_task(task, (one,), queue=ROUTES[task], producer=producer)
        except (OperationalError, redis.RedisError) as error:
            raise BrokerAway(f"{task}: expected to be sent, got: {error}") from error

    # --- what is due --------------------------------------------------------------------------------------------------

    def polls(self, flow: Flow) -> None:
        """Feeds that are due."""
        if room := self.room("poll"):
            self.send("vigia.poll", dispatch.due_polls(flow, room))

    def fetches(self, flow: Flow, host: str | None = None) -> None:
        """Entries to fetch (of a host that has just answered)."""
        if room := self.room("fetch"):
            self.send("vigia.fetch", dispatch.due_fetches(flow, room, host))

    def pages(self, flow: Flow, only: int | None = None) -> None:
        """Entries to read (the one just fetched)."""
        if room := self.room("process"):
            self.send("vigia.read", dispatch.due_pages(flow, room, only))

    def deliveries(self, flow: Flow) -> None:
        """The next message of each channel."""
        self.send("vigia.deliver", dispatch.due_deliveries(flow))
