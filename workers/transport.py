"""Kombu's Redis transport, which closes a lost connection to its end: a worker outlives a restart of Redis.

Celery closes what it has lost twice. In kombu 5.7 the first time ends at the first channel that cannot say good-bye to
a server that is away, and takes the server's address from the transport. The channels behind that one are still open;
closing them the second time, and acknowledging through them what was under way meanwhile, ask for the address. That is
an AttributeError, which Celery takes for a fault of its own, and the worker ends with status 1.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


def register() -> None:
    """Have connections of this process that are made from now on, to redis:// and rediss://, use this transport."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))


class Transport(redis.Transport):
    """What was received through channels closed here was given back, or can still be acknowledged through them."""

    def close_connection(self, connection: Any) -> None:
        """Close every channel, whatever one of them meets. Raises the last connection error that one met."""
        met = None
        while self.channels or self._avail_channels:
            try:
                super().close_connection(connection)
            except self.connection_errors as error:
                met = error
        if met is not None:
            raise met
