"""A process to kill: python -m tests.alerts.courier ADDRESS URL STEP. Settles an article, or sends what waits."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys

import httpx

from pipeline import bundling, ingest
from pipeline.alerts.deliver import Webhook
from pipeline.storage import alerts
from pipeline.storage.store import Store
from pipeline.types import AlertRule
from tests.flows import Bench, analysis, bench, prose, report

RULES = (
    AlertRule("said", "topic:legalization", channels=("webhook",)),
    AlertRule("together", "topic:legalization", channels=("webhook",), digest=60.0),
)
ARTICLES = 3


def opened(address: str, url: str, client: httpx.Client) -> Bench:
    at = bench(Store(address), RULES)
    hook = Webhook(url, "key", client=client, timeout=30.0, now=at.clock.now)
    return dataclasses.replace(at, flow=dataclasses.replace(at.flow, channels={"webhook": hook}))


def save(at: Bench) -> None:
    """Settle articles, and die before anything of them is sent."""
    for number in range(ARTICLES):
        at.settle(analysis(f"http://diario.example/{number}", prose(number), report(prose(100 + number, 12))))
    os.kill(os.getpid(), signal.SIGKILL)


def send(at: Bench) -> None:
    """Send all that waits."""
    at.clock.forward(minutes=5)
    bundling.tell_due(at.flow)
    with at.flow.store.read() as db:
        waiting = alerts.next_of_each(db, at.clock.now())
    while waiting:
        for delivery_id in waiting.values():
            ingest.deliver_alert(at.flow, delivery_id)
        with at.flow.store.read() as db:
            waiting = alerts.next_of_each(db, at.clock.now())


if __name__ == "__main__":
    with httpx.Client(trust_env=False) as client:
        {"save": save, "send": send}[sys.argv[3]](opened(sys.argv[1], sys.argv[2], client))
