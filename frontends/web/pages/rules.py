"""Rules: what is asked of everything new; made, tried on the past, changed, switched off and removed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from frontends.web.asking import Misreading, Reading, misread, read
from frontends.web.languages import Interface
from frontends.web.office import InterfaceHere, Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.reply import Pages, Shown, reply
from frontends.web.ruleform import FACETS, Writing, blank, of_rule, writing_of
from frontends.web.visitor import EditorHere
from pipeline.alerts.limits import LimitError, until_moment
from pipeline.desk import Backtest
from pipeline.errors import ConfigError, QueryError
from pipeline.exporting import Sheet
from pipeline.ruledesk import ChangedMeanwhile, RuleView
from pipeline.types import AlertRule
from pipeline.wording import worded

pages = Pages()

Name = Annotated[str, Path(max_length=80)]
Back = Annotated[int, Query(ge=1, le=365)]
#: days of the past that a rule is tried on, unless told
_BACK = 30
#: trials that are shown: of more, those that would have been told
_SHOWN = 200


@pages.page("/rules")
def rules(request: Request, office: OfficeHere, interface: InterfaceHere) -> Shown:
    """Every rule: what it fires on, how it is, what it fired."""
    return Shown("rules.html", office.rules.rules(interface.code), sheet)


@pages.get("/new-rule", include_in_schema=False)
def new(
    request: Request,
    office: OfficeHere,
    interface: InterfaceHere,
    visitor: EditorHere,
    query: Annotated[str, Query(max_length=30_000)] = "",
    about: Annotated[str, Query(max_length=20)] = "statement",
) -> Response:
    """A form for a rule that is still to be made."""
    written = blank(office.desk.query(query.strip()) if query else "", about)
    return reply(request, form(office, interface, written))


@pages.page("/rules/{name}")
def rule(request: Request, office: OfficeHere, interface: InterfaceHere, name: Name) -> Shown:
    """One rule: what it says, what it fired lately, what may be done with it."""
    found = known(office, interface, name)
    return Shown("rule.html", found, lambda one: sheet([one]), {"fired": office.desk.alerts(10, name)})


@pages.page("/rules/{name}/trial")
def trial(request: Request, office: OfficeHere, interface: InterfaceHere, name: Name, days: Back = _BACK) -> Shown:
    """What a rule would have fired on in so many days, had it been there."""
    if name not in (readable := office.rules.readable()):
        raise Problem(404, worded("no rule that could be tried is called {name}", name=name))
    found = office.desk.try_rule(readable[name], timedelta(days=days))
    return Shown("trial.html", found, trial_sheet, {"name": name, "days": days, "shown": _SHOWN})


@pages.get("/rules/{name}/edit", include_in_schema=False)
def edit(request: Request, office: OfficeHere, interface: InterfaceHere, visitor: EditorHere, name: Name) -> Response:
    """The form with what a rule of the store says."""
    found = known(office, interface, name)
    if found.kept_in != "store":
        raise Problem(403, worded("{name} stands in config/alerts.toml, and is changed there", name=name))
    return reply(request, form(office, interface, of_rule(found)))


# --- changing ---------------------------------------------------------------------------------------------------------

WritingHere = Annotated[Writing, Depends(writing_of)]


@pages.post("/rules/try", include_in_schema=False)
def tried(
    request: Request, office: OfficeHere, interface: InterfaceHere, visitor: EditorHere, writing: WritingHere
) -> Response:
    """The form again, with what the rule would have fired on; nothing is kept."""
    try:
        meant = office.rules.check_rule(writing.written)
    except (ConfigError, QueryError) as error:
        return reply(request, form(office, interface, writing, error))
    return reply(request, form(office, interface, writing, tried=back(office, meant)))


@pages.post("/rules", include_in_schema=False)
def save(
    request: Request, office: OfficeHere, interface: InterfaceHere, visitor: EditorHere, writing: WritingHere
) -> Response:
    """Keep a rule; the form again, with what is wrong, for one that cannot be kept."""
    try:
        saved = office.rules.save_rule(
            writing.written, visitor.name or "web", replace=bool(writing.former), as_of=writing.as_of
        )
    except (ConfigError, QueryError) as error:
        return reply(request, form(office, interface, writing, error))
    except ChangedMeanwhile as change:
        # sent again, it replaces what it has been told of
        return reply(request, form(office, interface, replace(writing, as_of=change.at), change))
    return RedirectResponse(f"/rules/{saved.name}", 303)


@pages.post("/rules/{name}/switch", include_in_schema=False)
def switch(office: OfficeHere, visitor: EditorHere, name: Name, on: Annotated[bool, Form()]) -> RedirectResponse:
    """Let a rule of the store be asked, or not."""
    try:
        office.rules.switch_rule(name, visitor.name or "web", on=on)
    except KeyError:
        raise _unknown(name) from None
    return RedirectResponse(f"/rules/{quote(name)}", 303)


@pages.post("/rules/{name}/remove", include_in_schema=False)
def remove(office: OfficeHere, visitor: EditorHere, name: Name) -> RedirectResponse:
    """Keep a rule of the store no longer; what it fired stays."""
    try:
        office.rules.drop_rule(name)
    except KeyError:
        raise _unknown(name) from None
    return RedirectResponse("/rules", 303)


@pages.post("/rules/{name}/mute", include_in_schema=False)
def mute(
    office: OfficeHere,
    interface: InterfaceHere,
    visitor: EditorHere,
    name: Name,
    until: Annotated[str, Form(max_length=40)] = "",
) -> RedirectResponse:
    """Keep a rule quiet until then, of the file or of the store; without a time it speaks again."""
    known(office, interface, name)
    try:
        moment = until_moment(until.strip(), office.clock.now()) if until.strip() else None
    except LimitError as error:
        raise Problem(400, f"until: expected {error}, got {until!r}") from None
    office.alerts.mute(name, moment)
    return RedirectResponse(f"/rules/{quote(name)}", 303)


# --- asking -----------------------------------------------------------------------------------------------------------


def known(office: Office, interface: Interface, name: str) -> RuleView:
    """A rule by name. Raises Problem for one that is not there."""
    try:
        return office.rules.rule(name, interface.code)
    except KeyError:
        raise _unknown(name) from None


def _unknown(name: str) -> Problem:
    return Problem(404, worded("there is no rule {name}", name=name))


def back(office: Office, meant: AlertRule) -> Backtest:
    """What a rule would have made of the last days."""
    return office.desk.try_rule(meant, timedelta(days=_BACK))


def form(
    office: Office,
    interface: Interface,
    writing: Writing,
    error: ConfigError | QueryError | ChangedMeanwhile | None = None,
    tried: Backtest | None = None,
) -> Shown:
    """The form with what is written in it, what is wrong with it, what it would have fired on."""
    beside = {
        "writing": writing,
        "reading": reading_of(writing, office, interface),
        "error": error if isinstance(error, ConfigError) else None,
        "change": error if isinstance(error, ChangedMeanwhile) else None,
        "tried": tried,
        "days": _BACK,
        "shown": _SHOWN,
        "channels": [(one, one) for one in sorted(office.rules.channels)],
        "facets": FACETS,
    }
    status = 409 if beside["change"] else 400 if error else 200
    return Shown("rule_form.html", writing.written, beside=beside, status=status)


def reading_of(writing: Writing, office: Office, interface: Interface) -> Reading | Misreading | None:
    """What the query says, or where it goes wrong; None while there is none."""
    query = str(writing.written.get("query", ""))
    if not query.strip():
        return None
    try:
        return read(query, query, interface, office.topics)
    except QueryError as error:
        return misread(query, error)


# --- as rows ----------------------------------------------------------------------------------------------------------


def sheet(found: Sequence[RuleView]) -> Sheet:
    """A row a rule."""
    columns = (
        "name", "kept_in", "enabled", "asked", "query", "about", "new", "channels", "importance", "description",
        "alerts_in_30_days", "last_fired_at", "muted_until", "fault",
    )  # fmt: skip
    rows = (
        (
            one.name, one.kept_in, one.enabled, one.asked, one.query, one.about, one.new, " ".join(one.channels),
            one.importance, one.description, one.alerts_lately, one.last_fired_at, one.muted_until, one.fault,
        )
        for one in found
    )  # fmt: skip
    return Sheet(columns, rows)


def trial_sheet(found: Backtest) -> Sheet:
    """A row a thing that met the rule."""
    columns = ("at", "fires", "why_not", "new", "title", "url", "item", "statement", "held", "held_until")
    rows: Any = (
        (
            one.at, not one.suppressed, "; ".join(one.suppressed), one.new, one.title, one.url, one.item_id,
            one.statement_id, one.held, one.held_until,
        )
        for one in found.trials
    )  # fmt: skip
    return Sheet(columns, rows)
