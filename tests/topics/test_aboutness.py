"""What an article is about, told by the shape of what was found of it; and how the weights are learned."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from topicfiles import ABOUTNESS, LEGALIZATION, PARENT, TREATMENT, aboutness_file, topic_file, write

from pipeline.errors import ConfigError
from pipeline.topics import Topics
from pipeline.topics.aboutness import DrugTraits
from tests.gold.fit_topics import Example, fitted

FILLER = "Word " * 60
#: seven sentences on drugs, and on nothing else
DRUGS = "Cocaine. " * 7
LEGALIZE, TREAT = "They legalize cannabis. ", "Drug rehabilitation. "
ONCE = "They legalize cannabis, legalize cannabis. "


@pytest.fixture
def folder(small):
    return write(small, {"aboutness.toml": aboutness_file(ABOUTNESS)})


@pytest.fixture
def topics(folder):
    return Topics.load(folder)


def found(topics, title, text):
    return [match.topic for match in topics.match(title, text, "en")]


def test_what_is_said_in_several_sentences_is_a_topic_and_what_is_said_once_is_not(topics):
    assert found(topics, "Weather", DRUGS + FILLER * 2 + ONCE) == []
    assert found(topics, "Weather", DRUGS + FILLER * 2 + LEGALIZE * 2) == ["legalization"]


def test_the_same_is_less_beside_a_topic_that_leads(topics):
    assert found(topics, "Weather", DRUGS + FILLER * 2 + TREAT * 3) == ["treatment"]
    assert found(topics, "They legalize cannabis", DRUGS + LEGALIZE * 5 + FILLER * 2 + TREAT * 3) == ["legalization"]


def test_an_article_that_is_not_about_drugs_has_no_topic(topics):
    passing = "Word. " * 90 + LEGALIZE * 3 + "Drugs."
    assert found(topics, "Weather", passing) == []
    (account,) = [one for one in topics.scan("Weather", passing, "en").explain() if one.topic == "legalization"]
    parent = next(one for one in topics.scan("Weather", passing, "en").explain() if one.topic == "drug-policy")
    assert account.total > account.needed
    assert account.score == parent.score < 1 / 2
    assert not parent.applies


def test_without_a_drug_word_nothing_is_about_drugs(folder):
    write(folder, {"aboutness.toml": aboutness_file({"topic": {"always": 9.0}, "drugs": {"always": 9.0}})})
    topics = Topics.load(folder)
    text = "Regulated, regulated. Legalized. " + FILLER * 2
    assert found(topics, "Legalize it", text) == []
    assert {account.score for account in topics.scan("Legalize it", text, "en").explain()} == {0.0}
    assert found(topics, "Legalize it", text + "Cocaine.") == ["legalization"]


def test_up_to_eighty_words_are_no_article(topics):
    assert found(topics, "", "Word " * 75 + "they legalize cannabis at last") == ["legalization"]
    assert found(topics, "", "Word " * 76 + "they legalize cannabis at last") == []


def test_a_survey_of_drug_policy_is_about_whatever_it_names(small):
    parent = topic_file("drug-policy", PARENT.replace('"drug policy"', '"drug policy", "opium", "heroin", "meth"'))
    treatment = topic_file("treatment", TREATMENT)
    write(small, {"topics/drug-policy.toml": parent, "topics/treatment.toml": treatment})
    write(small, {"aboutness.toml": aboutness_file(ABOUTNESS)})
    topics = Topics.load(small)
    rest = FILLER * 2 + LEGALIZE * 3 + "An addict. Rehab."
    assert found(topics, "Cocaine", DRUGS + rest) == ["legalization"]
    survey = "Drug policy: cocaine, opium, heroin, meth, the war on drugs"
    assert found(topics, survey, DRUGS + rest) == ["legalization", "treatment"]
    # as much is little in a long text
    assert found(topics, survey, DRUGS + FILLER * 12 + rest) == ["legalization"]


def test_a_topic_may_lean_and_one_that_was_never_learned_does_not(folder):
    once = DRUGS + FILLER * 2 + ONCE
    write(folder, {"aboutness.toml": aboutness_file(ABOUTNESS, "legalization = 1.5\nabolished = 9.0")})
    assert found(Topics.load(folder), "Weather", once) == ["legalization"]
    assert (
        found(
            Topics.load(folder),
            "Weather",
            DRUGS + FILLER * 2 + ONCE.replace("legalize cannabis", "drug rehabilitation"),
        )
        == []
    )


def test_the_shares_of_an_account_add_up_to_what_decides(topics):
    accounts = topics.scan("Weather", DRUGS + FILLER * 2 + LEGALIZE * 2 + TREAT, "en").explain()
    judged = {one.topic: one for one in accounts if one.shares}
    assert judged.keys() == {"legalization", "drug-policy"}  # one sentence of treatment is too little to ask
    for account in judged.values():
        assert account.total == pytest.approx(sum(account.shares.values()), abs=0.01)
        assert account.score == pytest.approx(1 / (1 + math.exp(-account.total)), abs=0.001)
        assert account.applies is (account.total >= account.needed)


def test_a_higher_threshold_asks_for_a_surer_score(folder):
    text = DRUGS + FILLER * 2 + TREAT * 3
    assert found(Topics.load(folder), "Weather", text) == ["treatment"]
    write(folder, {"topics/treatment.toml": topic_file("treatment", 'sure = ["drug rehabilitation"]', threshold=0.95)})
    assert found(Topics.load(folder), "Weather", text) == []


@given(
    st.lists(st.sampled_from(["cocaine", "drugs", "legalize", "cannabis", "rehab", ".\n", "x " * 40]), max_size=12),
    st.sampled_from(["", "Legalize cannabis"]),
)
def test_any_article_gets_scores_between_nothing_and_one(judging, words, title):
    scan = judging.scan(title, " ".join(words), "en")
    assert all(0 <= account.score <= 1 for account in scan.explain())
    applying = {account.topic for account in scan.explain() if account.applies}
    assert {match.topic for match in scan.matches()} == applying - {"drug-policy"}


@pytest.fixture(scope="module")
def judging(tmp_path_factory):
    files = {"drug-policy": PARENT, "legalization": LEGALIZATION, "treatment": TREATMENT}
    folder = write(
        tmp_path_factory.mktemp("config"),
        {f"topics/{slug}.toml": topic_file(slug, patterns) for slug, patterns in files.items()}
        | {"countries.toml": "country = []", "aboutness.toml": aboutness_file(ABOUTNESS)},
    )
    return Topics.load(folder)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("sentences = 3.0\n", "", "topic.sentences", "a number"),
        ("sentences = 3.0", "sentences = 3.0\nparagraphs = 1.0", "topic.paragraphs", "one of always, strength"),
        ("sentences = 3.0", 'sentences = "3"', "topic.sentences", "a number"),
        ("sentences = 3.0", "sentences = inf", "topic.sentences", "a number"),
        ("[leaning]", "[leaning]\nlegalization = true", "leaning.legalization", "a number"),
        ("spread = 10.0\n", "", "drugs.spread", "a number"),
        ("[leaning]", "[learning]", "learning", "a known key"),
    ],
)
def test_a_wrong_file_is_refused(folder, old, new, key, expected):
    text = (folder / "aboutness.toml").read_text("utf-8")
    assert old in text
    write(folder, {"aboutness.toml": text.replace(old, new, 1)})
    with pytest.raises(ConfigError) as refused:
        Topics.load(folder)
    assert (refused.value.file, refused.value.key) == ("aboutness.toml", key)
    assert expected in refused.value.expected


# --- learning ---------------------------------------------------------------------------------------------------------


def example(spread, is_so, weight=1.0):
    return Example(DrugTraits(0.0, spread, 0.0, 0.0, 0.0, 0.0, 0.0), "", is_so, weight)


SOME = [example(0.1, False), example(0.2, False, 2.0), example(0.4, True), example(0.5, False), example(0.9, True, 3.0)]


def test_what_is_learned_is_right_on_the_average():
    # of the chances told, since nothing holds back what stands always
    model = fitted(SOME, 1.0, DrugTraits._make, 0.5)
    chances = [1 / (1 + math.exp(-model.sum_of(each.traits))) for each in SOME]
    told = sum(each.weight * chance for each, chance in zip(SOME, chances, strict=True))
    assert told == pytest.approx(sum(each.weight * each.is_so for each in SOME))
    assert chances == sorted(chances)
    assert model.weights.strength == 0


def test_a_ridge_holds_back_and_a_cut_moves_where_a_half_begins():
    free, held = (fitted(SOME, ridge, DrugTraits._make, 0.5) for ridge in (0.1, 10.0))
    assert free.weights.spread > held.weights.spread > 0
    cut = fitted(SOME, 0.1, DrugTraits._make, 0.75)
    assert free.sum_of(SOME[2].traits) - cut.sum_of(SOME[2].traits) == pytest.approx(math.log(3))
