"""The words that a query compares: folded, and none longer than any index can hold."""

from __future__ import annotations

from pipeline import text

#: characters; beyond, words differ for nobody. PostgreSQL has room for 2,046 bytes, and a line of Chinese is one word
LONGEST = 200


def terms(written: str) -> list[str]:
    """Folded words of a text or of a query, in order. Only letters and digits, so that every index cuts them alike."""
    return [word[:LONGEST] for word in text.words(written)]
