"""Keys of sessions and tokens: 256 random bits, of which only the SHA-256 is stored.

Nothing slower is needed than for a password: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable

#: so many bytes at random
Random = Callable[[int], bytes]

_BYTES = 32
#: so that a token that got into a repository is recognised as one
TOKEN_PREFIX = "vigia_"  # noqa: S105 - the same for all


def new_key(random: Random) -> str:
    """A key of 43 characters that stand in a cookie or header as they are."""
    return urlsafe_b64encode(random(_BYTES)).rstrip(b"=").decode()


def new_token(random: Random) -> str:
    """A key for a program."""
    return TOKEN_PREFIX + new_key(random)


def stored(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def csrf_of(key: str) -> str:
    """What a form of whoever has this key has to bring back: it can be made from the key, and the key not from it."""
    return hmac.new(key.encode("utf-8", "replace"), b"form", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are one, in a time that says nothing about where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
