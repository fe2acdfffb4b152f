"""The per-host gate of all workers: the rules of pipeline/fetch/gate.py, kept in Redis by its clock."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import redis

from pipeline.errors import BrokerAway, ConfigError
from pipeline.fetch.gate import ALPHA, SLOW

log = logging.getLogger("vigia.gate")

#: seconds a host is remembered beyond what it has us wait
_MEMORY = 3600

#: KEYS host, places; ARGV gap, concurrency, seconds a place is kept, name of the place
_ENTER = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local gap, most, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local known = redis.call('HMGET', KEYS[1], 'started', 'takes', 'asked')
local takes, asked = tonumber(known[2] or 0), tonumber(known[3] or 0)
local interval = math.max(gap, asked, takes > {slow} and takes or 0)
-- a start in the future is one by a clock since put back
local rest = known[1] and math.min(tonumber(known[1]), now) + interval - now or 0
if redis.call('ZCARD', KEYS[2]) >= most then return tostring(math.max(rest, gap, 0.05)) end
if rest > 0 then return tostring(rest) end
redis.call('ZADD', KEYS[2], now + kept, ARGV[4])
redis.call('EXPIRE', KEYS[2], math.ceil(kept))
redis.call('HSET', KEYS[1], 'started', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(interval) + {memory})
return '0'
""".replace("{slow}", str(SLOW)).replace("{memory}", str(_MEMORY))

#: KEYS host; ARGV what happened: sent, or answered with the seconds it took, or asked with seconds between requests
_TELL = """
if ARGV[1] == 'sent' then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'started', string.format('%.6f', tonumber(time[1]) + tonumber(time[2]) / 1000000))
elseif ARGV[1] == 'answered' then
  local seconds, takes = tonumber(ARGV[2]), tonumber(redis.call('HGET', KEYS[1], 'takes') or 0)
  redis.call('HSET', KEYS[1], 'takes', tostring(takes == 0 and seconds or takes + {alpha} * (seconds - takes)))
else
  redis.call('HSET', KEYS[1], 'asked', ARGV[2])
end
redis.call('EXPIRE', KEYS[1], {memory})
""".replace("{alpha}", str(ALPHA)).replace("{memory}", str(_MEMORY))


def connect(url: str) -> redis.Redis:
    """The server that workers share; connects when it is first asked. Raises ConfigError for what is no address."""
    try:
        client = redis.Redis.from_url(url, socket_timeout=5.0, socket_connect_timeout=2.0, decode_responses=True)
    except ValueError:
        raise ConfigError("environment", "VIGIA_BROKER_URL", "redis://HOST:PORT/NUMBER", url) from None
    return client


def server_time(client: redis.Redis) -> Callable[[], datetime | None]:
    """Tells the time of day of the shared server; None while that does not answer."""

    def ask() -> datetime | None:
        try:
            seconds, micros = client.time()  # type: ignore[misc]
        except redis.RedisError as error:
            log.warning("the shared clock does not answer: %s", error)
            return None
        return datetime.fromtimestamp(seconds + micros / 1e6, UTC)

    return ask


class RedisGate:
    """A `Gate` of all processes that share a Redis. Thread-safe.

    A place is kept for `kept` seconds at the most: one that a worker died with is free again then. All times are the
    server's. Asking for a place, and sending, raise BrokerAway where it does not answer: nothing is asked of a host
    unguarded. What is only told afterwards is logged where it cannot be told; places run out, and means are put right
    by the next answer.
    """

    def __init__(
        self,
        client: redis.Redis,
        gap: float,
        concurrency: int,
        kept: float,
        limit_of: Callable[[str], str] = lambda host: host,
    ) -> None:
        self._client, self._gap, self._concurrency, self._kept = client, gap, concurrency, kept
        self._limit_of = limit_of
        self._enter, self._tell = client.register_script(_ENTER), client.register_script(_TELL)
        self._lock = threading.Lock()
        #: names of the places that this process holds, by host
        self._places: dict[str, list[str]] = {}

    def wait(self, host: str) -> float:
        """Take a place and return 0, or return the seconds after which it is worth asking again. Raises BrokerAway."""
        name, place = self._name(host), uuid.uuid4().hex
        keys = [f"vigia:host:{name}", f"vigia:places:{name}"]
        wait = float(self._ask(self._enter, keys, [self._gap, self._concurrency, self._kept, place]))
        if wait == 0:
            with self._lock:
                self._places.setdefault(name, []).append(place)
        return wait

    def leave(self, host: str) -> None:
        """Give the place back."""
        name = self._name(host)
        with self._lock:
            place = self._places[name].pop()
            if not self._places[name]:
                del self._places[name]
        try:
            self._client.zrem(f"vigia:places:{name}", place)
        except redis.RedisError as error:
            log.warning("a place at %s could not be given back, and runs out: %s", name, error)

    def sent(self, host: str) -> None:
        """A request to the host begins now, whether it waited here or not. Raises BrokerAway."""
        self._ask(self._tell, [f"vigia:host:{self._name(host)}"], ["sent"])

    def answered(self, host: str, seconds: float) -> None:
        """A request to the host is over, with an answer or without, after so many seconds."""
        try:
            self._ask(self._tell, [f"vigia:host:{self._name(host)}"], ["answered", seconds])
        except BrokerAway as error:
            log.warning("the time that %s took is not remembered: %s", host, error)

    def widen(self, host: str, seconds: float) -> None:
        """The host asks for so many seconds between two requests. Raises BrokerAway."""
        self._ask(self._tell, [f"vigia:host:{self._name(host)}"], ["asked", seconds])

    def _ask(self, script: Any, keys: list[str], args: list[Any]) -> Any:
        try:
            return script(keys=keys, args=args)
        except redis.RedisError as error:
            raise BrokerAway(f"the gate of hosts: expected an answer of Redis, got: {error}") from error

    def _name(self, host: str) -> str:
        """A host is one host with and without the root's dot."""
        return self._limit_of(host.rstrip(".").lower())
