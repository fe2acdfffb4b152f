"""The topics we watch, ready to be looked for in any article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.loading import made_to_stay
from pipeline.text import Folded, fold
from pipeline.topics.aboutness import Aboutness
from pipeline.topics.automaton import Automaton, View
from pipeline.topics.countries import Countries
from pipeline.topics.files import TopicFile, groups_of, patterns_of, read_topics
from pipeline.topics.patterns import Pattern
from pipeline.topics.scan import Scan, Watched
from pipeline.topics.vocabulary import Vocabulary
from pipeline.topics.weighing import CUE, IN_CONTEXT, LIKELY, NOT, SURE, Use, is_telling, needed
from pipeline.types import TopicMatch

LANGUAGES = ("en", "es", "pt")
#: by the list of a topic's file
_KINDS = {kind.label: kind for kind in (SURE, LIKELY, IN_CONTEXT, CUE, NOT)}


@dataclass(frozen=True, slots=True)
class Topic:
    """What a person reads of a topic; `label` and `description` by language."""

    slug: str
    label: Mapping[str, str]
    description: Mapping[str, str]
    threshold: float
    #: how many patterns each language has; traps (`not`) are not among them
    patterns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to look for in a text of one language, or of any."""

    #: the patterns that say whether an article is worth weighing, and all others
    telling: View
    others: View
    watched: Watched


class Topics:
    """All topics and countries of a configuration folder. Stateless after loading; safe to share between threads."""

    def __init__(
        self,
        files: tuple[TopicFile, ...],
        countries: Countries,
        vocabulary: Vocabulary,
        aboutness: Aboutness | None = None,
    ) -> None:
        self.parent, *children = (_topic(file) for file in files)
        self.all = tuple(children)
        self._countries, self._vocabulary, self._aboutness = countries, vocabulary, aboutness
        patterns, uses = _number_patterns(files)
        self._automaton = Automaton(patterns)
        everything = [use for by_language in uses.values() for use in by_language]
        self._any = self._wanted(everything)
        # What waits for a context is not looked for: a page that has one is on topic by what gives it.
        self._of_pages = self._wanted(use for use in everything if not use.topic or use.kind not in (IN_CONTEXT, CUE))
        self._by_language = {language: self._wanted(uses[language]) for language in LANGUAGES}

    @property
    def patterns(self) -> int:
        """Number of different patterns, all topics and languages together."""
        return len(self._automaton.patterns)

    @classmethod
    @made_to_stay()
    def load(cls, folder: Path) -> Topics:
        """Read `folder`/topics/*.toml, countries.toml and, where there are any, vocabulary.tsv and aboutness.toml.

        Raises ConfigError(file, key, expected, got).
        """
        return cls(read_topics(folder), Countries.load(folder), Vocabulary.load(folder), Aboutness.load(folder))

    def scan(self, title: str, text: str, lang: str | None) -> Scan:
        """Read an article once, with the patterns of `lang`: all languages' for None, none for a language unknown here.

        The scan answers which topics apply (`matches`), what a stretch is about (`topics_in`) and why (`explain`).
        """
        if lang is not None and lang not in self._by_language:
            return Scan(self._any.watched, fold(title), fold(text), {}, dict)
        return self._scan(fold(title), fold(text), self._any if lang is None else self._by_language[lang])

    def match(self, title: str, text: str, lang: str | None) -> tuple[TopicMatch, ...]:
        """Return the topics that apply, best first, with evidence; the parent is implied, not listed."""
        return self.scan(title, text, lang).matches()

    def on_topic(self, text: str) -> bool:
        """Say whether a page deserves a careful reading: errs on that side, and takes any language.

        Patterns tell, or of a page as long as an article all its words. Where the title ends is unknown here, so every
        pattern counts as if it stood there.
        """
        scan = self._scan(fold(text), fold(""), self._of_pages)
        return scan.any_applies() or scan.in_context or scan.speaks_of_drugs()

    def countries(self, title: str, text: str) -> tuple[str, ...]:
        """Return the ISO codes of the countries the article is about, most first."""
        return self._countries.about(fold(title), fold(text))

    def _scan(self, title: Folded, text: Folded, wanted: _Wanted) -> Scan:
        reading = self._automaton.read(title, text)
        return Scan(wanted.watched, title, text, wanted.telling.find(reading), partial(wanted.others.find, reading))

    def _wanted(self, uses: Iterable[Use]) -> _Wanted:
        by_pattern: dict[int, dict[int, Use]] = {}
        for use in uses:
            strongest = by_pattern.setdefault(use.pattern, {})
            held = strongest.get(use.topic)
            # One topic may use a pattern in two languages: the stronger use is the one that stands.
            if held is None or use.kind.weight > held.kind.weight:
                strongest[use.topic] = use
        topics = (self.parent, *self.all)
        watched = Watched(
            slugs=tuple(topic.slug for topic in topics),
            thresholds=tuple(topic.threshold for topic in topics),
            needed=tuple(needed(topic.threshold) for topic in topics),
            patterns=self._automaton.patterns,
            uses={pattern: tuple(held.values()) for pattern, held in by_pattern.items()},
            vocabulary=self._vocabulary,
            aboutness=self._aboutness,
        )
        telling = {pattern for pattern, held in watched.uses.items() if any(map(is_telling, held))}
        return _Wanted(self._automaton.view(telling), self._automaton.view(by_pattern.keys() - telling), watched)


def read_meanings(folder: Path) -> tuple[Topic, ...]:
    """What people read of the topics, without getting ready to look for them. Raises ConfigError."""
    _, *children = read_topics(folder)
    return tuple(map(_topic, children))


def _topic(file: TopicFile) -> Topic:
    def by_language(words: object) -> dict[str, str]:
        return {language: getattr(words, language) for language in LANGUAGES}

    patterns = {
        language: len(lists.sure) + len(lists.likely) + len(lists.in_context) + len(lists.cues)
        for language, lists in file.patterns.items()
    }
    return Topic(file.slug, by_language(file.label), by_language(file.description), file.threshold, patterns)


def _number_patterns(files: tuple[TopicFile, ...]) -> tuple[list[Pattern], dict[str, list[Use]]]:
    """Number every different pattern once, and list the uses topics make of them, by language."""
    numbers: dict[Pattern, int] = {}
    uses: dict[str, list[Use]] = {language: [] for language in LANGUAGES}
    groups = groups_of(files[0])
    for topic, file in enumerate(files):
        for language, name, order, pattern in patterns_of(file, groups):
            kind, number = _KINDS[name], numbers.setdefault(pattern, len(numbers))
            uses[language].append(Use(topic, kind, number, (-kind.weight, -pattern.length, order)))
    return list(numbers), uses


__all__ = ["LANGUAGES", "Topic", "Topics"]
