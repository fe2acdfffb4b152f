"""One embedded engine a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.storage.store import Store


@contextmanager
def only_engine(store: Store) -> Iterator[None]:
    """Hold the store as its only engine, for as long as the process lives. Raises StoreError when another one does."""
    with store.alone():
        yield
