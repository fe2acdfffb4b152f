"""Names in an article: runs of capitalised words, grouped into the people and bodies they name, with role and country.

"President Ana Ruiz", "Ana Ruiz, head of the agency," and "the minister of health, Ana Ruiz," all give the name a role.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.statements.cast import BODIES, Cast, Entity, Run, Said, role_key
from pipeline.statements.lexicon import (
    BE,
    CAP,
    COMMA,
    COMP,
    COORD,
    CUE,
    DASH,
    DET,
    FUNC,
    HAVE,
    JOIN,
    MODAL,
    NEG,
    NEWLINE,
    NOMINAL,
    PARTICLE,
    POSSESSIVE,
    PREP,
    PRON,
    ROLE,
    STOP,
    TIME,
    TITLE,
    WORD,
    Lexicon,
)  # fmt: skip
from pipeline.statements.people import People
from pipeline.statements.segment import Tokens
from pipeline.text import words

_LONGEST = 6
#: words from which "Salud Juan Pérez" after an office holds a name: its field, a first name, a surname
_FIELD_AND_NAME = 3
#: words before a name that may say who that is
_NOUNS = 2
#: bits from here on say what kind of word it is
_FIRST_KIND = 12
#: capitalised in headlines without being names
_NO_NAME = TIME | FUNC | PREP | COORD | BE | HAVE | MODAL | NEG | COMP


def role_at(tokens: Tokens, at: int, lexicon: Lexicon, limit: int) -> tuple[str, int] | None:
    """The role that a phrase beginning at token `at` names, and the token after it."""
    for rest, role in lexicon.roles.get(tokens.low[at], ()):
        beyond = at + 1 + len(rest)
        if beyond <= limit and tuple(tokens.low[at + 1 : beyond]) == rest:
            return role, beyond
    return None


def plain_role(word: str, lexicon: Lexicon) -> str | None:
    """The role that one word names by itself."""
    return next((role for rest, role in lexicon.roles.get(word, ()) if not rest), None)


def country_in(tokens: Tokens, first: int, beyond: int, people: People) -> str | None:
    """The country that a phrase names by name, demonym, place or seat of government."""
    folded: list[str] = []
    for at in range(first, beyond):
        if tokens.bits[at] & WORD:
            folded += words(tokens.word(at).removesuffix("'s").removesuffix("’s"))
    for start in range(len(folded)):
        for length in range(min(people.longest_place, len(folded) - start), 0, -1):
            code = people.places.get(" ".join(folded[start : start + length]))
            if code is not None:
                return code
    return None


def portfolio_in(tokens: Tokens, first: int, beyond: int, lexicon: Lexicon) -> str | None:
    """The portfolio that a minister's title names: "health" of "the minister of health"."""
    return next((lexicon.portfolios[low] for low in tokens.low[first:beyond] if low in lexicon.portfolios), None)


def runs_of(tokens: Tokens, first: int, beyond: int, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Runs of capitalised words among tokens first..beyond-1, small words inside names included."""
    found: list[tuple[int, int]] = []
    at = first
    bits = tokens.bits
    while at < beyond:
        if not bits[at] & CAP or (
            bits[at] & (DET | PRON | FUNC | PREP | COORD) and not _inside_name(tokens, at, beyond)
        ):
            at += 1
            continue
        if bits[at] & CUE and not bits[at] & NOMINAL and _opens_with_verb(tokens, at, beyond):
            at += 1
            continue
        end = at + 1
        while end < beyond and end - at < _LONGEST:
            if bits[end - 1] & POSSESSIVE:
                break
            if (
                (bits[end] & CAP and (not bits[end] & _NO_NAME or bits[end] & PARTICLE))
                or (bits[end] & PARTICLE and _caps_within(tokens, end, beyond))
                or (tokens.low[end] == "." and _abbreviation(tokens, end) and end + 1 < beyond and bits[end + 1] & CAP)
            ):
                end += 1
            else:
                break
        found.append((at, end))
        at = end
    return found


def _opens_with_verb(tokens: Tokens, at: int, beyond: int) -> bool:
    """ "Said Ana Ruiz: ...": the verb has its capital from where it stands."""
    opens = at == 0 or bool(tokens.bits[at - 1] & (STOP | NEWLINE))
    return opens and at + 1 < beyond and bool(tokens.bits[at + 1] & CAP)


def _inside_name(tokens: Tokens, at: int, beyond: int) -> bool:
    """A capitalised small word that begins a name: "El Salvador", "La Paz" inside a sentence."""
    inside = at > 0 and not tokens.bits[at - 1] & (STOP | NEWLINE)
    return inside and at + 1 < beyond and bool(tokens.bits[at + 1] & CAP) and bool(tokens.bits[at] & PARTICLE)


def _caps_within(tokens: Tokens, at: int, beyond: int) -> bool:
    for ahead in (at + 1, at + 2):
        if ahead < beyond and tokens.bits[ahead] & CAP:
            return True
        if ahead >= beyond or not tokens.bits[ahead] & PARTICLE:
            return False
    return False


def _abbreviation(tokens: Tokens, at: int) -> bool:
    return bool(tokens.bits[at - 1] & TITLE) or len(tokens.low[at - 1]) == 1


def name_in(tokens: Tokens, first: int, beyond: int, lexicon: Lexicon, people: People) -> Run:
    """Split a run into what leads up to a name (roles, titles, demonyms) and the name itself."""
    run = Run(first, beyond)
    at = first
    while at < beyond:
        bits, low = tokens.bits[at], tokens.low[at]
        role = role_at(tokens, at, lexicon, beyond) if bits & ROLE or low in lexicon.roles else None
        if bits & TITLE:
            run.gender = "m" if low in lexicon.masculine else "f" if low in lexicon.feminine else run.gender
            run.role, run.title = (role[0], low) if role else (run.role, run.title)
        elif role is not None:
            run.role, run.title = role[0], low
            at = role[1] - 1
            if at + 2 < beyond and tokens.low[at + 1] in lexicon.of:
                return _of_office(tokens, run, at + 2, lexicon)
        elif not (low == "." or bits & PARTICLE or _leads_to_role(tokens, at, beyond, lexicon)):
            break
        elif run.country is None:
            run.country = country_in(tokens, at, at + 1, people)
        at += 1
    if at < beyond:
        run.first = at
        run.portfolio = portfolio_in(tokens, first, at, lexicon)
    return run


def _of_office(tokens: Tokens, run: Run, at: int, lexicon: Lexicon) -> Run:
    """ "Gobernadora de Sierra Baja" names no one, "Ministro de Salud Juan Pérez" does; `at` is past the "de"."""
    named = run.beyond - at >= _FIELD_AND_NAME and tokens.bits[run.beyond - 2] & CAP
    run.first = run.beyond - 2 if named else run.beyond
    run.portfolio = portfolio_in(tokens, at, run.first, lexicon)
    return run


def _leads_to_role(tokens: Tokens, at: int, beyond: int, lexicon: Lexicon) -> bool:
    """Something that qualifies a role further on: "Peruvian President Ruiz", "Health Minister Ruiz"."""
    for ahead in range(at + 1, min(at + 4, beyond)):
        if tokens.low[ahead] in lexicon.roles and role_at(tokens, ahead, lexicon, beyond):
            return ahead + 1 < beyond and bool(tokens.bits[ahead + 1] & CAP)
    return False


def cast_of(
    title: Tokens, text: Tokens, lexicon: Lexicon, people: People, quoted: Mapping[int, int] | None = None
) -> Cast:
    """Everyone whom an article names in full, with the mentions by surname; positions in the title are negative.

    `quoted` maps where the text's quotations open to where they close: whom somebody speaks of is no "he" afterwards.
    """
    cast = Cast()
    known: dict[tuple[str, ...], int] = {}
    runs = [(-len(title) - 1, title, run) for run in _names_of(title, lexicon, people)]
    runs += [(0, text, run) for run in _names_of(text, lexicon, people)]
    folded = [_name_words(tokens, run) for _, tokens, run in runs]
    spoken_of = bytearray(len(text) + 1)
    for opened, closed in (quoted or {}).items():
        spoken_of[opened:closed] = b"\1" * (min(closed, len(text)) - opened)
    for (_, tokens, run), name in zip(runs, folded, strict=True):
        if len(name) >= 2:
            _introduce(cast, known, tokens, run, name, lexicon, people)
    for (shift, tokens, run), name in zip(runs, folded, strict=True):
        away = " ".join(name) in people.places or (shift == 0 and spoken_of[run.first])
        _mention(cast, known, run, name, run.first + shift, None if away else _may_be_person(tokens, run))
    cast.small = frozenset(low for low, bits in zip(text.low, text.bits, strict=True) if not bits & CAP)
    return cast


def _may_be_person(tokens: Tokens, run: Run) -> bool:
    """Not "in Sierra Baja", "the Harlow County Court" or a dateline, as far as this mention goes."""
    before, after = run.first - 1, run.beyond
    dateline = after + 1 < len(tokens) and tokens.low[after] == "." and bool(tokens.bits[after + 1] & DASH)
    dateline = dateline or (run.beyond - run.first > 1 and tokens.slice(run.first, run.beyond).isupper())
    return not dateline and not (before >= 0 and tokens.bits[before] & (PREP | DET))


def _names_of(tokens: Tokens, lexicon: Lexicon, people: People) -> list[Run]:
    runs = (name_in(tokens, *span, lexicon, people) for span in runs_of(tokens, 0, len(tokens), lexicon))
    return [_after_office(tokens, run, lexicon) for run in runs]


def _after_office(tokens: Tokens, run: Run, lexicon: Lexicon) -> Run:
    """ "ministro de Salud Juan Pérez": the run after "de" is the office's field and then the name."""
    before = run.first - 1
    # two capitalised words at the end are the name: "directora de Ordenación del Territorio" names nobody
    named = run.beyond - run.first >= _FIELD_AND_NAME and tokens.bits[run.beyond - 2] & CAP
    if run.role is None and named and before > 0 and tokens.low[before] in lexicon.of:
        role = role_at(tokens, before - 1, lexicon, before)
        if role is not None and role[0] not in BODIES:
            field_of = portfolio_in(tokens, run.first, run.beyond - 2, lexicon)
            title = tokens.low[before - 1]
            return Run(run.beyond - 2, run.beyond, role[0], title, field_of, run.country, run.gender)
    return run


def _name_words(tokens: Tokens, run: Run) -> tuple[str, ...]:
    return tuple(words(tokens.slice(run.first, run.beyond).removesuffix("'s").removesuffix("’s")))


def _introduce(
    cast: Cast,
    known: dict[tuple[str, ...], int],
    tokens: Tokens,
    run: Run,
    name: tuple[str, ...],
    lexicon: Lexicon,
    people: People,
) -> None:
    number = known.get(name)
    if number is None:
        number = known[name] = len(cast.entities)
        written = tokens.slice(run.first, run.beyond).removesuffix("'s").removesuffix("’s")
        cast.entities.append(Entity(name, " ".join(written.split())))
    entity = cast.entities[number]
    said = _said_of(tokens, run, lexicon, people)
    entity.plain_role = entity.plain_role or said.plain_role
    entity.title = entity.title or (run.title or said.title if entity.role is None else None)
    entity.role = entity.role or run.role or said.role
    entity.portfolio = entity.portfolio or run.portfolio or said.portfolio
    entity.country = entity.country or run.country or said.country
    entity.gender = entity.gender or run.gender
    entity.nouns = entity.nouns or _nouns_before(tokens, run.first)


def _nouns_before(tokens: Tokens, first: int) -> tuple[str, ...]:
    """ "inspectora" of "la inspectora Ana Ruiz", two of "el alpinista vasco Juan Ruiz": small words, no others."""
    at = first
    while at > 0 and first - at < _NOUNS:
        bits = tokens.bits[at - 1]
        if not bits & WORD or bits >> _FIRST_KIND or bits & CAP:
            break
        at -= 1
    return tuple(tokens.low[at:first])


def _said_of(tokens: Tokens, run: Run, lexicon: Lexicon, people: People) -> Said:
    """Role and country beside a name: ", head of the agency," after it or "the minister of health," before it."""
    after = run.beyond
    if after < len(tokens) and (tokens.bits[after] & COMMA or tokens.low[after] == "("):
        found = _role_phrase(tokens, after + 1, lexicon, people)
        if found.role:
            return found
    return _role_before(tokens, run.first, lexicon, people)


def _role_phrase(tokens: Tokens, at: int, lexicon: Lexicon, people: People) -> Said:
    limit = min(at + 12, len(tokens))
    for ahead in range(at, min(at + 5, limit)):
        bits = tokens.bits[ahead]
        said = bits & CUE and not bits & (NOMINAL | DET)
        if not bits & WORD or said or (bits & COORD and not bits & DET):
            return Said()
        role = role_at(tokens, ahead, lexicon, limit)
        if role is not None:
            end = role[1]
            while end < limit and tokens.bits[end] & WORD and not tokens.bits[end] & CUE:
                end += 1
            return _said(tokens, at, end, role[0], ahead, lexicon, people)
    return Said()


def _said(tokens: Tokens, first: int, beyond: int, role: str, at: int, lexicon: Lexicon, people: People) -> Said:
    """All that the phrase first..beyond-1 says, whose role begins at `at`."""
    return Said(
        role,
        tokens.low[at],
        country_in(tokens, first, beyond, people),
        plain_role(tokens.low[at], lexicon),
        portfolio_in(tokens, first, beyond, lexicon),
    )


def _role_before(tokens: Tokens, first: int, lexicon: Lexicon, people: People) -> Said:
    """ "el ministro de Salud, Ana Ruiz" or "el presidente peruano Ana Ruiz": back to the determiner before the role."""
    at = first - 1
    if at >= 0 and tokens.bits[at] & COMMA:
        at -= 1
    elif at >= 0 and tokens.bits[at] & JOIN:
        return Said()
    end = at + 1
    found = Said()
    while at >= 0 and end - at < 12 and tokens.bits[at] & WORD and not tokens.bits[at] & CUE:
        if tokens.low[at] in lexicon.roles:
            role = role_at(tokens, at, lexicon, end)
            found = _said(tokens, at, end, role[0], at, lexicon, people) if role else found
        if tokens.bits[at] & DET and not tokens.bits[at - 1] & JOIN:
            break
        at -= 1
    return found


def _mention(
    cast: Cast, known: dict[tuple[str, ...], int], run: Run, name: tuple[str, ...], at: int, person: bool | None
) -> None:
    if name not in known and len(name) == 1 and (meant := cast.with_word(name[0], at)) is not None:
        name = meant.words
    if name not in known:
        return
    entity = cast.entities[number := known[name]]
    cast.by_surname.setdefault(entity.words[-1], []).append((at, number))
    for word in entity.words[:-1]:
        cast.by_word.setdefault(word, []).append((at, number))
    entity.role = entity.role or run.role
    for role in {run.role or entity.role, entity.plain_role} - {None}:
        cast.by_role.setdefault(role_key(str(role), run.title or entity.title), []).append((at, number))
    for noun in entity.nouns:
        cast.by_noun.setdefault(noun, []).append((at, number))
    if entity.role and entity.portfolio:
        cast.by_field.setdefault(entity.portfolio, []).append((at, number))
    if number not in cast.met:
        cast.met.add(number)
        cast.introduced.add(at)
    if person or (person is not None and entity.role):
        cast.people_at.append((at, number))
