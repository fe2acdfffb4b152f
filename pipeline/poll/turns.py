"""What a poll changed for a feed that a person should hear of, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.types import FeedState


@dataclass(frozen=True, slots=True)
class Turn:
    """One such change; `sentence` names the feed's address."""

    kind: Literal["retired", "moved", "degraded", "lost", "well", "replacement"]
    sentence: str

    @property
    def aspect(self) -> str:
        """Which of a feed's aspects it is about: of each, the last turn says how the feed is."""
        return self.kind if self.kind in ("moved", "replacement") else "standing"


def turns(before: FeedState, after: FeedState) -> tuple[Turn, ...]:
    """What happened to a feed between two states of it; mostly nothing."""
    found = []
    if after.state == "retired" and before.state != "retired":
        found.append(Turn("retired", f"{before.url} is not polled any more: {after.last_error}"))
    if after.url != before.url:
        found.append(Turn("moved", f"{before.url} moved for good: we now poll {after.url}"))
    if after.standing != before.standing:
        found.append(_stands_otherwise(before, after))
    if after.proposed_url is not None and after.proposed_url != before.proposed_url:
        found.append(Turn("replacement", f"{after.proposed_url} may replace {after.url}; `vigia sources` says how"))
    return tuple(found)


def _stands_otherwise(before: FeedState, after: FeedState) -> Turn:
    if after.standing == "well":
        return Turn("well", f"{after.url} can be read again; it was {before.standing} since {before.standing_since:%F}")
    meaning = {"degraded": "refuses us", "lost": "has been no feed for days"}[after.standing]
    return Turn(after.standing, f"{after.url} {meaning}: {after.standing_reason}")
