"""Commands about accounts: who may sign in to the pages, and the tokens of programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontends.cli.output import Json, console, moment, say, table, write_json

if TYPE_CHECKING:
    from pipeline.accessdesk import AccessDesk

users_app = typer.Typer(help="Accounts of those who see the pages from other machines.", no_args_is_help=True)
token_app = typer.Typer(help="Tokens, which programs carry in place of a login.", no_args_is_help=True)
users_app.add_typer(token_app, name="token")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What somebody signs in as.")]
Called = Annotated[str, typer.Argument(metavar="TOKEN", help="What the token is called.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin, for scripts.")
]
RoleOption = Annotated[
    Literal["reader", "editor"],
    typer.Option("--role", help="A reader sees everything; an editor also changes rules, searches and sources."),
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(users_app, name="users")


@users_app.command("add")
def users_add(name: Name, role: RoleOption = "reader", password_stdin: Stdin = False) -> None:
    """Add an account; asks for its password twice."""
    access = _access()
    user = access.add_user(name, _password(password_stdin), role)
    say(f"{user.name} may sign in, as {_a(user.role)}")


@users_app.command("list")
def users_list(json: Json = False) -> None:
    """List accounts."""
    found = _access().users()
    if json:
        write_json(found)
        return
    rows = (
        (one.name, one.role, "disabled" if one.disabled else "", moment(one.made_at), moment(one.seen_at))
        for one in found
    )
    console().print(table(None, "name", "role", "state", "made", "signed in", rows=rows))


@users_app.command("password")
def users_password(name: Name, password_stdin: Stdin = False) -> None:
    """Give an account another password; whoever is signed in with it has to do so again."""
    access = _access()
    access.user(name)
    access.set_password(name, _password(password_stdin))
    say(f"{name} has another password, and is signed out everywhere")


@users_app.command("role")
def users_role(
    name: Name, role: Annotated[Literal["reader", "editor"], typer.Argument(metavar="ROLE", help="reader or editor.")]
) -> None:
    """Give an account another role, from its next request on."""
    _access().set_role(name, role)
    say(f"{name} is {_a(role)} now")


@users_app.command("disable")
def users_disable(name: Name) -> None:
    """Let an account sign in no more: its logins end, its tokens do nothing."""
    _access().set_disabled(name, True)
    say(f"{name} may not sign in any more; `vigia users enable {name}` lets it again")


@users_app.command("enable")
def users_enable(name: Name) -> None:
    """Let an account sign in again."""
    _access().set_disabled(name, False)
    say(f"{name} may sign in")


@users_app.command("remove")
def users_remove(name: Name) -> None:
    """Remove an account with its logins and tokens; rules and searches that it made stay."""
    access = _access()
    access.remove_user(name)
    say(f"{name} is removed")
    if access.is_open():
        say("nobody has an account now: pages are shown to this machine alone, and without login")


@token_app.command("add")
def token_add(
    name: Name,
    token: Called,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="read, export or rules; may be given several times. Unless told: read."),
    ] = None,
    days: Annotated[float | None, typer.Option("--days", help="It runs out after so many; unless told: never.")] = None,
    json: Json = False,
) -> None:
    """Make a token of an account and print it, this once."""
    made = _access().make_token(name, token, scope or ["read"], days)
    if json:
        write_json(made)
    else:
        sys.stdout.write(made.key + "\n")
        say("it is shown this once: keep it where secrets are kept")


@token_app.command("list")
def token_list(
    user: Annotated[str | None, typer.Option("--user", help="Those of this account.")] = None, json: Json = False
) -> None:
    """List tokens: what they are for, when they run out, when they were last used."""
    found = _access().tokens(user)
    if json:
        write_json(found)
        return
    rows = (
        (one.user, one.name, " ".join(one.scopes), moment(one.made_at), moment(one.expires_at), moment(one.used_at))
        for one in found
    )
    console().print(table(None, "user", "token", "scopes", "made", "runs out", "used", rows=rows))


@token_app.command("remove")
def token_remove(name: Name, token: Called) -> None:
    """Let a token do nothing any more."""
    if not _access().drop_token(name, token):
        say(f"vigia: users token remove: expected a token, as `vigia users token list` shows them, got {token!r}")
        raise typer.Exit(1)
    say(f"{token} does nothing any more")


def _access() -> AccessDesk:
    from pipeline.bootstrap import configuration, desks

    settings = configuration.settings_from_environment()
    return desks.access_to(desks.open_store(settings), settings)


def _password(stdin: bool) -> str:
    """What is typed, unseen; never an argument, which other users of the machine could read."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _a(role: str) -> str:
    return "an editor" if role == "editor" else f"a {role}"
