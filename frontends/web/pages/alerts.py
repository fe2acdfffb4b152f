"""Alerts that fired: what of, why, where each message went; messages that no channel took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import RedirectResponse

from frontends.web.numbers import Chosen, Number
from frontends.web.office import OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown
from frontends.web.shown import address
from frontends.web.visitor import EditorHere
from pipeline.alertdesk import AlertAccount
from pipeline.exporting import Sheet
from pipeline.storage.views import AlertView
from pipeline.wording import worded

pages = Pages()

Rule = Annotated[str, Query(max_length=80)]
Limit = Annotated[int, Query(ge=1, le=1000)]


@pages.page("/alerts")
def alerts(request: Request, office: OfficeHere, rule: Rule = "", limit: Limit = 100) -> Shown:
    """What fired, newest first, day by day; what could not be delivered."""
    found = office.desk.alerts(limit, rule or None)
    beside = {
        "rule": rule, "limit": limit, "days": by_day(found), "dead": office.alerts.dead(),
        "said": office.desk.statements_by_id(one.statement_id for one in found),
    }  # fmt: skip
    return Shown("alerts.html", found, sheet, beside)


@pages.page("/alerts/{number:int}")
def alert(request: Request, office: OfficeHere, number: Number) -> Shown:
    """Why an alert fired and what became of it."""
    try:
        found = office.alerts.explain(number)
    except KeyError:
        raise Problem(404, worded("there is no alert {name}", name=number)) from None
    return Shown(
        "alert.html",
        found,
        account_sheet,
        {"said": office.desk.statements_by_id([found.statement_id]).get(found.statement_id)},
    )


@pages.post("/alerts/retry", include_in_schema=False)
def retry(office: OfficeHere, visitor: EditorHere, message: Chosen = None) -> RedirectResponse:
    """Let messages that were given up be tried again: one, or all."""
    revived = office.alerts.revive(None if message is None else [message])
    return RedirectResponse(address("/alerts", revived=revived), 303)


def by_day(found: Iterable[AlertView]) -> list[tuple[date, list[AlertView]]]:
    """Alerts in the days on which they fired, newest first as they come."""
    return [(day, list(fired)) for day, fired in groupby(found, lambda one: one.fired_at.date())]


def sheet(found: Sequence[AlertView]) -> Sheet:
    """A row an alert."""
    columns = ("id", "fired_at", "rule", "title", "url", "item", "statement", "deliveries")
    rows = (
        (
            one.id, one.fired_at, one.rule, one.title, one.url, one.item_id, one.statement_id,
            ", ".join(f"{told.channel}: {told.state}" for told in one.deliveries),
        )
        for one in found
    )  # fmt: skip
    return Sheet(columns, rows)


def account_sheet(found: AlertAccount) -> Sheet:
    """A row a message."""
    columns = ("alert", "rule", "fired_at", "channel", "state", "attempts", "sent_at", "error")
    rows = (
        (found.id, found.rule, found.fired_at, one.channel, one.state, one.attempts, one.sent_at, one.error)
        for one in found.deliveries
    )
    return Sheet(columns, rows)
