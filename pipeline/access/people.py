"""Accounts: what they may be called, what a role and a scope allow."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from pipeline.errors import ConfigError

#: a reader sees everything; an editor also changes rules, searches, sources
Role = Literal["reader", "editor"]
#: what a token is for: asking, downloading in bulk, changing rules, searches and alerts
Scope = Literal["read", "export", "rules"]
ROLES: tuple[Role, ...] = get_args(Role)
SCOPES: tuple[Scope, ...] = get_args(Scope)

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}")
_TITLE_MAX = 80


@dataclass(frozen=True, slots=True)
class User:
    """An account; its password's hash is asked for by itself, so that it is never shown by accident."""

    id: int
    name: str
    role: Role
    #: a disabled one cannot sign in and its tokens do nothing
    disabled: bool
    made_at: datetime
    #: None where nobody signed in with it yet
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A key that a program carries in place of a login; the key itself is nowhere."""

    id: int
    user: str
    #: what its owner calls it
    name: str
    scopes: tuple[Scope, ...]
    made_at: datetime
    #: None: it does not run out
    expires_at: datetime | None
    used_at: datetime | None


def user_name(written: str) -> str:
    """A name as it is stored: lower case. Raises ConfigError for one that may not be used."""
    name = written.strip().lower()
    if not _NAME.fullmatch(name):
        raise ConfigError("users", "name", "1 to 80 of a-z, 0-9, ., _, @ and -, the first a letter or digit", written)
    return name


def token_name(written: str) -> str:
    """What a token may be called: one printable line. Raises ConfigError."""
    name = written.strip()
    if not name or len(name) > _TITLE_MAX or not name.isprintable():
        raise ConfigError("tokens", "name", f"1 to {_TITLE_MAX} printable characters", written[: _TITLE_MAX + 1])
    return name


def scopes(written: Collection[str], role: Role) -> tuple[Scope, ...]:
    """The scopes of a token for somebody of this role, in one order. Raises ConfigError."""
    unknown = sorted(set(written) - set(SCOPES))
    if unknown or not written:
        raise ConfigError("tokens", "scopes", f"one or more of {', '.join(SCOPES)}", ", ".join(unknown) or "none")
    if "rules" in written and role != "editor":
        raise ConfigError("tokens", "scopes", "those of a reader, which are read and export", "rules")
    return tuple(scope for scope in SCOPES if scope in written)
