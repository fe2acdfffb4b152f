"""Commands about alert rules, all under `vigia alerts`: rules, test, add, remove, enable, disable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontends.cli.output import Json, console, moment, open_desk, say, table, write_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from pipeline.desk import Backtest, Trial
    from pipeline.ruledesk import RuleDesk, RuleView
    from pipeline.types import AlertRule

Rule = Annotated[str, typer.Argument(metavar="RULE", help="A rule, as `vigia alerts rules` lists them.")]
Kept = Annotated[str, typer.Argument(metavar="RULE", help="A rule that `vigia alerts add` made, or a page.")]
Facets = Annotated[
    list[str] | None,
    typer.Option("--realert-key", help="speaker, topic, country, source, lang or role; may be given again."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to those about alerts."""
    app.command("rules")(listing)
    app.command("test")(backtest)
    app.command()(add)
    for command in (remove, enable, disable):
        app.command()(command)


def rule_named(command: str, name: str) -> AlertRule:
    """The rule of this name, switched off or not; says so and ends where there is none that can be read."""
    known = _desk().readable()
    if name not in known:
        say(f"vigia: alerts {command}: expected one of {', '.join(known) or 'no rules'}, got {name!r}")
        raise typer.Exit(2)
    return known[name]


def _desk() -> RuleDesk:
    from pipeline.bootstrap import configuration, desks

    return desks.open_rules(configuration.settings_from_environment())


# --- list -------------------------------------------------------------------------------------------------------------


def listing(json: Json = False) -> None:
    """List the rules of config/alerts.toml and those kept in the store, and what each fires on."""
    found = _desk().rules()
    if json:
        write_json(found)
        return
    say(f"{len(found)} rule(s), {sum(one.asked for one in found)} of them asked")
    rows = ((one.name, one.kept_in, _state(one), one.explanation, _lately(one)) for one in found)
    console().print(table(None, "rule", "in", "state", "fires on", "alerts in 30 days", rows=rows))


def _state(rule: RuleView) -> str:
    if rule.fault:
        return f"{'asked, but' if rule.asked else 'left out:'} {rule.fault}"
    if not rule.enabled:
        return "disabled"
    return f"muted until {moment(rule.muted_until)}" if rule.muted_until else "asked"


def _lately(rule: RuleView) -> str:
    return f"{rule.alerts_lately}, last {moment(rule.last_fired_at)}" if rule.last_fired_at else "none ever"


# --- test -------------------------------------------------------------------------------------------------------------


def backtest(
    name: Rule,
    since: Annotated[str, typer.Option("--since", help="How far back: 24h, 30d, 2w.")] = "30d",
    live: Annotated[
        bool,
        typer.Option("--live", help="As it was: what came with a first poll, a back-fill or an import stays quiet."),
    ] = False,
    json: Json = False,
) -> None:
    """Say what a rule would have fired on and what it would have kept quiet and why, sending nothing."""
    rule, back = rule_named("test", name), _back("--since", since)
    _show(open_desk().try_rule(rule, back, live=live), name, json=json)


def _back(option: str, since: str) -> timedelta:
    from pipeline.query.times import TimeError, last

    try:
        return last("published", since).span
    except TimeError as error:
        say(f"vigia: {option}: expected {error}, got {since!r}")
        raise typer.Exit(2) from None


def _show(tried: Backtest, name: str, *, json: bool) -> None:
    if json:
        write_json(tried.trials)
    fired = [trial for trial in tried.trials if not trial.suppressed]
    if tried.looked_at < tried.found:
        say(f"looked at the {tried.looked_at} newest of {tried.found} that meet the query: try less of the past")
    if json:
        return
    say(f"{name} would have fired {len(fired)} time(s), kept quiet {len(tried.trials) - len(fired)} time(s)")
    rows = ((moment(one.at), _verdict(one), one.title, one.url) for one in tried.trials)
    console().print(table(None, "when", "verdict", "what", "address", rows=rows))


def _verdict(trial: Trial) -> str:
    if trial.suppressed:
        return "; ".join(trial.suppressed)
    later = f", in a {trial.held} at {moment(trial.held_until)}" if trial.held else ""
    return f"fires: {trial.new}{later}"


# --- make, change, remove ---------------------------------------------------------------------------------------------


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="1 to 80 of a-z, 0-9 and -.")],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What it fires on, in the query language.")],
    about: Annotated[str | None, typer.Option("--about", help="statement (unless told) or item.")] = None,
    new: Annotated[str | None, typer.Option("--new", help="statement (unless told), position or change.")] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", help="Where its alerts go, terminal unless told; may be given again."),
    ] = None,
    description: Annotated[str | None, typer.Option("--description", help="For people: what it is for.")] = None,
    realert: Annotated[
        str | None, typer.Option("--realert", help="30m, 12h, 7d: what has one key alerts once.")
    ] = None,
    realert_key: Facets = None,
    realert_max: Annotated[str | None, typer.Option("--realert-max", help="Lets --realert double up to this.")] = None,
    digest: Annotated[str | None, typer.Option("--digest", help="Gather for 6h, or until '0 7 * * 1-5' says.")] = None,
    digest_key: Annotated[
        list[str] | None, typer.Option("--digest-key", help="One digest for each value; may be given again.")
    ] = None,
    mute_until: Annotated[str | None, typer.Option("--mute-until", help="A date or time like 2012-07-01.")] = None,
    quiet_hours: Annotated[str | None, typer.Option("--quiet-hours", help="Hours like 22:00-07:00.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Of hours, digests and dates, as America/Lima.")] = None,
    max_per_hour: Annotated[int | None, typer.Option("--max-per-hour", help="More come in one summary.")] = None,
    importance: Annotated[str | None, typer.Option("--importance", help="low, normal (unless told) or high.")] = None,
    off: Annotated[bool, typer.Option("--disabled", help="Keep it without asking it anything.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="In place of the rule of this name, wholly.")] = False,
    try_: Annotated[
        str | None, typer.Option("--try", help="Keep nothing: try it on so much of the past: 24h, 30d, 2w.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a rule that is kept in the store; engines that run ask it within seconds. docs/alerts.md has its parts."""
    written: dict[str, Any] = {
        "name": name,
        "query": query,
        "about": about,
        "new": new,
        "channels": channel,
        "description": description,
        "enabled": False if off else None,
        "realert": realert,
        "realert_key": realert_key,
        "realert_max": realert_max,
        "digest": digest,
        "digest_key": digest_key,
        "mute_until": mute_until,
        "quiet_hours": quiet_hours,
        "zone": zone,
        "max_per_hour": max_per_hour,
        "importance": importance,
    }
    _add({key: value for key, value in written.items() if value is not None}, replace=replace, back=try_, json=json)


def _add(written: dict[str, Any], *, replace: bool, back: str | None, json: bool) -> None:
    desk, name = _desk(), written["name"]
    if back is not None:
        _show(open_desk().try_rule(desk.check_rule(written), _back("--try", back)), name, json=json)
        return
    desk.save_rule(written, _who(), replace=replace)
    shown = desk.rule(name)
    if json:
        write_json(shown)
    else:
        say(f"{name} is kept, and {'asked from now on' if shown.asked else 'disabled'}: {shown.explanation}")


def remove(name: Kept, json: Json = False) -> None:
    """Remove a rule that is kept in the store; what it fired stays."""
    _change("remove", name, lambda desk: desk.drop_rule(name))
    if json:
        write_json({"rule": name, "removed": True})
    else:
        say(f"{name} is removed; `vigia alerts --rule {name}` shows what it fired")


def enable(name: Kept, json: Json = False) -> None:
    """Let a rule that is kept in the store be asked again."""
    _switch("enable", name, on=True, json=json)


def disable(name: Kept, json: Json = False) -> None:
    """Keep a rule in the store without asking it anything."""
    _switch("disable", name, on=False, json=json)


def _switch(command: str, name: str, *, on: bool, json: bool) -> None:
    _change(command, name, lambda desk: desk.switch_rule(name, _who(), on=on))
    if json:
        write_json({"rule": name, "enabled": on})
    else:
        say(f"{name} is {'enabled' if on else 'disabled'}; engines that run see it within seconds")


def _change(command: str, name: str, change: Callable[[RuleDesk], None]) -> None:
    desk = _desk()
    try:
        change(desk)
    except KeyError:
        kept = ", ".join(one.name for one in desk.rules() if one.kept_in == "store")
        say(f"vigia: alerts {command}: expected a rule of the store ({kept or 'there is none'}), got {name!r}")
        raise typer.Exit(2) from None


def _who() -> str:
    """Whose rule it is: who is logged in here, as far as the system knows."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody at the terminal"
