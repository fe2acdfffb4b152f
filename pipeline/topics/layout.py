"""Where things stand in an article: its title and text as one, title first, and their words.

Places weigh: a headline is what an article is about, its tail is detail (`pipeline.topics.weighing`).
"""

from __future__ import annotations

from functools import cached_property

from pipeline.text import Folded
from pipeline.topics.vocabulary import stems
from pipeline.topics.weighing import LEAD, TAIL, TITLE
from pipeline.types import Evidence, Span, Where

#: words of the text that are its lead
LEAD_WORDS = 60
#: words on either side of a place that are near it
_NEAR = 35


class Layout:
    """A folded title and the folded text behind it. Spans count from the title's first character on."""

    def __init__(self, title: Folded, text: Folded) -> None:
        self.title, self.text = title, text
        self._border = len(title.text)

    @cached_property
    def words(self) -> int:
        """Words of the text without the title."""
        return self.text.text.count(" ") - 1

    @cached_property
    def words_of_all(self) -> int:
        """Words of both."""
        return self.words + self.title.text.count(" ") - 1

    @cached_property
    def stems(self) -> list[str]:
        """The stems of all words, in order."""
        return stems(self.title.text + self.text.text)

    def near(self, start: int) -> list[str]:
        """The stems of the words around the one that begins at `start`."""
        word = self._word_at(start)
        return self.stems[max(word - _NEAR, 0) : word + _NEAR]

    def place(self, start: int) -> float:
        """What the place of a word that begins at `start` weighs."""
        if start < self._title_end:
            return TITLE
        return LEAD if start < self._lead_end else TAIL

    def evidence(self, span: Span) -> Evidence:
        """The span as it stands in the original title or text."""
        start, end = span
        if start < self._border:
            return Evidence("title", self.title.span(start, end))
        return Evidence("text", self.text.span(start - self._border, end - self._border))

    def span_of(self, where: Where, part: Span) -> Span:
        """The words that begin in a stretch of the original title or text; the way back from `evidence`."""
        field, shift = (self.title, 0) if where == "title" else (self.text, self._border)
        start, end = field.within(*part)
        return start + shift, end + shift

    def _word_at(self, start: int) -> int:
        if start < self._border:
            return self.title.word_index(start)
        return self.words_of_all - self.words + self.text.word_index(start - self._border)

    @cached_property
    def _lead_end(self) -> int:
        rest = self.text.text.split(" ", LEAD_WORDS + 1)[-1]
        return self._border + len(self.text.text) - len(rest)

    @cached_property
    def _title_end(self) -> int:
        # A fold of no words is one space; a text that ends within a lead and has no title is one.
        is_headline = self._border == 1 and self.words <= LEAD_WORDS
        return self._border + len(self.text.text) * is_headline
