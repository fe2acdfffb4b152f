"""Channels that config/alerts.toml declares, beside those of the settings: read, checked, opened; not connected.

Secrets stand in the environment only: a key that ends in `_env` names a variable. Neither is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import httpx
import msgspec

from pipeline.alerts.atom import Atom
from pipeline.alerts.deliver import Channel, JsonLines, Terminal, Webhook, open_channels
from pipeline.alerts.letter import TEMPLATES, Lang, Templates
from pipeline.alerts.mail import Account, Mail, Security, is_address
from pipeline.alerts.rules import FILE
from pipeline.errors import ConfigError
from pipeline.settings import PREFIX, Settings
from pipeline.tomlfile import read_toml, shaped
from pipeline.types import Message

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
#: as registered for SMTP submission, submission with TLS, and relays
_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
#: names that the settings give
_TAKEN = ("terminal", "file", "webhook")


class _Terminal(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str


class _Lines(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    path: str


class _Feed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    path: str
    lang: Lang = "en"
    entries: int = 200


class _Email(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    host: str
    sender: str
    to: tuple[str, ...]
    security: Security = "starttls"
    port: int = 0
    user_env: str = ""
    password_env: str = ""
    lang: Lang = "en"


class _Hook(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    url: str = ""
    url_env: str = ""
    secret_env: str = ""


class _Apprise(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    url_env: tuple[str, ...]
    lang: Lang = "en"


#: by `kind`
KINDS: dict[str, type[msgspec.Struct]] = {
    "terminal": _Terminal,
    "file": _Lines,
    "atom": _Feed,
    "email": _Email,
    "webhook": _Hook,
    "apprise": _Apprise,
}


class _File(msgspec.Struct, frozen=True):
    channel: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """One `[[channel]]`, and where it stands for whoever has to mend it."""

    name: str
    kind: str
    written: Any
    file: str
    place: str

    def wrong(self, key: str, expected: str, got: object) -> ConfigError:
        """The error for a key of it."""
        return ConfigError(self.file, f"{self.place}.{key}", expected, got)


@dataclass(frozen=True, slots=True)
class World:
    """What channels are made of, beside their declaration."""

    settings: Settings
    environment: Mapping[str, str]
    stream: TextIO
    #: checks addresses as it connects
    client: httpx.Client
    now: Callable[[], datetime]
    #: of config/templates/
    templates: Path
    #: where relative paths begin
    beside: Path


def declared(folder: Path) -> tuple[Declared, ...]:
    """The channels of alerts.toml in `folder`, by name and kind; their servers are not asked. Raises ConfigError."""
    file = folder / FILE
    tables = read_toml(file, _File).channel if file.exists() else ()
    found: list[Declared] = []
    for position, written in enumerate(tables):
        one = _read(file, position, written)
        if one.name in (*_TAKEN, *(earlier.name for earlier in found)):
            raise one.wrong("name", f"a name that neither {', '.join(_TAKEN)} nor a channel above has", one.name)
        found.append(one)
    return tuple(found)


def names(settings: Settings, folder: Path) -> tuple[str, ...]:
    """What rules may name: the channels of the settings and those declared. Raises ConfigError."""
    webhook = ("webhook",) if settings.webhook_url else ()
    return ("terminal", "file", *webhook, *(one.name for one in declared(folder)))


def _read(file: Path, position: int, written: dict[str, Any]) -> Declared:
    name, kind = written.get("name"), written.get("kind")
    place = f"channel[{position}] ({name})" if name else f"channel[{position}]"
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None or not isinstance(kind, str):
        raise ConfigError(str(file), f"{place}.kind", f"one of {', '.join(sorted(KINDS))}", kind)
    read = shaped({key: value for key, value in written.items() if key != "kind"}, file, shape, place)
    one = Declared(str(name), kind, read, str(file), place)
    if not _NAME.fullmatch(one.name):
        raise one.wrong("name", "1 to 39 of a-z, 0-9 and -, the first no -", name)
    for key, expected, got in _faults(read):
        raise one.wrong(key, expected, got)
    return one


def _faults(read: Any) -> Iterator[tuple[str, str, object]]:
    if isinstance(read, _Email):
        wrong = [address for address in (read.sender, *read.to) if not is_address(address)]
        if wrong or not read.to:
            yield "to", "one or more mail addresses, and one as sender, each by itself", wrong or read.to
        if not 0 <= read.port <= 65_535:
            yield "port", "a port, or 0 for the usual one", read.port
        if bool(read.user_env) != bool(read.password_env):
            yield "user_env", "a user and a password, or neither", read.user_env or read.password_env
        if read.password_env and read.security == "none":
            yield "security", "'starttls' or 'tls' where a password is sent", read.security
    if isinstance(read, _Hook) and bool(read.url) == bool(read.url_env):
        yield "url", "either url or, for an address that is a secret, url_env", "both" if read.url else "neither"
    if isinstance(read, _Apprise) and not read.url_env:
        yield "url_env", "one or more variables that hold an address of apprise's", read.url_env
    if isinstance(read, _Feed) and read.entries < 1:
        yield "entries", "a number, 1 or more", read.entries


# --- opening ----------------------------------------------------------------------------------------------------------


def open_all(world: World, folder: Path, file: Path) -> dict[str, Channel]:
    """Every channel by name. Raises ConfigError for what is declared wrongly, a variable that is not set among it."""
    opened = dict(open_channels(world.settings, stream=world.stream, file=file, client=world.client, now=world.now))
    for one in declared(folder):
        opened[one.name] = _open(world, one)
    return opened


def open_one(world: World, folder: Path, file: Path, name: str) -> Channel:
    """One channel; nothing else need be set. Raises ConfigError, also for a name that no channel has."""
    ours = open_channels(world.settings, stream=world.stream, file=file, client=world.client, now=world.now)
    found = next((one for one in declared(folder) if one.name == name), None)
    if found is not None:
        return _open(world, found)
    if name not in ours:
        raise ConfigError(str(folder / FILE), "channel", f"one of {', '.join(names(world.settings, folder))}", name)
    return ours[name]


def _open(world: World, one: Declared) -> Channel:
    read = one.written
    if isinstance(read, _Terminal):
        return Terminal(world.stream)
    if isinstance(read, _Lines):
        return JsonLines(world.beside / Path(read.path).expanduser())
    if isinstance(read, _Hook):
        return _webhook(world, one, read)
    templates = Templates(world.templates)
    for name in TEMPLATES:
        templates.render(name, SAMPLE, read.lang)
    if isinstance(read, _Feed):
        return Atom(world.beside / Path(read.path).expanduser(), one.name, templates, read.lang, read.entries)
    return _mail(world, one, read, templates) if isinstance(read, _Email) else _chat(world, one, read, templates)


def _webhook(world: World, one: Declared, read: _Hook) -> Channel:
    url = read.url or _secret(world, one, "url_env", read.url_env)
    secret = _secret(world, one, "secret_env", read.secret_env) if read.secret_env else ""
    try:
        return Webhook(url, secret, client=world.client, timeout=world.settings.deliver_timeout, now=world.now)
    except ConfigError as error:
        # an address out of the environment is a secret, and is not shown
        raise one.wrong("url", error.expected, read.url or f"what {read.url_env} holds") from None


def _mail(world: World, one: Declared, read: _Email, templates: Templates) -> Channel:
    account = Account(
        host=read.host,
        port=read.port or _PORTS[read.security],
        security=read.security,
        user=_secret(world, one, "user_env", read.user_env) if read.user_env else "",
        password=_secret(world, one, "password_env", read.password_env) if read.password_env else "",
        timeout=world.settings.deliver_timeout,
    )
    return Mail(account, read.sender, read.to, templates, read.lang)


def _chat(world: World, one: Declared, read: _Apprise, templates: Templates) -> Channel:
    from pipeline.alerts.chat import Chat

    urls = tuple(_secret(world, one, "url_env", name) for name in read.url_env)
    return Chat(urls, templates, read.lang, (one.file, f"{one.place}.url_env"))


def _secret(world: World, one: Declared, key: str, variable: str) -> str:
    if variable.startswith(PREFIX) and variable != f"{PREFIX}WEBHOOK_SECRET":
        raise one.wrong(key, f"a variable without {PREFIX}, which is for settings", variable)
    held = world.environment.get(variable, "")
    if not held:
        raise one.wrong(key, "the name of an environment variable that is set", variable)
    return held


#: what `vigia alerts send-test` sends, and templates are tried with
SAMPLE = Message(
    id="sample",
    rule="sample",
    title="Ana Prado (minister, PE) on legalization (against)",
    body="“Legalizar sería un error”\n- Ana Prado (minister, PE), direct\nin A title (El Puente)",
    url="https://elpuente.example/politica/marihuana",
    fired_at=datetime.fromisoformat("2012-06-25T15:04:06+00:00"),
    fields={
        "alert": "sample",
        "about": "statement",
        "importance": "normal",
        "why": "Everything that is on the topic legalization.",
        "why_es": "Todo lo que trata del tema legalization.",
        "item_id": 0,
        "headline": "Ministra rechaza legalizar la marihuana",
        "outlets": ["El Puente"],
        "published_at": "2012-06-25T15:00:00+00:00",
        "lang": "es",
        "topics": ["legalization"],
        "countries": ["PE"],
        "statement": {
            "id": 0,
            "text": "Legalizar sería un error que pagarían los más jóvenes",
            "kind": "direct",
            "speaker": {"key": "ana-prado", "name": "Ana Prado", "role": "minister", "country": "PE"},
            "via": None,
            "topics": ["legalization"],
            "stance": {"legalization": "against"},
            "confidence": 0.9,
        },
    },
)
