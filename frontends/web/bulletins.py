"""Alerts as a person reads them: what several rules fired on is told once, as is what was said again alike. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.storage.views import AlertView, StatementView


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Alerts that tell a person one thing, newest first, with what was said in them."""

    alerts: tuple[AlertView, ...]
    #: what was said, each once, in the alerts' order; empty for alerts on items
    said: tuple[StatementView, ...] = ()

    @property
    def first(self) -> AlertView:
        """The newest of them."""
        return self.alerts[0]

    @property
    def rules(self) -> tuple[str, ...]:
        """Which rules fired, each once."""
        return tuple(dict.fromkeys(one.rule for one in self.alerts))


def bulletins(alerts: Iterable[AlertView], said: Mapping[int, StatementView]) -> list[Bulletin]:
    """Alerts by what they tell, in the order in which each comes first; `said` has statements by their ids."""
    told: dict[object, list[AlertView]] = {}
    for one in alerts:
        told.setdefault(_matter(one, said.get(one.statement_id or 0)), []).append(one)
    return [
        Bulletin(
            tuple(own),
            tuple({one.statement_id: said[one.statement_id] for one in own if one.statement_id in said}.values()),
        )
        for own in told.values()
    ]


def _matter(alert: AlertView, said: StatementView | None) -> object:
    """What an alert is about: a named speaker's sides; else a statement; else an item."""
    if said is None:
        return ("item", alert.item_id)
    sides = sorted((topic, side) for topic, side in said.stance.items() if side != "unclear")
    return (said.speaker.key, *sides) if said.speaker.key and sides else ("statement", said.id)
