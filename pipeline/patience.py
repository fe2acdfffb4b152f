"""What a host asked of all of us: remembered once, kept by whatever asks.

Polls and fetches look before they start (pipeline/ingest.py); what makes many requests in a row, a search for feeds or
a walk through the past, asks through `Considerate`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline import poll
from pipeline.errors import HeldBack, RateLimited
from pipeline.fetch import refuse_haste
from pipeline.flow import Flow
from pipeline.storage import hosts
from pipeline.storage.store import Transaction
from pipeline.types import Request, Response


@dataclass(frozen=True, slots=True)
class Considerate:
    """The fetcher of a flow, which asks nothing of a host that is stopped and stops one that asks for patience."""

    flow: Flow

    def get(self, request: Request) -> Response:
        """Give the answer, whatever its status but 429 and 503 with Retry-After.

        Raises Retry and Never; HeldBack where nothing was asked, RateLimited where the host is stopped from now on.
        """
        host = self.flow.hosts.key(request.url)
        self._look(request, host)
        try:
            answer = self.flow.fetcher.get(request)
            refuse_haste(answer)
        except RateLimited as error:
            after, said = error.after, str(error)
            self.flow.store.transact(lambda db: stop_host(self.flow, db, host, after, said))
            raise
        return answer

    def _look(self, request: Request, host: str) -> None:
        now = self.flow.clock.now()
        with self.flow.store.read() as db:
            known = hosts.load(db, host)
        if poll.stopped(known, now) and known.stop_until is not None:
            wait = (known.stop_until - now).total_seconds()
            raise HeldBack(f"{request.url}: {host} is left alone until {known.stop_until}: {known.reason}", wait)


def stop_host(flow: Flow, db: Transaction, host: str, wait: float | None, reason: str) -> None:
    """Leave a host alone for a while, polls and fetches alike, if one answer speaks for all of it."""
    if flow.hosts.may_stop(host):
        known = hosts.load(db, host)
        hosts.save(db, poll.after_refusal(known, wait, reason, flow.clock.now(), flow.settings))
