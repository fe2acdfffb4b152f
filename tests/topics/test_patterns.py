"""The pattern language: what is read, what is found, what is refused."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import fold, words
from pipeline.topics import PatternError, parse_pattern
from pipeline.topics.automaton import Automaton


def find(pattern, text):
    folded = fold(text)
    found = look_for([0], Automaton([parse_pattern(pattern)]), folded)
    return [text[slice(*folded.span(*span))] for span in found.get(0, [])]


def look_for(wanted, automaton, *texts):
    return automaton.view(wanted).find(automaton.read(*texts))


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("droga", "La droga, las drogas", ["droga"]),
        ("droga*", "La DROGA, las drogas; la narcodroga", ["DROGA", "drogas"]),
        ("política de drogas", "Una POLITICA  de-drogas", ["POLITICA  de-drogas"]),
        ("mano dura", "mano-dura y mano\u00a0dura", ["mano-dura", "mano\u00a0dura"]),
        ("d'hondt", "D’Hondt", ["D’Hondt"]),
        ("legaliz* de* drogas", "legalizar las drogas, legalización de drogas", ["legalización de drogas"]),
        ("de* gran* cultivos", "de los grandes cultivos, de grandes cultivos", ["de grandes cultivos"]),
        ("cultivo* de coca", "cultivos de coca, cultivo de cocaína", ["cultivos de coca"]),
        ("coca", "coca", ["coca"]),
        ("coca", "", []),
        ("legaliz* ~2 drogas", "legalizar todas las drogas", ["legalizar todas las drogas"]),
        ("legaliz* ~1 drogas", "legalizar todas las drogas", []),
        ("legaliz* ~2 drogas", "las drogas, legalizadas", ["drogas, legalizadas"]),
        ("legaliz* ~9 drogas", "Legalizar no. Las drogas matan.", []),
        ("legaliz* ~9 drogas", "Legalizar\nlas drogas", []),
        ("legaliz* ~9 drogas", "Legalizar no. Drogas no se legalizan", ["Drogas no se legalizan"]),
        ("legaliz* ~9 drogas", "Legalizar, dijo el Dr. Paz, las drogas", ["Legalizar, dijo el Dr. Paz, las drogas"]),
        ("agents ~3 cocaine", "U.S. agents seized cocaine", ["agents seized cocaine"]),
        ("agents ~4 cocaine", "agents of the U.S. Cocaine fell", ["agents of the U.S. Cocaine"]),
        ("coca ~1 hoja", f"hoja {'x' * 60} coca", [f"hoja {'x' * 60} coca"]),
        ("coca ~1 hoja", f"hoja {'x' * 80} coca", []),
        ("coca ~1 hoja", f"coca {'x' * 60} hoja", [f"coca {'x' * 60} hoja"]),
        ("coca ~1 hoja", f"coca {'x' * 80} hoja", []),
        ("coca crop* ~3 hoja", "La hoja de coca crops", ["hoja de coca crops"]),
        ("coca crop* ~3 hoja", "La hoja de coca. Crops fell", []),
        ("eradicat* ~0 coca", "eradicate coca", ["eradicate coca"]),
        ("coca ~3 coca*", "la coca", []),
        ("coca leaf ~3 leaf law", "coca leaf law", []),
        ("leaf law ~3 coca leaf", "coca leaf law", []),
        ("coca crop* ~3 aerial spray*", "aerial spraying of the coca crops", ["aerial spraying of the coca crops"]),
        ("drogas ~3 guerra", "la guerra contra las drogas es guerra", [
            "guerra contra las drogas", "drogas es guerra",
        ]),
    ],
)  # fmt: skip
def test_finding(pattern, text, found):
    assert find(pattern, text) == found


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", "words"),
        ("  ", "words"),
        ("¿?", "a word"),
        ("a*b", "* only at a word's end"),
        ("*", "a word"),
        ("x*", "at least 2 letters before *"),
        ("droga**", "* only at a word's end"),
        ("a ~3 b ~3 c", "at most one ~N"),
        ("a ~ b", "a number"),
        ("a ~x b", "a number"),
        ("a ~99 b", "a number from 0 to 30"),
        ("~3 b", "words"),
        ("a ~3", "words"),
        ("a~3b *", "a word"),
    ],
)
def test_refusing(pattern, expected):
    with pytest.raises(PatternError) as refused:
        parse_pattern(pattern)
    assert expected in refused.value.expected


def test_a_pattern_is_written_as_it_reads():
    for written in ("coca", "legaliz* de* drogas", "coca crop* ~3 aerial spray*"):
        assert str(parse_pattern(written)) == written


tokens = st.sampled_from(["ab", "abc", "b", "ba", "ca"])
stems = st.tuples(tokens, st.booleans()).map(lambda word: word[0] + "*" * (word[1] and len(word[0]) > 1))
patterns = st.lists(stems, min_size=1, max_size=4).map(" ".join)


def _by_hand(pattern, text):
    wanted, there = pattern.split(), words(text)
    found = []
    for at in range(len(there) - len(wanted) + 1):
        pairs = zip(wanted, there[at:], strict=False)
        if all(word.startswith(want[:-1]) if want[-1] == "*" else word == want for want, word in pairs):
            found.append(at)
    return found


@given(st.lists(patterns, min_size=1, max_size=8, unique=True), st.lists(tokens, max_size=12).map(" ".join))
def test_many_patterns_in_one_pass_find_what_each_would_by_itself(written, text):
    folded = fold(text)
    found = look_for(range(len(written)), Automaton([parse_pattern(pattern) for pattern in written]), folded)
    for number, pattern in enumerate(written):
        starts = [folded.word_index(start) for start, _ in found.get(number, [])]
        assert starts == _by_hand(pattern, text)


@given(st.lists(st.sampled_from(["coca", "hoja", "x", "y.", "Z"]), max_size=16), st.integers(0, 4))
def test_two_words_are_near_where_few_stand_between_them_and_no_sentence_ends(told, within):
    def are_near(first, last):
        between = told[first + 1 : last]
        ends = any(one.endswith(".") and two[0].isupper() for one, two in pairwise(told[first : last + 1]))
        return {told[first], told[last]} == {"coca", "hoja"} and len(between) <= within and not ends

    pairs = [pair for pair in combinations(range(len(told)), 2) if are_near(*pair)]
    folded = fold(" ".join(told))
    found = look_for([0], Automaton([parse_pattern(f"coca ~{within} hoja")]), folded).get(0, [])
    assert {(folded.word_index(start), folded.word_index(end - 1)) for start, end in found} <= set(pairs)
    assert bool(found) is bool(pairs)


def test_a_view_looks_only_for_what_it_was_asked():
    folded = fold("coca y amapola")
    automaton = Automaton([parse_pattern("coca"), parse_pattern("amapola"), parse_pattern("coca ~3 amapola")])
    assert look_for([1], automaton, folded).keys() == {1}
    assert look_for([0, 1, 2], automaton, folded).keys() == {0, 1, 2}
    assert look_for([2], automaton, folded).keys() == {2}
    assert look_for([], automaton, folded) == {}


def test_nothing_is_found_across_two_texts():
    title, text = fold("Legalizar"), fold("drogas")
    automaton = Automaton([parse_pattern("legalizar drogas"), parse_pattern("legalizar ~5 drogas")])
    assert look_for([0, 1], automaton, title, text) == {}


def test_no_patterns_find_nothing():
    folded = fold("coca")
    assert look_for([], Automaton([]), folded) == {}
