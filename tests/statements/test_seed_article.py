"""The Lima meeting of June 2012: who said what, in the article where it lies beside the checkout and in a retelling."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.statements import Lexicons, People, find_reports

ROOT = Path(__file__).parents[2]
ARTICLE = ROOT.parent / "shared" / "seed" / "article.txt"
#: the meeting's facts and quotations, told anew
RETOLD = """\
Lima was host to some 60 countries this week. President Ollanta Humala opened the meeting, saying that "tough laws" \
alone weren't enough.
On the first day, Humala urged governments to join forces and share information, reported La Republica.
"We need to design policies with a multi-sector vision," said Humala. "We shouldn't think that only with tough laws \
[the drug trade] is going to disappear."
The president added that governments should work towards rehabilitation for drug users. Humala said that Peru is \
currently spending $250 million a year on its anti-drug policies and seeing very little success.
Legalization is not on the official agenda, according to the Associated Press.
Some governments, like that of Guatemala, have highlighted the need to explore legalization and branded the US-led war \
on drugs a failure.
Peru has not joined calls for legalization, with Carmen Masias stating earlier this year that such a move would be \
"madness."
"""
TOPICS = {"legalization": ("legalization",), "enforcement-policy": ("tough laws", "war on drugs")}


def reports(text):
    def span_topics(where, start, end):
        piece = text[start:end].lower()
        return tuple(topic for topic, cues in TOPICS.items() if any(cue in piece for cue in cues))

    config = ROOT / "config"
    return find_reports(
        "",
        text,
        "en",
        lexicons=Lexicons.load(config),
        people=People.load(config),
        span_topics=span_topics,
        said_at=datetime(2012, 6, 26, tzinfo=UTC),
    )


@pytest.fixture(
    scope="module",
    params=[
        RETOLD,
        pytest.param(
            ARTICLE.read_text("utf-8") if ARTICLE.is_file() else "",
            marks=[
                pytest.mark.shared,
                pytest.mark.skipif(not ARTICLE.is_file(), reason="no ../shared/seed beside this checkout"),
            ],
        ),
    ],
    ids=["retold", "article"],
)
def told(request):
    return request.param, reports(request.param)


def starting(told, words):
    [report] = [report for report in told[1] if report.text.startswith(words)]
    return report


def speaker(report):
    return report.speaker.name, report.speaker.role, report.speaker.country


HUMALA = ("Ollanta Humala", "president", "PE")


def test_a_quotation_broken_by_its_cue_is_one_statement_of_two_parts(told):
    report = starting(told, "We need to design")
    assert [told[0][start:end] for start, end in report.parts] == [
        "We need to design policies with a multi-sector vision",
        "We shouldn't think that only with tough laws [the drug trade] is going to disappear.",
    ]
    assert (report.kind, speaker(report)) == ("direct", HUMALA)
    assert report.stance["enforcement-policy"] == "against"


def test_a_quoted_fragment_in_reported_speech(told):
    report = starting(told, '"tough laws"')
    assert (report.text, report.kind) == ('"tough laws" alone weren\'t enough', "mixed")
    assert speaker(report) == HUMALA
    assert report.stance == {"enforcement-policy": "against"}


def test_the_president_is_humala(told):
    report = starting(told, "governments should work towards")
    assert speaker(report) == HUMALA
    start, end = report.speaker.mention
    assert told[0][start:end] == "The president"


def test_indirect_speech(told):
    report = starting(told, "Peru is currently spending")
    assert report.text.endswith("seeing very little success")
    assert (report.kind, speaker(report)) == ("indirect", HUMALA)


def test_the_newspaper_is_credited_not_quoted(told):
    report = starting(told, "governments to join forces")
    assert "reported" not in report.text
    assert (speaker(report), report.via) == (HUMALA, "La Republica")


def test_masias_is_against_legalization(told):
    report = starting(told, "such a move would be")
    assert (report.text, report.kind) == ('such a move would be "madness."', "mixed")
    assert (report.speaker.name, report.speaker.country) == ("Carmen Masías", "PE")
    assert report.stance == {"legalization": "against"}


def test_guatemalas_government_takes_two_positions(told):
    found = [report for report in told[1] if report.speaker.country == "GT"]
    assert {speaker(report) for report in found} == {("Government of Guatemala", "government", "GT")}
    sides = {topic: side for report in found for topic, side in report.stance.items()}
    assert sides == {"legalization": "for", "enforcement-policy": "against"}


def test_the_agency_is_credited(told):
    [report] = [report for report in told[1] if report.via == "Associated Press"]
    assert report.speaker.name == "Associated Press"
