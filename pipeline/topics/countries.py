"""Which countries a text is about, from names, demonyms, places and seats of government.

Each mention adds weight x place: 1 for a name or a government, 0.8 for a demonym, 0.6 for a place; 2 in the title, 1.5
in the first 60 words, 1 after. A country is listed from a quarter of the first one's sum up. A name inside a longer
one (Mexico in New Mexico) is not a mention, and case counts as config/countries.toml writes it: chile is a pepper, us
a pronoun.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.text import Folded, words
from pipeline.topics.automaton import Automaton, Found
from pipeline.topics.files import CountryFile, read_countries
from pipeline.topics.layout import LEAD_WORDS
from pipeline.topics.patterns import Pattern, Word
from pipeline.topics.weighing import LEAD, TAIL, TITLE
from pipeline.types import Span

_NAME, _DEMONYM, _PLACE = 1.0, 0.8, 0.6
_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class _Entry:
    """One way to mention a country, as the file writes it."""

    code: str
    weight: float
    written: str

    def is_met_by(self, mention: str) -> bool:
        """Say whether the mention has the capitals that this entry was written with."""
        if self.written.isupper() and len(self.written) > 1:
            return mention.isupper()
        return not self.written[:1].isupper() or mention[:1].isupper()


class Countries:
    """All countries of config/countries.toml, ready to be looked for."""

    def __init__(self, files: tuple[CountryFile, ...]) -> None:
        self.names = {file.code: {"en": file.name.en, "es": file.name.es, "pt": file.name.pt} for file in files}
        numbers: dict[Pattern, int] = {}
        held: list[dict[str, _Entry]] = []
        for file in files:
            for entry in _entries(file):
                number = numbers.setdefault(_pattern(entry), len(numbers))
                if number == len(held):
                    held.append({})
                # One country may write a name with a capital in one language and without in another: "pakistaní".
                if entry.code not in held[number] or entry.written[:1].islower():
                    held[number][entry.code] = entry
        self._entries = [list(entries.values()) for entries in held]
        self._automaton = Automaton(list(numbers))
        self._view = self._automaton.view(range(len(numbers)))

    @classmethod
    def load(cls, folder: Path) -> Countries:
        """Read `folder`/countries.toml. Raises ConfigError."""
        return cls(read_countries(folder))

    def about(self, title: Folded, text: Folded) -> tuple[str, ...]:
        """Return the ISO codes of the countries the article is about, most first."""
        sums: dict[str, float] = defaultdict(float)
        for field, places in ((title, (TITLE, TITLE)), (text, (LEAD, TAIL))):
            for start, entries in self._mentions(field):
                place = places[field.word_index(start) >= LEAD_WORDS]
                for entry in entries:
                    # A name that several countries share says less of each.
                    sums[entry.code] += entry.weight * place / len(entries)
        least = max(sums.values(), default=0.0) * _SHARE
        return tuple(sorted((code for code in sums if sums[code] >= least), key=lambda code: (-sums[code], code)))

    def _mentions(self, field: Folded) -> Iterator[tuple[int, list[_Entry]]]:
        met: dict[Span, list[_Entry]] = {}
        for span, number in _spans(self._view.find(self._automaton.read(field))):
            begin, finish = field.span(*span)
            mention = field.original[begin:finish]
            if entries := [entry for entry in self._entries[number] if entry.is_met_by(mention)]:
                met[span] = entries
        end = 0
        # By start, the longest first: what ends inside the one before stands within it.
        for span in sorted(met, key=lambda span: (span[0], -span[1])):
            if span[1] > end:
                yield span[0], met[span]
                end = span[1]


def _spans(found: Found) -> Iterator[tuple[Span, int]]:
    for number, spans in found.items():
        for span in spans:
            yield span, number


def _entries(file: CountryFile) -> Iterator[_Entry]:
    lists = (
        (_NAME, (file.name.en, file.name.es, file.name.pt)),
        (_NAME, file.government.all()),
        (_DEMONYM, file.demonyms.all()),
        (_PLACE, file.places.all()),
    )
    for weight, names in lists:
        for name in names:
            yield _Entry(file.code, weight, name)


def _pattern(entry: _Entry) -> Pattern:
    phrase = tuple(map(Word, words(entry.written)))
    if not phrase:
        raise ConfigError("countries.toml", entry.code, "names with letters", entry.written)
    return Pattern((phrase,), written=entry.written)
