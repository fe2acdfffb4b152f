"""How much waits, and for how long: queues as the broker has them, what is due as the store has it; for all to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.bootstrap import engine
from pipeline.flow import Flow
from pipeline.metrics import Gauges
from pipeline.settings import Settings
from workers.app import make_app
from workers.gate import connect
from workers.post import Post

#: seconds that workers get to answer who they are
_PATIENCE = 1.0


def gauges(flow: Flow, post: Post) -> Gauges:
    """For metrics. Raises StoreError, BrokerAway."""
    lengths = post.lengths()
    found: dict[tuple[str, tuple[str, ...]], float] = {("unacked_messages", ()): lengths.pop("unacked")}
    found |= {("queue_messages", (queue,)): length for queue, length in lengths.items()}
    return found | engine.due_gauges(flow)


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker that answers. `tasks` counts, by name, those it has had since it began."""

    name: str
    pid: int
    pool: str
    concurrency: int
    queues: tuple[str, ...]
    running: int
    tasks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Distributed:
    """What `vigia status` adds where workers meet at a broker."""

    #: messages in each queue; in the store there may be many more
    queues: dict[str, int]
    #: messages that workers hold
    unacked: int
    workers: tuple[Worker, ...]


def look(settings: Settings) -> Distributed:
    """Ask the broker and its workers. Raises ConfigError, BrokerAway."""
    app, client = make_app(settings), connect(settings.broker_url)
    lengths = Post(app, client, settings.queue_max).lengths()
    client.close()
    inspect = app.control.inspect(timeout=_PATIENCE)
    stats, queues = inspect.stats() or {}, inspect.active_queues() or {}
    active = inspect.active() or {}
    workers = [_worker(name, stats[name], queues.get(name, []), active.get(name, [])) for name in sorted(stats)]
    app.close()
    return Distributed(lengths, lengths.pop("unacked"), tuple(workers))


def _worker(name: str, stats: dict[str, Any], queues: list[dict[str, Any]], active: list[Any]) -> Worker:
    pool = stats.get("pool", {})
    kind = str(pool.get("implementation", "")).rpartition(":")[2] or "threads"
    return Worker(
        name=name,
        pid=int(stats.get("pid", 0)),
        pool=kind,
        concurrency=int(pool.get("max-concurrency", 0)),
        queues=tuple(sorted(queue["name"] for queue in queues)),
        running=len(active),
        tasks={task: int(number) for task, number in sorted(stats.get("total", {}).items())},
    )
