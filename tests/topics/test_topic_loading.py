"""A wrong configuration is refused with the file, the key, what was expected and what was there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from topicfiles import change, refusal

from pipeline.errors import ConfigError
from pipeline.topics import Topics
from pipeline.topics.files import read_topics

PARENT = "topics/drug-policy.toml"


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ('slug = "legalization"', 'slug = "legalisation"', "slug", "'legalization', as the file is named"),
        ('slug = "legalization"', "", "slug", "a value"),
        ('slug = "legalization"', "slug = 3", "slug", "str"),
        ('slug = "legalization"', 'slug = "legalization"\nthreshold = 1.0', "threshold", "between 0 and 1"),
        ('slug = "legalization"', 'slug = "legalization"\nthreshold = 0', "threshold", "between 0 and 1"),
        ('slug = "legalization"', 'slug = "legalization"\nparent = "x"', "parent", "a known key"),
        ('label = { en = "x", es = "x", pt = "x" }', 'label = { en = "x", es = "x" }', "label.pt", "a value"),
        ('label = { en = "x"', 'label = { en = "x", fr = "x"', "label.fr", "a known key"),
        ("[patterns.en]", "[patterns.fr]", "patterns.fr", "a known key"),
        ("sure = [", "surely = [", "patterns.en.surely", "a known key"),
        ('sure = ["legaliz* ~3 cannabis"]', 'sure = "cannabis"', "patterns.en.sure", "array"),
        ('"legaliz* ~3 cannabis"', '"a ~3 b ~3 c"', "patterns.en.sure[0]", "at most one ~N"),
        ('"legaliz* ~3 cannabis"', '"legal*ize"', "patterns.en.sure[0]", "* only at a word's end"),
        ('"cannabis market*"', '"cannabis market*", "¿?"', "patterns.en.likely[1]", "a word"),
        ('"cannabis market*"', '"Legalíz*"', "patterns.en.in_context[0]", "a pattern that is not in `likely` too"),
        ("[patterns.en]", "[patterns.en", "file", "valid TOML"),
    ],
)
def test_a_wrong_topic_file(small, old, new, key, expected):
    change(small, old, new)
    file, where, wanted, _ = refusal(small)
    assert (file, where) == ("topics/legalization.toml", key)
    assert expected in wanted


def test_a_group_stands_for_any_of_its_words(small):
    change(small, "[patterns.en]", '[groups.en]\nplant = ["cannabis", "poppy seed*"]\n[patterns.en]', PARENT)
    change(small, '"legaliz* ~3 cannabis"', '"legaliz* ~3 <plant>"')
    topics = Topics.load(small)
    for text in ("Legalize the cannabis", "poppy seeds legalized"):
        (match,) = topics.match("", text, "en")
        assert [text[slice(*piece.span)].lower() for piece in match.evidence] == [text.lower()]
    assert topics.match("", "Legalize poppies", "en") == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "expected"),
    [
        (
            "topics/legalization.toml",
            '"cannabis market*"',
            '"<plant>"',
            "patterns.en.likely[0]",
            "a group of this language",
        ),
        ("topics/legalization.toml", "[patterns.en]", '[groups.en]\nx = ["y"]\n[patterns.en]', "groups", "drug-policy"),
        (PARENT, "[patterns.en]", '[groups.en]\nplant = ["a*b"]\n[patterns.en]', "groups.en.plant", "* only at"),
        (PARENT, "[patterns.en]", '[groups.fr]\nplant = ["a"]\n[patterns.en]', "groups.fr", "a known key"),
    ],
)
def test_a_wrong_group(small, file, old, new, where, expected):
    change(small, old, new, file)
    named, key, wanted, _ = refusal(small)
    assert (named, key) == (file, where)
    assert expected in wanted


def test_got_names_what_was_there(small):
    change(small, '"legaliz* ~3 cannabis"', '"legal*ize"')
    assert refusal(small)[3] == "legal*ize"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('code = "MX"', 'code = "mx"', "country[1].code"),
        ('code = "MX"', 'code = "PE"', "country[1].code"),
        ('name = { en = "Mexico",', 'nombre = { en = "Mexico",', "country[1].nombre"),
        ('"Cusco"', '"..."', "PE"),
    ],
)
def test_a_wrong_countries_file(small, old, new, key):
    change(small, old, new, "countries.toml")
    assert refusal(small)[:2] == ("countries.toml", key)


def test_the_parent_and_the_countries_must_be_there(small):
    (small / "countries.toml").unlink()
    assert refusal(small)[:2] == ("countries.toml", "file")
    (small / "topics/drug-policy.toml").unlink()
    assert refusal(small)[:2] == ("topics", "drug-policy.toml")


def test_a_file_that_is_not_utf_8(small):
    (small / "topics/treatment.toml").write_bytes(b'slug = "\xff"')
    assert refusal(small)[:3] == ("topics/treatment.toml", "file", "valid TOML in UTF-8")


def test_topics_are_listed_without_the_parent(topics):
    assert [topic.slug for topic in topics.all] == ["legalization", "treatment"]
    assert topics.parent.slug == "drug-policy"
    assert topics.all[1].threshold == 0.6
    assert topics.all[0].label == {"en": "x", "es": "x", "pt": "x"}


@given(st.text(max_size=200))
def test_any_text_is_a_topic_file_or_a_configuration_error(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("config")
    (folder / "topics").mkdir()
    (folder / "topics/drug-policy.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        read_topics(folder)
