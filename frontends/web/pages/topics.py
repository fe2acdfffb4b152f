"""Topics: what each one means, how often it is met, and the patterns that look for it, as config/topics/ has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import Path as InPath
from fastapi import Request

from frontends.web.office import Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from pipeline.desk import StatementWish, TopicLine
from pipeline.exporting import Sheet
from pipeline.topics.files import TopicFile, read_topics
from pipeline.wording import worded

pages = Pages()

Slug = Annotated[str, InPath(max_length=80)]
_STATEMENTS = 10
#: lists of patterns, as the files call them and as they are read
_LISTS = (("sure", "sure"), ("likely", "likely"), ("in_context", "in_context"), ("cues", "cues"), ("not", "never"))


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A topic with its patterns: by language, then by list, as written."""

    topic: TopicLine
    patterns: dict[str, dict[str, tuple[str, ...]]]


@pages.page("/topics")
def topics(request: Request, office: OfficeHere) -> Shown:
    """Every topic that is watched, the most met of late first."""
    found = sorted(office.desk.topic_views(), key=lambda one: (-one.lately, -one.items, one.topic))
    most = max((one.lately for one in found), default=0) or 1
    return Shown("topics.html", found, sheet, {"most": most})


@pages.page("/topics/{slug}")
def topic(request: Request, office: OfficeHere, slug: Slug) -> Shown:
    """One topic: where countries stand on it, what was said last, what looks for it."""
    line = next((one for one in office.desk.topic_views() if one.topic == slug), None)
    if line is None:
        raise Problem(404, worded("there is no topic {name}", name=slug))
    beside = {
        "latest": office.desk.statement_page(f"topic:{slug}", StatementWish(_STATEMENTS)).statements,
        "cells": office.desk.positions(topics=[slug]).cells,
    }
    return Shown("topic.html", TopicPage(line, patterns_of(office, slug)), patterns_sheet, beside)


def patterns_of(office: Office, slug: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """What looks for a topic: by language, then by list; lists that are empty are left out."""
    folder = office.desk.reference.topics_in
    written = {one.slug: one for one in _files(folder)} if folder else {}
    if slug not in written:
        return {}
    return {
        lang: {name: found for name, attribute in _LISTS if (found := getattr(lists, attribute))}
        for lang, lists in written[slug].patterns.items()
    }


@lru_cache(maxsize=4)
def _files(folder: Path) -> tuple[TopicFile, ...]:
    return read_topics(folder)


def sheet(found: Sequence[TopicLine]) -> Sheet:
    """A row a topic."""
    columns = (
        "topic",
        "label_en",
        "label_es",
        "items",
        "items_in_30_days",
        "patterns",
        "description_en",
        "description_es",
    )
    rows = (
        (
            one.topic,
            one.label.get("en"),
            one.label.get("es"),
            one.items,
            one.lately,
            sum(one.patterns.values()),
            one.description.get("en"),
            one.description.get("es"),
        )
        for one in found
    )
    return Sheet(columns, rows)


def patterns_sheet(found: TopicPage) -> Sheet:
    """A row a pattern."""
    return Sheet(("topic", "language", "list", "pattern"), _patterns(found))


def _patterns(found: TopicPage) -> Iterator[tuple[str, ...]]:
    for lang, lists in found.patterns.items():
        for name, written in lists.items():
            for pattern in written:
                yield found.topic.topic, lang, name, pattern
