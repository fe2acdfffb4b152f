"""Alerts: what rules fired on, and what became of the messages."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from frontends.api.answering import Noun
from frontends.api.asked import After, Limit
from frontends.web.numbers import Number
from frontends.web.office import OfficeHere
from pipeline.alertdesk import AlertAccount
from pipeline.desk import AlertPage

api = Noun()


@api.answer("/alerts", 400, paged=True)
def alerts(
    office: OfficeHere,
    rule: Annotated[str | None, Query(max_length=200, description="What this rule fired alone")] = None,
    after: After = None,
    limit: Limit = 100,
) -> AlertPage:
    """Alerts, newest first."""
    return office.desk.alert_page(rule, limit, after)


@api.answer("/alerts/{number}", 404)
def alert(office: OfficeHere, number: Number) -> AlertAccount:
    """One alert: why it fired, what was new, what became of its messages, what came after."""
    return office.alerts.explain(number)
