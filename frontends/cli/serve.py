"""`vigia serve`: pages and API, for browsers and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import say

if TYPE_CHECKING:
    import uvicorn

    from frontends.cli.listening import Doors
    from frontends.web.app import Application
    from frontends.web.office import Office
    from pipeline.settings import Settings

#: seconds that answers under way have when it is time to end
_GRACE = 10


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)


def serve(
    address: Annotated[str | None, typer.Option("--address", help="host:port, in place of VIGIA_WEB_ADDRESS.")] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, help="How many, in place of VIGIA_WEB_PROCESSES.")
    ] = None,
) -> None:
    """Show pages and API to browsers and programs, until Ctrl-C or SIGTERM.

    To this machine alone, without login, while there are no users (`vigia users add`); else to those.
    """
    from dataclasses import replace

    from frontends.cli.work import log_to_stderr
    from frontends.web.app import open_office
    from pipeline.bootstrap import configuration

    settings = configuration.settings_from_environment()
    log_to_stderr(settings)
    settings = replace(
        settings,
        web_address=address or settings.web_address,
        web_processes=processes or settings.web_processes,
    )
    office = open_office(settings)
    try:
        office.access.expect_users()
        _serve(office)
    finally:
        office.close()


def _serve(office: Office) -> None:
    from frontends.cli.listening import listen
    from pipeline.settings import host_and_port

    settings = office.settings
    host, port = host_and_port(settings.web_address, "VIGIA_WEB_ADDRESS")
    doors = listen(host, port, settings.web_processes)
    say(f"http://{f'[{host}]' if ':' in host else host}:{port}/; Ctrl-C stops")
    if len(doors) == 1:
        _in_this_process(office, doors[0])
    else:
        _in_several(office, doors)


def _in_this_process(office: Office, doors: Doors) -> None:
    import signal

    from frontends.cli.work import measured
    from frontends.web.app import create_app

    # uvicorn stops cleanly at these, and then raises them once more
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda *_: None)
    with measured(office.settings, office.desk.store.check) as metrics:
        _answer(create_app(office, None if metrics is None else metrics.answered), office.settings, doors)


def _in_several(office: Office, doors: list[Doors]) -> None:
    from functools import partial

    from frontends.cli.crew import Work, tend
    from frontends.cli.work import measured_together, stop_on_signals
    from frontends.web.app import create_app

    settings, store = office.settings, office.desk.store
    with measured_together(settings, store.check) as (metrics, show):
        app = create_app(office, None if metrics is None else metrics.answered)
        works: dict[str, Work] = {f"web-{n}": partial(_answer, app, settings, own) for n, own in enumerate(doors, 1)}
        # connections are not shared: whoever needs one makes it
        store.let_go()
        tend(works | show, stop_on_signals())


def _answer(app: Application, settings: Settings, doors: Doors) -> None:
    """Answer whoever comes, until a signal."""
    import uvicorn

    uvicorn.Server(server_config(app, settings)).run(doors)


def server_config(app: Application, settings: Settings) -> uvicorn.Config:
    """How the application is served. Raises ConfigError for proxies that are no addresses."""
    import uvicorn

    from pipeline.access.hosts import networks

    proxies = networks(settings.web_proxies, "VIGIA_WEB_PROXIES")
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # nobody else's word on who asks is believed
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_GRACE,
    )
