"""Loading what stays for as long as the process lives."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Make objects by the hundred thousand, to keep: as a decorator, or around a block.

    Python's collector, which looks for what may go, would look through all of them again and again: 40 % of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
