"""A configuration file that does not fit is refused with the file, the key, what was expected and what stood there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from pipeline.errors import ConfigError
from pipeline.tomlfile import read_toml


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    colour: Colour = Colour.RED
    size: Literal["small", "large"] = "small"
    count: Annotated[int, msgspec.Meta(ge=0)] = 0


class Tree(msgspec.Struct, forbid_unknown_fields=True):
    leaf: tuple[Leaf, ...] = ()
    words: dict[str, int] = {}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tree.toml"


def test_a_file_that_fits_becomes_its_type(file: Path) -> None:
    file.write_text('[[leaf]]\nname = "ñandú"\ncolour = "blue"\n[words]\n"sí" = 1\n', "utf-8")
    read = read_toml(file, Tree)
    assert read.leaf == (Leaf("ñandú", Colour.BLUE),)
    assert read.words == {"sí": 1}


@pytest.mark.parametrize(
    ("text", "key", "expected", "got"),
    [
        ("[[leaf]]\n", "leaf[0].name", "a value", "nothing"),
        ("[[leaf]]\nname = 5", "leaf[0].name", "`str`", 5),
        (
            '[[leaf]]\nname = "a"\n[[leaf]]\nname = "b"\ncolour = "green"',
            "leaf[1].colour",
            "one of 'red', 'blue'",
            "green",
        ),
        ('[[leaf]]\nname = "a"\nsize = "big"', "leaf[0].size", "one of 'large', 'small'", "big"),
        ('[[leaf]]\nname = "a"\ncount = -1', "leaf[0].count", "`int` >= 0", -1),
        ('[[leaf]]\nname = "a"\nnmae = "b"', "leaf[0].nmae", "one of the keys name, colour, size, count", "nmae"),
        ('leaf = "a"', "leaf", "`array`", "a"),
        ('leaf = ["a"]', "leaf[0]", "`object`", "a"),
        ("tree = 1", "tree", "one of the keys leaf, words", "tree"),
        ('[words]\na = "x"', "words[...]", "`int`", {"a": "x"}),
    ],
)
def test_a_file_that_does_not_fit_says_where_and_why(
    file: Path, text: str, key: str, expected: str, got: object
) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as refused:
        read_toml(file, Tree)
    fault = refused.value
    assert (fault.file, fault.key, fault.expected, fault.got) == (str(file), key, expected, got)
    assert str(fault) == f"{file}: {key}: expected {expected}, got {got!r}"


@pytest.mark.parametrize(
    "written",
    [b"[[leaf", b"name = 'caf\xe9'", b"a = 1\na = 2", b"x = " + b"[" * 20_000],
    ids=["cut", "latin", "twice", "deep"],
)
def test_what_is_no_toml_is_refused_whole(file: Path, written: bytes) -> None:
    file.write_bytes(written)
    with pytest.raises(ConfigError) as refused:
        read_toml(file, Tree)
    assert (refused.value.key, refused.value.expected) == ("the whole file", "TOML in UTF-8")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: the whole file: expected a readable file, got 'No such"):
        read_toml(tmp_path / "nowhere.toml", Tree)
    with pytest.raises(ConfigError, match="got 'Is a directory'"):
        read_toml(tmp_path, Tree)
