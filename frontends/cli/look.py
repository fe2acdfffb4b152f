"""Commands that look into the store: search, show, statements, status, failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontends.cli.difference import print_revisions
from frontends.cli.output import (
    MOST,
    Json,
    Limit,
    console,
    known_source,
    moment,
    open_desk,
    printable,
    say,
    size,
    table,
    without,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.desk import Status
    from pipeline.storage.views import ItemLine, ItemView, StatementView
    from workers.look import Distributed

Query = Annotated[
    str, typer.Argument(help="As docs/query.md says, or @NAME of a saved search; nothing finds everything.")
]
Offset = Annotated[int, typer.Option("--offset", min=0, max=MOST, help="Skip so many.")]
Order = Literal["newest", "relevance"]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (search, show, statements, status, failures):
        app.command()(command)


def search(
    query: Query = "",
    limit: Limit = 20,
    offset: Offset = 0,
    sort: Annotated[Order, typer.Option("--sort", help="Newest first, or what answers best first.")] = "newest",
    after: Annotated[
        str | None, typer.Option("--after", metavar="MARK", help="The next page: the mark that the one before gave.")
    ] = None,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="NAME", help="Keep the query under this name: @NAME asks it again."),
    ] = None,
    json: Json = False,
) -> None:
    """Find items, newest first or best first."""
    from pipeline.desk import Wish

    desk = open_desk()
    query = desk.query(query)
    if save is not None:
        desk.save(save, query)
    try:
        page = desk.page(query, Wish(sort, limit, after, offset))
    except ValueError as error:
        say(f"vigia: search: {error}")
        raise typer.Exit(2) from None
    if not json:
        say(_summary(desk.count("item", query), len(page.items), "item", query))
    if page.after is not None:
        say(f"more: --after {page.after}")
    if json:
        write_json(page.items)
    else:
        console().print(_items(page.items))


def _summary(total: int, shown: int, noun: str, query: str) -> str:
    from pipeline.query import parse

    plural = noun if total == 1 else noun + "s"
    part = f", {shown} shown" if shown < total else ""
    return f"{total} {plural}{part}: {parse(query).explain()}"


def _items(found: Sequence[ItemLine]) -> object:
    rows = (
        (
            line.id,
            moment(line.published_at),
            line.source_name + (f" +{line.appearances - 1}" if line.appearances > 1 else ""),
            line.title,
            " ".join(topic.topic for topic in line.topics[:4]),
            line.statements or "",
        )
        for line in found
    )
    return table(None, "item", "published", "outlet", "title", "topics", "said", rows=rows, right=(0, 5))


def show(
    item_id: Annotated[int, typer.Argument(metavar="ITEM", max=MOST, help="An item's number, as search shows it.")],
    revisions: Annotated[bool, typer.Option("--revisions", help="What its publisher changed, word by word.")] = False,
    json: Json = False,
) -> None:
    """Show one item: text, topics, statements, appearances."""
    try:
        view = open_desk().item(item_id)
    except KeyError as error:
        say(f"vigia: {error.args[0]}")
        raise typer.Exit(1) from None
    if json:
        write_json(view)
        return
    _print_item(view, revisions)


def _print_item(view: ItemView, revisions: bool) -> None:
    out = console()
    out.print(f"[bold]{_plain(view.title)}[/bold]")
    by = f" by {', '.join(view.authors)}" if view.authors else ""
    out.print(
        _plain(f"{view.source_name}{by}, {moment(view.published_at) or 'no date'}, {view.lang or '?'}  {view.url}")
    )
    out.print(_plain(f"topics: {', '.join(f'{t.topic} {t.score:.2f}' for t in view.topics) or 'none'}"))
    out.print(_plain(f"countries: {', '.join(view.countries) or 'none'}") + "\n")
    out.print(_plain(view.text) + "\n")
    if view.access == "teaser":
        out.print("A teaser: the rest is for subscribers of the outlet.\n")
    if view.statements:
        out.print(_statements(list(view.statements)))
    rows = ((a.source_name, moment(a.published_at), a.relation, a.title, a.url) for a in view.appearances)
    out.print(table("Appearances", "outlet", "published", "relation", "title", "address", rows=rows))
    if revisions:
        print_revisions(view.revisions)
    elif view.revisions:
        out.print(f"{len(view.revisions)} earlier text(s): --revisions")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))


def statements(query: Query = "", limit: Limit = 20, offset: Offset = 0, json: Json = False) -> None:
    """Find statements: who said what, newest first."""
    desk = open_desk()
    query = desk.query(query)
    found = desk.statements(query, limit, offset)
    if json:
        write_json(found)
        return
    say(_summary(desk.count("statement", query), len(found), "statement", query))
    console().print(_statements(found))


def _statements(found: list[StatementView]) -> object:
    rows = (
        (
            moment(said.published_at),
            who(said),
            said.kind,
            said.text,
            " ".join(said.topics) if not said.stance else "\n".join(_sided(said)),
            ", ".join(said.via),
            len({report.item_id for report in said.reports}),
        )
        for said in found
    )
    return table(
        None, "published", "speaker", "kind", "said", "topics", "via", "items", rows=rows, right=(6,), whole=(4,)
    )


def who(said: StatementView) -> str:
    """A speaker for people: name, role and country."""
    speaker = said.speaker
    beside = ", ".join(word for word in (speaker.role, speaker.country) if word)
    name = speaker.name or speaker.role or "unnamed"
    return f"{name} ({beside})" if beside and speaker.name else name


def _sided(said: StatementView) -> list[str]:
    return [topic if side == "unclear" else f"{topic}: {side}" for topic, side in said.stance.items()]


# --- status -----------------------------------------------------------------------------------------------------------


def status(json: Json = False) -> None:
    """Say how the store and its sources are doing."""
    found = open_desk().status()
    shared, away = _shared()
    if json:
        write_json(found, *(() if shared is None else (shared,)))
    else:
        _print_status(found, shared)
    if away:
        say(f"vigia: {away}")
        raise typer.Exit(1)


def _shared() -> tuple[Distributed | None, str]:
    """Queues and workers; where the broker is away, why: what the store tells is worth seeing then."""
    from frontends.cli.many import shared_status
    from pipeline.errors import BrokerAway

    try:
        return shared_status(), ""
    except BrokerAway as error:
        return None, str(error)


def _print_status(found: Status, shared: Distributed | None) -> None:
    from frontends.cli.many import print_shared

    console().print(table(None, "what", "how many", rows=_status_rows(found)))
    if shared is not None:
        print_shared(shared)
    if found.health.symptoms:
        rows = (
            (symptom.source or "(all)", f"{symptom.kind}\n{moment(symptom.since)}", symptom.sentence)
            for symptom in found.health.symptoms
        )
        console().print(table("Sources in trouble", "source", "what, noticed", "found; expected", rows=rows))


def _status_rows(found: Status) -> list[tuple[str, object]]:
    totals = found.totals
    return [
        ("database", f"{found.database} ({size(found.bytes)}, schema {found.schema})"),
        *((name, number) for name, number in totals.rows.items()),
        *((f"feeds {state}", number) for state, number in totals.feeds.items()),
        ("feeds failing", totals.failing),
        *((f"entries {outcome}", number) for outcome, number in totals.outcomes.items()),
        *((f"entries waiting {state}", number) for state, number in totals.waiting.items()),
        ("oldest waiting since", moment(totals.oldest_waiting) or "-"),
        *((f"deliveries {state}", number) for state, number in totals.deliveries.items()),
        ("sources watched", found.health.watched),
        ("sources in trouble", found.health.in_trouble),
        ("last poll", moment(found.health.last_poll_at) or "-"),
        ("next poll", moment(found.next_poll_at) or "-"),
        ("next attempt", moment(found.next_work_at) or "-"),
        *((f"due to {step}", f"{due.rows}, since {moment(due.since)}") for step, due in found.due.items() if due.rows),
        ("ended in the last hour", found.ended_last_hour),
    ]


def failures(
    source: Annotated[str | None, typer.Option("--source", help="Of this source only.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List entries that ended in trouble or wait for another attempt, and why."""
    desk = open_desk()
    known_source(desk, source)
    found = desk.failures(limit, source)
    if json:
        write_json(found)
        return
    say(f"{len(found)} entries; `vigia retry` takes up the quarantined ones again")
    rows = (
        (f.id, f.outcome or f"retry {moment(f.at)}", f.attempts or "", f.source, without(f.error, f.url), f.url)
        for f in found
    )
    columns = ("entry", "outcome", "attempts", "source", "why", "address")
    console().print(table(None, *columns, rows=rows, right=(0, 2)))
