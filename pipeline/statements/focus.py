"""Whom "he", "she" or a missing subject means when the article has turned to somebody else since the last words said.

"Ana Ruiz said X. Juan Prado laughs at that. “Y,” he says.": the sentence between has another person for its subject,
or brings somebody in ("At the door stood Juan Prado.").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from pipeline.statements.cast import Cast, Entity
from pipeline.statements.find import Reading
from pipeline.statements.lexicon import BE, CUE, HAVE, PREP, REL

#: sentences looked back at
_BACK = 3
#: tokens among which a sentence's subject is looked for
_SUBJECT = 12


@dataclass(slots=True)
class Focus:
    """The people whom the sentences without statements of one field are about."""

    reading: Reading
    cast: Cast
    first: list[int]
    speaking: frozenset[int]

    @classmethod
    def of(cls, reading: Reading, cast: Cast) -> Focus:
        """Prepare the look-ups of a field."""
        first = [sentence.first for sentence in reading.sentences]
        return cls(reading, cast, first, frozenset(found.sentence for found in reading.found))

    def turned_to(self, at: int, since: int, gender: str | None) -> Entity | None:
        """Whom the sentences before token `at` of its paragraph turned to, after the words said at `since`."""
        here = bisect_right(self.first, at) - 1
        for number in range(here - 1, max(-1, here - 1 - _BACK), -1):
            sentence = self.reading.sentences[number]
            if sentence.paragraph != self.reading.sentences[here].paragraph or sentence.beyond <= since:
                return None
            if number in self.speaking:
                return None
            entity = self._subject(sentence.first, sentence.beyond, gender)
            if entity is not None:
                return entity
        return None

    def _subject(self, first: int, beyond: int, gender: str | None) -> Entity | None:
        rows = self.cast.people_at
        for at, number in rows[bisect_left(rows, (first, -1)) : bisect_left(rows, (beyond, -1))]:
            entity = self.cast.entities[number]
            leads = at - first <= _SUBJECT and self._opens(first, at)
            if (leads or at in self.cast.introduced) and (gender is None or entity.gender in (None, gender)):
                return entity
        return None

    def _opens(self, first: int, name: int) -> bool:
        """Nothing before the name but what belongs to it: an article, an office, its field."""
        bits = self.reading.tokens.bits[first:name]
        return not any(bit & (BE | HAVE | REL | CUE) for bit in bits) and not (bits and bits[0] & PREP)
