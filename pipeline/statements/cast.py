"""Everyone an article names, with role and country; looked up by a word of the name or by role. names.py fills it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

#: letters that "director" and "directora" share with each other and not with "secretary"
_STEM = 5
#: roles that name a body, not a person
BODIES = frozenset(
    ("government", "ministry", "court", "party", "police", "military", "report", "agency", "official")
) | {"prosecution service"}


class Said(NamedTuple):
    """What stands beside a name: role and its word, country, what that word alone says, a minister's portfolio."""

    role: str | None = None
    title: str | None = None
    country: str | None = None
    plain_role: str | None = None
    portfolio: str | None = None


#: roles that newspapers use for somebody named before under another one
EPITHETS = frozenset(("official", "military", "police", "expert", "doctor", "lawyer", "judge", "deputy", "activist"))


@dataclass(slots=True)
class Entity:
    """One person or body as an article names it."""

    #: folded words of its fullest name
    words: tuple[str, ...]
    name: str
    role: str | None = None
    #: the word for it
    title: str | None = None
    #: what the role's first word alone would say: "presidente" of "presidente del Gobierno"
    plain_role: str | None = None
    portfolio: str | None = None
    country: str | None = None
    gender: str | None = None
    #: small words right before the name
    nouns: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """Capitalised words first..beyond-1 that may be a name, with what was said of it in passing."""

    first: int
    beyond: int
    role: str | None = None
    title: str | None = None
    portfolio: str | None = None
    country: str | None = None
    gender: str | None = None


@dataclass(slots=True)
class Cast:
    """Everyone an article names, looked up by a word of the name or by role: the nearest mention before a position."""

    entities: list[Entity] = field(default_factory=list)
    #: last word of the name -> (token, entity)
    by_surname: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    #: any other word of it
    by_word: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    by_role: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    #: words that name them and are no role the lexicon knows ("inspectora"), and portfolios ("health")
    by_noun: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    by_field: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    #: tokens where somebody is named for the first time
    introduced: set[int] = field(default_factory=set)
    met: set[int] = field(default_factory=set)
    #: mentions that may be of a person: whom a pronoun or a missing subject can mean
    people_at: list[tuple[int, int]] = field(default_factory=list)
    #: words that the text writes without a capital
    small: frozenset[str] = frozenset()

    def with_word(self, word: str, at: int, gender: str | None = None) -> Entity | None:
        """Whoever has this surname, else this word in the name: last mentioned before `at`, else first after it."""
        return self._nearest(self.by_surname.get(word), at, gender) or self._nearest(self.by_word.get(word), at, gender)

    def with_role(self, role: str, title: str | None, at: int) -> Entity | None:
        """Whoever has this role, under this word for it: last mentioned before `at`, else first after it."""
        return self._nearest(self.by_role.get(role_key(role, title)), at, None)

    def with_noun(self, noun: str, at: int) -> Entity | None:
        """Whoever the article calls by this noun beside the name: "la inspectora Ana Ruiz"."""
        return self._nearest(self.by_noun.get(noun), at, None)

    def with_field(self, portfolio: str, at: int) -> Entity | None:
        """Whoever has an office in this field: "the health chief" for "health commissioner Ana Ruiz"."""
        return self._nearest(self.by_field.get(portfolio), at, None)

    def _nearest(self, rows: list[tuple[int, int]] | None, at: int, gender: str | None) -> Entity | None:
        if not rows:
            return None
        index = bisect_right(rows, (at, len(self.entities)))
        for _, number in reversed(rows[max(0, index - 8) : index]):
            if gender is None or self.entities[number].gender in (None, gender):
                return self.entities[number]
        return self.entities[rows[min(index, len(rows) - 1)][1]] if index == 0 else None


def role_key(role: str, title: str | None) -> str:
    """The role, for heads with the word for it: "the director" is not "the secretary"."""
    return f"{role} {title[:_STEM]}" if role == "head" and title else role
