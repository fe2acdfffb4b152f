"""The shape of config/lexicon/*.toml; docs/statements.md explains each key."""

from __future__ import annotations

from typing import Literal

import msgspec


class Paradigm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Endings by form, put after a verb's stem."""

    base: list[str] = []
    present: list[str] = []
    past: list[str] = []
    participle: list[str] = []
    gerund: list[str] = []


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Verbs that allow the same things after them."""

    verbs: list[str]
    takes: list[Literal["clause", "bare", "quote", "object", "infinitive", "hearer"]]
    after: bool = False


class Nominal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Verb forms that are more often nouns, and nouns that introduce what was said."""

    ambiguous: list[str] = []
    cues: list[str] = []


class According(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prepositions that name a source."""

    phrases: list[str]
    #: name whose view the sentence gives, where they open it: "Para Ruiz, ..."
    views: list[str] = []


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nouns of saying: "Ruiz's call to ..."; what leads to their owner; irregular verbs that end their words."""

    nouns: list[str]
    #: those of them that an infinitive may follow: "a call to regulate"
    calling: list[str]
    owners: list[str]
    possessives: list[str]
    main_verbs: list[str]


class Small(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Function words."""

    complementizers: list[str]
    openers: list[str]
    determiners: list[str]
    prepositions: list[str]
    joining: list[str]
    function_words: list[str]
    coordinators: list[str]
    contrast: list[str]
    subject_pronouns: list[str]
    relatives: list[str]
    have: list[str]
    be: list[str]
    hypothetical: list[str]
    helpers: list[str]
    infinitive_marker: list[str]
    negations: list[str]
    #: "nobody said ..." reports nothing
    nobodies: list[str]
    clitics: list[str]
    enclitics: list[str]
    infinitive_endings: list[str]
    adverb_endings: list[str]
    adverbs: list[str]
    not_adverbs: list[str]
    time: list[str]
    time_modifiers: list[str]
    titles: list[str]
    masculine: list[str]
    feminine: list[str]
    name_particles: list[str]
    abbreviations: list[str]
    examples: list[str]
    subordinators: list[str]
    headline_labels: list[str]
    quantifiers: list[str]
    indefinite: list[str]
    #: prepositions that hold an article: "del", "na"
    contractions: list[str]
    #: nouns of those who speak without a name or an office: bodies, papers, sources, groups of people
    voices: list[str]
    #: nouns of where and when things are said: "entrevista", "comunicado"
    occasions: list[str]
    #: before a stance cue they leave nothing of it: "little success"
    diminishers: list[str]
    #: relatives of people: what follows is told of them ("for people who do harm"), not of the topic before
    persons: list[str]
    #: nouns that stand for whoever heads a state: "mandatario", "leader"
    heads_of_state: list[str]
    #: nouns that stand for a body named before: "organismo", "agency"
    bodies: list[str]
    #: what somebody asks who will not be named: "not to be named"
    anonymity: list[str]
    #: phrases that hold a stance cue and take no side: "the fight against", "harm reduction"
    neutral: list[str]


class Grammar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs between languages in the order of words."""

    #: a verb may stand without subject ("dijo que ...") and before it ("dijo Ruiz que ...")
    null_subject: bool
    #: the base form is an infinitive and never a plural present
    infinitive_is_base: bool
    #: "said to reporters"
    hearer_prepositions: list[str]
    #: may open an adverbial between a cue and "that": "said in Lima that"
    aside_prepositions: list[str]
    #: of verbs that tell what somebody did: "mostró", "mostraron"
    past_endings: list[str] = []
    #: "sentado a su lado": after a name and a comma they tell of the name
    participle_endings: list[str] = []
    #: "se": with it and without a subject a verb says what people in general say
    reflexive: str | None = None


class RoleWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands around a role."""

    of: list[str]


class Credit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Agencies and outlets that report what others said."""

    agencies: list[str]
    words: list[str]


class Pointers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases that point back: at a thing just named, at a call for it."""

    things: list[str]
    calls: list[str]


class QuoteMarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Opening mark -> the marks that close it; dashes that open dialogue."""

    pairs: dict[str, str]
    dialogue_dashes: list[str] = []


class StanceCues(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that speak for or against; `*` at the end stands for any ending."""

    favour: list[str] = []
    oppose: list[str] = []


class LexiconFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language."""

    language: str
    paradigms: dict[str, Paradigm]
    groups: dict[str, Group]
    nominal: Nominal
    according: According
    saying: Saying
    grammar: Grammar
    small: Small
    roles: dict[str, list[str]]
    #: a minister's portfolio -> words that name it
    portfolios: dict[str, list[str]]
    role_words: RoleWords
    credit: Credit
    pointers: Pointers
    quotes: QuoteMarks
    stance: dict[str, StanceCues] = {}
