"""The story of a text's statements: tokens, quotations, sentences, cues, drafts, joined over sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.statements.attribute import attribute
from pipeline.statements.clause import QUOTE, Clause, clause_of
from pipeline.statements.cues import find_cues
from pipeline.statements.draft import Draft
from pipeline.statements.headline import announced, headline, signature, signed
from pipeline.statements.lexicon import ACCORD, COLON, COMMA, CUE, DASH, MARK, SAYING, STOP, WORD, Lexicon
from pipeline.statements.nouns import called_for
from pipeline.statements.quotes import Quotes, pair
from pipeline.statements.segment import Sentence, Tokens, sentences, tokenize, true_case
from pipeline.types import Kind, Span

_LONGEST = 400
#: parts in which a repetition is looked for, and what stands around one
_RECENT, _MARKS = 3, ' .,“”"‘’«»'
#: words a quotation without any cue must have to count
_FLOATING = 5


@dataclass(slots=True)
class Found:
    """A statement in one field, before its speaker is known by name."""

    draft: Draft
    parts: list[Span]
    kind: Kind
    sentence: int
    paragraph: int
    #: the last words are a quotation that following quotations continue
    open_ended: bool
    cue: Span | None
    speaker: Span | None
    hearer: Span | None
    rule: str


@dataclass(slots=True)
class Reading:
    """A field of an article, cut up, with the statements found in it."""

    tokens: Tokens
    quotes: Quotes
    sentences: list[Sentence]
    found: list[Found]
    #: opening of a quotation over paragraphs -> the statement it became
    over_paragraphs: dict[int, Found] = field(default_factory=dict)


def read(text: str, lexicon: Lexicon, *, body: Tokens | None = None) -> Reading:
    """Find all statements of one field; of a title when the `body` below it is given."""
    tokens = tokenize(text, lexicon)
    if body is not None:
        true_case(tokens, body)
    quotes = pair(tokens, lexicon)
    reading = Reading(tokens, quotes, sentences(tokens, quotes.closes, lexicon), [])
    last: Found | None = None
    before: Clause | None = None
    for number, sentence in enumerate(reading.sentences):
        may_sign = last is not None and last.rule == "floating" and bool(tokens.bits[sentence.first] & DASH)
        if not (_speaks(tokens, sentence) or may_sign) and body is None and number > 0:
            last, before = None, None
            continue
        clause = clause_of(tokens, sentence, quotes.closes, lexicon)
        if len(clause) > _LONGEST:
            last, before = None, None
        elif last is not None and may_sign and (signed_by := signature(clause)) is not None:
            _sign(last, signed_by)
        elif _all_quotation(clause):
            last = _stand_alone(reading, clause, last, before, number)
        else:
            is_headline = body is not None or (number == 0 and _stands_alone(reading))
            titled = headline(clause, tokens if body is None else body) if is_headline else None
            last = _spoken(reading, clause, number, titled)
            before = clause
    return reading


def _sign(found: Found, draft: Draft) -> None:
    """A quotation that stood alone is by whom the line after it names."""
    tokens, clause = draft.clause.tokens, draft.clause
    found.draft, found.rule, found.open_ended = draft, draft.rule, False
    found.cue = tokens.span(clause.first[0], clause.beyond[0])
    if draft.speaker is not None:
        found.speaker = tokens.span(clause.first[draft.speaker[0]], clause.beyond[draft.speaker[1] - 1])


def _stands_alone(reading: Reading) -> bool:
    """The first paragraph is one sentence, as a headline kept in the text is."""
    cut = reading.sentences
    return len(cut) > 1 and cut[1].paragraph > 0


def _spoken(reading: Reading, clause: Clause, number: int, titled: Draft | None) -> Found | None:
    """Find the statements of a sentence with words outside quotations; return the one later quotations may continue."""
    drafts = [titled] if titled else attribute(clause, find_cues(clause))
    if not drafts and (name := signed(clause)) is not None:
        drafts = [name]
    drafts += called_for(clause, drafts) if not titled else []
    made = [one for draft in drafts if (one := _found(draft, reading.quotes, number)) is not None]
    for one in made:
        _take_head(reading, clause, one)
    reading.found += made
    return next((one for one in reversed(made) if one.open_ended), made[-1] if made else None)


def _take_head(reading: Reading, clause: Clause, found: Found) -> None:
    """A cue in the last paragraph of a quotation over paragraphs speaks for all of it."""
    for first, beyond in found.draft.parts:
        for unit in range(first, beyond) if found.rule != "announced" else ():
            whole = reading.over_paragraphs.pop(reading.quotes.head.get(clause.first[unit], -1), None)
            if whole is not None and whole.draft.rule == "floating" and whole in reading.found[-3:]:
                reading.found.remove(whole)
                found.parts = sorted({*whole.parts, *found.parts})


def _speaks(tokens: Tokens, sentence: Sentence) -> bool:
    """Does the sentence hold anything that could mark speech?"""
    return any(bits & (CUE | ACCORD | MARK | COLON | SAYING) for bits in tokens.bits[sentence.first : sentence.beyond])


def _found(draft: Draft, quotes: Quotes, number: int) -> Found | None:
    clause = draft.clause
    parts: list[Span] = []
    direct = all(beyond == first + 1 and clause.bits[first] & QUOTE for first, beyond in draft.parts)
    for first, beyond in draft.parts if draft.rule != "announced" else ():
        parts += _spans(clause, first, beyond, quotes)
    parts = [part for part in parts if part[1] > part[0]]
    if not parts and draft.rule != "announced":
        return None
    quoted = any(clause.bits[unit] & QUOTE for first, beyond in draft.parts for unit in range(first, beyond))
    kind: Kind = "direct" if direct else "mixed" if quoted else "indirect"
    tokens = clause.tokens
    cue = tokens.span(clause.first[draft.cue[0]], clause.beyond[draft.cue[1] - 1]) if draft.cue[1] else None
    speaker, hearer = (
        tokens.span(clause.first[units[0]], clause.beyond[units[1] - 1]) if units else None
        for units in (draft.speaker, draft.hearer)
    )
    return Found(
        draft, parts, kind, number, clause.sentence.paragraph, draft.open_ended, cue, speaker, hearer, draft.rule
    )


def _spans(clause: Clause, first: int, beyond: int, quotes: Quotes) -> list[Span]:
    """Offsets of units first..beyond-1; a stretch that is one quotation goes without its marks."""
    if beyond - first == 1 and clause.bits[first] & QUOTE:
        return quotation_spans(clause.tokens, clause.first[first], quotes)
    return [clause.tokens.span(clause.first[first], clause.beyond[beyond - 1])]


def quotation_spans(tokens: Tokens, opened: int, quotes: Quotes) -> list[Span]:
    """The words inside a quotation, one span a paragraph, without marks and without a comma before the closing one."""
    spans: list[Span] = []
    while True:
        closed = quotes.closes[opened]
        first, beyond = opened + 1, closed
        while beyond > first and tokens.bits[beyond - 1] & COMMA:
            beyond -= 1
        while first < beyond and tokens.bits[first] & (COMMA | STOP) and tokens.low[first] in ".,":
            first += 1
        if beyond > first:
            spans.append(tokens.span(first, beyond))
        if opened not in quotes.runs_on or closed + 1 not in quotes.closes:
            return spans
        opened = closed + 1


def _all_quotation(clause: Clause) -> bool:
    """The sentence is one or more quotations and nothing else."""
    return any(bits & QUOTE for bits in clause.bits) and not any(
        bits & WORD and not bits & QUOTE for bits in clause.bits
    )


def _stand_alone(
    reading: Reading, clause: Clause, last: Found | None, before: Clause | None, number: int
) -> Found | None:
    """A quotation standing alone: it continues the statement before it, or was announced just before, or floats."""
    openings = [clause.first[unit] for unit, bits in enumerate(clause.bits) if bits & QUOTE]
    if openings[0] in reading.quotes.head:
        return reading.over_paragraphs.get(reading.quotes.head[openings[0]], last)
    spans = [span for opened in openings for span in quotation_spans(clause.tokens, opened, reading.quotes)]
    joins = last is not None and (last.open_ended or clause.sentence.paragraph == last.paragraph)
    if last is not None and joins and _repeats(reading.tokens.text, last, spans):
        return last
    if last is not None and joins:
        if last.kind == "indirect":
            last.kind = "mixed"
        last.parts += [span for span in spans if span[0] >= last.parts[-1][1]]
        reading.over_paragraphs[openings[0]] = last
        return last
    if not spans or not _is_said(reading.tokens, clause):
        return None
    draft = announced(before, clause) if before is not None and before.low[-1] == ":" else None
    draft = draft or Draft(clause, (0, 0), [(0, len(clause))], None, "floating", open_ended=True)
    found = _found(draft, reading.quotes, number)
    if found is not None:
        found.parts, found.kind = spans, "direct"
        reading.found.append(found)
        reading.over_paragraphs[openings[0]] = found
    return found


def _repeats(text: str, last: Found, spans: list[Span]) -> bool:
    """A line of its own that says again what was just quoted is the layout's, not the speaker's."""
    said = " ".join(text[start:end] for start, end in last.parts[-_RECENT:]).lower()
    return bool(spans) and all(text[start:end].strip(_MARKS).lower() in said for start, end in spans)


def _is_said(tokens: Tokens, clause: Clause) -> bool:
    """Long enough, and closed like a sentence: no title or slogan on a line of its own."""
    words = sum(1 for at in range(clause.sentence.first, clause.sentence.beyond) if tokens.bits[at] & WORD)
    ends = any(
        tokens.bits[at] & STOP
        for at in range(max(clause.sentence.first, clause.sentence.beyond - 3), clause.sentence.beyond)
    )
    return words >= _FLOATING and ends
