"""`vigia serve`: pages and API, for browsers and programs."""

from __future__ import annotations

from typing import Annotated

import typer

from frontends.cli.output import say


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)


def serve(
    address: Annotated[str | None, typer.Option("--address", help="host:port, in place of VIGIA_WEB_ADDRESS.")] = None,
) -> None:
    """Show pages and API to browsers and programs, until Ctrl-C or SIGTERM."""
    import uvicorn

    from frontends.cli.work import log_to_stderr
    from frontends.web.app import create_app, open_office
    from pipeline import bootstrap
    from pipeline.settings import host_and_port

    settings = bootstrap.settings_from_environment()
    log_to_stderr(settings)
    host, port = host_and_port(address or settings.web_address, "VIGIA_WEB_ADDRESS")
    app = create_app(open_office(settings))
    say(f"http://{host}:{port}/; Ctrl-C stops")
    uvicorn.run(app, host=host, port=port, log_config=None, access_log=False, server_header=False)
