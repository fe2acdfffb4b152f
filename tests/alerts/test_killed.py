"""Killed between saving and sending, and between sending and noting it: nothing is lost, nothing is told twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from pipeline.storage.store import Store
from tests.alerts.courier import ARTICLES
from tests.alerts.letterbox import Hook, serving

ROOT = Path(__file__).parents[2]


def courier(address: str, hook: Hook, step: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.alerts.courier", address, hook.url, step]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def test_a_webhook_that_checks_the_key_gets_everything_once(store: Store, database_url: str) -> None:
    hook = Hook()
    with serving(hook):
        assert courier(database_url, hook, "save").wait(timeout=60) == -signal.SIGKILL
        assert hook.posts == []

        # the webhook takes each message and says nothing; the sender dies before it knows
        hook.silent = True
        for _ in range(2):
            hook.came.clear()
            process = courier(database_url, hook, "send")
            assert hook.came.wait(timeout=60)
            process.send_signal(signal.SIGKILL)
            assert process.wait(timeout=10) == -signal.SIGKILL

        hook.silent = False
        assert courier(database_url, hook, "send").wait(timeout=60) == 0
        sent = len(hook.posts)
        assert courier(database_url, hook, "send").wait(timeout=60) == 0

    assert len(hook.posts) == sent, "what was sent is sent again"
    events = Counter(message["event"] for message in hook.taken.values())
    assert events == {"alert": ARTICLES, "digest": 1}
    told = [message["fields"]["alert"] for message in hook.taken.values() if message["event"] == "alert"]
    assert len(set(told)) == ARTICLES
    (digest,) = (message for message in hook.taken.values() if message["event"] == "digest")
    assert digest["fields"]["total"] == ARTICLES
    # the test itself: the first message did come three times, under one key
    assert max(Counter(hook.posts).values()) == 3
