"""The demo's report: what came out of the newsroom, for people and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from frontends.cli.look import who
from frontends.cli.output import console, printable, table, without

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.desk import SourceView
    from pipeline.storage.counts import Totals
    from pipeline.storage.entries import Failure
    from pipeline.storage.views import AlertView, ItemLine, StatementView


@dataclass(frozen=True, slots=True)
class Story:
    """All that the report tells. `added` counts rows by table that this run made."""

    seconds: float
    store: str
    totals: Totals
    added: dict[str, int]
    topics: dict[str, int]
    countries: dict[str, int]
    items: list[ItemLine]
    statements: list[StatementView]
    alerts: list[AlertView]
    failures: list[Failure]
    sources: list[SourceView]


def story_json(story: Story) -> dict[str, Any]:
    """The story as plain values."""
    return {
        "seconds": round(story.seconds, 2),
        "store": story.store,
        "added": story.added,
        "totals": story.totals,
        "topics": story.topics,
        "countries": story.countries,
        "items": story.items,
        "statements": story.statements,
        "alerts": story.alerts,
        "failures": story.failures,
        "sources": story.sources,
    }


def print_report(story: Story) -> None:
    """Tell the story on stdout."""
    out = console()
    _head(out, story)
    rows = [(topic, number) for topic, number in story.topics.items()]
    out.print(table("Items by topic", "topic", "items", rows=rows, right=(1,)))
    out.print(table("Items by country", "country", "items", rows=story.countries.items(), right=(1,)))
    out.print(_statements(story))
    out.print(_copies(story))
    out.print(_alerts(story))
    out.print(_failures(story))
    out.print(_feeds(story))
    _foot(out, story)


def _head(out: Console, story: Story) -> None:
    rows = story.totals.rows
    out.print(
        f"[bold]Vigía read the papers of 25 to 27 June 2012[/bold] in {story.seconds:.1f} s: "
        f"{len(story.sources)} outlets, {rows['entries']} entries, {rows['items']} items on topic, "
        f"{rows['statements']} statements by {rows['speakers']} speakers, {rows['alerts']} alerts.\n"
    )


def _statements(story: Story) -> object:
    """Those that take a side or fired an alert, by speaker; all of them would fill pages."""
    loud = {alert.statement_id for alert in story.alerts}
    chosen = [said for said in story.statements if said.id in loud or _sides(said)]
    rows = sorted((who(said), said.kind, _cut(said.text), _sides(said), ", ".join(said.via)) for said in chosen)
    title = f"Statements that take a side or fired an alert ({len(chosen)} of {len(story.statements)})"
    return table(title, "speaker", "kind", "said", "stance", "via", rows=rows, whole=(3,))


def _sides(said: StatementView) -> str:
    return "\n".join(f"{topic}: {side}" for topic, side in said.stance.items() if side != "unclear")


def _cut(text: str, length: int = 110) -> str:
    words = printable(" ".join(text.split()))
    return words if len(words) <= length else words[:length].rsplit(" ", 1)[0] + " …"


def _copies(story: Story) -> object:
    folded = [line for line in story.items if line.appearances > 1]
    rows = ((line.id, line.title, line.source_name, line.appearances - 1) for line in folded)
    return table("Copies folded into one item", "item", "title", "first seen at", "copies", rows=rows, right=(0, 3))


def _alerts(story: Story) -> object:
    rows = ((alert.rule, alert.title, " ".join(d.state for d in alert.deliveries)) for alert in story.alerts)
    return table("Alerts: told once each", "rule", "what", "deliveries", rows=rows)


def _failures(story: Story) -> object:
    rows = (
        (f.outcome or "waiting", f.source, f.url, without(f.error, f.url))
        for f in sorted(story.failures, key=lambda f: f.outcome)
    )
    return table("Pages that did not become items, and why", "outcome", "source", "address", "why", rows=rows)


def _feeds(story: Story) -> object:
    rows = [
        (source.slug, feed.state, feed.url, feed.last_error or feed.moved_to or "")
        for source in story.sources
        for feed in source.feeds
        if feed.state != "active" or feed.failures or feed.moved_to
    ]
    return table("Feeds in trouble", "source", "state", "address", "why", rows=rows)


def _foot(out: Console, story: Story) -> None:
    outcomes = ", ".join(f"{number} {outcome}" for outcome, number in story.totals.outcomes.items())
    waiting = sum(story.totals.waiting.values())
    out.print(f"Every entry ended: {outcomes}." if not waiting else f"{outcomes}; {waiting} still waiting.")
    added = {name: number for name, number in story.added.items() if number and name not in ("sources", "feeds")}
    words = ", ".join(f"{number} {name}" for name, number in added.items())
    out.print(f"This run added {words or 'nothing: all of it was known'}.", markup=False)
