"""What an article is about, told by its patterns and by all its words; and how the weights are learned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from topicfiles import (
    ABOUTNESS,
    LEGALIZATION,
    PARENT,
    TREATMENT,
    VOCABULARY,
    aboutness_file,
    change,
    refusal,
    topic_file,
    vocabulary_file,
    write,
)

from pipeline.errors import ConfigError
from pipeline.topics import Topics
from pipeline.topics.aboutness import Best, DrugTraits, TopicTraits, drug_traits, topic_traits
from pipeline.topics.vocabulary import Vocabulary
from tests.gold.fit_topics import Example, fitted

FILLER = "Word " * 60
#: seven sentences on drugs, and on nothing else
DRUGS = "Cocaine. " * 7
#: one pattern each; said once each comes to 1, again and again to 1.5
LEGALIZE, TREAT = "They legalize cannabis. ", "Drug rehabilitation. "
#: enough of it by its patterns alone
MUCH = LEGALIZE * 6 + "Regulated, regulated. A cannabis market, cannabis markets. "


@pytest.fixture
def folder(small):
    files = {"aboutness.toml": aboutness_file(ABOUTNESS), "vocabulary.tsv": vocabulary_file(VOCABULARY)}
    return write(small, files)


@pytest.fixture
def topics(folder):
    return Topics.load(folder)


def found(topics, title, text):
    return [match.topic for match in topics.match(title, text, "en")]


def test_much_of_a_topic_is_a_topic_and_a_mention_is_not(topics):
    assert found(topics, "Weather", DRUGS + FILLER * 2 + LEGALIZE) == []
    assert found(topics, "Cannabis markets: they legalize cannabis", DRUGS + MUCH + FILLER) == ["legalization"]


def test_of_a_mention_the_words_of_the_article_decide(topics):
    mention = DRUGS + FILLER * 2 + LEGALIZE
    assert found(topics, "Weather", mention + "A bill, bills, billed.") == ["legalization"]
    assert found(topics, "Weather", mention + "A bill, and a nurse.") == []


def test_words_that_speak_more_for_another_topic_speak_against_one(topics):
    both = DRUGS + FILLER * 2 + LEGALIZE + TREAT
    # the same four words of the bill, more or less beside those of the nurse
    assert found(topics, "Weather", both + "Bill. " * 4) == ["legalization"]
    assert found(topics, "Weather", both + "Bill. " * 4 + "Nurse. " * 4) == ["treatment"]


def test_one_cue_is_asked_where_the_words_speak_for_it_and_not_where_they_are_silent(small):
    write(
        small,
        {
            "topics/treatment.toml": topic_file("treatment", 'sure = ["drug rehabilitation"]\ncues = ["clinic"]'),
            "aboutness.toml": aboutness_file({"topic": {"always": 2.0}, "drugs": {"always": 9.0}}),
            "vocabulary.tsv": vocabulary_file(VOCABULARY),
        },
    )
    topics = Topics.load(small)
    assert found(topics, "Weather", DRUGS + FILLER * 2 + "The clinic.") == []
    (match,) = topics.match("Weather", DRUGS + FILLER * 2 + "The clinic of a nurse.", "en")
    assert match.topic == "treatment"
    assert len(match.evidence) == 1
    assert found(topics, "Weather", DRUGS + FILLER * 2 + "A nurse.") == []  # nothing to show for it


def test_an_article_that_is_not_about_drugs_has_no_topic(topics):
    passing = "Word. " * 90 + MUCH + "Drugs. A goalkeeper."
    assert found(topics, "A bill, a bill, a bill", passing) == []
    (account,) = [one for one in topics.scan("A bill", passing, "en").explain() if one.topic == "legalization"]
    parent = next(one for one in topics.scan("A bill", passing, "en").explain() if one.topic == "drug-policy")
    assert account.total > account.needed
    assert account.score == parent.score < 1 / 2
    assert not parent.applies


@pytest.fixture
def speaking(small):
    """Dagga says enough of drugs, snuff hardly less."""
    speaks = {"dagga": {"drug-policy": 1.0}, "snuff": {"drug-policy": 0.99}}
    write(small, {"vocabulary.tsv": vocabulary_file(VOCABULARY | speaks)})
    return small


def test_without_a_drug_word_an_article_is_on_drugs_where_its_words_speak_of_them(speaking):
    write(speaking, {"aboutness.toml": aboutness_file({"topic": {"always": 9.0}, "drugs": {"always": 9.0}})})
    topics = Topics.load(speaking)
    text = "Regulated, regulated. Legalized. " + FILLER * 2
    for end in ("", "Snuff.", "Dagga and a goalkeeper."):
        assert found(topics, "Legalize it", text + end) == []
        accounts = topics.scan("Legalize it", text + end, "en").explain()
        assert {account.score for account in accounts} == {0.0}
        assert {account.reason for account in accounts} == {"no drug is named, and the words do not speak of drugs"}
        reasons = {line.reason for account in accounts for line in account.lines}
        assert "the text is not about drugs otherwise" in reasons
    assert found(topics, "Legalize it", text + "Cocaine.") == ["legalization"]
    (match,) = topics.match("Legalize it", text + "Dagga.", "en")
    assert match.topic == "legalization"
    assert match.evidence
    assert {account.reason for account in topics.scan("Legalize it", text + "Dagga.", "en").explain()} == {""}


@pytest.mark.parametrize(
    ("said", "is_asked"),
    [
        ("They legalize it, they regulated it.", False),
        ("Cannabis markets.", False),  # likely only, and of a topic
        ("Prescription drugs.", False),  # a trap
        ("Cocaine.", True),
        ("Drugs.", True),  # likely, of the parent
        ("They legalize cannabis.", True),
    ],
)
def test_ordinary_press_is_looked_through_for_telling_patterns_alone(topics, monkeypatch, said, is_asked):
    scan, looked = topics.scan("Weather", FILLER * 2 + said, "en"), []
    others = scan._others
    monkeypatch.setattr(scan, "_others", lambda: looked.append(True) or others())
    assert scan.matches() == ()
    assert bool(looked) is is_asked


def test_a_topic_that_too_little_speaks_for_is_not_weighed_and_says_so(topics):
    mention = DRUGS + FILLER * 2 + "Cannabis markets."
    accounts = {one.topic: one for one in topics.scan("Weather", mention, "en").explain()}
    assert not accounts["legalization"].shares
    assert accounts["legalization"].reason == "its patterns come to less than 0.9, and the words do not speak for it"
    spoken = {one.topic: one for one in topics.scan("Weather", mention + " A bill.", "en").explain()}
    assert spoken["legalization"].shares
    assert spoken["legalization"].reason == ""


def test_what_is_said_in_an_article_on_drugs_is_said_of_drugs_though_it_names_none(speaking):
    said = "Legalize it, legalize it."

    def topics_said(always, end):
        weights = {"topic": {"always": 9.0}, "drugs": {"always": always}}
        write(speaking, {"aboutness.toml": aboutness_file(weights)})
        return Topics.load(speaking).scan("", said + FILLER * 4 + end, "en").topics_in("text", 0, len(said))

    assert topics_said(9.0, "Dagga.") == ("legalization",)
    assert topics_said(9.0, "Snow.") == ()
    assert topics_said(-9.0, "Dagga.") == ()  # asked, and not about drugs


def test_a_page_whose_words_speak_of_drugs_is_worth_reading_and_a_line_is_not(speaking):
    write(speaking, {"aboutness.toml": aboutness_file(ABOUTNESS)})
    topics = Topics.load(speaking)
    assert topics.on_topic("Word " * 80 + "Dagga.")
    assert not topics.on_topic("Word " * 79 + "Dagga.")
    assert not topics.on_topic("Word " * 80 + "Snuff.")


def test_a_page_that_is_about_drugs_is_worth_reading_whatever_its_topics_ask(small):
    once = 'sure = ["drug rehabilitation"]\nin_context = ["clinic*"]\ncues = ["nurse"]'
    write(small, {"topics/treatment.toml": topic_file("treatment", once, threshold=0.95)})
    topics = Topics.load(small)
    assert topics.on_topic("Drug rehabilitation. " + FILLER)
    assert not topics.on_topic("Clinics, a clinic, a nurse. " + FILLER)


def test_weights_without_the_words_they_weigh_are_refused(folder):
    (folder / "vocabulary.tsv").unlink()
    with pytest.raises(ConfigError, match="a file: aboutness") as refused:
        Topics.load(folder)
    assert (refused.value.file, refused.value.key) == ("vocabulary.tsv", "file")
    (folder / "aboutness.toml").unlink()
    assert found(Topics.load(folder), "Weather", DRUGS + FILLER + LEGALIZE * 3) == ["legalization"]  # by its sum


def test_up_to_eighty_words_are_no_article(topics):
    assert found(topics, "", "Word " * 75 + "they legalize cannabis at last") == ["legalization"]
    assert found(topics, "", "Word " * 76 + "they legalize cannabis at last") == []


def test_an_article_that_is_all_about_drugs_says_more_of_each_topic(small):
    weights = {"topic": {"always": -1.5, "strength": 1.0, "words_of_drugs": 1.0}, "drugs": {"always": 9.0}}
    vocabulary = vocabulary_file(VOCABULARY | {"narco": {"drug-policy": 4.0}})
    write(small, {"aboutness.toml": aboutness_file(weights), "vocabulary.tsv": vocabulary})
    topics = Topics.load(small)
    assert found(topics, "Weather", DRUGS + FILLER * 2 + LEGALIZE * 3) == []
    assert found(topics, "Weather", DRUGS + FILLER * 2 + LEGALIZE * 3 + "Narcotics.") == ["legalization"]


def test_a_clause_in_a_wide_article_is_weighed_by_the_words_near_it(small):
    weights = {"topic": {"always": -0.5, "words_near": 1.0}, "drugs": {"always": 9.0}}
    write(small, {"aboutness.toml": aboutness_file(weights), "vocabulary.tsv": vocabulary_file(VOCABULARY)})
    topics = Topics.load(small)
    assert found(topics, "Weather", DRUGS + FILLER + LEGALIZE + "A bill. " + FILLER) == ["legalization"]
    assert found(topics, "Weather", DRUGS + FILLER + LEGALIZE + FILLER + "A bill.") == []


def test_an_article_longer_than_any_that_was_learned_from_counts_as_the_longest(small):
    weights = {"topic": {"always": -1.6, "length": 1.0}, "drugs": {"always": 9.0}}
    write(small, {"aboutness.toml": aboutness_file(weights), "vocabulary.tsv": vocabulary_file(VOCABULARY)})
    lengths = {many: Topics.load(small).scan("", DRUGS + LEGALIZE + "word " * many, "en") for many in (100, 600, 6000)}
    totals = {many: scan.explain()[1].total for many, scan in lengths.items()}
    assert totals[100] < totals[600] == totals[6000] < 0


def test_the_shares_of_an_account_add_up_to_what_decides(topics):
    accounts = topics.scan("Weather", DRUGS + FILLER * 2 + LEGALIZE * 2 + TREAT + "A bill.", "en").explain()
    judged = {one.topic: one for one in accounts if one.shares}
    assert judged.keys() == {"legalization", "treatment", "drug-policy"}
    for account in judged.values():
        assert account.total == pytest.approx(sum(account.shares.values()), abs=0.01)
        assert account.score == pytest.approx(1 / (1 + math.exp(-account.total)), abs=0.001)
        assert account.applies is (account.total >= account.needed)
    assert judged["legalization"].words == {"bill": 3.0}


def test_the_traits_of_an_article_are_what_they_are_called(folder):
    vocabulary = Vocabulary.load(folder)
    spoken, near = vocabulary.read(["bill", "goalk"]), {"legalization": 1.0, "treatment": 3.0}
    totals = {"legalization": 2.0, "treatment": 0.9, "prevention": 0.0}
    traits = topic_traits(totals, 200, spoken, near.__getitem__)
    assert traits.keys() == {"legalization", "treatment"}
    said = {slug: spoken.said_of(slug) for slug in ("legalization", "treatment", "drug-policy")}
    of_drugs, breadth, length = said["drug-policy"], math.log(3), math.log(2)
    assert traits["treatment"] == pytest.approx(
        TopicTraits(
            strength=math.log(0.9),
            words=said["treatment"],
            words_beside=said["treatment"] - said["legalization"],
            words_near=3.0,
            words_of_drugs=of_drugs,
            words_of_drugs_squared=of_drugs**2,
            strength_among_drugs=math.log(0.9) * of_drugs,
            breadth=breadth,
            length=length,
            breadth_of_length=breadth * length,
            breadth_of_words=breadth * said["treatment"],
            breadth_of_words_near=breadth * 3.0,
        )
    )
    assert drug_traits(1.0, 4, 200, spoken, Best(7.0, 5.0)) == pytest.approx(
        DrugTraits(
            strength=math.log(2), density=math.log(3), named=1.0, words=of_drugs, best_topic=6.0, words_of_best=5.0
        )
    )
    assert drug_traits(0.0, 0, 200, spoken, Best(7.0, 5.0))[:3] == (0.0, 0.0, 0.0)
    assert drug_traits(0.0, 1, 200, spoken, Best(7.0, 5.0)).named == 1.0


def test_a_higher_threshold_asks_for_a_surer_score(folder):
    text = DRUGS + FILLER * 2 + TREAT + "A nurse."
    assert found(Topics.load(folder), "Weather", text) == ["treatment"]
    write(folder, {"topics/treatment.toml": topic_file("treatment", 'sure = ["drug rehabilitation"]', threshold=0.99)})
    assert found(Topics.load(folder), "Weather", text) == []


@given(
    st.lists(
        st.sampled_from(["cocaine", "drugs", "legalize", "cannabis", "rehab", "nurse", "bill", ".\n", "x " * 40]),
        max_size=12,
    ),
    st.sampled_from(["", "Legalize cannabis"]),
)
def test_any_article_gets_scores_between_nothing_and_one(judging, words, title):
    scan = judging.scan(title, " ".join(words), "en")
    assert all(0 <= account.score <= 1 for account in scan.explain())
    applying = {account.topic for account in scan.explain() if account.applies}
    assert {match.topic for match in scan.matches()} == applying - {"drug-policy"}
    assert all(match.evidence for match in scan.matches())


@pytest.fixture(scope="module")
def judging(tmp_path_factory):
    files = {"drug-policy": PARENT, "legalization": LEGALIZATION, "treatment": TREATMENT}
    folder = write(
        tmp_path_factory.mktemp("config"),
        {f"topics/{slug}.toml": topic_file(slug, patterns) for slug, patterns in files.items()}
        | {"countries.toml": "country = []", "aboutness.toml": aboutness_file(ABOUTNESS)}
        | {"vocabulary.tsv": vocabulary_file(VOCABULARY)},
    )
    return Topics.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("strength = 1.0\n", "", "topic.strength", "a number"),
        ("strength = 1.0", "strength = 1.0\nparagraphs = 1.0", "topic.paragraphs", "one of always, strength"),
        ("strength = 1.0", 'strength = "3"', "topic.strength", "a number"),
        ("strength = 1.0", "strength = inf", "topic.strength", "a number"),
        ("density = 2.0\n", "", "drugs.density", "a number"),
        ("[drugs]", "[leaning]\n[drugs]", "leaning", "a known key"),
    ],
)
def test_a_wrong_file_is_refused(folder, old, new, key, expected):
    change(folder, old, new, "aboutness.toml")
    file, where, wanted, _ = refusal(folder)
    assert (file, where) == ("aboutness.toml", key)
    assert expected in wanted


# --- learning ---------------------------------------------------------------------------------------------------------


def example(density, is_so):
    return Example(DrugTraits(0.0, density, 0.0, 0.0, 0.0, 0.0), is_so)


SOME = [example(0.1, False), example(0.2, False), example(0.4, True), example(0.5, False), example(0.9, True)]


def test_what_is_learned_is_right_on_the_average():
    # of the chances told, since nothing holds back what stands always
    model = fitted(SOME, DrugTraits._make, 0.5)
    chances = [1 / (1 + math.exp(-model.sum_of(each.traits))) for each in SOME]
    assert sum(chances) == pytest.approx(sum(each.is_so for each in SOME), abs=1e-4)
    assert chances == sorted(chances)
    assert model.weights.strength == 0


def test_a_cut_moves_where_a_half_begins():
    even, cut = (fitted(SOME, DrugTraits._make, chance) for chance in (0.5, 0.75))
    assert even.sum_of(SOME[2].traits) - cut.sum_of(SOME[2].traits) == pytest.approx(math.log(3))
