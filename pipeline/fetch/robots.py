"""robots.txt, as RFC 9309 reads it: 4xx allows everything, 5xx and silence nothing for now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from urllib.parse import urlsplit

from protego import Protego

from pipeline.clock import Clock
from pipeline.errors import Never, RateLimited, Retry, ServerFailed
from pipeline.fetch.page import retry_after
from pipeline.types import Response

#: the name that robots.txt files may call us by
AGENT = "vigia"
#: RFC 9309, 2.5: at least the first 500 KiB are read
READ_MAX = 512 * 1024
#: seconds before a robots.txt that could not be had is asked for again
FAILED_TTL = 60.0
#: hosts remembered at once
_HOSTS = 20_000


@dataclass(frozen=True, slots=True)
class _Known:
    until: float
    #: None: nothing is forbidden
    rules: Protego | None = None
    #: seconds the host wants between two requests
    delay: float | None = None
    #: why the host's rules could not be had; until then it is left alone
    failure: Retry | None = None


class Robots:
    """What each host allows us, remembered for `ttl` seconds; thread-safe."""

    def __init__(self, fetch: Callable[[str], Response], clock: Clock, ttl: float) -> None:
        self._fetch, self._clock, self._ttl = fetch, clock, ttl
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def allows(self, url: str) -> bool:
        """Whether we may fetch `url`. Raises a Retry when the host's robots.txt cannot be had just now."""
        known = self._look(_origin(url))
        if known.failure is not None:
            # a fresh one for each caller: an exception collects the traceback of everyone who raises it
            raise type(known.failure)(str(known.failure), known.failure.after)
        return known.rules is None or bool(known.rules.can_fetch(url, AGENT))

    def crawl_delay(self, url: str) -> float | None:
        """Seconds the host wants between requests, if its robots.txt is known and says so."""
        known = self._known.get(_origin(url))
        return known.delay if known else None

    def _look(self, origin: str) -> _Known:
        known = self._known.get(origin)
        if known is None or known.until < self._clock.monotonic():
            known = self._read(origin, known)
            with self._lock:
                if len(self._known) >= _HOSTS:
                    self._known.clear()
                self._known[origin] = known
        return known

    def _read(self, origin: str, before: _Known | None) -> _Known:
        address = f"{origin}/robots.txt"
        try:
            rules = _rules(self._fetch(address))
        except Retry as error:
            wait = max(FAILED_TTL, error.after or 0.0)
            until = self._clock.monotonic() + wait
            # rules that were read once hold on while they cannot be read again (RFC 9309, 2.4)
            return _Known(until, failure=error) if before is None or before.failure else replace(before, until=until)
        except Never:
            # a robots.txt that redirects in circles is none (RFC 9309, 2.3.1.2); where the address guard refused,
            # it speaks again for the page itself
            rules = None
        return _Known(self._clock.monotonic() + self._ttl, rules, _delay(rules))


def _rules(answer: Response) -> Protego | None:
    if answer.status == 429:
        raise RateLimited(f"{answer.url}: expected 200 or 404, got 429", retry_after(answer))
    if answer.status >= 500:
        raise ServerFailed(f"{answer.url}: expected 200 or 404, got {answer.status}", retry_after(answer))
    if answer.status >= 300:
        return None
    return Protego.parse(answer.body.decode("utf-8-sig", "replace"))


def _delay(rules: Protego | None) -> float | None:
    delay = rules.crawl_delay(AGENT) if rules else None
    return float(delay) if delay is not None and isfinite(delay) else None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
