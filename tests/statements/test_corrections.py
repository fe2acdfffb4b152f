"""config/speakers.toml: read, written with its comments kept, applied to whoever is resolved."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.statements.corrections import (
    FILE,
    Corrections,
    load_text,
    parse_corrections,
    save,
    with_merge,
    with_rename,
)
from pipeline.types import Speaker

HERE = Path(FILE)
OURS = "# Ours: checked by hand.\n"


def test_a_merge_is_written_once_and_comments_stay():
    once = with_merge(OURS, "ana-r", "ana-ruiz", "Ana Ruiz", HERE)
    assert once.startswith(OURS)
    assert with_merge(once, "ana-r", "ana-ruiz", "Ana Ruiz", HERE) == once
    assert parse_corrections(once, HERE) == Corrections({"ana-r": "ana-ruiz"}, {"ana-ruiz": "Ana Ruiz"})


def test_merges_are_followed_to_their_end():
    text = with_merge(with_merge("", "a", "b", "B", HERE), "b", "c", "C", HERE)
    known = parse_corrections(text, HERE)
    assert known.keys == {"a": "c", "b": "c"}
    assert known.corrected(Speaker("A", "judge", "PE", (0, 1), "a")) == Speaker("C", "judge", "PE", (0, 1), "c")


def test_a_circle_is_refused_with_its_key():
    text = with_merge(with_merge("", "a", "b", "B", HERE), "b", "c", "C", HERE)
    with pytest.raises(ConfigError, match="circle"):
        parse_corrections(
            with_merge(text, "c", "x", "X", HERE) + '[[merge]]\nfrom = "x"\ninto = "a"\nname = "A"\n', HERE
        )


def test_a_rename_replaces_the_one_before_and_wins_over_a_merge():
    text = with_rename(with_merge(OURS, "a", "b", "B", HERE), "b", "Bea", HERE)
    text = with_rename(text, "b", "Beatriz", HERE)
    assert text.count("[[rename]]") == 1
    assert parse_corrections(text, HERE).names == {"b": "Beatriz"}


def test_who_is_not_corrected_stays_the_same_object():
    who = Speaker("Ana Ruiz", None, None, None, "ana-ruiz")
    assert Corrections().corrected(who) is who


def test_what_is_saved_is_read_again_and_what_is_broken_is_not_saved(tmp_path):
    assert load_text(tmp_path) == ""
    save(tmp_path, with_rename(OURS, "a", "Ana", HERE))
    assert Corrections.load(tmp_path).names == {"a": "Ana"}
    with pytest.raises(ConfigError, match="merge"):
        save(tmp_path, '[[merge]]\nfrom = "a"\n')
    assert Corrections.load(tmp_path).names == {"a": "Ana"}


def test_the_shipped_file_corrects_nobody():
    assert Corrections.load(Path(__file__).parents[2] / "config") == Corrections()
