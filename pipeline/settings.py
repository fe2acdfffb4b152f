"""Every setting: name, default, unit, help. Read from the environment, prefix `VIGIA_`.

`Settings.fetch_timeout` is `VIGIA_FETCH_TIMEOUT`; `VIGIA_FETCH_TIMEOUT_FILE` names a file that holds it, as containers
are given their secrets. Nothing is read at import; `load()` reads a mapping that it is given.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

from pipeline.errors import ConfigError

PREFIX = "VIGIA_"
_IN_A_FILE = "_file"


_COUNTED = ("threads", "processes", "requests", "attempts", "pages", "entries", "bytes", "messages", "connections")
#: with less than a second of these, a feed would be polled without end
_FROM_ONE = ("poll_min", "poll_max", "poll_lease")
#: what is still counted must not be removed: the entries of the last four weeks say how many a source has a day
_LEAST = dict.fromkeys(_FROM_ONE, 1) | {"keep_off_topic": 30}


def _setting(default: Any, unit: str, help_: str) -> Any:
    return dataclasses.field(default=default, metadata={"unit": unit, "help": help_})


def home_database() -> Path:
    """Where the store is unless told otherwise."""
    return Path.home() / ".local" / "share" / "vigia" / "vigia.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults; see docs/settings.md for the table made from this."""

    database_url: str = dataclasses.field(
        default_factory=lambda: f"sqlite:///{home_database()}",
        metadata={"unit": "URL", "help": "where the store is: sqlite:///FILE or postgresql://USER@HOST/NAME"},
    )
    database_password: str = _setting(
        "", "", "password for PostgreSQL, where the address holds none: any characters, and it stays out of the address"
    )
    database_pool: int = _setting(
        8, "connections", "connections to PostgreSQL that one process keeps open; a few more while all are in use"
    )
    database_statement_timeout: float = _setting(
        60.0, "s", "longest that one statement on PostgreSQL may take; 0: no limit"
    )
    database_lock_timeout: float = _setting(
        30.0, "s", "longest that a statement on PostgreSQL waits for what another transaction holds; 0: no limit"
    )
    broker_url: str = _setting(
        "", "URL", "where workers meet: redis://HOST:PORT/NUMBER; empty: the embedded engine only"
    )
    config: str = _setting("", "folder", "read this folder in place of the shipped config/")
    keep: Literal["on_topic", "all"] = _setting("on_topic", "", "store on-topic articles only, or all of them")
    contact: str = _setting("", "URL or e-mail", "how an outlet reaches you; part of the User-Agent")

    poll_min: float = _setting(300.0, "s", "shortest time between two polls of a feed")
    poll_max: float = _setting(14_400.0, "s", "longest time between two polls of a working feed")
    poll_failure_cap: float = _setting(86_400.0, "s", "longest back-off of a failing feed")
    poll_unconditional_every: int = _setting(
        12, "polls", "every so often validators are not sent: some hosts answer 304 for ever"
    )
    poll_lease: float = _setting(
        600.0, "s", "a feed that was taken to be polled is nobody else's for so long; a dead process's lease runs out"
    )
    poll_lost_after: float = _setting(
        3.0, "days", "a feed that was not there, was no feed or was empty for so long counts as lost"
    )
    poll_search_every: float = _setting(7.0, "days", "so often a replacement for a lost feed is searched for")
    poll_hopeless_after: float = _setting(
        0.0, "failures", "after so many weighted failures in a row back-off grows up to 30 days; 0: never"
    )
    feed_max_bytes: int = _setting(5_000_000, "bytes", "cap of a feed's body after decompression")
    feed_max_entries: int = _setting(2_000, "entries", "entries read from one body")
    feed_timeout: float = _setting(30.0, "s", "total time for one feed, redirects included")

    fetch_threads: int = _setting(16, "threads", "requests under way at once in the embedded engine")
    fetch_timeout: float = _setting(45.0, "s", "total time for one page, redirects included")
    fetch_connect_timeout: float = _setting(10.0, "s", "time to connect")
    fetch_read_timeout: float = _setting(20.0, "s", "longest silence while reading")
    page_max_bytes: int = _setting(10_000_000, "bytes", "cap of a page's body after decompression")
    max_redirects: int = _setting(5, "hops", "redirects followed, each checked")
    host_gap: float = _setting(5.0, "s", "least time between two requests to one host")
    host_concurrency: int = _setting(2, "requests", "requests under way at once to one host")
    host_stop: float = _setting(
        300.0,
        "s",
        "nothing is asked of a host for so long after a 429 that does not say how long; doubles, up to a day",
    )
    unreachable_ttl: float = _setting(
        600.0, "s", "a host that could not be connected to is not dialled again for so long"
    )
    crawl_delay_max: float = _setting(60.0, "s", "longest gap between two requests that a robots.txt may ask for")
    robots: bool = _setting(True, "", "obey robots.txt, for feeds too")
    robots_ttl: float = _setting(86_400.0, "s", "how long a robots.txt is remembered")
    allow_addresses: str = _setting(
        "", "CIDR list", "comma-separated networks the address guard lets through, for private feeds"
    )

    attempts_max: int = _setting(
        10, "attempts", "after so many failures of the kind that may pass, an entry is quarantined"
    )
    retry_base: float = _setting(60.0, "s", "first wait before an entry is tried again; doubles with each attempt")
    retry_cap: float = _setting(3_600.0, "s", "longest wait before an entry is tried again")
    updates_max: int = _setting(
        24, "updates", "changes of one URL that are looked at; pages printing the time change for ever"
    )

    process_workers: int = _setting(2, "processes", "processes that read pages")
    process_timeout: float = _setting(20.0, "s", "a page that takes longer is killed with its process")
    process_tasks: int = _setting(2_000, "pages", "a reading process is replaced after so many pages")
    process_memory: int = _setting(2_000_000_000, "bytes", "address space a reading process may take")
    process_attempts_max: int = _setting(3, "attempts", "a page that killed its process so often is quarantined")
    article_min_words: int = _setting(30, "words", "shorter articles end as too_short")
    article_max_chars: int = _setting(200_000, "characters", "longer texts are cut")

    keep_pages: float = _setting(
        365.0,
        "days",
        "a page's bytes are kept for so long after its entry ended, to be read again; 0: not at all, inf: for ever",
    )
    keep_off_topic_pages: float = _setting(
        0.0, "days", "the same for pages that no topic applied to, which `vigia reprocess --off-topic` reads again"
    )
    keep_off_topic: float = _setting(
        math.inf,
        "days",
        "an entry without topics is kept for so long, then only its key is; 30 at least, inf: for ever",
    )

    memory_window: float = _setting(365.0, "days", "a statement heard longer ago counts as new again")
    alert_max_age: float = _setting(172_800.0, "s", "an item published longer ago never alerts")
    alert_min_confidence: float = _setting(
        0.5, "0..1", "statements heard with less confidence are stored without alerting"
    )
    alerts_file: str = _setting(
        "",
        "file",
        "JSONL file for channel `file`; empty: alerts.jsonl beside the SQLite store, else in ~/.local/share/vigia",
    )
    webhook_url: str = _setting("", "URL", "address for channel `webhook`")
    webhook_secret: str = _setting("", "", "key of the webhook's HMAC-SHA256 signature; empty: unsigned")
    deliver_attempts_max: int = _setting(12, "attempts", "after so many failures a delivery is dead")
    deliver_timeout: float = _setting(15.0, "s", "total time for one delivery")

    dispatch_every: float = _setting(1.0, "s", "so often `vigia beat` looks for what is due, and sends it to workers")
    resend_after: float = _setting(
        30.0, "s", "a message that no worker began with for so long counts as lost and is sent again"
    )
    lease_margin: float = _setting(
        8.0,
        "s",
        "a worker's step that takes so much longer than its own limits allow counts as dead, and is done again",
    )
    queue_max: int = _setting(
        200, "messages", "a queue that is as long is sent no more: the rest waits in the store, where nothing is lost"
    )
    process_resident: int = _setting(
        600_000_000, "bytes", "a reading process of a worker is replaced after a page that left it with more memory"
    )

    web_address: str = _setting(
        "127.0.0.1:8000", "host:port", "where `vigia serve` shows pages and API; beyond this machine only to users"
    )
    web_processes: int = _setting(
        1, "processes", "processes that `vigia serve` shares its address among, one core each at most"
    )
    web_hosts: str = _setting(
        "", "names", "comma-separated names under which browsers reach the pages, such as vigia.example.org"
    )
    web_proxies: str = _setting(
        "", "CIDR list", "comma-separated addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed"
    )
    web_session_idle: float = _setting(24.0, "h", "a login without a request for so long has ended")
    web_session_days: float = _setting(14.0, "days", "a login ends after so long in any case")
    web_query_timeout: float = _setting(
        15.0, "s", "longest that the store may take for one question of a page or of the API; exports not; 0: no limit"
    )
    web_rate: float = _setting(
        20.0, "requests/s", "requests that a user, a token or, before the login, an address has; files not counted"
    )
    web_burst: int = _setting(200, "requests", "requests that may come at once before that counts")

    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "", "least severe line that is logged")
    log_format: Literal["human", "json"] = _setting("human", "", "lines for people, or one JSON object a line")
    metrics_address: str = _setting(
        "", "host:port", "where /metrics, /healthz and /readyz are served, by every process that runs; empty: nowhere"
    )


def load(environment: Mapping[str, str]) -> Settings:
    """Read settings from `environment` (os.environ, say). Raises ConfigError on an unknown name or a bad value."""
    hints = get_type_hints(Settings)
    units = {field.name: field.metadata["unit"] for field in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for variable, raw in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        if name not in hints and (held := name.removesuffix(_IN_A_FILE)) != name and held in hints:
            name, raw = held, _held(environment, variable, raw)
        if name not in hints:
            raise ConfigError("environment", variable, _nearest(name, hints), raw)
        values[name] = _convert(variable, raw, hints[name])
        _check_least(variable, values[name], units[name])
    return Settings(**values)


def _held(environment: Mapping[str, str], variable: str, file: str) -> str:
    """What a file holds, without the newline that editors end it with. Raises ConfigError; the content is not told."""
    plain = variable[: -len(_IN_A_FILE)]
    if plain in environment:
        raise ConfigError("environment", variable, f"either this or {plain}", "both")
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        expected = "a file of text that can be read"
        raise ConfigError("environment", variable, expected, f"{file}: {type(error).__name__}") from None


def _nearest(name: str, known: Iterable[str]) -> str:
    near = [f"{PREFIX}{one.upper()}" for one in difflib.get_close_matches(name, known, n=3)]
    return f"a setting of docs/settings.md{', such as ' + ' or '.join(near) if near else ''}"


def _convert(variable: str, raw: str, kind: Any) -> Any:
    convert = partial(msgspec.convert, type=kind, strict=False)
    try:
        return convert(raw)
    except msgspec.ValidationError as error:
        # its words say what was expected and, in its own terms, what it got
        wanted = str(error).removeprefix("Expected ").partition(", got ")[0].replace("`", "")
        raise ConfigError("environment", variable, wanted, raw) from None


def _check_least(variable: str, value: Any, unit: str) -> None:
    """No number may be negative; of what is counted there must be one at least, and so of seconds between polls."""
    name = variable.removeprefix(PREFIX).lower()
    least = _LEAST.get(name, 1 if unit in _COUNTED else 0)
    if isinstance(value, int | float) and not isinstance(value, bool) and not value >= least:
        raise ConfigError("environment", variable, f"a number of {unit or 'something'}, {least} or more", value)


def host_and_port(text: str, variable: str = "VIGIA_METRICS_ADDRESS") -> tuple[str, int]:
    """What a setting of the kind host:port means. Raises ConfigError, which names the setting."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise ConfigError("environment", variable, "host:port, such as 127.0.0.1:9100", text)
    return host.strip("[]"), int(port)


def describe() -> list[tuple[str, str, str, str]]:
    """Every setting as (environment variable, default, unit, help), in order of declaration."""
    rows = []
    for field in dataclasses.fields(Settings):
        default = "~/.local/share/vigia/vigia.sqlite" if field.name == "database_url" else str(field.default)
        rows.append((PREFIX + field.name.upper(), default, field.metadata["unit"], field.metadata["help"]))
    return rows
