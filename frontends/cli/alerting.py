"""Commands about alerts: list, explain, mute, retry, send-test; those about rules are in rules.py."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli import rules
from frontends.cli.output import Json, Limit, console, moment, open_desk, say, table, write_json
from frontends.cli.rules import Rule, rule_named

if TYPE_CHECKING:
    from pipeline.alertdesk import AlertAccount, AlertDesk, DeadLetter
    from pipeline.storage.views import AlertView, DeliveryView

alerts_app = typer.Typer(
    help="Alerts that fired, and why; rules made, changed and tried on the past; channels tried now.",
    invoke_without_command=True,
)


def register(app: typer.Typer) -> None:
    """Add these commands, and those about rules, to the program."""
    rules.register(alerts_app)
    app.add_typer(alerts_app, name="alerts")


def _alert_desk() -> AlertDesk:
    from pipeline.alertdesk import AlertDesk

    desk = open_desk()
    return AlertDesk(desk.store, desk.clock)


@alerts_app.callback()
def alerts(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option("--rule", help="Of this rule only.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Messages that no channel took, instead.")] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List alerts that fired, newest first."""
    if context.invoked_subcommand is not None:
        return
    found: list[AlertView] | list[DeadLetter]
    found = _alert_desk().dead(limit) if dead else open_desk().alerts(limit, rule)
    if json:
        write_json(found)
        return
    say(f"{len(found)} message(s) given up" if dead else f"{len(found)} alert(s)")
    console().print(_dead(found) if dead else _alerts(found))  # type: ignore[arg-type]


def _alerts(found: list[AlertView]) -> object:
    rows = (
        (
            alert.id,
            moment(alert.fired_at),
            alert.rule,
            alert.title,
            "\n".join(map(_delivery, alert.deliveries)),
        )
        for alert in found
    )
    return table(None, "alert", "fired", "rule", "what", "deliveries", rows=rows, right=(0,))


def _dead(found: list[DeadLetter]) -> object:
    rows = (
        (one.delivery_id, one.channel, one.rule, one.title, f"{one.attempts} attempts: {one.error or ''}")
        for one in found
    )
    return table(None, "message", "channel", "rule", "what", "why", rows=rows, right=(0,))


def _delivery(delivery: DeliveryView) -> str:
    """How a message stands with one channel; of one that is dead or tried again, why."""
    words = f"{delivery.channel}: {delivery.state}"
    return f"{words}, {delivery.error}" if delivery.error and delivery.state != "sent" else words


@alerts_app.command("explain")
def alerts_explain(
    alert_id: Annotated[int, typer.Argument(metavar="ID", help="An alert, as `vigia alerts` shows it.")],
    json: Json = False,
) -> None:
    """Say why an alert fired, what was new about it, where it went and what was kept quiet after it."""
    try:
        found = _alert_desk().explain(alert_id)
    except KeyError as error:
        say(f"vigia: {error.args[0]}")
        raise typer.Exit(1) from None
    if json:
        write_json(found)
        return
    console().print(table(None, "alert", str(found.id), rows=_account(found)))
    if found.after:
        rows = ((moment(one.at), one.reason, one.title) for one in found.after)
        console().print(table("After it", "when", "why it was kept quiet", "what", rows=rows))


def _account(found: AlertAccount) -> list[tuple[str, str]]:
    told = [
        ("what", found.title),
        ("address", found.url),
        ("fired", f"{moment(found.fired_at)}, importance {found.importance}"),
        ("rule", f"{found.rule}: {found.why}"),
        ("met", "\n".join(found.met)),
        ("new", found.new),
        ("told apart by", "\n".join(found.keys)),
        ("told", f"with others ({found.held}) at {moment(found.held_until)}" if found.held else "by itself"),
        ("deliveries", "\n".join(map(_delivery, found.deliveries)) or "none yet"),
    ]
    return [(name, words) for name, words in told if words]


@alerts_app.command("mute")
def alerts_mute(
    name: Rule,
    until: Annotated[
        str, typer.Option("--until", help="12h, 7d, 2012-07-01 or 2012-07-01T08:00Z; `now` lets it speak again.")
    ] = "1d",
    json: Json = False,
) -> None:
    """Keep a rule quiet for a while; what meets it meanwhile is not told later."""
    from pipeline.alerts.limits import LimitError, until_moment

    rule_named("mute", name)
    desk = _alert_desk()
    try:
        moment_ = None if until == "now" else until_moment(until, desk.clock.now())
    except LimitError as error:
        say(f"vigia: --until: expected {error}, got {until!r}")
        raise typer.Exit(2) from None
    desk.mute(name, moment_)
    if json:
        write_json({"rule": name, "muted_until": moment_})
    else:
        say(f"{name} is muted until {moment(moment_)}" if moment_ else f"{name} speaks again")


@alerts_app.command("retry")
def alerts_retry(
    message: Annotated[
        list[int] | None, typer.Argument(help="Messages, as `vigia alerts --dead` shows them; none: all.")
    ] = None,
    json: Json = False,
) -> None:
    """Take up messages again that were given up; the next run or poll sends them."""
    revived = _alert_desk().revive(message or None)
    if json:
        write_json({"retried": revived})
    else:
        say(f"{revived} message(s) wait again; `vigia poll` or `vigia run` sends them")
    others = len(set(message or ())) - revived
    if message and others:
        say(f"vigia: alerts retry: expected messages that `vigia alerts --dead` lists, got {others} other")
        raise typer.Exit(1)


@alerts_app.command("send-test")
def alerts_send_test(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="terminal, file, or as config/alerts.toml says.")],
    json: Json = False,
) -> None:
    """Send a sample to one channel, now, and say whether it was taken."""
    from pipeline.bootstrap import configuration, engine
    from pipeline.errors import Never, Retry

    try:
        engine.try_channel(configuration.settings_from_environment(), channel, sys.stderr if json else sys.stdout)
    except (Retry, Never) as error:
        if json:
            write_json({"channel": channel, "sent": False, "error": str(error)})
        say(f"vigia: alerts send-test: {error}")
        raise typer.Exit(1) from None
    if json:
        write_json({"channel": channel, "sent": True, "error": None})
    else:
        say(f"{channel} took it")
