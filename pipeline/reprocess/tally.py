"""What a reprocessing came to, in numbers that add up over its batches and outlive its process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

_PER_TOPIC = ("gained", "lost")


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was read, and what of it differed."""

    #: items read
    read: int = 0
    #: of these, from their kept page
    from_pages: int = 0
    #: items whose page today's extraction refuses; their stored text was read
    refused: int = 0
    #: items of which anything differed
    changed: int = 0
    #: items whose title or text differed
    texts: int = 0
    #: items left without a topic that had one
    without_topic: int = 0
    reports_new: int = 0
    reports_changed: int = 0
    reports_gone: int = 0
    statements_new: int = 0
    #: statements whose words, sides, speaker's role, date or confidence differed
    statements_changed: int = 0
    #: statements that nobody reports any more, removed
    statements_gone: int = 0
    #: statements that nobody reports any more, kept as an alert told of them
    statements_kept: int = 0
    #: off-topic entries read
    entries: int = 0
    #: of these, on topic now
    entries_on_topic: int = 0
    alerts: int = 0
    #: items and entries that could not be read, and are as they were
    failures: int = 0
    #: topics that items came to have and to lose, with how many items
    gained: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return tally_of(Counter(numbers_of(self)) + Counter(numbers_of(other)))


@dataclass(frozen=True, slots=True)
class Reprocessed:
    """What a call came to. `numbers` count from the beginning, also where the call went on with an earlier one."""

    resumed: bool
    finished: bool
    dry_run: bool
    numbers: Tally


def numbers_of(tally: Tally) -> dict[str, int]:
    """Numbers by name, as the store keeps them."""
    plain = {one.name: getattr(tally, one.name) for one in fields(Tally) if one.name not in _PER_TOPIC}
    topics = {f"{name} {topic}": number for name in _PER_TOPIC for topic, number in getattr(tally, name).items()}
    return plain | topics


def tally_of(numbers: Mapping[str, int]) -> Tally:
    """The tally of numbers by name."""
    per_topic: dict[str, dict[str, int]] = {name: {} for name in _PER_TOPIC}
    plain = dict[str, int]()
    for name, number in numbers.items():
        kind, _, topic = name.partition(" ")
        if topic:
            per_topic[kind][topic] = number
        else:
            plain[name] = number
    return Tally(**plain, **per_topic)  # type: ignore[arg-type]
