"""The command line: `vigia COMMAND`. Exit status 0 done, 1 some work failed, 2 wrong usage or configuration."""

from __future__ import annotations

import sys

import typer

from frontends.cli import (
    alerting,
    archive,
    catalogue,
    exporting,
    imports,
    look,
    many,
    past,
    press,
    saved,
    serve,
    speakers,
    texts,
    topics,
    upkeep,
    users,
    work,
)

app = typer.Typer(
    name="vigia",
    help="Watches the press for what is said about drug policy, in Spanish, English and Portuguese.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vigia {version('vigia')}")
        raise typer.Exit


@app.callback()
def _vigia(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


for module in (
    work,
    serve,
    users,
    many,
    past,
    imports,
    archive,
    look,
    alerting,
    saved,
    topics,
    press,
    catalogue,
    speakers,
    texts,
    exporting,
    upkeep,
):
    module.register(app)


def main() -> None:
    """Run a command; errors of ours become one line on stderr and an exit status."""
    from pipeline.errors import ConfigError, QueryError, SchemaError, VigiaError

    try:
        app()
    except (ConfigError, QueryError, SchemaError) as error:
        _fail(error, 2)
    except VigiaError as error:
        _fail(error, 1)
    except BrokenPipeError:
        # the reader of our output has gone (`vigia search ... | head`): nothing more to say, not even at exit
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: Exception, status: int) -> None:
    sys.stdout.flush()
    typer.echo(f"vigia: {error}", err=True)
    sys.exit(status)
