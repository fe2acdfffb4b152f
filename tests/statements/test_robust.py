"""Any text gives reports that fit it, in time that grows with its length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

MARKS = ['"', "“", "”", "«", "»", "‘", "’", "'", "„", "''", "``", "—", "–", "-", "--"]
SIGNS = ["\n", "\n\n", " ", ". ", ", ", ": ", "; ", "? ", "! ", "… ", "(", ")", "[", "]", "¿", "¡"]
CUES = [
    "said",
    "told",
    "says",
    "adding that",
    "according to",
    "dijo",
    "según",
    "añadió",
    "afirmó",
    "disse",
    "segundo",
    "pidió",
]
SMALL = [
    "that",
    "who",
    "which",
    "with",
    "and",
    "but",
    "que",
    "like",
    "of",
    "de",
    "a",
    "o",
    "not",
    "por su parte",
    "on Monday",
]
NAMES = [
    "Ana Quiroz",
    "Quiroz",
    "Mr.",
    "Dr",
    "President",
    "the president",
    "el presidente de",
    "Peru",
    "Reuters",
    "she",
]
ODD = ["legalization", "madness", "5,000", "U.S.", "A.", "é", "İ", "ß", "\u0301", "\u200b", "😀", "\x00", "中文"]
PIECES = [*MARKS, *SIGNS, *CUES, *SMALL, *NAMES, *ODD, "Some governments", "like that of Guatemala"]


def check(text, reports):
    for report in reports:
        last = 0
        assert report.parts
        for start, end in report.parts:
            assert last <= start < end <= len(text)
            last = end
        assert report.text == " ".join(text[start:end] for start, end in report.parts)
        for span in (report.cue, report.speaker.mention):
            assert span is None or 0 <= span[0] < span[1] <= len(text)
        assert 0 <= report.confidence <= 1
        assert set(report.stance) == set(report.topics)
    assert list(reports) == sorted(reports, key=lambda report: report.parts)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=60),
    st.booleans(),
    st.sampled_from(["en", "es", "pt"]),
)
def test_spans_always_fit_the_text(find, pieces, spaced, lang):
    text = (" " if spaced else "").join(pieces)
    check(text, find(text, lang))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=20), st.sampled_from(["en", "es", "pt"]))
def test_titles_too(find, pieces, lang):
    title = " ".join(pieces)
    reports = find("", lang, title=title)
    assert all(report.where == "title" for report in reports)
    check(title, reports)


ADVERSARIES = {
    "marks": '"',
    "opening marks": "“",
    "mixed marks": "“‘\"'",
    "quoted words": '"a" ',
    "unclosed paragraphs": '"Ana said\n',
    "dashes": "— dijo ",
    "cues": "said ",
    "clauses": "Ana Quiroz said that ",
    "commas": "Ana, said, ",
    "according": "according to Ana, ",
    "names": "Ana Quiroz ",
    "colons": "Ana: ",
    "sentences": 'Ana Quiroz said: "It works." ',
    "apostrophes": "members' ",
}


@pytest.mark.parametrize("name", ADVERSARIES)
def test_time_is_linear(find, name):
    """Four times the text may take at most eight times as long, at best: others' garbage is collected meanwhile."""
    piece = ADVERSARIES[name]

    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        began = time.process_time()
        check(text, find(text, "es" if "dijo" in piece else "en"))
        return time.process_time() - began

    seconds(2_000)
    assert min(seconds(80_000) for _ in range(3)) < 8 * max(seconds(20_000), 0.1)


def test_ten_thousand_speakers(find):
    names = [f"{chr(65 + n % 26)}{'aeiou'[n % 5]}{'bcdfg'[n % 7 % 5]}a{n // 26} Solano{n}" for n in range(10_000)]
    text = "\n".join(f"“Plan {n} works,” said {name}." for n, name in enumerate(names))
    began = time.process_time()
    reports = find(text, "en")
    assert time.process_time() - began < 15
    assert len({report.speaker.name for report in reports}) == 10_000
