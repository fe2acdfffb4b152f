"""What the program says while it works: lines for people or JSON objects, each with the work that it is about.

with bound(entry=7, task="b1f..."):
    log.warning("fetch is put off")     # ... WARNING vigia.dispatch fetch is put off [entry=7 task=b1f...]
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from pipeline.settings import Settings

_BOUND: ContextVar[Mapping[str, object]] = ContextVar("bound", default={})  # noqa: B039 - never changed, only replaced
#: chatter of libraries: one line for each request, each message and each migration is our own log's business
_CHATTY = ("httpx", "alembic", "celery.worker.strategy", "celery.app.trace", "kombu", "amqp")


@contextmanager
def bound(**work: object) -> Iterator[None]:
    """Every line that this thread logs inside names this work, beside what is bound already."""
    token = _BOUND.set({**_BOUND.get(), **work})
    try:
        yield
    finally:
        _BOUND.reset(token)


def log_to(stream: TextIO, settings: Settings) -> None:
    """Log to a stream from now on, in the form and from the level that the settings say; nowhere else."""
    lines = logging.StreamHandler(stream)
    lines.setFormatter(Json() if settings.log_format == "json" else Human())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[lines], force=True)
    # what libraries warn of is a line, too
    logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def write_at_once(logger: str, words: str) -> bool:
    """Log a line as JSON, whatever the level; False, and nothing said, where lines are for people.

    For signal handlers: written past the stream's buffer, in which the interrupted code may be writing.
    """
    lines = [handler for handler in logging.getLogger().handlers if isinstance(handler.formatter, Json)]
    record = logging.LogRecord(logger, logging.INFO, "", 0, words, None, None)
    for handler in lines:
        if isinstance(handler, logging.StreamHandler):
            os.write(handler.stream.fileno(), f"{handler.format(record)}\n".encode())
    return bool(lines)


class Human(logging.Formatter):
    """`TIME LEVEL logger words [entry=7 task=...]`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class names it so
        """One line, without a traceback."""
        work = " ".join(f"{name}={value}" for name, value in _BOUND.get().items())
        return super().formatMessage(record) + (f" [{work}]" if work else "")


class Json(logging.Formatter):
    """One object a line: at, level, logger, message, error (a traceback, if any) and what is bound."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_BOUND.get(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
