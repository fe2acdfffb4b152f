"""Alert rules: those of config/alerts.toml are shown; those of the store are made, changed, removed, muted here."""

from __future__ import annotations

from datetime import timedelta

from frontends.api.answering import Noun
from frontends.api.asked import NameAsked, NewRule, Quiet, RuleSent, Tried
from frontends.web.office import Office, OfficeHere
from frontends.web.problems import Problem
from frontends.web.visitor import MayChange
from pipeline.alertrule import AlertRule
from pipeline.desk import Backtest
from pipeline.ruledesk import RuleView

api = Noun()


@api.answer("/rules")
def rules(office: OfficeHere) -> list[RuleView]:
    """All rules: those of the file in its order, then those of the store by name."""
    return office.rules.rules()


@api.answer("/rules/{name}", 404)
def rule(office: OfficeHere, name: NameAsked) -> RuleView:
    """One rule, as it is written and what it means."""
    return office.rules.rule(name)


@api.change("POST", "/rules", 409, status=201)
def add(office: OfficeHere, visitor: MayChange, sent: NewRule) -> RuleView:
    """Make a rule. Running engines follow it within seconds."""
    if any(one.name == sent.name for one in office.rules.rules()):
        raise Problem(409, f"name: expected one that no rule has, got {sent.name!r}")
    office.rules.save_rule(sent.written(sent.name), visitor.name, replace=False)
    return office.rules.rule(sent.name)


@api.change("PUT", "/rules/{name}")
def put(office: OfficeHere, visitor: MayChange, name: NameAsked, sent: RuleSent) -> RuleView:
    """Make a rule, or write it anew: what is not said of it is as though it had never been."""
    office.rules.save_rule(sent.written(name), visitor.name)
    return office.rules.rule(name)


@api.change("DELETE", "/rules/{name}", 404, status=204)
def drop(office: OfficeHere, visitor: MayChange, name: NameAsked) -> None:
    """Keep a rule of the store no longer. What it fired stays."""
    office.rules.drop_rule(name)


@api.change("PUT", "/rules/{name}/mute", 404)
def mute(office: OfficeHere, visitor: MayChange, name: NameAsked, sent: Quiet) -> RuleView:
    """Keep a rule quiet until then; rules of the file too."""
    return _muted(office, name, sent)


@api.change("DELETE", "/rules/{name}/mute", 404)
def unmute(office: OfficeHere, visitor: MayChange, name: NameAsked) -> RuleView:
    """Let a rule speak again."""
    return _muted(office, name, None)


@api.change("POST", "/rules/backtest", 404)
def backtest(office: OfficeHere, visitor: MayChange, sent: Tried) -> Backtest:
    """What a rule would have fired on in the past, and what it would have kept quiet about. Nothing is kept or sent."""
    return office.desk.try_rule(_tried(office, sent), timedelta(days=sent.days), live=sent.live)


def _muted(office: Office, name: str, quiet: Quiet | None) -> RuleView:
    office.rules.rule(name)
    office.alerts.mute(name, None if quiet is None else quiet.until)
    return office.rules.rule(name)


def _tried(office: Office, sent: Tried) -> AlertRule:
    if (sent.name is None) == (sent.rule is None):
        raise Problem(422, "expected name or rule, one of them, got " + ("both" if sent.rule else "neither"))
    if sent.rule is not None:
        return office.rules.check_rule(sent.rule.written(sent.rule.name))
    readable = office.rules.readable()
    if sent.name not in readable:
        raise KeyError(f"rule: expected one that can be read, got {sent.name!r}")
    return readable[sent.name]
