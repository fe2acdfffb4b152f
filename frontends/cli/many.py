"""Commands of an installation on many machines: worker, beat."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import console, say, table
from frontends.cli.work import announce, log_to_stderr, stop_on_signals

if TYPE_CHECKING:
    from workers.look import Distributed


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(worker)
    app.command()(beat)


def worker(
    queues: Annotated[
        str,
        typer.Option("--queues", help="What to work on, comma-separated: poll, fetch, deliver on threads; or process."),
    ] = "poll,fetch,deliver",
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency", min=1, help="Threads, or processes for process; default: as the settings have it."
        ),
    ] = None,
) -> None:
    """Work on what `vigia beat` sends: many workers on many machines share a broker and a PostgreSQL store."""
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    desks.expect_shared_store(settings)
    main = _workers()
    log_to_stderr(settings)
    raise typer.Exit(main.run_worker(settings, [name.strip() for name in queues.split(",")], concurrency))


def beat() -> None:
    """Send workers what is due, every second; one is enough, and a second one does no harm."""
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    desks.expect_shared_store(settings)
    main = _workers()
    log_to_stderr(settings)
    main.run_beat(settings, stop_on_signals())
    announce("stopped")


def _workers() -> ModuleType:
    """workers/main.py, where the libraries for it are installed."""
    try:
        from workers import main
    except ModuleNotFoundError as error:
        if error.name not in ("celery", "kombu", "redis", "billiard"):
            raise
        say(f"vigia: workers need the extra `distributed`, {error.name} is missing: pip install 'vigia[distributed]'")
        raise typer.Exit(2) from None
    return main


# --- status -----------------------------------------------------------------------------------------------------------


def shared_status() -> Distributed | None:
    """Queues and workers, where a broker is set. Raises BrokerAway where it does not answer."""
    from pipeline.bootstrap import configuration

    settings = configuration.settings_from_environment()
    if not settings.broker_url:
        return None
    _workers()
    from workers.look import look

    return look(settings)


def print_shared(shared: Distributed) -> None:
    """Queues and workers as tables."""
    queues = [*shared.queues.items(), ("(with workers)", shared.unacked)]
    console().print(table("Queues", "queue", "messages", rows=iter(queues), right=(1,)))
    rows = (
        (one.name, ", ".join(one.queues), f"{one.concurrency} {one.pool}", one.running, sum(one.tasks.values()))
        for one in shared.workers
    )
    console().print(table("Workers", "worker", "queues", "pool", "at work", "tasks", rows=rows, right=(3, 4)))
