"""What one pass over an article found, and every question it answers.

A topic's sum S adds, for each of its patterns that occurs, weight x place x repetition: weights are 1 (sure), 0.5
(likely), and where the text is about drugs at all 0.92 (in context) and 0.34 (a cue); place is 2 in the title, 1.5 in
the first 60 words, 1 after, the pattern's best place counting, and always 1 for a cue, so that three of them are needed
wherever they stand; each further occurrence adds a tenth, up to half as much again. A text without a title that ends
within its first 60 words (a message, a statement) counts as a title. The parent's own cues wait for no context, since
they give it. The score is S / (S + 1), so the usual threshold of 0.5 asks for S >= 1. Words count once per topic: of
two patterns that overlap the stronger counts.

What a text says in passing is not what it is about. In an article, a text of more than 80 words, the sum is one trait
of several that a model weighs (`pipeline.topics.aboutness`); the score is then the model's. In a shorter text, such as
a brief, a message or a page's triage, a topic next to a leading one with the sum L needs the square root of L, at most
2.6: half of a headline's four.

A text is about drugs anyway where a drug word stands in 200, place counting, so that it does not hang on one in a
thousand. An article needs none: it is asked where it names a drug once, or its words speak of drugs.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from operator import attrgetter

from pipeline.text import Folded
from pipeline.topics.aboutness import (
    LEAST,
    Aboutness,
    Best,
    DrugTraits,
    Judged,
    TopicTraits,
    drug_traits,
    sum_needed,
    topic_traits,
)
from pipeline.topics.account import Account, Line, Place
from pipeline.topics.automaton import Found
from pipeline.topics.layout import Layout
from pipeline.topics.patterns import Pattern
from pipeline.topics.vocabulary import Spoken, Vocabulary
from pipeline.topics.weighing import (
    CUE,
    LEAD,
    NOT,
    NOWHERE,
    OCCURRENCES_MAX,
    SURE,
    TAIL,
    TITLE,
    Cover,
    Use,
    Weighed,
    by_topic,
    is_telling,
    score,
    weigh,
)
from pipeline.topics.weighing import total as sum_of
from pipeline.types import Span, TopicMatch, Where

#: a text of more words is an article
_ARTICLE_WORDS = 80
#: what all words have to speak for drugs as a public matter in an article that names none
_SPOKEN_LEAST = 1.0
_PLACES: Mapping[float, Place] = {TITLE: "headline", LEAD: "lead", TAIL: "tail"}
#: the power of the leading topic's sum that any other needs, and the most that is asked so
_LEADING_POWER, _LEADING_MOST = 0.5, 2.6
#: words of text that one drug word gives context to; one in the lead or title, half as many again or twice
_CONTEXT_WORDS = 200
#: a statement is short: in an article on the topic half the evidence will do
_STATEMENT_ON_TOPIC = 2.0
_EVIDENCE_MAX = 20
_NOT_ASKED = "no drug is named, and the words do not speak of drugs"
_TOO_LITTLE = f"its patterns come to less than {LEAST}, and the words do not speak for it"
_ROUNDING = 1e-9
_RANK = attrgetter("rank")


@dataclass(frozen=True, slots=True)
class Watched:
    """What a scan needs to know of the topics: parallel tuples by topic number; 0 is the parent."""

    slugs: tuple[str, ...]
    thresholds: tuple[float, ...]
    #: the sum whose score is the threshold
    needed: tuple[float, ...]
    #: by pattern number
    patterns: tuple[Pattern, ...]
    #: the uses of each pattern in the languages asked for
    uses: Mapping[int, tuple[Use, ...]]
    vocabulary: Vocabulary
    #: what tells an article's topics; None: the sums alone, as of a shorter text
    aboutness: Aboutness | None = None


def _ranked(watched: Watched, found: Found) -> list[Use]:
    """Return the uses of the patterns found, the strongest first."""
    return sorted((use for pattern in found for use in watched.uses[pattern]), key=_RANK)


class Scan:
    """One article, read once for all topics. Made by `Topics.scan`; works out each answer when first asked."""

    def __init__(
        self, watched: Watched, title: Folded, text: Folded, telling: Found, others: Callable[[], Found]
    ) -> None:
        self.layout = Layout(title, text)
        self._watched, self._telling, self._others = watched, telling, others

    @cached_property
    def _found(self) -> Found:
        """Every pattern; most articles are not about drugs, and are not asked for more than the telling ones."""
        return self._telling | self._others()

    @cached_property
    def _uses(self) -> dict[int, list[Use]]:
        return by_topic(_ranked(self._watched, self._found))

    @cached_property
    def in_context(self) -> bool:
        """Whether the text is about drugs at all: a topic has a sure pattern, or the parent reaches its threshold.

        Either counts only where drug words are not lost in a long text.
        """
        drugs = self._drug_words
        is_sure = any(use.kind is SURE for use, _ in drugs)
        if not is_sure and not self._applies(0, sum_of(self._parent)):
            return False
        return sum(self.layout.place(start) for start, _ in self._drugs) * _CONTEXT_WORDS >= self.layout.words

    def is_asked(self, spoken: Spoken) -> bool:
        """Say whether an article may have topics: it names a drug, in context or not, or its words speak of drugs."""
        return bool(self._drugs) or _speaks_of_drugs(spoken)

    def speaks_of_drugs(self) -> bool:
        """Say whether all words, of a text as long as an article, speak of drugs as a public matter."""
        return self.layout.words_of_all > _ARTICLE_WORDS and _speaks_of_drugs(self.spoken)

    @property
    def _is_asked(self) -> bool:
        return self.is_asked(self.spoken)

    @cached_property
    def _drugs(self) -> Cover:
        return Cover(span for _, spans in self._drug_words for span in spans)

    @cached_property
    def _drug_words(self) -> list[tuple[Use, list[Span]]]:
        """Where any topic's sure patterns stand, or the parent's likely ones, and no trap."""
        named = (
            (use, [span for span in self._telling[use.pattern] if not self._trapped(use.topic).overlaps(span)])
            for use in self._uses_telling
            if use.kind is not NOT
        )
        return [(use, spans) for use, spans in named if spans]

    @cached_property
    def _uses_telling(self) -> list[Use]:
        return [use for pattern in self._telling for use in self._watched.uses[pattern] if is_telling(use)]

    def matches(self) -> tuple[TopicMatch, ...]:
        """Return the topics that apply, best first; the parent is implied, not listed."""
        matches = []
        for topic, told in self._applying.items():
            if topic:
                spans = [span for line in self._weighed[topic] if not line.reason for span in line.spans]
                evidence = tuple(map(self.layout.evidence, sorted(spans)[:_EVIDENCE_MAX]))
                matches.append(TopicMatch(self._watched.slugs[topic], round(told, 4), evidence))
        return tuple(sorted(matches, key=lambda match: (-match.score, match.topic)))

    def any_applies(self) -> bool:
        """Say whether any topic applies, the parent included."""
        # A sure pattern that nothing can forbid settles it before anything is weighed.
        clear = (uses for uses in by_topic(self._uses_telling).values() if all(use.kind is not NOT for use in uses))
        sure = {use.topic for uses in clear for use in uses if use.kind is SURE}
        return any(self._applies(topic, SURE.weight) for topic in sure) or bool(self._applying)

    def topics_in(self, where: Where, start: int, end: int) -> tuple[str, ...]:
        """Return the topics of the stretch [start, end) of the field `where`, best first.

        The article gives the context; a topic whose patterns come to its sum in the article needs half of it here.
        """
        return self.topics_of(where, ((start, end),))

    def topics_of(self, where: Where, parts: Iterable[Span]) -> tuple[str, ...]:
        """Return the topics of a statement made of several stretches of one field, best first."""
        found = self._found_in(where, parts)
        uses = by_topic(_ranked(self._watched, found))
        totals = {}
        for topic in uses.keys() - {0}:
            weight = _STATEMENT_ON_TOPIC if self._applies(topic, self._totals[topic]) else TAIL
            weighed = weigh(uses[topic], found, self._trapped(topic), self._gives_context, _in_statement)
            if self._applies(topic, total := weight * sum_of(weighed)):
                totals[self._watched.slugs[topic]] = total
        return tuple(sorted(totals, key=lambda slug: (-totals[slug], slug)))

    @property
    def _gives_context(self) -> bool:
        """Whether what is said in it is said of drugs: drug words tell, or of an article the model."""
        return self.in_context or (self._judged is not None and self._judged.is_on_drugs)

    def explain(self) -> tuple[Account, ...]:
        """Account for every topic with a pattern in the article, the parent included, best first.

        One with nothing but cues that do not suffice is left out: every text has some.
        """
        accounts = [
            self._account(topic, weighed)
            for topic, weighed in self._weighed.items()
            if topic in self._applying or any(each.use.kind is not CUE for each in weighed)
        ]
        return tuple(sorted(accounts, key=lambda account: (-account.score, account.topic)))

    def _account(self, topic: int, weighed: list[Weighed]) -> Account:
        threshold, total, judged = self._watched.thresholds[topic], self._totals[topic], self._judged
        slug = self._watched.slugs[topic]
        shares = judged.shares(slug) if judged else {}
        least = LEAST if judged else self._asked(topic)
        return Account(
            topic=slug,
            applies=topic in self._applying,
            score=round(self._score(topic), 4),
            threshold=threshold,
            total=round(sum(shares.values()) if shares else total, 3),
            needed=round(sum_needed(threshold) if shares else least, 3),
            shares={trait: round(share, 3) for trait, share in shares.items()},
            words=self.spoken.telling(slug) if shares else {},
            lines=tuple(line for each in weighed for line in self._lines(each)),
            reason=self._why_unweighed(shares),
        )

    def _why_unweighed(self, shares: Mapping[str, float]) -> str:
        if shares or not self._judged:
            return ""
        return _TOO_LITTLE if self._is_asked else _NOT_ASKED

    def _lines(self, weighed: Weighed) -> Iterator[Line]:
        """Yield what counted or stood idle, then what traps struck."""
        use = weighed.use
        spans = self._found[use.pattern][:OCCURRENCES_MAX] if use.kind is not NOT else []
        struck = [span for span in spans if self._trapped(use.topic).overlaps(span)]
        if left := [span for span in weighed.spans if span not in struck]:
            yield self._line(use, left, weighed.value, weighed.reason)
        if struck:
            yield self._line(use, struck, 0.0, f"struck by {' and '.join(self._named(use.topic, struck))}")

    def _named(self, topic: int, struck: list[Span]) -> list[str]:
        cover = Cover(struck)
        traps = (use.pattern for use in self._uses[topic] if use.kind is NOT)
        return [str(self._watched.patterns[trap]) for trap in traps if any(map(cover.overlaps, self._found[trap]))]

    def _line(self, use: Use, spans: Iterable[Span], value: float, reason: str) -> Line:
        spans = sorted(spans)
        return Line(
            pattern=str(self._watched.patterns[use.pattern]),
            kind=use.kind.label,
            weight=use.kind.weight,
            value=round(value, 3),
            reason=reason,
            evidence=tuple(map(self.layout.evidence, spans)),
            places=tuple(_PLACES[self.layout.place(start)] for start, _ in spans),
        )

    @cached_property
    def _weighed(self) -> dict[int, list[Weighed]]:
        # An article's model has a trait for the context, so that its patterns need not wait for it.
        is_free = self.in_context or (self._judged is not None and self._is_asked)
        return self._freely if is_free else self._weigh(False)

    @cached_property
    def _freely(self) -> dict[int, list[Weighed]]:
        return self._weigh(True)

    def _weigh(self, in_context: bool) -> dict[int, list[Weighed]]:
        return {
            topic: weigh(uses, self._found, self._trapped(topic), in_context, self.layout.place)
            if topic
            else self._parent
            for topic, uses in self._uses.items()
        }

    @cached_property
    def _parent(self) -> list[Weighed]:
        """The parent's patterns, which give the context and so wait for none."""
        return weigh(self._uses.get(0, []), self._found, self._trapped(0), True, self.layout.place)

    @cached_property
    def _totals(self) -> dict[int, float]:
        return {topic: sum_of(weighed) for topic, weighed in self._weighed.items()}

    @cached_property
    def _leading(self) -> float:
        return max((total for topic, total in self._totals.items() if topic), default=0.0)

    @cached_property
    def _applying(self) -> dict[int, float]:
        """The topics that apply, each with its score."""
        if self._judged is None:
            applying = (topic for topic, total in self._totals.items() if total >= self._asked(topic) - _ROUNDING)
            return {topic: self._score(topic) for topic in applying}
        # Ordinary press is not asked, and so not weighed.
        scores = {topic: self._score(topic) for topic in self._totals} if self._is_asked else {}
        return {topic: found for topic, found in scores.items() if found >= self._watched.thresholds[topic] - _ROUNDING}

    def _score(self, topic: int) -> float:
        if self._judged is None:
            return score(self._totals[topic])
        return self._judged.score(self._watched.slugs[topic])

    # --- of an article ---

    @cached_property
    def _judged(self) -> Judged | None:
        """What tells this text's topics, where it is an article."""
        aboutness = self._watched.aboutness if self.layout.words > _ARTICLE_WORDS else None
        if aboutness is None:
            return None
        return Judged(aboutness, self.traits(self.spoken), partial(self.drugs, self.spoken))

    def traits(self, spoken: Spoken) -> dict[str, TopicTraits]:
        """What an article has of each topic, by slug, given what its words speak for; nothing where it is not asked."""
        if not self.is_asked(spoken):
            return {}
        weighed = {self._watched.slugs[topic]: lines for topic, lines in self._freely.items() if topic}
        totals = {slug: sum_of(lines) for slug, lines in weighed.items()}

        def near(slug: str) -> float:
            best = max(weighed[slug], key=lambda line: line.value)
            return spoken.vocabulary.read(self.layout.near(min(best.spans)[0])).said_of(slug)

        return topic_traits(totals, self.layout.words_of_all, spoken, near)

    def drugs(self, spoken: Spoken, best: Best) -> DrugTraits:
        """What an article has of drugs at all, given what its words speak for, and its best topic."""
        return drug_traits(sum_of(self._parent), len(self._drugs), self.layout.words_of_all, spoken, best)

    @cached_property
    def spoken(self) -> Spoken:
        """What all words of title and text speak for."""
        return self.spoken_by(self._watched.vocabulary)

    def spoken_by(self, vocabulary: Vocabulary) -> Spoken:
        """What they speak for by another vocabulary."""
        return vocabulary.read(self.layout.stems)

    # --- of a shorter text ---

    def _asked(self, topic: int) -> float:
        """The sum that a topic needs in this text; the parent, which says nothing of what it is about, its own only."""
        needed = self._watched.needed[topic]
        return max(needed, min(float(self._leading**_LEADING_POWER), _LEADING_MOST)) if topic else needed

    # --- where things stand ---

    def _trapped(self, topic: int) -> Cover:
        """Where nothing counts for a topic."""
        return self._traps.get(topic, NOWHERE)

    @cached_property
    def _traps(self) -> dict[int, Cover]:
        spans: dict[int, list[Span]] = {}
        for use in self._uses_telling:
            if use.kind is NOT:
                spans.setdefault(use.topic, []).extend(self._telling[use.pattern])
        return {topic: Cover(trapped) for topic, trapped in spans.items()}

    def _applies(self, topic: int, total: float) -> bool:
        return total >= self._watched.needed[topic] - _ROUNDING

    @cached_property
    def _in_order(self) -> list[tuple[int, int, int]]:
        return sorted((start, end, pattern) for pattern, spans in self._found.items() for start, end in spans)

    def _found_in(self, where: Where, parts: Iterable[Span]) -> Found:
        found: Found = {}
        for part in parts:
            start, end = self.layout.span_of(where, part)
            for index in range(bisect_left(self._in_order, (start,)), len(self._in_order)):
                begin, finish, pattern = self._in_order[index]
                if begin >= end:
                    break
                if finish <= end:
                    found.setdefault(pattern, []).append((begin, finish))
        return found


def _speaks_of_drugs(spoken: Spoken) -> bool:
    return spoken.of_drugs >= _SPOKEN_LEAST


def _in_statement(_start: int) -> float:
    return TAIL
