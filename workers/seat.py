"""A worker's place on the store: while it has one, no embedded engine comes and takes its work for that of the dead.

A beat asks for its place before each look (workers/schedule.py); a worker has no such moment, and children that cannot
be told, so a thread of the parent asks every other second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from pipeline.bootstrap import desks
from pipeline.errors import StoreError, StoreLost
from pipeline.settings import Settings

log = logging.getLogger("vigia.workers")

#: seconds between two questions whether the store's server still knows of us
_EVERY = 2.0


@contextmanager
def seat(settings: Settings, leave: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Be among those who work on the store, for as long as this lasts; gives whether the place was lost for good.

    `leave` is called, on a thread, when somebody came to be alone on the store while its server had forgotten us.
    Raises StoreError where somebody is alone on it now.
    """
    ended, lost = threading.Event(), threading.Event()

    def keep() -> None:
        while not ended.wait(_EVERY):
            try:
                make_sure()
            except StoreLost as error:
                log.warning("the place on the store is to be taken again: %s", error)
            except StoreError as error:
                log.warning("ending, as somebody came in while the store was away: %s", error)
                lost.set()
                leave()
                return

    with closing(desks.find_store(settings)) as store, store.among() as make_sure:
        keeper = threading.Thread(target=keep, name="seat", daemon=True)
        keeper.start()
        try:
            yield lost.is_set
        finally:
            ended.set()
            keeper.join()
