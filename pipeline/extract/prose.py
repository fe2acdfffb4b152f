"""Words that stand in sentences: what tells an article from a list of headlines, whatever surrounds it. Pure."""

from __future__ import annotations

#: so many words in sentences are an article, whatever else the page looks like
ARTICLE_WORDS = 150
_SENTENCE_WORDS = 8
_SENTENCE_END = (".", "!", "?", "…", ":", '"', "”", "»", ")", "'", "’", "。")


def prose(text: str) -> int:
    """Words in lines that are sentences."""
    lines = ((line, len(line.split())) for line in text.split("\n"))
    return sum(count for line, count in lines if count >= _SENTENCE_WORDS and line.endswith(_SENTENCE_END))
