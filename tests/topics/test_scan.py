"""When a topic applies, how strongly, and why."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from topicfiles import LEGALIZATION, PARENT, TREATMENT, topic_file, write

from pipeline.text import fold
from pipeline.topics import Topics
from pipeline.types import Evidence, TopicMatch

FILLER = "word " * 100


def scores(topics, title, text, lang="en"):
    return {match.topic: match.score for match in topics.match(title, text, lang)}


def score(total):
    return round(total / (1 + total), 4)


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("", FILLER + "legalize cannabis", {"legalization": score(1)}),
        ("", FILLER + "legalize cannabis. Regulated.", {"legalization": score(1.5)}),
        ("", "They legalize cannabis " + FILLER, {"legalization": score(1.5)}),
        ("", "They legalize cannabis", {"legalization": score(2)}),  # nothing but a headline
        ("", "word " * 58 + "legalize cannabis", {"legalization": score(2)}),
        ("", "word " * 59 + "legalize cannabis", {"legalization": score(1.5)}),
        ("Weather", "They legalize cannabis", {"legalization": score(1.5)}),
        ("They legalize cannabis", "", {"legalization": score(2)}),
        (
            "",
            FILLER + "cannabis market and cannabis markets",
            {},
        ),  # a likely pattern is half, and a tenth for once more
        ("Weather", "cannabis market, regulated", {"legalization": score(1.5)}),
        ("The cannabis market", "", {"legalization": score(1)}),
        ("Cannabis market", "cannabis market " * 9, {"legalization": score(1 * 1.5)}),  # repetition adds at most half
        ("", FILLER + "legalize cannabis, regulated", {"legalization": score(1.5)}),
        ("Addicts in rehab", "", {"treatment": score(2)}),
        ("", "Addicts in rehab " + FILLER, {"treatment": score(1.5)}),
        ("Weather", "word " * 60 + "addicts in rehab", {}),  # its threshold of 0.6 asks for 1.5
    ],
)
def test_weights_and_places(topics, title, text, expected):
    assert scores(topics, title, text) == expected


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("Legalize it.", False),
        ("Legalize it. Drug policy must change.", True),  # the parent
        ("Legalize it. Drugs.", False),  # half a parent
        ("Legalize it. Drug rehabilitation.", True),  # another topic's sure pattern
        ("Legalize it. Prescription drugs, drug prices.", False),
        ("Cocaine; legalization of abortion.", False),
        ("Cocaine; legalization of abortion; legalization of the trade.", True),
    ],
)
def test_context_and_exclusion(topics, text, applies):
    assert ("legalization" in scores(topics, "Weather", text)) is applies


def test_one_drug_word_in_a_long_text_is_no_context(topics):
    assert scores(topics, "Legalize it", "word " * 196 + "cocaine").keys() == {"legalization"}
    assert scores(topics, "Legalize it", "word " * 240 + "cocaine") == {}
    assert scores(topics, "Legalize it", "Cocaine. " + "word " * 240).keys() == {"legalization"}  # the place counts
    assert scores(topics, "Legalize it", "word " * 240 + "cocaine. Cocaine").keys() == {"legalization"}


def test_a_general_word_counts_alone_in_a_lead_and_needs_another_in_the_tail(topics):
    assert scores(topics, "Weather", "Cocaine. Legalize it") == {"legalization": score(0.92 * 1.5)}
    assert scores(topics, "Weather", "Cocaine. " + FILLER + "Legalize it") == {}
    assert scores(topics, "Weather", "Cocaine. " + FILLER + "Legalize it. Legal! legalized") == {
        "legalization": score(0.92 * 1.1)
    }


CUES = """
    cues = ["shop*", "adults", "tax*"]
"""


@pytest.mark.parametrize(
    ("text", "applies"),
    [
        ("Cocaine. Shops, adults, tax", True),
        ("Cocaine. Shops and adults", False),  # three are needed, the headline's place notwithstanding
        ("Shops, adults, tax", False),  # and a text about drugs
    ],
)
def test_cues_count_by_three_wherever_they_stand(small, text, applies):
    write(small, {"topics/legalization.toml": topic_file("legalization", CUES)})
    assert ("legalization" in scores(Topics.load(small), "", text)) is applies


def test_what_leads_a_text_asks_its_square_root_of_the_rest(small):
    legalization = topic_file("legalization", 'sure = ["legalize", "licences", "shops"]')
    treatment = topic_file("treatment", 'sure = ["rehab"]\nlikely = ["clinics"]')
    write(small, {"topics/legalization.toml": legalization, "topics/treatment.toml": treatment})
    topics = Topics.load(small)
    assert scores(topics, "Legalize it, licences", "Rehab").keys() == {"legalization"}  # 1.5 beside 4
    assert scores(topics, "Legalize it, licences", "Rehab and clinics").keys() == {"legalization", "treatment"}  # 2.25
    assert scores(topics, "Legalize it, licences", "Shops. Rehab and clinics").keys() == {"legalization"}  # beside 5.5
    assert scores(topics, "Weather", "Rehab").keys() == {"treatment"}


def test_words_count_once_per_topic(topics):
    # "legaliz*" stands inside the sure pattern's words and adds nothing
    assert scores(topics, "Weather", "cannabis: legalize") == {"legalization": score(1.5)}


def test_the_language_chooses_the_patterns(topics):
    text = "Quieren legalizar todas las drogas " + FILLER
    assert scores(topics, "", text, "es") == {"legalization": score(1.5)}
    assert scores(topics, "", text, "en") == {}
    assert scores(topics, "", text, None) == {"legalization": score(1.5)}
    assert scores(topics, "", text, "fr") == {}


def test_a_pattern_of_two_languages_counts_once_for_all(topics):
    assert scores(topics, "", FILLER + "regulated", None) == {}


def test_evidence_leads_to_the_words(topics):
    title = "Legalízar cannabis"
    text = unicodedata.normalize("NFD", "Sí: «legalización» — del ﬁno cannabis.")
    (match,) = topics.match(title, text, "en")
    fields = {"title": title, "text": text}
    found = [(e.where, fields[e.where][slice(*e.span)]) for e in match.evidence]
    long = unicodedata.normalize("NFD", "legalización» — del ﬁno cannabis")
    assert found == [("title", "Legalízar cannabis"), ("text", long)]


def test_matches_come_best_first(topics):
    matches = topics.match("Legalize cannabis", "Drug rehabilitation", "en")
    assert [match.topic for match in matches] == ["legalization", "treatment"]
    assert matches[1] == TopicMatch("treatment", 0.6, (Evidence("text", (0, 19)),))


def test_a_statement_takes_its_topics_from_its_own_words_and_the_article_s_context(topics):
    text = FILLER + "Legalize it, she said. He spoke of regulation. The cannabis market and cocaine. Weather."
    scan = topics.scan("Cannabis market", text, "en")

    def of(words, *more):
        spans = [(text.index(each), text.index(each) + len(each)) for each in (words, *more)]
        return scan.topics_of("text", spans)

    assert of("Legalize it, she said") == ("legalization",)
    assert of("He spoke of regulation") == ("legalization",)  # half the evidence, as the article is on the topic
    assert of("Weather") == ()
    assert of("Weather", "Legalize it") == ("legalization",)
    assert scan.topics_in("title", 0, 15) == ("legalization",)
    start = text.index("Legalize")
    assert scan.topics_in("text", start + 1, start + 11) == ()  # a word cut at its beginning is not there
    off = topics.scan("", text.replace("cocaine", "tea").replace("cannabis", "tea"), "en")
    assert off.topics_in("text", 0, len(text)) == ()


def test_triage_reads_any_language_and_errs_on_keeping(topics):
    assert topics.on_topic(FILLER + "legalizar las drogas")
    assert topics.on_topic(FILLER + "cannabis market")
    assert topics.on_topic(FILLER + "the war on drugs")  # the parent alone is worth a careful reading
    assert not topics.on_topic("Legalization of abortion; drug prices; prescription drugs")
    assert not topics.on_topic("")


@given(
    st.lists(st.sampled_from(["cocaine", "drugs", "legalize", "cannabis", "markets", "rehab", "x", ".\n"]), max_size=9)
)
def test_what_matches_passes_triage(small_topics, words):
    text = " ".join(words)
    if small_topics.match("", text, "en"):
        assert small_topics.on_topic(text)


@given(st.text(max_size=40), st.text("cocaine legalizß cannabis\u0301\u00ad½.\n", max_size=80))
def test_any_text_is_read_and_evidence_lies_in_it(small_topics, title, text):
    scan = small_topics.scan(title, text, None)
    fields = {"title": title, "text": text}
    for account in scan.explain():
        for evidence in (evidence for line in account.lines for evidence in line.evidence):
            assert fold(fields[evidence.where][slice(*evidence.span)]).text.strip()
    scan.topics_in("text", 0, len(text))


@pytest.fixture(scope="module")
def small_topics(tmp_path_factory):
    files = {"drug-policy": PARENT, "legalization": LEGALIZATION, "treatment": TREATMENT}
    folder = tmp_path_factory.mktemp("config")
    write(folder, {f"topics/{slug}.toml": topic_file(slug, patterns) for slug, patterns in files.items()})
    write(folder, {"countries.toml": "country = []"})
    return Topics.load(folder)


def test_an_account_says_why_and_why_not(topics):
    scan = topics.scan("Legalization of abortion", FILLER + "legalize, regulated, drugs, rehab", "en")
    accounts = {account.topic: account for account in scan.explain()}
    assert accounts.keys() == {"legalization", "treatment", "drug-policy"}
    legalization = accounts["legalization"]
    assert not legalization.applies
    assert legalization.threshold == 0.5
    assert legalization.score == score(0.5)
    lines = [(line.pattern, line.kind, line.value, line.reason) for line in legalization.lines]
    assert lines == [
        ("legaliz*", "in_context", 0.0, "the text is not about drugs otherwise"),
        ("legaliz*", "in_context", 0.0, "struck by legaliz* of abortion"),
        ("regulat*", "likely", 0.5, ""),
        ("legaliz* of abortion", "not", 0.0, "strikes what it overlaps"),
    ]
    assert [line.places for line in legalization.lines] == [("tail",), ("headline",), ("tail",), ("headline",)]
    assert (legalization.total, legalization.needed, legalization.missed) == (0.5, 1.0, True)
    assert accounts["drug-policy"].lines[0].evidence == (
        Evidence("text", (len(FILLER) + 21, len(FILLER) + 26)),
    )  # fmt: skip


def test_an_account_names_the_trap_that_struck_one_of_many(topics):
    lead = "Legalize cocaine, not the legalization of abortion"
    (account,) = [one for one in topics.scan("", lead, "en").explain() if one.topic == "legalization"]
    counted, struck, trap = account.lines
    assert account.applies
    assert not account.missed
    assert [lead[slice(*piece.span)] for line in (counted, struck) for piece in line.evidence] == [
        "Legalize",
        "legalization",
    ]
    assert (counted.value, struck.value) == (1.84, 0.0)
    assert struck.reason == f"struck by {trap.pattern}"


def test_a_word_repeated_without_end_costs_no_more_than_reading_it(topics):
    text = "legalize cannabis drugs " * 8_000
    began = time.process_time()
    scan = topics.scan("", text, "en")
    assert scan.matches()
    assert scan.topics_in("text", 0, len(text)) == ("legalization",)
    assert time.process_time() - began < 3
