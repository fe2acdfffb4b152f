"""Commands about the sources: list, add, check. What changes the catalogue by hand is in catalogue.py."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import Json, console, moment, open_desk, progress, say, table, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pipeline.desk import SourceView
    from pipeline.drypoll import Checked, Question
    from pipeline.prospect import Given, Proposal
    from pipeline.settings import Settings
    from pipeline.types import FeedState, Source

sources_app = typer.Typer(help="The sources: list, add, check, enable, disable, import.", invoke_without_command=True)

#: titles shown of a feed that would be added
_SAMPLES = 3
#: state of a feed that sources.toml declares since the engine last read it
_TO_COME = "from the next start on"
#: hosts asked at once by a check
_THREADS = 8
#: share of entries with their whole text from which a feed is said to carry it
_MOSTLY = 0.5


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(sources_app, name="sources")


def refuse(words: str) -> typer.Exit:
    """Say what is wrong with what was typed, for `raise`."""
    say(f"vigia: {words}")
    return typer.Exit(2)


# --- list -------------------------------------------------------------------------------------------------------------


@sources_app.callback()
def sources(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Disabled ones too, with the reason, and former feeds.")
    ] = False,
    json: Json = False,
) -> None:
    """List the sources: how each feed stands and why, entries a day, polls, what may replace a lost feed."""
    if context.invoked_subcommand is not None:
        return
    found = [source for source in open_desk().source_views() if everything or json or source.enabled]
    if json:
        write_json(found)
        return
    rows = (row for source in found for row in _source_rows(source, former=everything))
    columns = ("source", "country", "feed", "state", "a day", "last read", "next poll", "why")
    console().print(table(None, *columns, rows=rows, right=(4,)))


def _source_rows(source: SourceView, *, former: bool = False) -> list[tuple[str, ...]]:
    if not source.enabled:
        return [(source.slug, source.country, "", "disabled", "", "", "", source.reason)]
    rows = [
        (feed.url, _feed_state(feed, source), moment(feed.last_read_at), moment(_next_poll(feed, source)), _why(feed))
        for feed in source.feeds
    ]
    rows += [(url, _TO_COME, "", "", "") for url in source.coming]
    rows += [
        (feed.url, "not in sources.toml any more", moment(feed.last_read_at), "", "") for feed in source.former * former
    ]
    return [
        (source.slug, source.country, url, state, f"{source.entries_per_day:g}" if number == 0 else "", *rest)
        for number, (url, state, *rest) in enumerate(rows)
    ]


def _feed_state(feed: FeedState, source: SourceView) -> str:
    """The worst that is to be said of a feed, with since when."""
    if feed.state == "disabled":
        # the file says otherwise by now
        return _TO_COME
    if feed.state != "active":
        return feed.state
    if feed.standing != "well":
        return f"{feed.standing} since {moment(feed.standing_since)}"
    if feed.host in source.stopped:
        return "host stopped"
    return f"failing ({feed.failures:g})" if feed.failures else "active"


def _next_poll(feed: FeedState, source: SourceView) -> datetime | None:
    if feed.state != "active":
        return None
    return max(feed.next_due_at, source.stopped.get(feed.host, feed.next_due_at))


def _why(feed: FeedState) -> str:
    why = feed.standing_reason or feed.last_error or ""
    return f"{why}; may be replaced by {feed.proposed_url}" if feed.proposed_url and feed.standing == "lost" else why


# --- add --------------------------------------------------------------------------------------------------------------


@sources_app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A site, any page of it, or a feed.")],
    slug: Annotated[str, typer.Option("--slug", help="In place of the proposed one.")] = "",
    name: Annotated[str, typer.Option("--name", help="In place of the proposed one.")] = "",
    country: Annotated[str, typer.Option("--country", help="ISO 3166-1 alpha-2, such as PE.")] = "",
    language: Annotated[list[str] | None, typer.Option("--language", help="ISO 639-1; may be given again.")] = None,
    feed: Annotated[
        list[str] | None, typer.Option("--feed", help="Poll this one of the feeds found; may be given again.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it without asking.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the proposal as JSON; writes with --yes only.")] = False,
) -> None:
    """Find a site's feeds, show what they hold, and add it to sources.toml."""
    from pipeline.bootstrap import configuration
    from pipeline.prospect import Given

    settings = configuration.settings_from_environment()
    # before anything is asked of the network
    folder = configuration.config_folder(settings) if json and not yes else configuration.writable_folder(settings)
    given = Given(slug, name, country.upper(), tuple(language or ()), tuple(feed or ()))
    refuse_given(folder, given, url)
    proposal = _proposal(settings, url, given)
    if json:
        written = str(_write(folder, proposal)) if yes else None
        write_json({**_proposal_json(proposal), "written": written})
        return
    if proposal.source is not None:
        _refuse_clash(folder, proposal.source)
    _show(proposal)
    if proposal.source is None:
        raise _unfinished(proposal)
    if not yes and not _agreed(f"Add {proposal.source.slug} to {folder / 'sources.toml'}?"):
        raise typer.Exit(1)
    file, added = _write(folder, proposal), proposal.source.slug
    say(f"{file}: {added} added; `vigia poll --source {added}` reads it for the first time")


def refuse_given(folder: Path, given: Given, *urls: str) -> None:
    """Refuse what cannot be written, or stands there already, before any host is asked for it."""
    from pipeline.bootstrap import configuration
    from pipeline.sources import UrlKeys, editing
    from pipeline.sources.catalogue import is_language, is_slug
    from pipeline.topics.files import read_countries
    from pipeline.types import FeedAddress, Source

    known = configuration.load_sources(folder).values()
    countries = {country.code for country in read_countries(folder)} | {source.country for source in known}
    if given.country and given.country not in countries:
        raise refuse(f"--country: expected one of {folder / 'countries.toml'}, got {given.country!r}")
    if given.slug and not is_slug(given.slug):
        raise refuse(f"--slug: expected lower-case letters, digits and hyphens, got {given.slug!r}")
    for language in given.languages:
        if not is_language(language):
            raise refuse(f"--language: expected a code of ISO 639-1 such as es, got {language!r}")
    addresses = [url if "://" in url else f"https://{url}" for url in (*urls, *given.feeds)]
    # nothing but what a clash is looked for in
    asked = Source(given.slug, "", "", (), "", tuple(FeedAddress(url) for url in addresses))
    if clash := editing.clash(asked, known, UrlKeys.load(folder)):
        raise refuse(f"sources add: {clash}")


def _refuse_clash(folder: Path, source: Source) -> None:
    from pipeline.bootstrap import configuration
    from pipeline.sources import UrlKeys, editing

    if clash := editing.clash(source, configuration.load_sources(folder).values(), UrlKeys.load(folder)):
        raise refuse(f"sources add: {clash}")


def _proposal(settings: Settings, url: str, given: Given) -> Proposal:
    from pipeline.bootstrap import configuration, engine
    from pipeline.clock import SystemClock
    from pipeline.prospect import propose
    from pipeline.sources import plain, survey
    from pipeline.topics import Topics

    folder, hints = configuration.config_folder(settings), configuration.load_hints(settings)
    known = configuration.load_sources(folder)
    address = plain.address("", url if "://" in url else f"https://{url}")
    if address is None:
        raise refuse(f"sources add: expected a web address, got {url!r}")
    with engine.open_web(settings, threading.Event().wait) as web, progress() as shown:
        shown.add_task(f"looking for feeds at {address}", total=None)
        found = survey(web.get, address, now=SystemClock().now(), hints=hints)
    return propose(found, given, Topics.load(folder), hints, known.keys())


def _proposal_json(proposal: Proposal) -> dict[str, object]:
    return {name: getattr(proposal, name) for name in type(proposal).__slots__}


def _show(proposal: Proposal) -> None:
    rows = (
        (
            "*" if one.chosen else "",
            f"{one.feed.url}\n{one.feed.verdict}; {one.feed.way}",
            one.feed.kind,
            one.feed.entries,
            f"{one.feed.newest:%Y-%m-%d}" if one.feed.newest else "",
            f"{one.on_topic:.0%}" if one.feed.titles else "",
        )
        for one in proposal.prospects
    )
    out = console()
    if proposal.prospects:
        columns = ("", "feed", "kind", "entries", "newest", "on topic")
        out.print(table(None, *columns, rows=rows, right=(3, 5)))
    for one in proposal.prospects:
        if one.chosen:
            rows = ((title,) for title in one.feed.titles[:_SAMPLES])
            out.print(table(None, f"newest titles of {one.feed.url}", rows=rows))
    if proposal.source is not None:
        values = {field: getattr(proposal.source, field) for field in proposal.grounds}
        rows = ((field, _said(values[field]), proposal.grounds[field]) for field in values)
        out.print(table(None, "field", "proposed", "because", rows=rows))


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unfinished(proposal: Proposal) -> typer.Exit:
    """Say what kept it from being a source: no feed at all, or something that a person has to give."""
    if "feeds" in proposal.missing:
        for url, why in _first_of_each(proposal):
            say(f"{url}: {why}" if url not in why else why)
        found = [one.feed.url for one in proposal.prospects]
        say(f"vigia: no feed chosen; `--feed` takes one of {', '.join(found)}" if found else "vigia: no feed was found")
        return typer.Exit(1)
    wanted = ", ".join(f"--{field.removesuffix('s')}" for field in proposal.missing)
    return refuse(f"sources add: expected {wanted}, got nothing that tells it")


def _first_of_each(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """What was asked and was no feed, once for each reason: a host that is refused is so at all of its addresses."""
    reasons: set[str] = set()
    for url, why in proposal.refused:
        bare = why.replace(url, "")
        if bare not in reasons:
            yield url, why
        reasons.add(bare)


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise refuse("sources add: expected --yes, or a terminal to ask on, got neither; nothing was written")
    try:
        return typer.confirm(question, default=True, err=True)
    except typer.Abort:
        # asked what to do, and answered with Ctrl-C
        say("\nnothing was written")
        raise typer.Exit(130) from None


def _write(folder: Path, proposal: Proposal) -> Path:
    """Write a proposed source; refused where it would double another."""
    from pipeline.sources import editing

    if proposal.source is None:
        raise _unfinished(proposal)
    _refuse_clash(folder, proposal.source)
    editing.save(folder, editing.with_sources(editing.load_text(folder), [proposal.source]))
    return folder / "sources.toml"


# --- check ------------------------------------------------------------------------------------------------------------


@sources_app.command()
def check(
    what: Annotated[
        str | None, typer.Argument(metavar="[SLUG|URL]", help="One source, or any feed; nothing: all that are enabled.")
    ] = None,
    json: Json = False,
) -> None:
    """Poll without remembering anything: what each feed answers, and what to do about it; exit 1 when one failed."""
    from pipeline.bootstrap import configuration

    settings = configuration.settings_from_environment()
    found = checked(settings, _questions(settings, what))
    if json:
        write_json(found)
    else:
        rows = (_check_row(one) for one in found)
        console().print(table(None, "verdict", "feed, what it answered, what to do", rows=rows))
    failed = sum(one.verdict == "failed" for one in found)
    say(f"{len(found)} feed(s) checked, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _questions(settings: Settings, what: str | None) -> list[Question]:
    from pipeline.bootstrap import configuration
    from pipeline.drypoll import Question

    if what is not None and "://" in what:
        return [Question("", what)]
    known = configuration.load_sources(configuration.config_folder(settings))
    if what is not None and what not in known:
        raise refuse(f"sources check: expected a source of sources.toml or an address, got {what!r}")
    chosen = [known[what]] if what is not None else [source for source in known.values() if source.enabled]
    if what is not None and not known[what].feeds:
        raise refuse(f"sources check: {what} has no feed: {known[what].reason}")
    return [Question(source.slug, feed.url, feed.kind) for source in chosen for feed in source.feeds]


def checked(settings: Settings, questions: list[Question]) -> list[Checked]:
    """Dry polls of feeds, in their order; Ctrl-C ends the command with status 130."""
    from frontends.cli.work import stop_on_signals
    from pipeline.bootstrap import configuration, desks, engine
    from pipeline.clock import SystemClock
    from pipeline.drypoll import DryPoll, check_all
    from pipeline.sources import UrlKeys

    desk = desks.find_desk(settings)
    found: dict[int, Checked] = {}
    stop = stop_on_signals()
    with engine.open_web(settings, threading.Event().wait) as web, progress() as shown:
        dry = DryPoll(
            get=web.get,
            now=SystemClock().now(),
            hints=configuration.load_hints(settings),
            url_keys=UrlKeys.load(configuration.config_folder(settings)),
            max_entries=settings.feed_max_entries,
            unknown=desk.unknown if desk is not None else None,
        )
        bar = shown.add_task("checking", total=len(questions))
        for place, one in check_all(dry, questions, _THREADS, stop):
            found[place] = one
            shown.update(bar, advance=1, description=one.source or one.url)
    if stop.is_set():
        raise typer.Exit(130)
    return [found[place] for place in sorted(found)]


def _check_row(one: Checked) -> tuple[str, str]:
    """Verdict and the rest: addresses and advice need all the width there is."""
    status = f" {one.status}" if one.status not in (None, 200) else ""
    robots = f"robots.txt: {one.robots}" if one.robots != "allowed" and "robots.txt" not in one.trouble else ""
    advice = f"-> {one.advice}" if one.advice else ""
    lines = (f"{one.source} {one.url}".strip(), _brought(one), robots, one.trouble.removeprefix(f"{one.url}: "), advice)
    return one.verdict + status, "\n".join(filter(None, lines))


def _brought(one: Checked) -> str:
    if one.kind is None:
        return ""
    said = [one.kind.value, f"{one.entries} entries"]
    said += [f"{one.new} new to us"] if one.new is not None else []
    said += [f"newest {moment(one.newest)}"] if one.newest else []
    said += [f"{one.dated:.0%} dated"] if one.entries else []
    said += ["full text"] if one.full_text > _MOSTLY else []
    return ", ".join(said)
