"""Folding text so that words compare equal whatever their case, accents or typography, and finding the way back.

`fold("Legalización, ¡ya!").text` is `" legalizacion ya "`: words of alphanumeric characters between single spaces, with
a space at both ends, so that `" word "` finds whole words. A character folds by itself: casefold, compatibility
decomposition (NFKD), combining marks dropped; what is not alphanumeric becomes a space. Soft hyphens and joiners
vanish: they are typography inside a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from pipeline.types import Span

#: a page that shows fewer words says next to nothing
FEW_WORDS = 60
_VANISH = "\u00ad\u200c\u200d\u2060\ufeff"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_RUN = re.compile(" {2,}")
#: above so many different characters outside ASCII (not a Latin script), replacing them one by one stops paying off
_FEW = 40


class _Folds(dict[str, str]):
    """What each character folds to, worked out once."""

    def __missing__(self, char: str) -> str:
        folded = self[char] = _fold_char(char)
        return folded


def _fold_char(char: str) -> str:
    if char in _VANISH or unicodedata.category(char).startswith("M"):
        return ""
    if not char.isalnum():
        return " "
    # Decomposing can uncover capitals and casefolding can uncover marks (İ), hence both twice.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char.casefold()).casefold())
    kept = (c for c in plain if not unicodedata.category(c).startswith("M") and c not in _VANISH)
    return "".join(c if c.isalnum() else " " for c in kept)


_folds = _Folds()
_ASCII = {code: _fold_char(chr(code)) for code in range(128)}


def _spaced(text: str) -> tuple[str, bool]:
    """Fold character by character, spaces not collapsed; and whether each character became exactly one."""
    if text.isascii():
        return text.translate(_ASCII), True
    others = set(_NOT_ASCII.findall(text))
    aligned = all(len(_folds[char]) == 1 for char in others)
    if len(others) > _FEW:
        return "".join(map(_folds.__getitem__, text)), aligned
    for char in others:
        text = text.replace(char, _folds[char])
    # A fold is made of characters that fold to themselves, so the order of replacing does not matter.
    return text.translate(_ASCII), aligned


@dataclass(frozen=True)
class Folded:
    """A folded text and the way back to the original. Made by `fold`."""

    #: the words, each with one space before it and one after the last; a single space when there are none
    text: str
    original: str
    #: the fold before runs of spaces were collapsed
    _spaced: str
    #: each character of `original` became exactly one of `_spaced`
    _aligned: bool

    def span(self, start: int, end: int) -> Span:
        """Map `text[start:end]` to (start, end) in code points of the original.

        Spaces at its ends are left out. A character that folds to several (ß, ﬁ) belongs to the span when any of them
        does; marks that follow a covered character belong to it. A stretch without a word gives an empty span.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span: expected 0 <= start <= end <= {len(self.text)}, got {start}, {end}")
        if start == end or self.text[start] == " " or self.text[end - 1] == " ":
            piece = self.text[start:end]
            if not piece.strip(" "):
                following = start + self.text.startswith(" ", start)
                at = self._before(following) if following < len(self.text) else len(self.original)
                return at, at
            start += len(piece) - len(piece.lstrip(" "))
            end -= len(piece) - len(piece.rstrip(" "))
        return self._before(start), self._after(end - 1)

    def within(self, start: int, end: int) -> Span:
        """Map a stretch of the original to the stretch of `text` whose words begin in it; the way back from `span`."""
        first = self.position(start)
        return first, max(first, self.position(end) - 1)

    def position(self, origin: int) -> int:
        """Where the first word from `origin` of the original on begins in `text`; the length of `text` if none does."""
        return self._word_from(origin if self._aligned else bisect_left(self._origins, origin))

    def between(self, end: int, start: int) -> Span:
        """Map what stands between a word that ends at `end` of `text` and one that begins at `start`."""
        return self._after(end - 1), self._before(start)

    def word_index(self, position: int) -> int:
        """Number the word at `position` of `text`, from 0; a space counts with the word before it."""
        return max(self.text.count(" ", 0, position) - 1, 0)

    def _spaced_at(self, position: int) -> int:
        """Where the folded character at `position`, of a word, stands in `_spaced`."""
        points, origins = self._points
        run = bisect_right(points, position) - 1
        return position + origins[run] - points[run]

    def _word_from(self, spaced: int) -> int:
        """Where the first word from `spaced` of `_spaced` on begins in `text`; the length of `text` if none does."""
        points, origins = self._points
        run = bisect_right(origins, spaced) - 1
        if run < 0:
            return points[0]
        position = spaced - origins[run] + points[run]
        if run + 1 < len(points):
            position = min(position, points[run + 1])
        if position >= len(self.text):
            return len(self.text)
        return position if self.text[position - 1] == " " else self.text.index(" ", position) + 1

    def _before(self, position: int) -> int:
        at = self._spaced_at(position)
        return at if self._aligned else self._origins[at]

    def _after(self, position: int) -> int:
        at = self._spaced_at(position)
        if self._aligned:
            return at + 1
        origin = self._origins[at]
        while self._origins[at] == origin:
            at += 1
        return self._origins[at]

    @cached_property
    def _points(self) -> tuple[list[int], list[int]]:
        """Where spaces were collapsed before a word: the word's beginning in `text`, and in `_spaced`.

        Most words have one space before them, so these are few; between two of them both sides run alike.
        """
        stripped = self._spaced.strip(" ")
        first = len(self._spaced.rstrip(" ")) - len(stripped)
        # Cutting at two spaces is quick; of a run of three one is left to the next piece, of four an empty piece.
        pieces = stripped.split("  ")
        starts = accumulate([len(piece) + 2 for piece in pieces[:-1]], initial=first)
        more = accumulate([not piece or piece[0] == " " for piece in pieces])
        points, origins = [], []
        for index, (piece, origin, gaps) in enumerate(zip(pieces, starts, more, strict=True)):
            if piece:
                origins.append(origin + (piece[0] == " "))
                points.append(origins[-1] - first + 1 - index - gaps)
        return points or [1], origins or [first]

    @cached_property
    def _origins(self) -> list[int]:
        """For each character of `_spaced`, the original's it comes from; and one beyond the end."""
        origins = [index for index, char in enumerate(self.original) for _ in _folds[char]]
        return [*origins, len(self.original)]


def fold(text: str) -> Folded:
    """Fold `text`, keeping the way back to its code points."""
    spaced, aligned = _spaced(text)
    joined = " ".join(spaced.split())
    return Folded(f" {joined} " if joined else " ", text, spaced, aligned)


def words(text: str) -> list[str]:
    """Folded words of `text`, in order."""
    return _spaced(text)[0].split()
