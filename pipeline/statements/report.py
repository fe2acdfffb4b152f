"""find_reports: read both fields, resolve the speakers, credit the outlets, add topics and stance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pipeline.statements.borrow import borrowed, points
from pipeline.statements.cast import Cast
from pipeline.statements.credit import credit, outlet_in
from pipeline.statements.find import Found, Reading, read
from pipeline.statements.focus import Focus
from pipeline.statements.lexicon import Lexicon, Lexicons
from pipeline.statements.names import cast_of
from pipeline.statements.people import People
from pipeline.statements.resolve import Resolver
from pipeline.statements.stance import Stretch, cut_stretches, stance_of
from pipeline.types import Report, Speaker, Stance, Where

#: topics of a stretch: (field, start, end) in code points -> topic slugs
SpanTopics = Callable[[Where, int, int], tuple[str, ...]]

#: how sure a rule is by construction; docs/statements.md
_CONFIDENCE = {
    "before-quote": 0.95,
    "after": 0.95,
    "after-inverted": 0.9,
    "before-that": 0.9,
    "according": 0.85,
    "announced": 0.85,
    "headline": 0.8,
    "floating": 0.5,
}
_LEAST_SURE = 0.6
#: groups of verbs whose words are calls for something
_CALLS = frozenset(("request", "ask"))


def find_reports(
    title: str,
    text: str,
    lang: str,
    *,
    lexicons: Lexicons,
    people: People,
    span_topics: SpanTopics,
    said_at: datetime | None,
) -> tuple[Report, ...]:
    """Every statement reported in an article, title first, then by position.

    `span_topics(where, start, end)` gives the topics of a stretch; `said_at` dates the article, so that "the president
    of Peru" is whoever held the office then. An unsupported language gives no reports. Never raises on any text.
    """
    lexicon = lexicons.get(lang)
    if lexicon is None:
        return ()
    body = read(text, lexicon)
    head = read(title, lexicon, body=body.tokens)
    if not (head.found or body.found):
        return ()
    cast = cast_of(head.tokens, body.tokens, lexicon, people, body.quotes.closes)
    article = _Article(lexicon, people, span_topics, said_at, cast)
    return (*article.reports("title", head), *article.reports("text", body))


@dataclass(slots=True)
class _Article:
    lexicon: Lexicon
    people: People
    span_topics: SpanTopics
    said_at: datetime | None
    cast: Cast
    #: topics of what was last called for
    asked: tuple[str, ...] = ()

    def reports(self, where: Where, reading: Reading) -> list[Report]:
        resolver = Resolver(reading.tokens, self.cast, self.lexicon, self.people, self.said_at, where == "title")
        if where == "text":
            resolver.focus = Focus.of(reading, self.cast)
        outlets = [outlet_in(reading.tokens, found.speaker, self.lexicon, self.people) for found in reading.found]
        corrected = self.people.corrections.corrected
        speakers = [
            corrected(resolver.speaker(found, outlet)) for found, outlet in zip(reading.found, outlets, strict=True)
        ]
        credited = credit(reading, speakers, outlets, self.lexicon, self.people)
        made = [
            self._report(where, reading, found, speaker, via)
            for found, speaker, via in credited
            if not _is_hollow(found, speaker)
        ]
        return sorted(made, key=lambda report: report.parts)

    def _report(self, where: Where, reading: Reading, found: Found, speaker: Speaker, via: str | None) -> Report:
        text = reading.tokens.text
        topics, named_before = self._topics(where, reading, found)
        words_said = " ".join(text[start:end] for start, end in found.parts)
        return Report(
            where=where,
            parts=tuple(found.parts),
            text=words_said,
            kind=found.kind,
            cue=found.cue,
            speaker=speaker,
            via=via,
            topics=topics,
            stance=self._stance(where, text, found, topics, named_before),
            confidence=_confidence(found, speaker),
        )

    def _topics(self, where: Where, reading: Reading, found: Found) -> tuple[tuple[str, ...], bool]:
        """Topics of the words said; where these have none, of what was named just before ("such a move")."""
        own = {topic: None for start, end in found.parts for topic in self.span_topics(where, start, end)}
        if found.draft.group in _CALLS:
            self.asked = tuple(own)
        if own:
            return tuple(own), False
        return borrowed(reading, found, self.lexicon, partial(self.span_topics, where), self.asked), True

    def _stance(
        self, where: Where, text: str, found: Found, topics: tuple[str, ...], named_before: bool
    ) -> dict[str, Stance]:
        if not topics:
            return {}
        stretches = []
        for start, end in found.parts:
            for first, last in cut_stretches(text[start:end], start, self.lexicon.stance.cut):
                touched = topics if named_before else self.span_topics(where, first, last)
                stretches.append(Stretch(text[first:last], touched))
        # what was named before is judged by the words said; the verb judges it only where these point back at it
        meant = not named_before or any(points(text[start:end], self.lexicon.pointers) for start, end in found.parts)
        verb = text[found.cue[0] : found.cue[1]] if found.cue and meant else ""
        return stance_of(self.lexicon.stance, verb, stretches, topics)


def _is_hollow(found: Found, speaker: Speaker) -> bool:
    """An act of speech told without a word of it ("criticised the plan"), by nobody who could be named."""
    return (
        found.rule in ("before-object", "before-infinitive", "noun")
        and found.kind == "indirect"
        and not (speaker.name or speaker.role)
    )


def _confidence(found: Found, speaker: Speaker) -> float:
    sure = _CONFIDENCE.get(found.rule, _LEAST_SURE + (0.1 if found.kind != "indirect" else 0.0))
    return round(sure if speaker.name else sure * 0.9, 2)
