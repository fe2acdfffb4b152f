"""Topics of words that name none: "such a move would be madness" is about whatever the text named just before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.statements.find import Found, Reading
from pipeline.statements.lexicon import Lexicon
from pipeline.statements.pieces import cut_stretches
from pipeline.text import words
from pipeline.types import Span

#: topics of a stretch of one field
TopicsAt = Callable[[int, int], tuple[str, ...]]


def borrowed(
    reading: Reading, found: Found, lexicon: Lexicon, topics_at: TopicsAt, asked: tuple[str, ...]
) -> tuple[str, ...]:
    """Topics of the nearest stretch before the words: in their sentence or, where they point back, in the one before.

    `asked` are the topics of what was last called for: "Peru has not joined those calls. ... such a move ...".
    """
    for span in _same_sentence(reading, found, lexicon):
        topics = topics_at(*span)
        if topics:
            return topics
    text = reading.tokens.text
    if found.sentence == 0 or not any(points(text[first:last], lexicon.pointers) for first, last in found.parts):
        return ()
    for start, end in _main_stretches(reading, found.sentence - 1, lexicon):
        topics = topics_at(start, end)
        if topics:
            return topics
        if points(text[start:end], lexicon.calls):
            return asked
    return ()


def _same_sentence(reading: Reading, found: Found, lexicon: Lexicon) -> Iterator[Span]:
    """Stretches before the words, nearest first, without those that say who speaks."""
    sentence = reading.sentences[found.sentence]
    start, _ = reading.tokens.span(sentence.first, sentence.beyond)
    before = reading.tokens.text[start : found.parts[0][0]]
    naming = (found.speaker[0], found.cue[1]) if found.speaker and found.cue and found.speaker < found.cue else (0, 0)
    for first, last in reversed(cut_stretches(before, start, lexicon.stance.cut)):
        if last <= naming[0] or first >= naming[1]:
            yield first, last


def _main_stretches(reading: Reading, number: int, lexicon: Lexicon) -> Iterator[Span]:
    """Stretches of a sentence, nearest first, without subordinate ones ("although possession is decriminalized")."""
    sentence = reading.sentences[number]
    start, end = reading.tokens.span(sentence.first, sentence.beyond)
    text = reading.tokens.text
    for first, last in reversed(cut_stretches(text[start:end], start, lexicon.stance.cut)):
        opening = [*words(text[start:first])[-1:], *words(text[first:last])[:1]]
        if lexicon.subordinators.isdisjoint(opening):
            yield first, last


def points(text: str, phrases: tuple[str, ...]) -> bool:
    """Does the text hold one of these phrases, folded and in spaces?"""
    folded = f" {' '.join(words(text))} "
    return any(phrase in folded for phrase in phrases)
