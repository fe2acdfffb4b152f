"""The word lists of reported speech, one TOML file a language, turned into look-up tables.

`Lexicons.load(folder)` reads folder/lexicon/*.toml; docs/statements.md explains the files. No word list stands in code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import ConfigError
from pipeline.statements.schema import Group, LexiconFile
from pipeline.statements.stance import StanceWords, compile_stance
from pipeline.text import words

# what a word may be; a word's bits are the sum
NUM, CAP, WORD, STOP, COMMA, SEMI, COLON, DASH, NEWLINE, OPEN, CLOSE, MARK = (1 << n for n in range(12))
CUE, DET, PREP, COMP, OPENER, COORD, CONTRAST, PRON, REL, HAVE, BE, MODAL, HELP, NEG = (1 << n for n in range(12, 26))
ADV, TIME, TIMEMOD, FUNC, CLITIC, PARTICLE, TITLE, NOMINAL, ACCORD, ROLE, TO, JOIN, NOUN = (
    1 << n for n in range(26, 39)
)
POSSESSIVE = 1 << 39
SAYING = 1 << 40
PAUSE = COMMA | SEMI | COLON | DASH | STOP | NEWLINE

FORMS = ("base", "present", "past", "participle", "gerund")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CueForm:
    """One form of a cue: the particles that must follow, its group and the forms this spelling may be."""

    particles: tuple[str, ...]
    group: str
    takes: frozenset[str]
    after: bool
    forms: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """One language's tables. Keys are lower-case words."""

    language: str
    bits: Mapping[str, int]
    #: verb form -> the cues it may be, longest particles first
    cues: Mapping[str, tuple[CueForm, ...]]
    #: first word of "according to" -> the rest of each such phrase, longest first
    according: Mapping[str, tuple[tuple[str, ...], ...]]
    #: first word -> (rest, what the phrase is) of roles
    roles: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    abbreviations: frozenset[str]
    adverb_endings: tuple[str, ...]
    enclitics: tuple[str, ...]
    infinitive_endings: tuple[str, ...]
    masculine: frozenset[str]
    feminine: frozenset[str]
    examples: frozenset[str]
    file: LexiconFile
    #: folded names of agencies and outlets -> how they are written
    agencies: Mapping[str, str]
    #: word -> a minister's portfolio
    portfolios: Mapping[str, str]
    outlet_words: frozenset[str]
    #: opening mark -> the marks that close it
    pairs: Mapping[str, str]
    dashes: frozenset[str]
    #: what joins the halves of a noun phrase that name one thing: "of", "de"
    of: frozenset[str]
    #: after a preposition these open a clause: "at least ten"
    quantifiers: frozenset[str]
    #: "mandatario", "leader"
    heads_of_state: frozenset[str]
    #: "organismo", "agency"
    bodies: frozenset[str]
    #: how a wish not to be named begins
    anonymity: tuple[str, ...]
    participle_endings: tuple[str, ...]
    past_endings: tuple[str, ...]
    #: "para": opens a sentence with whose view it gives
    views: frozenset[str]
    #: "of", "by", "de": between a noun of saying and whose it is
    owners: frozenset[str]
    #: nouns of saying that an infinitive may follow
    calling: frozenset[str]
    #: "his", "su"
    possessives: frozenset[str]
    #: verbs that end the words of a noun of saying: "found", "encontró"
    main_verbs: frozenset[str]
    #: every mark that opens or closes a quotation
    marks: frozenset[str]
    #: "a lawyer", "un abogado"
    indefinite: frozenset[str]
    subordinators: frozenset[str]
    headline_labels: frozenset[str]
    null_subject: bool
    infinitive_is_base: bool
    #: "se"; None where a language has none
    reflexive: str | None
    hearer_prepositions: frozenset[str]
    aside: frozenset[str]
    #: " such a move ": folded, in spaces; they point back at what was just named, or called for
    pointers: tuple[str, ...]
    calls: tuple[str, ...]
    articles: frozenset[str]
    #: nouns of those who speak without a name or an office: "the agency", "witnesses"
    voices: frozenset[str]
    #: nouns of where and when things are said: "entrevista", "comunicado"
    occasions: frozenset[str]
    #: articles, also grown together with a preposition: "that" after one is a relative ("similar al que ...")
    contracted: frozenset[str]
    stance: StanceWords
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    def look_up(self, word: str) -> tuple[str, int]:
        """Lower-case form and bits of a word or sign; remembered, because news repeats itself."""
        known = self.seen.get(word)
        if known is None:
            if len(self.seen) > 100_000:
                self.seen.clear()
            known = self.seen[word] = self._classify(word)
        return known

    def _classify(self, word: str) -> tuple[str, int]:
        low = word.lower()
        bits = self.bits.get(low, 0)
        if not bits and ("'" in low or "’" in low):
            stem, ending = re.split("['’]", low, maxsplit=1)
            bits = self.bits.get(stem, 0) & ~CUE
            if ending == "s" and not bits & PRON:
                bits |= POSSESSIVE
        first = word[0]
        if not (first.isalnum() or first == "_"):
            return low, bits
        bits |= WORD
        if first.isdigit():
            bits |= NUM
        elif first.isupper() and not ("-" in word and word.rpartition("-")[2][:1].islower()):
            bits |= CAP
        if not bits & CUE and "-" in low:
            stem, _, clitic = low.partition("-")
            if clitic in self.enclitics and self.bits.get(stem, 0) & CUE:
                return stem, bits | CUE
        if not bits >> 12 and not bits & CAP and low.endswith(self.adverb_endings):
            bits |= ADV
        return low, bits


@dataclass(frozen=True, slots=True)
class Lexicons:
    """All languages' lexicons."""

    by_language: Mapping[str, Lexicon]

    @classmethod
    def load(cls, folder: Path) -> Lexicons:
        """Read folder/lexicon/*.toml. Raises ConfigError naming file and key."""
        paths = sorted((folder / "lexicon").glob("*.toml"))
        if not paths:
            raise ConfigError(str(folder / "lexicon"), "*.toml", "at least one language", "none")
        return cls({path.stem: _compile(path, read_toml(path, LexiconFile)) for path in paths})

    def get(self, lang: str | None) -> Lexicon | None:
        """Tables of a language, or None where it has none; "pt-BR" is read as "pt"."""
        return self.by_language.get((lang or "").lower().replace("_", "-").split("-")[0])


def read_toml(path: Path, kind: type[T]) -> T:
    """Read one TOML file into `kind`. Raises ConfigError(file, key, expected, got)."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path.name, "(file)", "valid TOML", str(error)) from None
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at ")
        raise ConfigError(path.name, where.strip("`") or "(file)", message, "see the file") from None
    except OSError as error:
        raise ConfigError(str(path), "(file)", "a readable file", error.strerror or str(error)) from None


def _compile(path: Path, source: LexiconFile) -> Lexicon:
    if source.language != path.stem:
        raise ConfigError(path.name, "language", path.stem, source.language)
    cues = _cues(path, source)
    return Lexicon(
        language=source.language,
        bits=_bits(source, cues),
        cues=cues,
        according=_by_first_word(source.according.phrases),
        roles=_roles(source),
        abbreviations=frozenset(source.small.abbreviations),
        adverb_endings=tuple(source.small.adverb_endings) or ("\0",),
        enclitics=tuple(source.small.enclitics),
        infinitive_endings=tuple(source.small.infinitive_endings) or ("\0",),
        masculine=frozenset(source.small.masculine),
        feminine=frozenset(source.small.feminine),
        examples=frozenset(source.small.examples),
        file=source,
        portfolios={word: portfolio for portfolio, names in source.portfolios.items() for word in names},
        agencies={" ".join(words(name)): name for name in source.credit.agencies},
        outlet_words=frozenset(source.credit.words),
        pairs=source.quotes.pairs,
        dashes=frozenset(source.quotes.dialogue_dashes),
        of=frozenset(source.role_words.of),
        quantifiers=frozenset(source.small.quantifiers),
        heads_of_state=frozenset(source.small.heads_of_state),
        bodies=frozenset(source.small.bodies),
        anonymity=tuple(source.small.anonymity) or ("\0",),
        participle_endings=tuple(source.grammar.participle_endings) or ("\0",),
        owners=frozenset(source.saying.owners),
        calling=frozenset(source.saying.calling),
        possessives=frozenset(source.saying.possessives),
        main_verbs=frozenset(source.saying.main_verbs),
        past_endings=tuple(source.grammar.past_endings) or ("\0",),
        views=frozenset(source.according.views),
        marks=frozenset((*source.quotes.pairs, *" ".join(source.quotes.pairs.values()).split())),
        indefinite=frozenset(source.small.indefinite),
        subordinators=frozenset(source.small.subordinators),
        headline_labels=frozenset(source.small.headline_labels),
        null_subject=source.grammar.null_subject,
        infinitive_is_base=source.grammar.infinitive_is_base,
        reflexive=source.grammar.reflexive,
        hearer_prepositions=frozenset(source.grammar.hearer_prepositions),
        pointers=_in_spaces(source.pointers.things),
        calls=_in_spaces(source.pointers.calls),
        aside=frozenset(source.grammar.aside_prepositions),
        articles=frozenset(source.small.determiners),
        occasions=frozenset(source.small.occasions),
        voices=frozenset(source.small.voices),
        contracted=frozenset((*source.small.determiners, *source.small.contractions)),
        stance=compile_stance(source),
    )


def _in_spaces(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(f" {' '.join(words(phrase))} " for phrase in phrases)


def _cues(path: Path, source: LexiconFile) -> dict[str, tuple[CueForm, ...]]:
    """Every spelling of every cue. A verb that stands in several groups takes what any of them takes."""
    found: dict[str, dict[tuple[str, ...], list[tuple[str, str]]]] = {}
    for name, group in source.groups.items():
        for entry in group.verbs:
            verb, *particles = entry.split(" ")
            for form, spelling in _conjugate(path, source, verb, f"groups.{name}.verbs: {entry}"):
                found.setdefault(spelling, {}).setdefault(tuple(particles), []).append((name, form))
    return {
        spelling: tuple(
            _cue_form(particles, kinds[particles], source.groups) for particles in sorted(kinds, key=len, reverse=True)
        )
        for spelling, kinds in found.items()
    }


def _cue_form(particles: tuple[str, ...], kinds: list[tuple[str, str]], groups: Mapping[str, Group]) -> CueForm:
    names = list(dict.fromkeys(name for name, _ in kinds))
    return CueForm(
        particles,
        names[0],
        frozenset(kind for name in names for kind in groups[name].takes),
        any(groups[name].after for name in names),
        frozenset(form for _, form in kinds),
    )


def _conjugate(path: Path, source: LexiconFile, verb: str, where: str) -> Iterable[tuple[str, str]]:
    """(form, spelling) of `stem|paradigm[|present stem[|past stem]]`."""
    stem, _, rest = verb.partition("|")
    name, *other = rest.split("|")
    paradigm = source.paradigms.get(name)
    if paradigm is None:
        raise ConfigError(path.name, where, f"stem|paradigm, one of {', '.join(source.paradigms)}", verb)
    present = other[0] if other else stem
    past = other[1] if len(other) > 1 else stem
    stems = {"base": {stem}, "present": {present}, "past": {stem, past}, "participle": {stem}, "gerund": {past}}
    for form in FORMS:
        for ending in getattr(paradigm, form):
            for one in stems[form]:
                yield form, one + ending


def _bits(source: LexiconFile, cues: Mapping[str, object]) -> dict[str, int]:
    small = source.small
    lists: list[tuple[int, Iterable[str]]] = [
        (CUE, cues), (DET, small.determiners), (PREP, small.prepositions), (COMP, small.complementizers),
        (OPENER, small.openers), (COORD, small.coordinators), (CONTRAST, small.contrast),
        (PRON, small.subject_pronouns),
        (REL, small.relatives), (HAVE, small.have), (BE, small.be), (MODAL, small.hypothetical), (HELP, small.helpers),
        (NEG, small.negations), (NEG, small.nobodies),
        (ADV, small.adverbs), (TIME, small.time), (TIMEMOD, small.time_modifiers),
        (FUNC, small.function_words), (CLITIC, small.clitics), (PARTICLE, small.name_particles), (TITLE, small.titles),
        (NOMINAL, source.nominal.ambiguous), (ACCORD, (phrase.split()[0] for phrase in source.according.phrases)),
        (ACCORD, source.according.views), (SAYING, source.saying.nouns),
        (TO, small.infinitive_marker), (JOIN, small.joining), (NOUN, small.not_adverbs),
        (ROLE, (word for names in source.roles.values() for name in names for word in name.split()[-1:])),
        (STOP, (".", "!", "?", "…", "...")), (COMMA, (",",)), (SEMI, (";",)), (COLON, (":",)),
        (DASH, ("-", "–", "—", "―", "--")), (MARK, source.quotes.pairs), (MARK, ("”", "’", "»", "›", "''")),
        (OPEN, ("(", "[", "¿", "¡")), (CLOSE, (")", "]")),
    ]  # fmt: skip
    bits: dict[str, int] = {}
    for bit, members in lists:
        for word in members:
            bits[word] = bits.get(word, 0) | bit
    return bits


def _by_first_word(phrases: Iterable[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        first, *rest = phrase.split()
        table.setdefault(first, []).append(tuple(rest))
    return {first: tuple(sorted(rests, key=len, reverse=True)) for first, rests in table.items()}


def _roles(source: LexiconFile) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for role, names in source.roles.items():
        for name in names:
            first, *rest = name.lower().split()
            table.setdefault(first, []).append((tuple(rest), role))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in table.items()}
