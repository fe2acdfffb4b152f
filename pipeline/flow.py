"""All that the steps of the flow need, in one frozen object; pipeline/bootstrap/ makes it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.alerts.deliver import Channel
from pipeline.clock import Clock
from pipeline.dedupe import Agencies
from pipeline.fetch import Gate
from pipeline.poll import HostRules
from pipeline.rulebook import RuleBook
from pipeline.settings import Settings
from pipeline.sources import UrlKeys
from pipeline.storage.store import Store
from pipeline.types import FeedState, Request, Response, Source


class Getter(Protocol):
    """Fetches a URL: `fetch.Fetcher`, or a fake in tests."""

    def get(self, request: Request) -> Response:
        """Give the answer, whatever its status. Raises Retry and Never."""
        ...


class Seeker(Protocol):
    """Looks for what may replace a lost feed of a source: feed discovery, or a fake in tests."""

    def __call__(self, source: Source, feed: FeedState) -> str | None:
        """Give the address of a feed that can be read; None where none is found. Raises Retry and Never."""
        ...


class Observer(Protocol):
    """Is told what the steps did, for those who watch many of them: metrics, or nobody. Must not raise."""

    def count(self, what: str, label: str = "", number: int = 1) -> None:
        """So many of something happened: polls, fetches, entries, alerts and so on; `label` says which."""
        ...

    def took(self, stage: str, seconds: float) -> None:
        """A stage was gone through once: poll, fetch, read, settle, deliver."""
        ...


class Unobserved:
    """Nobody watches."""

    def count(self, what: str, label: str = "", number: int = 1) -> None:
        """Say nothing."""

    def took(self, stage: str, seconds: float) -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class Flow:
    """All that the four steps need, wired by pipeline/bootstrap/."""

    settings: Settings
    store: Store
    clock: Clock
    rng: random.Random
    fetcher: Getter
    sources: Mapping[str, Source]
    url_keys: UrlKeys
    rules: RuleBook
    channels: Mapping[str, Channel]
    gate: Gate
    hosts: HostRules = field(default_factory=HostRules)
    #: None: lost feeds are marked, but nobody looks for what may replace them
    seek: Seeker | None = None
    #: names of the channels that notices about sources go to
    notice_channels: tuple[str, ...] = ()
    #: whose texts others reprint
    agencies: Agencies = field(default_factory=Agencies.of)
    observer: Observer = field(default_factory=Unobserved)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Tell the observer how long a stage took, however it ends."""
        began = self.clock.monotonic()
        try:
            yield
        finally:
            self.observer.took(stage, self.clock.monotonic() - began)
