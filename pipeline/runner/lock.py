"""One engine a store: a lock file beside it, held for as long as the process lives."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import StoreError


@contextmanager
def only_engine(path: Path) -> Iterator[None]:
    """Hold the store at `path` as its only engine. Raises StoreError when another one does."""
    lock = path.with_name(path.name + ".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(f"{path}: another vigia process is polling into this store; stop it first") from None
        yield
