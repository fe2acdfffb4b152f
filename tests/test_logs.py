"""Lines say what they are about, for people and for machines."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from pipeline.logs import bound, log_to, write_at_once
from pipeline.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)


def said(form: str, level: str = "info") -> StringIO:
    stream = StringIO()
    log_to(stream, replace(Settings(), log_format=form, log_level=level))  # type: ignore[arg-type]
    return stream


def test_a_line_names_its_work_for_people() -> None:
    stream = said("human")
    with bound(task="b1f"), bound(entry=7):
        logging.getLogger("vigia.fetch").warning("put off")
    logging.getLogger("vigia.fetch").warning("on its own")
    first, second = stream.getvalue().splitlines()
    assert first.endswith("WARNING vigia.fetch put off [task=b1f entry=7]")
    assert second.endswith("on its own")


def test_a_line_is_an_object_for_machines_whatever_it_holds() -> None:
    stream = said("json")
    try:
        raise ValueError("«ñ»\nsecond line")
    except ValueError:
        with bound(entry=7):
            logging.getLogger("vigia").exception("failed:\n%s", "why")
    [line] = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"], told["entry"]) == ("error", "vigia", "failed:\nwhy", 7)
    assert told["error"].endswith("second line")
    assert told["at"].endswith("+00:00")


def test_what_is_below_the_level_is_not_said() -> None:
    stream = said("human", "warning")
    logging.getLogger("vigia").info("quiet")
    assert stream.getvalue() == ""


def test_libraries_do_not_chatter() -> None:
    stream = said("human", "debug")
    logging.getLogger("httpx").info("HTTP Request: GET")
    assert stream.getvalue() == ""


def test_a_warning_of_a_library_is_an_object_too(recwarn: pytest.WarningsRecorder) -> None:
    stream = said("json")
    warnings.warn("this is old", DeprecationWarning, stacklevel=1)
    line = json.loads(stream.getvalue())
    assert (line["level"], "this is old" in line["message"]) == ("warning", True)


def test_what_is_said_in_a_signal_handler_is_an_object_too(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        log_to(file, replace(Settings(), log_format="json", log_level="error"))
        assert write_at_once("vigia", "stopping")
        assert json.loads((tmp_path / "log").read_text())["message"] == "stopping", (
            "past the buffer, whatever the level"
        )


def test_for_people_it_is_left_to_the_caller() -> None:
    stream = said("human")
    assert not write_at_once("vigia", "stopping")
    assert stream.getvalue() == ""
