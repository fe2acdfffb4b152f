"""Whether two words of a folded text stand in one sentence, which its original tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.text import Folded

#: begins with one set of characters so that the search can skip to the next of them
_END = re.compile(
    r"""[\n.!?…] (?: (?<=\n) | ["'”’»)\]]*\s+(?=["'“‘«(\[¿¡—-]*[^\W_a-zß-öø-ÿ]) )""",
    re.VERBOSE,
)
_ABBREVIATED = re.compile(
    r"(?:\b[A-ZÁÉÍÓÚÑ]|\b(?:[DS]ra?s?|Lic|Gral|Cnel|Ing|Mrs?|Ms|Gen|Col|Gov|Sen|Rep|EE|UU|No|Nº|vs|Exmo?))\.$"
)
_ABBREVIATION_MAX = 5


def in_one_sentence(original: Sequence[Folded], end: int, start: int) -> bool:
    """Say whether the word that ends at `end` shares a sentence with a later one that begins at `start`.

    Both count through the folded texts, one after the other; none of these shares a sentence with the next.
    """
    for folded in original:
        if start < len(folded.text):
            return end >= 0 and not _ends_between(folded, end, start)
        end, start = end - len(folded.text), start - len(folded.text)
    raise ValueError(f"expected a word of the texts, got one that begins {start} signs behind them")


def _ends_between(folded: Folded, end: int, start: int) -> bool:
    original = folded.original
    before, after = folded.between(end, start)
    # The first letter of the later word tells whether a stop before it ends a sentence.
    return any(not _is_abbreviation(original, stop) for stop in _END.finditer(original, before, after + 1))


def _is_abbreviation(original: str, end: re.Match[str]) -> bool:
    stop = end.start()
    if original[max(stop - _ABBREVIATION_MAX, 0) : stop].isalpha():
        return False  # the word before is longer than any abbreviation
    return bool(_ABBREVIATED.search(original, max(stop - _ABBREVIATION_MAX - 1, 0), stop + 1))
