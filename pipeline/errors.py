"""Everything that can go wrong, as a tree.

VigiaError
├── ConfigError            a file in config/ or a setting is wrong: refused at start (exit status 2)
├── QueryError             a query cannot be read; knows the character
├── StoreError             the database is unusable as it is
│   ├── OutOfTime          reading took longer than one question may
│   ├── SchemaError        its schema is older or newer than this code (exit status 2)
│   └── ArchiveError       a copy of a store is damaged, or does not fit where it is to go
├── BrokerAway             the server that workers share does not answer: nothing is asked of anybody meanwhile
├── Retry                  it may work later: the attempt is counted and the work stays
│   ├── StoreLost          also a StoreError: the database cannot be reached now, or went away meanwhile
│   ├── StoreContended     also a StoreError: other transactions got in the way, again and again
│   ├── ConnectFailed      refused, reset, unreachable, TLS, name not found
│   ├── TimedOut           connecting, waiting or reading took longer than allowed
│   ├── ServerFailed       the host answered 5xx (or 408)
│   ├── RateLimited        the host answered 429, or 503 with Retry-After; knows how long to stay away
│   ├── WorkerDied         the process reading a page was killed or crashed
│   └── DeliveryFailed     a channel could not take a message: disk full, stream closed
└── Never                  it cannot work, however often tried; knows the Outcome the entry ends in
    ├── Gone               404, 410, a page that says so under 200
    ├── Blocked            401, 403, 451, a challenge page, a wall for consent
    ├── Disallowed         robots.txt says no
    ├── AddressRefused     the address guard says no: private, loopback, link-local, reserved
    ├── TooLarge           more bytes than the cap
    ├── Misdirected        redirected in circles, or to something that is no web address
    ├── NotAFeed           the body is no feed or sitemap
    ├── NotArticle         the page holds no article
    ├── TooShort           the article is too short to say anything
    ├── Unreadable         our own code failed on it: a bug, kept with its error until `vigia retry`
    └── DeliveryRefused    a channel will not take a message: a webhook answered 3xx or 4xx

An error's message says what, which, expected and got. `Retry` and `Never` are never raised as themselves.
"""

from __future__ import annotations

from pipeline.types import Outcome
from pipeline.wording import Worded, worded


class VigiaError(Exception):
    """Base of every error this project raises on purpose."""


class ConfigError(VigiaError):
    """A configuration file or setting is wrong; says file, key, expected and got."""

    def __init__(self, file: str, key: str, expected: str, got: object) -> None:
        super().__init__(f"{file}: {key}: expected {expected}, got {got!r}")
        self.file, self.key, self.expected, self.got = file, key, expected, got


class QueryError(VigiaError):
    """A query cannot be read; `position` is the offset of the offending character, `wording` what is told of it."""

    def __init__(self, query: str, position: int, expected: Worded, got: Worded | str) -> None:
        super().__init__(f"at character {position + 1}: expected {expected}, got {got}\n  {query}\n  {' ' * position}^")
        self.query, self.position, self.expected, self.got = query, position, str(expected), str(got)
        self.wording = (expected, got)


class StoreError(VigiaError):
    """The database cannot be used as it is."""


class OutOfTime(StoreError):
    """Reading took longer than one question may; `seconds` are what it had."""

    def __init__(self, seconds: float) -> None:
        self.wording = worded(
            "expected an answer within {seconds} s, got none; narrow the question: {how}",
            seconds=f"{seconds:g}",
            how=worded("by time (last:30d), by topic, country or outlet, or ask for fewer words at once"),
        )
        super().__init__(str(self.wording))
        self.seconds = seconds


class SchemaError(StoreError):
    """The database's schema does not fit this code; the message says what to run."""


class ArchiveError(StoreError):
    """An archive of a store is damaged, of another schema, or does not fit where it is to go; nothing was changed."""


class BrokerAway(VigiaError):
    """The server that workers share does not answer; says which, and what it said."""


class Retry(VigiaError):
    """May work later. `after` is the number of seconds the other side asked us to wait, if it did."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class StoreLost(StoreError, Retry):
    """The database cannot be reached now, or ended what was in flight (restart, time limit), which left nothing."""


class StoreContended(StoreError, Retry):
    """Other transactions got in the way of one, again and again; it left nothing, and may be run once more."""


class ConnectFailed(Retry):
    """No connection: refused, reset, unreachable, TLS failure, unknown name."""


class TimedOut(Retry):
    """Connecting, waiting or reading took longer than allowed."""


class ServerFailed(Retry):
    """The host answered 5xx or 408."""


class RateLimited(Retry):
    """The host asked us to slow down."""


class HeldBack(RateLimited):
    """Nothing was asked, as the host had asked for patience; `after` says how long it still wants to be left alone."""


class WorkerDied(Retry):
    """The process that was reading a page hung and was killed, or crashed."""


class DeliveryFailed(Retry):
    """A channel could not take a message: disk full, no permission, stream closed."""


class Never(VigiaError):
    """Cannot work, however often tried. The entry ends in `outcome`."""

    outcome: Outcome = Outcome.QUARANTINED


class Gone(Never):
    """The page is not there: 404, 410, or a 200 that says so."""

    outcome = Outcome.GONE


class Blocked(Never):
    """The host refuses us: 401, 403, 451, a challenge page or a wall for consent."""

    outcome = Outcome.BLOCKED


class Disallowed(Never):
    """robots.txt forbids the address to us."""

    outcome = Outcome.DISALLOWED


class AddressRefused(Never):
    """The address guard refuses to connect: not a public address."""

    outcome = Outcome.BLOCKED


class TooLarge(Never):
    """The body is larger than the cap (after decompression)."""

    outcome = Outcome.NOT_ARTICLE


class Misdirected(Never):
    """Redirects in circles, or to something that is no web address."""

    outcome = Outcome.NOT_ARTICLE


class NotAFeed(Never):
    """The body is neither a feed nor a sitemap."""

    outcome = Outcome.NOT_ARTICLE


class NotArticle(Never):
    """The page holds no article: not HTML, an index, an empty shell."""

    outcome = Outcome.NOT_ARTICLE


class TooShort(Never):
    """The article has too few words to say anything."""

    outcome = Outcome.TOO_SHORT


class DeliveryRefused(Never):
    """A channel will not take a message, however often it is sent. No entry ends in it: the delivery is dead."""


class Unreadable(Never):
    """Our own code failed on it, which is a bug: quarantined with the error, for `vigia retry` after the mend."""

    outcome = Outcome.QUARANTINED
