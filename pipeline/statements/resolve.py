"""From the words that name a speaker in one sentence to the person or body meant.

Within the article: full name, surname, role ("the minister"), pronoun, no subject at all. Then config/people.toml by
name, or by role, country and date. What stays unknown keeps the name the article gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.statements.bodies import body_name, has_capital, institution_in, role_in, spoken_for, title_in
from pipeline.statements.cast import BODIES, EPITHETS, Cast, Entity, Run
from pipeline.statements.find import Found
from pipeline.statements.focus import Focus
from pipeline.statements.lexicon import (
    CAP,
    COMMA,
    COORD,
    CUE,
    DET,
    FUNC,
    NUM,
    POSSESSIVE,
    PREP,
    PRON,
    REL,
    WORD,
    Lexicon,
)
from pipeline.statements.names import country_in, name_in, plain_role, portfolio_in, runs_of
from pipeline.statements.people import Institution, People, Person, country_of
from pipeline.statements.segment import Tokens
from pipeline.text import words
from pipeline.types import Speaker

#: tokens after which a pronoun no longer reaches back to the last speaker
_FAR = 220
_HEADS_OF_STATE = ("president", "prime minister")
#: words of "el alpinista vasco"
_QUALIFIED = 3
#: words that may stand between a comma and a name: "the retired general Ana Ruiz"
_EPITHET = 3


@dataclass(slots=True)
class Resolver:
    """Resolves the speakers of one field, in text order; remembers the last one for pronouns and missing subjects."""

    tokens: Tokens
    cast: Cast
    lexicon: Lexicon
    people: People
    said_at: datetime | None
    in_title: bool = False
    focus: Focus | None = None
    last: Speaker | None = None
    last_at: int = 0

    def speaker(self, found: Found, outlet: str | None = None) -> Speaker:
        """The speaker of a statement; where its sentence names none, whoever spoke last.

        The outlet that reports it speaks under its own name, and nobody's "he added" goes back to it.
        """
        if outlet is not None:
            return Speaker(outlet, None, None, found.speaker, "-".join(words(outlet)))
        clause, units = found.draft.clause, found.draft.speaker
        at = -1 if self.in_title else clause.first[found.draft.cue[0]]
        mention = (clause.first[units[0]], clause.beyond[units[1] - 1]) if units else None
        who = self._carried(at) if mention is None else self._named(mention, at)
        if who.name or who.role:
            self.last, self.last_at = who, at
        return who

    def _carried(self, at: int, gender: str | None = None) -> Speaker:
        turned = self.focus.turned_to(at, self.last_at, gender) if self.focus is not None else None
        if turned is not None:
            return self._as_speaker(turned)
        if self.last is None or at - self.last_at > _FAR:
            entity = self._last_person(at, None)
            return self._as_speaker(entity) if entity else Speaker(None)
        return Speaker(self.last.name, self.last.role, self.last.country, None, self.last.key)

    def _named(self, mention: tuple[int, int], at: int) -> Speaker:
        first, beyond = mention
        span = self.tokens.span(first, beyond)
        if self._is_pronoun(first, beyond):
            return self._with_mention(self._of_pronoun(self.tokens.low[first], at), span)
        if beyond - first == 1 and self.tokens.bits[first] & (FUNC | COORD) and not self.tokens.bits[first] & CAP:
            return self._carried(at)  # "porque, dijo, ...": no subject at all
        first, beyond, noun = self._example(first, beyond)
        who = self._by_name(first, beyond, at) or self._by_role(first, beyond, at, noun)
        return self._with_mention(who, span)

    def _with_mention(self, who: Speaker, span: tuple[int, int]) -> Speaker:
        return Speaker(who.name, who.role, who.country, span, who.key)

    # --- pronouns -----------------------------------------------------------------------------------------------------

    def _is_pronoun(self, first: int, beyond: int) -> bool:
        bits = self.tokens.bits[first]
        return beyond - first == 1 and bool(bits & (PRON | REL)) and not bits & DET

    def _of_pronoun(self, low: str, at: int) -> Speaker:
        gender = "f" if low in self.lexicon.feminine else "m" if low in self.lexicon.masculine else None
        carried = self._carried(at, gender)
        known = self.cast.with_word(words(carried.name)[-1], at) if carried.name and words(carried.name) else None
        fits = known is None or known.gender is None or gender is None or known.gender == gender
        if (carried.name or carried.role) and fits:
            return carried
        entity = self._last_person(at, gender)
        return self._as_speaker(entity) if entity else carried

    def _last_person(self, at: int, gender: str | None) -> Entity | None:
        rows = self.cast.people_at
        low, high = 0, len(rows)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if rows[middle][0] < at else (low, middle)
        for _, number in reversed(rows[max(0, low - 12) : low]):
            entity = self.cast.entities[number]
            if gender is None or entity.gender in (None, gender):
                return entity
        return None

    # --- names --------------------------------------------------------------------------------------------------------

    def _example(self, first: int, beyond: int) -> tuple[int, int, tuple[int, int] | None]:
        """ "Some governments, like that of Guatemala," speaks of the one it names: (first, beyond, the plural noun)."""
        tokens = self.tokens
        if (
            beyond + 2 >= len(tokens)
            or not tokens.bits[beyond] & COMMA
            or tokens.low[beyond + 1] not in self.lexicon.examples
        ):
            return first, beyond, None
        end = beyond + 2
        while end < len(tokens) and tokens.bits[end] & WORD and end - beyond < 12:
            end += 1
        return beyond + 2, end, (first, beyond)

    def _by_name(self, first: int, beyond: int, at: int) -> Speaker | None:
        tokens = self.tokens
        if beyond + 1 < len(tokens) and tokens.bits[beyond] & COMMA and tokens.bits[beyond + 1] & (CAP | DET):
            apposed = self._in_apposition(first, beyond)
            if apposed is not None:
                return apposed
        beyond = next((at for at in range(first, beyond) if tokens.bits[at] & COMMA or tokens.low[at] == "("), beyond)
        for span in reversed(runs_of(tokens, first, beyond, self.lexicon)):
            if not self._is_head(span, first, beyond):
                continue
            run = name_in(tokens, *span, self.lexicon, self.people)
            who = self._person(run, at)
            if who is not None:
                return self._plus(who, run.role or self._role(first, span[0])[0], run.country)
        return None

    def _is_head(self, span: tuple[int, int], first: int, beyond: int) -> bool:
        """The name is what the phrase is about: only a bracket or "of ..." after it, no "of" or "'s" that binds it."""
        tokens = self.tokens
        if tokens.bits[span[1] - 1] & POSSESSIVE and span[1] < beyond:
            return False
        if span[1] < beyond and tokens.bits[span[1]] & WORD and not tokens.bits[span[1]] & (PREP | COORD):
            return False
        before = span[0] - 1
        while before > first and tokens.bits[before] & DET:
            before -= 1
        return before < first or not tokens.bits[before] & PREP or tokens.low[first] in self.lexicon.examples

    def _plus(self, who: Speaker, role: str | None, country: str | None) -> Speaker:
        if who.role and who.country:
            return who
        return Speaker(who.name, who.role or role, who.country or country, None, who.key)

    def _in_apposition(self, first: int, beyond: int) -> Speaker | None:
        """ "the minister of health, Ana Ruiz," where the mention is only the office."""
        tokens = self.tokens
        runs = runs_of(tokens, beyond + 1, min(beyond + 9, len(tokens)), self.lexicon)
        if not runs or not self._leads_to(beyond + 1, runs[0][0]):
            return None
        run = name_in(tokens, *runs[0], self.lexicon, self.people)
        if len(words(tokens.slice(run.first, run.beyond))) < 2 or self._named_already(first, beyond):
            return None
        return self._person(run, beyond)

    def _leads_to(self, first: int, name: int) -> bool:
        """Nothing before the name, or what it is: ", a médica Salomé Cabedal"."""
        between = self.tokens.bits[first:name]
        if not between:
            return True
        plain = all(bits & WORD and not bits & (PREP | COORD | CUE | REL) for bits in between[1:])
        return 2 <= len(between) <= _EPITHET and bool(between[0] & DET) and plain

    def _named_already(self, first: int, beyond: int) -> bool:
        """The phrase is a name itself ("Ana Ruiz, Peru's minister"), so what follows its comma is not."""
        tokens = self.tokens
        return bool(tokens.bits[first] & CAP) and not tokens.bits[first] & DET and self._role(first, beyond)[0] is None

    def _person(self, run: Run, at: int) -> Speaker | None:
        tokens = self.tokens
        first, beyond = run.first, run.beyond
        name = tuple(words(tokens.slice(first, beyond).removesuffix("'s").removesuffix("’s")))
        if not name or (len(name) == 1 and self._role(first, beyond)[0] is not None):
            return None
        written = " ".join(tokens.slice(first, beyond).removesuffix("'s").removesuffix("’s").split())
        if " ".join(name) in self.people.places and self.people.by_name(written) is None:
            return self._place(name, first, beyond)
        entity = self._entity(name, at, run.gender)
        if entity is not None:
            return self._as_speaker(entity)
        known = self.people.by_name(written)
        if known is not None:
            return self._known(known)
        if self._role(first, beyond)[0] in BODIES or (len(name) == 1 and self._opens_sentence(first)):
            return None
        return self._new(written, None, None)

    def _opens_sentence(self, at: int) -> bool:
        """The word has its capital from where it stands: "Hospitals said ...", a verb after a full stop."""
        tokens = self.tokens
        opens = at == 0 or not tokens.bits[at - 1] & WORD
        return opens and (tokens.low[at] in self.cast.small or bool(tokens.bits[at] & (CUE | NUM)))

    def _place(self, name: tuple[str, ...], first: int, beyond: int) -> Speaker | None:
        """A country as the one who speaks means its government; another place is no speaker by itself."""
        code = self.people.places[" ".join(name)]
        role = self._role(max(first - 4, 0), first)[0]
        return None if role and role not in BODIES else self._government(code)

    def _government(self, code: str) -> Speaker:
        name = f"Government of {self.people.country_names.get(code, code)}"
        return Speaker(name, "government", code, None, f"government-{code.lower()}")

    def _entity(self, name: tuple[str, ...], at: int, gender: str | None) -> Entity | None:
        entity = self.cast.with_word(name[-1], at, gender)
        if entity is not None and set(name) <= set(entity.words):
            return entity
        return None

    def _as_speaker(self, entity: Entity) -> Speaker:
        known = self.people.by_name(entity.name) or self._longer(entity.words)
        if known is not None:
            return self._plus(self._known(known), entity.role, entity.country)
        return self._new(entity.name, entity.role, entity.country)

    def _longer(self, name: tuple[str, ...]) -> Person | None:
        """A known person whom the article gives one name more or fewer than config/people.toml does."""
        for person in self.people.surnamed.get(name[-1], ()):
            full = words(person.name)
            if full and full[0] == name[0] and (set(full) <= set(name) or set(name) <= set(full)):
                return person
        return None

    def _known(self, known: Person | Institution) -> Speaker:
        if isinstance(known, Institution):
            return Speaker(known.name, known.kind, known.country, None, known.slug)
        role = self.people.role_of(known, self.said_at)
        country = country_of(role, known) if role else known.country
        return Speaker(known.name, role.role if role else None, country or None, None, known.slug)

    def _new(self, name: str, role: str | None, country: str | None) -> Speaker:
        key = "-".join(words(name))
        return Speaker(name, role, country, None, f"{key}-{country.lower()}" if key and country else key or None)

    # --- roles --------------------------------------------------------------------------------------------------------

    def _by_role(self, first: int, beyond: int, at: int, noun: tuple[int, int] | None) -> Speaker:
        role = self._role(*(noun or (first, beyond)))[0] or self._role(first, beyond)[0]
        country = country_in(self.tokens, first, beyond, self.people)
        known = institution_in(self.tokens, self.people, first, beyond)
        if known is not None:
            return self._known(known) if role is None or role in BODIES else self._head_of(known, role, first, beyond)
        epithet = self._of_epithet(first, beyond, at) or self._called(first, beyond, role, country, at)
        if epithet is not None:
            return epithet
        if role is None:
            return self._by_words(first, beyond, country)
        if role == "government" and country:
            return self._government(country)
        if role not in BODIES:
            holder = self._holder(role, first, beyond, country, at)
            if holder is not None:
                return holder
        name = body_name(self.tokens, first, beyond) if role in BODIES or noun else None
        if role == "spokesperson":
            name = spoken_for(self.tokens, self.lexicon, first, beyond)
        if name:
            return self._new(name, role, country)
        return Speaker(None, role, country, None, f"{role}-{country.lower()}" if country else None)

    def _of_epithet(self, first: int, beyond: int, at: int) -> Speaker | None:
        """ "La funcionaria", "the officer", with nothing more: whoever spoke last or was named last, if it fits."""
        low = self.tokens.low
        alone = beyond - first == 2 and low[first] in self.lexicon.articles and not low[first + 1].endswith("s")
        role = plain_role(low[first + 1], self.lexicon) if alone else None
        if role not in EPITHETS or self.cast.with_role(str(role), low[first + 1], at) is not None:
            return None
        gender = next((gender for gender, words_of in self._genders() if low[first] in words_of), None)
        carried = self._carried(at)
        known = self.cast.with_word(words(carried.name)[-1], at) if carried.name and words(carried.name) else None
        if carried.name and carried.role not in BODIES and (known is None or known.gender in (None, gender)):
            return carried
        entity = self._last_person(at, gender)
        return self._as_speaker(entity) if entity is not None else None

    def _called(self, first: int, beyond: int, role: str | None, country: str | None, at: int) -> Speaker | None:
        """ "el mandatario", "el almirante", "la inspectora", "la titular del organismo", "the health chief"."""
        low = self.tokens.low[first:beyond]
        if not self.lexicon.heads_of_state.isdisjoint(low) and not self.lexicon.of & set(low):
            return self._head_of_state(country, at)
        qualified = beyond - first == _QUALIFIED and role is None and not has_capital(self.tokens, first + 1, beyond)
        if beyond - first == 2 or (qualified and self.lexicon.of.isdisjoint(low)):
            same = self.cast.with_noun(low[1], at) if role is None else self.cast.with_role(str(role), low[1], at)
            if same is not None and (role is None or (role in BODIES and same.title == low[1])):
                return self._as_speaker(same)
        if role != "head":
            return None
        field_of = portfolio_in(self.tokens, first, beyond, self.lexicon)
        entity = self.cast.with_field(field_of, at) if field_of else None
        if (
            entity is None
            and not self.lexicon.bodies.isdisjoint(low)
            and not has_capital(self.tokens, first + 1, beyond)
        ):
            entity = self.cast.with_role(role, self._title(first, beyond), at) or self._last_person(at, None)
        return self._as_speaker(entity) if entity is not None else None

    def _head_of_state(self, country: str | None, at: int) -> Speaker | None:
        """The president or prime minister whom the article named, of that country if one is told."""
        for role in _HEADS_OF_STATE:
            entity = self.cast.with_role(role, None, at)
            if entity is not None and (country is None or entity.country in (None, country)):
                return self._plus(self._as_speaker(entity), role, country)
        person = self.people.holder("president", country, self.said_at) if country else None
        if person is not None:
            return self._known(person)
        carried = self._carried(at)
        return carried if carried.name and carried.role in _HEADS_OF_STATE else None

    def _role(self, first: int, beyond: int) -> tuple[str | None, int]:
        return role_in(self.tokens, self.lexicon, first, beyond)

    def _title(self, first: int, beyond: int) -> str | None:
        return title_in(self.tokens, self.lexicon, first, beyond)

    def _genders(self) -> tuple[tuple[str, frozenset[str]], ...]:
        return ("m", self.lexicon.masculine), ("f", self.lexicon.feminine)

    def _holder(self, role: str, first: int, beyond: int, country: str | None, at: int) -> Speaker | None:
        portfolio = portfolio_in(self.tokens, first, beyond, self.lexicon)
        entity = self.cast.with_role(role, self._title(first, beyond), at)
        fits = entity is not None and portfolio in (None, entity.portfolio or portfolio)
        if entity is not None and fits and (country is None or entity.country in (None, country)):
            who = self._as_speaker(entity)
            if country is None or who.country in (None, country):
                return self._plus(who, role, country)
        if country is None:
            return None
        person = self.people.holder(role, country, self.said_at, portfolio=portfolio)
        return self._known(person) if person else None

    def _head_of(self, institution: Institution, role: str, first: int, beyond: int) -> Speaker:
        """ "the head of DEVIDA": whoever the article gave that role, else who headed it; a spokesman stays unnamed."""
        entity = self.cast.with_role(role, self._title(first, beyond), beyond)
        fits = entity is not None and entity.country in (None, institution.country)
        if entity is not None and fits and self.people.by_name(entity.name) is None:
            return self._plus(self._as_speaker(entity), role, institution.country)
        person = self.people.head(institution, self.said_at) if role == "head" else None
        if person is not None:
            return self._known(person)
        country = institution.country or None
        if role == "spokesperson":
            return Speaker(institution.name, role, country, None, institution.slug)
        return Speaker(None, role, country, None, f"{role}-{institution.slug}")

    def _by_words(self, first: int, beyond: int, country: str | None) -> Speaker:
        name = body_name(self.tokens, first, beyond)
        return self._new(name, None, country) if name and len(name) < 80 else Speaker(None, None, country)
