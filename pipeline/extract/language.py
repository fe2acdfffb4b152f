"""Which language a text is in: a vote of function words and spelling; a character model for all other languages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from resiliparse.parse.lang import detect_fast

from pipeline.extract.lexicon import shipped

_WORD = re.compile(r"[^\W\d_]+")
#: characters looked at; a few paragraphs settle it
_ENOUGH = 2000
#: least share of words that must be function words for their vote to count; prose has .35 to .55
_PROSE = 0.22
#: least vote for the language itself, a word; the words that many languages share give a foreign one .05
_OWN = 0.1
_SPELLING_VOTE = 0.4
#: rank up to which the character model is believed (1200 by its documentation)
_MODEL_CUTOFF = 1200

_Votes = Mapping[str, tuple[tuple[str, float], ...]]


def detect_language(text: str) -> str | None:
    """Name the language of a text (ISO 639-1), supported or not; None when there is too little to tell."""
    beginning = text[:_ENOUGH]
    text = beginning.casefold()
    words = _WORD.findall(text)
    if not words:
        return None
    word_votes, piece_votes, piece = _ballot()
    cast = [word_votes[word] for word in words if word in word_votes]
    score: defaultdict[str, float] = defaultdict(float)
    for votes in [*cast, *(piece_votes[found] for found in piece.findall(text))]:
        for language, vote in votes:
            score[language] += vote
    best = max(score, key=score.__getitem__, default="")
    if len(cast) >= _PROSE * len(words) and score[best] >= _OWN * len(words):
        return best
    language, _ = detect_fast(beginning, cutoff=_MODEL_CUTOFF)
    return None if language == "unknown" else str(language)


@lru_cache(maxsize=1)
def _ballot() -> tuple[_Votes, _Votes, re.Pattern[str]]:
    """Votes of words and of pieces of spelling, and the pattern that finds the pieces."""
    lexicon = shipped()
    pieces = _votes(lexicon.spelling, _SPELLING_VOTE)
    longest_first = sorted(pieces, key=len, reverse=True)
    return _votes(lexicon.function_words, 1.0), pieces, re.compile("|".join(map(re.escape, longest_first)))


def _votes(of: Mapping[str, str], weight: float) -> _Votes:
    """One vote a word, split among the languages that have it."""
    languages: defaultdict[str, list[str]] = defaultdict(list)
    for language, words in of.items():
        for word in dict.fromkeys(words.split()):
            languages[word].append(language)
    return {word: tuple((one, weight / len(having)) for one in having) for word, having in languages.items()}
