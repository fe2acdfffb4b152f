"""`vigia serve`: pages and API, for browsers and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from frontends.cli.output import say

if TYPE_CHECKING:
    from frontends.web.office import Office


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)


def serve(
    address: Annotated[str | None, typer.Option("--address", help="host:port, in place of VIGIA_WEB_ADDRESS.")] = None,
) -> None:
    """Show pages and API to browsers and programs, until Ctrl-C or SIGTERM.

    To this machine alone, without login, while there are no users (`vigia users add`); else to those.
    """
    from dataclasses import replace

    from frontends.cli.work import log_to_stderr
    from frontends.web.app import open_office
    from pipeline import bootstrap

    settings = bootstrap.settings_from_environment()
    log_to_stderr(settings)
    office = open_office(replace(settings, web_address=address or settings.web_address))
    try:
        office.access.expect_users()
        _serve(office)
    finally:
        office.close()


def _serve(office: Office) -> None:
    import signal

    import uvicorn

    from frontends.cli.work import measured
    from frontends.web.app import create_app
    from pipeline.access.hosts import networks
    from pipeline.settings import host_and_port

    settings = office.settings
    host, port = host_and_port(settings.web_address, "VIGIA_WEB_ADDRESS")
    proxies = networks(settings.web_proxies, "VIGIA_WEB_PROXIES")
    # uvicorn stops cleanly at these, and then raises them once more
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, lambda *_: None)
    with measured(settings, office.desk.store.check) as metrics:
        app = create_app(office, None if metrics is None else metrics.answered)
        say(f"http://{f'[{host}]' if ':' in host else host}:{port}/; Ctrl-C stops")
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            # nobody else's word on who asks is believed
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=10,
        )
