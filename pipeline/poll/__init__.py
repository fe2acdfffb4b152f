"""When a feed is polled, and what an answer means for it. Pure: clock and randomness are passed in.

    request_for -> (the network) -> interpret -> Verdict -> after_poll -> FeedState, the time of the next poll included

verdict.py says what an answer means, hints.py what hosts and feeds ask for, rhythm.py when to ask again, memory.py what
to remember of a feed, hosts.py what to remember of its host, turns.py what a person should hear of. In words it stands
in docs/crawling.md.
"""

from pipeline.poll.hosts import HostRules, after_refusal, believes_nothing, caught_stale, distrusted, stopped
from pipeline.poll.memory import after_poll, proposed, wants_discovery
from pipeline.poll.rhythm import Bounds, Reading, bounds_of
from pipeline.poll.turns import Turn, turns
from pipeline.poll.verdict import MOVES_SEEN, Verdict, interpret, request_for

__all__ = [
    "MOVES_SEEN",
    "Bounds",
    "HostRules",
    "Reading",
    "Turn",
    "Verdict",
    "after_poll",
    "after_refusal",
    "believes_nothing",
    "bounds_of",
    "caught_stale",
    "distrusted",
    "interpret",
    "proposed",
    "request_for",
    "stopped",
    "turns",
    "wants_discovery",
]
