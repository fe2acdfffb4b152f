"""What a short page shows, told by its bytes: whether it says anything, or only sends on and asks for a human. Pure."""

from __future__ import annotations

import re

from pipeline.text import FEW_WORDS

#: a page that only sends on, or asks for a human, is short; sites put the same markup into every article
SHORT_BYTES = 16_000
#: what browsers do not take for markup, or do not show
_UNSEEN = re.compile(r"(?is)<!--.*?-->|<(script|style|noscript|template|iframe)\b.*?</\1")
_TAG = re.compile(r"<[^>]*>")


def shown(body: bytes) -> str | None:
    """The markup that counts of a page of at most SHORT_BYTES that shows next to nothing; None for any other."""
    if len(body) > SHORT_BYTES:
        return None
    markup = _UNSEEN.sub(" ", body.decode("utf-8", "replace"))
    return markup if len(_TAG.sub(" ", markup).split()) < FEW_WORDS else None
