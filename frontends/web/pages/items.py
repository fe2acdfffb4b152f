"""An item: its text with what it is about and who said what in it, where it appeared, what its publisher changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import Query, Request

from frontends.web import sheets
from frontends.web.bulletins import bulletins
from frontends.web.marking import Paragraph, paragraphs
from frontends.web.numbers import Number
from frontends.web.office import Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from pipeline.storage.views import ItemView
from pipeline.types import Change, Span, Where
from pipeline.wording import worded

pages = Pages()

#: so many topics look different from each other
_HUES = 6
#: of what stayed the same, so many characters are shown around what was changed
_AROUND = 120


@pages.page("/items/{number:int}")
def item(
    request: Request, office: OfficeHere, number: Number, topic: Annotated[str, Query(max_length=80)] = ""
) -> Shown:
    """An item; with a topic, that topic's evidence alone is marked in it."""
    try:
        found = office.desk.item(number)
    except KeyError:
        raise Problem(404, worded("there is no article {name}", name=number)) from None
    return Shown(
        "item.html", found, lambda one: sheets.statements(one.statements), beside(office, found, topic), blocks=BLOCKS
    )


BLOCKS = {"text": "text"}


def beside(office: Office, found: ItemView, topic: str) -> dict[str, Any]:
    """What the page shows beside the answer: the text cut up, statements in the order in which they begin."""
    title, text = marked(found, "title", topic), marked(found, "text", topic)
    order = [number for runs in (*title, *text) for run in runs for number in run.begins]
    told = office.desk.alerts_on(found)
    by_number = {one.id: one for one in found.statements}
    shown = [by_number[number] for number in dict.fromkeys([*order, *by_number])]
    return {
        "title": title[0],
        "text": text,
        "statements": shown,
        "placed": frozenset(order),
        "numbers": {one.id: place for place, one in enumerate(shown, 1)},
        "hues": {one.topic: f"hue{place % _HUES}" for place, one in enumerate(found.topics)},
        "chosen": topic,
        "alerts": told,
        "bulletins": bulletins(told, office.desk.statements_by_id(one.statement_id for one in told)),
        "shortened": shortened,
    }


def marked(found: ItemView, where: Where, topic: str) -> tuple[Paragraph, ...]:
    """Title or text with evidence (of one topic, or of all) and statements marked."""
    field = found.title.replace("\n", " ") if where == "title" else found.text
    evidence = [
        (one.topic, (piece["span"][0], piece["span"][1]))
        for one in found.topics
        for piece in one.evidence
        if piece["in"] == where and topic in ("", one.topic)
    ]
    return paragraphs(field, evidence, _said(found, where, field))


def _said(found: ItemView, where: Where, field: str) -> Iterator[tuple[int, Span]]:
    """Where statements stand; not those of an earlier text, which has other words in their place."""
    for statement in found.statements:
        for report in statement.reports:
            words = " ".join(field[start:end] for start, end in report.parts)
            if report.item_id == found.id and report.where == where and not report.outdated and words == report.text:
                yield from ((statement.id, part) for part in report.parts)


def shortened(changes: Sequence[Change]) -> list[Change]:
    """What was changed, with so much around it that it can be read."""
    last = len(changes) - 1
    return [
        Change("same", _around(one.text, place > 0, place < last)) if one.op == "same" else one
        for place, one in enumerate(changes)
    ]


def _around(text: str, follows: bool, leads: bool) -> str:
    """Its end where a change follows, its beginning where one went before; between them that something is left out."""
    if len(text) <= 3 * _AROUND:
        return text
    head = text[:_AROUND].rsplit(" ", 1)[0] if follows else ""
    tail = text[-_AROUND:].split(" ", 1)[-1] if leads else ""
    return f"{head} … {tail}".lstrip(" ")
