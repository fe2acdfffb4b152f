"""What the words of an article speak for."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from topicfiles import SPOKEN_OF, VOCABULARY, change, refusal, vocabulary_file, write

from pipeline.errors import ConfigError
from pipeline.text import fold
from pipeline.topics.vocabulary import Vocabulary, is_learnable, stems
from tests.gold.fit_topics import vocabulary_file as written


def load(folder, text):
    return Vocabulary.load(write(folder, {"vocabulary.tsv": text}))


@pytest.fixture
def vocabulary(small):
    return load(small, vocabulary_file(VOCABULARY, always=-0.5))


def said(vocabulary, text):
    return {slug: round(vocabulary.read(stems(fold(text).text)).said_of(slug), 3) for slug in SPOKEN_OF}


def test_languages_share_stems_and_short_words_and_numbers_are_not_learned():
    assert stems(fold("Legalização y LEGALIZATION: ley 20016").text) == ["legal", "y", "legal", "ley", "20016"]
    assert [stem for stem in ("legal", "ley", "20016", "ruta") if is_learnable(stem)] == ["legal", "ruta"]


def test_a_word_that_stands_alone_says_all_it_weighs(vocabulary):
    assert said(vocabulary, "The bill.") == {"drug-policy": -0.5, "legalization": 2.5, "treatment": -1.5}
    assert said(vocabulary, "A bill, bills, billed; and elsewhere snow.") == said(vocabulary, "bill")


def test_words_share_what_there_is_to_say_and_those_said_again_have_the_larger_part(vocabulary):
    even, more = said(vocabulary, "a bill, a nurse"), said(vocabulary, "a bill, a nurse, a nurse, a nurse")
    assert even["legalization"] == round(-0.5 + (3 - 2) / math.sqrt(2), 3)
    often = 1 + math.log(3)
    assert more["treatment"] == round(-0.5 + (3 * often - 1) / math.sqrt(often**2 + 1), 3)


def test_a_rare_word_counts_more(small):
    rare = vocabulary_file(VOCABULARY).replace("nurse\t1\t", "nurse\t2\t")
    assert said(load(small, rare), "a bill, a nurse")["treatment"] == round((2 * 3 - 1) / math.sqrt(5), 3)


def test_nothing_is_said_of_a_topic_that_was_never_learned_nor_without_the_file(small, vocabulary):
    assert vocabulary.read(["bill"]).said_of("prevention") == 0.0
    assert vocabulary.read(["bill"]).telling("prevention") == {}
    (small / "vocabulary.tsv").unlink()
    assert Vocabulary.load(small).read(["bill"]).said_of("legalization") == 0.0


def test_an_article_of_unknown_words_says_what_is_said_always(vocabulary):
    assert said(vocabulary, "Snow fell.") == dict.fromkeys(SPOKEN_OF, -0.5)
    assert vocabulary.read(["snow"]).telling("treatment") == {}


def test_the_words_that_say_most_are_told_first(vocabulary):
    spoken = vocabulary.read(["bill", "nurse", "nurse"])
    assert list(spoken.telling("treatment")) == ["nurse", "bill"]
    assert sum(spoken.telling("treatment").values()) == pytest.approx(spoken.said_of("treatment") + 0.5, abs=0.002)


@given(st.lists(st.sampled_from([*VOCABULARY, "snow", "an"]), max_size=40))
def test_no_text_says_more_than_its_words_weigh_together(tmp_path_factory, words):
    vocabulary = load(tmp_path_factory.mktemp("config"), vocabulary_file(VOCABULARY))
    spoken = vocabulary.read(stems(fold(" ".join(words)).text))
    for slug in SPOKEN_OF:
        # Cauchy and Schwarz: the values have the length one
        most = math.sqrt(sum(VOCABULARY[stem].get(slug, 0.0) ** 2 for stem in set(words) & VOCABULARY.keys()))
        assert abs(spoken.said_of(slug)) <= most + 1e-9
    assert Counter(words).keys() >= spoken.telling("treatment").keys()


def test_what_is_written_is_read_as_it_was(small):
    before = load(small, vocabulary_file(VOCABULARY, always=-0.25))
    assert load(small, written(before)) == before


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("stem\t", "word\t", "head", "stem, rarity and the topics"),
        ("*\t0\t", "all\t0\t", "*", "a line"),
        ("bill\t1\t", "bill\t1\t7\t", "line 3", "4 numbers behind the stem"),
        ("bill\t1\t", "bill\tone\t", "line 3", "4 numbers behind the stem"),
        ("bill\t1\t", "bill\tnan\t", "line 3", "4 numbers behind the stem"),
        ("nurse\t", "bill\t", "bill", "each stem once"),
    ],
)
def test_a_wrong_file_is_refused(small, old, new, key, expected):
    write(small, {"vocabulary.tsv": vocabulary_file(VOCABULARY)})
    change(small, old, new, "vocabulary.tsv")
    assert refusal(small)[:3] == ("vocabulary.tsv", key, expected)


def test_an_empty_file_and_one_that_is_no_text_are_refused(small):
    with pytest.raises(ConfigError, match="nothing"):
        load(small, "")
    (small / "vocabulary.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        Vocabulary.load(small)
