"""Passwords: which are taken, and how they are kept.

Taken is what is long and not common, as NIST SP 800-63B, 5.1.1.2 asks; there are no rules on what it is made of.
Kept as argon2id with the second recommendation of RFC 9106, section 4: three passes over 64 MiB.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from pipeline.errors import ConfigError

LEAST, MOST = 12, 256
#: each takes 64 MiB while it lasts
_AT_ONCE = 2
_FILE = "access/common-passwords.txt"


def load_common(folder: Path) -> frozenset[str]:
    """Passwords that everybody tries first, folded. Raises ConfigError for a file that cannot be read."""
    file = folder / _FILE
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), "the whole file", "a password a line, in UTF-8", str(error)) from None
    return frozenset(folded for line in lines if (folded := line.strip().casefold()) and not folded.startswith("#"))


def accept(password: str, name: str, common: Collection[str]) -> None:
    """Raise ConfigError, which never shows it, unless a password is good enough for an account of this name."""
    wanted = _wanted(password, name.casefold(), common)
    if wanted:
        raise ConfigError("users", "password", wanted, "one that is not")


def _wanted(password: str, name: str, common: Collection[str]) -> str:
    folded = password.casefold()
    if not LEAST <= len(password) <= MOST:
        return f"{LEAST} to {MOST} characters"
    if len(set(folded)) < 5:
        return "more than four different characters"
    if len(name) > 2 and name in folded:
        return "one without the account's name in it"
    # "password1234" is as common as "password"
    if folded in common or folded.strip("0123456789!?.*-_ ") in common:
        return "one that is not among those that everybody tries first"
    return ""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and compares; a few at a time, whatever the number of threads that ask."""

    hasher: PasswordHasher = field(default_factory=lambda: PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY))
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))
    #: what the password of somebody who is not there is compared with
    _nobody: list[str] = field(default_factory=list)

    def hashed(self, password: str) -> str:
        """What is stored of a password."""
        with self._turns:
            return self.hasher.hash(_bytes(password))

    def fits(self, password: str, stored: str | None) -> bool:
        """Whether it is the one; False, after as long a time, where there is none: nobody learns who is here."""
        if stored is None and not self._nobody:
            self._nobody.append(self.hashed("nobody's"))
        with self._turns:
            try:
                return self.hasher.verify(stored or self._nobody[0], _bytes(password)) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_old(self, stored: str) -> bool:
        """Whether it was hashed with other parameters than are used now."""
        return self.hasher.check_needs_rehash(stored)


def _bytes(password: str) -> bytes:
    # lone surrogates cannot be typed, but sent
    return password[: MOST + 1].encode("utf-8", "replace")
