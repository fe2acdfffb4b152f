"""The desk at the door: who signs in, whose session or token that is, which accounts there are.

    signed = access.sign_in("ana", "...", address)      # SignedIn, or Refused with the seconds to wait
    access.by_session(signed.key)                       # the User, until it ends
    access.by_token("vigia_...")                        # the User and the Token

Passwords and keys come in and, once each, go out; they are in no message and no log.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.access import keys
from pipeline.access.hosts import is_loopback
from pipeline.access.passwords import Passwords, accept
from pipeline.access.people import Role, Token, User, scopes, token_name, user_name
from pipeline.access.throttle import FORGOTTEN, OF_ADDRESS, OF_USER, left, network
from pipeline.clock import Clock
from pipeline.errors import ConfigError
from pipeline.settings import Settings, host_and_port
from pipeline.storage import locks, sessions, tokens, users
from pipeline.storage.store import Store, Transaction

#: the store is told no oftener that a session or token was used
_TELL_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login that went well."""

    user: User
    #: for the browser's cookie, and nowhere else
    key: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A login that did not; of an account that is not there nothing else is said."""

    #: seconds until it may be tried again; 0: at once
    wait: int


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token; its key is shown this once."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class AccessDesk:
    """Knows the accounts of one store."""

    store: Store
    clock: Clock
    settings: Settings
    passwords: Passwords
    #: passwords that everybody tries first
    common: Collection[str]
    random: keys.Random

    def expect_users(self) -> None:
        """Raise ConfigError where the settings show the store to others than this machine and nobody has an account."""
        settings = self.settings
        host, _ = host_and_port(settings.web_address, "VIGIA_WEB_ADDRESS")
        beyond = [
            (name, shown)
            for name, shown, far in (
                ("VIGIA_WEB_ADDRESS", settings.web_address, not is_loopback(host)),
                ("VIGIA_WEB_HOSTS", settings.web_hosts, bool(settings.web_hosts)),
                ("VIGIA_WEB_PROXIES", settings.web_proxies, bool(settings.web_proxies)),
            )
            if far
        ]
        if beyond and self.is_open():
            expected = "this machine alone while nobody has an account; `vigia users add NAME --role editor` makes one"
            raise ConfigError("environment", beyond[0][0], expected, beyond[0][1])

    # --- whose is it? ---

    def is_open(self) -> bool:
        """Whether nobody has an account: then there is no login, and only this machine may ask."""
        with self.store.read() as db:
            return not users.any_at_all(db)

    def by_session(self, key: str) -> User | None:
        """Whose session a cookie's key is; None where it ended or ran out."""
        now, hashed = self.clock.now(), keys.stored(key)
        with self.store.read() as db:
            found = sessions.find(db, hashed, *self._alive(now))
        if found is None:
            return None
        user, seen_at = found
        if now - seen_at >= _TELL_EVERY:
            self.store.transact(lambda db: sessions.touch(db, hashed, now))
        return user

    def by_token(self, key: str) -> tuple[User, Token] | None:
        """Whose token that is; None where it is none or ran out."""
        now = self.clock.now()
        with self.store.read() as db:
            found = tokens.find(db, keys.stored(key), now)
        if found is not None and (found[1].used_at is None or now - found[1].used_at >= _TELL_EVERY):
            token_id = found[1].id
            self.store.transact(lambda db: tokens.used(db, token_id, now))
        return found

    # --- signing in and out ---

    def sign_in(self, name: str, password: str, address: str, before: str | None = None) -> SignedIn | Refused:
        """Sign in, with a new key whatever there was `before`; that one ends.

        The attempt is counted before the password is looked at: many at once are no more than one after another.
        """
        subjects = (f"user:{_possible(name)}", f"address:{network(address)}")
        wait = self.store.transact(lambda db: self._attempt(db, subjects))
        if wait:
            return Refused(wait)
        user = self.verified(name, password)
        if user is None:
            return Refused(0)
        key, now = keys.new_key(self.random), self.clock.now()
        self.store.transact(lambda db: self._begin(db, user, key, before, address, now, subjects))
        return SignedIn(user, key)

    def verified(self, name: str, password: str) -> User | None:
        """The account with this name and password; takes as long where there is none."""
        folded = _possible(name)
        with self.store.read() as db:
            stored, user = users.password_of(db, folded), users.find(db, folded)
        if not self.passwords.fits(password, stored) or stored is None or user is None:
            return None
        if self.passwords.is_old(stored):
            hashed, user_id = self.passwords.hashed(password), user.id
            self.store.transact(lambda db: users.rehash(db, user_id, hashed))
        return user

    def _attempt(self, db: Transaction, subjects: tuple[str, str]) -> int:
        """Count an attempt of both; the seconds to wait instead, where it is too soon."""
        locks.hold(db, list(subjects))
        now = self.clock.now()
        since = now - FORGOTTEN
        longest = 0.0
        for subject, patience in zip(subjects, (OF_USER, OF_ADDRESS), strict=True):
            found = sessions.failures(db, subject, since)
            longest = max(longest, left(patience, *found, now) if found else 0.0)
        if longest:
            return math.ceil(longest)
        for subject in subjects:
            sessions.failed(db, subject, now, since)
        return 0

    def _begin(
        self,
        db: Transaction,
        user: User,
        key: str,
        before: str | None,
        address: str,
        now: datetime,
        subjects: tuple[str, str],
    ) -> None:
        sessions.sweep(db, *self._alive(now))
        if before is not None:
            sessions.end(db, keys.stored(before))
        sessions.begin(db, keys.stored(key), user.id, address[:80], now)
        users.seen(db, user.id, now)
        # who has one account could otherwise go on guessing at others' from the same address
        sessions.forgive(db, subjects[0], all_of_them=True)
        sessions.forgive(db, subjects[1], all_of_them=False)

    def sign_out(self, key: str) -> None:
        """End a session."""
        self.store.transact(lambda db: sessions.end(db, keys.stored(key)))

    def _alive(self, now: datetime) -> tuple[datetime, datetime]:
        return (
            now - timedelta(days=self.settings.web_session_days),
            now - timedelta(hours=self.settings.web_session_idle),
        )

    # --- accounts ---

    def users(self) -> list[User]:
        """Every account, by name."""
        with self.store.read() as db:
            return users.listing(db)

    def user(self, name: str) -> User:
        """The account of this name. Raises ConfigError where there is none."""
        with self.store.read() as db:
            return _known(db, name)

    def add_user(self, name: str, password: str, role: Role) -> User:
        """Add an account. Raises ConfigError for a name that is taken or no name, and for a password too weak."""
        folded = user_name(name)
        accept(password, folded, self.common)
        hashed, now = self.passwords.hashed(password), self.clock.now()
        with self.store.write() as db:
            if not users.add(db, folded, role, hashed, now):
                raise ConfigError("users", "name", "one that nobody has", folded)
            return _known(db, folded)

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password; whoever is signed in with it is so no more. Raises ConfigError."""
        user = self.user(name)
        accept(password, user.name, self.common)
        hashed, now = self.passwords.hashed(password), self.clock.now()
        self.store.transact(lambda db: users.set_password(db, user.id, hashed, now))

    def set_role(self, name: str, role: Role) -> None:
        """Give an account another role. Raises ConfigError."""
        now = self.clock.now()
        self.store.transact(lambda db: users.set_role(db, _known(db, name).id, role, now))

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Let an account sign in no more, or again. Raises ConfigError."""
        now = self.clock.now()
        self.store.transact(lambda db: users.set_disabled(db, _known(db, name).id, disabled, now))

    def remove_user(self, name: str) -> None:
        """Remove an account with its sessions and tokens. Raises ConfigError."""
        self.store.transact(lambda db: users.remove(db, _known(db, name).id))

    # --- tokens ---

    def tokens(self, name: str | None = None) -> list[Token]:
        """Tokens, of everybody or of one account. Raises ConfigError for an account that is not there."""
        with self.store.read() as db:
            return tokens.listing(db, None if name is None else _known(db, name).id)

    def make_token(self, user: str, name: str, wanted: Collection[str], days: float | None) -> MadeToken:
        """Make a token that runs out after so many days, or never. Raises ConfigError."""
        called, key, now = token_name(name), keys.new_token(self.random), self.clock.now()
        until = None if days is None else now + timedelta(days=_days(days))
        with self.store.write() as db:
            owner = _known(db, user)
            allowed = scopes(wanted, owner.role)
            if not tokens.add(db, owner.id, called, keys.stored(key), allowed, now, until):
                raise ConfigError("tokens", "name", "one that this account does not have", called)
        return MadeToken(called, key)

    def drop_token(self, user: str, name: str) -> bool:
        """Let a token do nothing any more; False where there is none of this name. Raises ConfigError."""
        return self.store.transact(lambda db: tokens.remove(db, _known(db, user).id, name.strip()))


def _possible(written: str) -> str:
    """A name as accounts have them; `?`, which none has, for what could be none."""
    try:
        return user_name(written)
    except ConfigError:
        return "?"


def _days(days: float) -> float:
    if not 0 < days <= 3660:
        raise ConfigError("tokens", "days", "more than 0, at most 3660", days)
    return days


def _known(db: Transaction, name: str) -> User:
    found = users.find(db, _possible(name))
    if found is None:
        raise ConfigError("users", "name", "an account, as `vigia users list` shows them", name)
    return found
