"""config/officials.toml: whose words count as their country's position."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pipeline.desk import Reference
from pipeline.errors import ConfigError

CONFIG = Path(__file__).parent.parent.parent / "config"


def test_every_role_is_one_that_statements_are_stored_with() -> None:
    """A role that nothing is stored with would be a slip of the pen that nobody notices."""
    lexicons = (tomllib.loads(file.read_text("utf-8")) for file in (CONFIG / "lexicon").glob("*.toml"))
    known = {role for lexicon in lexicons for role in lexicon["roles"]}
    people = tomllib.loads((CONFIG / "people.toml").read_text("utf-8"))
    known |= {office["role"] for person in people["person"] for office in person["roles"]}
    officials = Reference(officials_in=CONFIG).officials
    assert officials <= known
    assert {"president", "minister", "head of drug agency"} <= officials
    assert not officials & {"senator", "deputy", "former president", "former minister", "expert", "party"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("roles = []", "roles: expected at least one role, got []"),
        ('roles = ["minister", "minister"]', r"roles[1]: expected a role, each once, got 'minister'"),
        ('roles = [" "]', r"roles[0]: expected a role, each once, got ' '"),
        ("role = []", "role"),
        ("roles = 3", "roles: expected"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_key(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "officials.toml").write_text(written, "utf-8")
    with pytest.raises(ConfigError) as caught:
        _ = Reference(officials_in=tmp_path).officials
    assert str(tmp_path / "officials.toml") in str(caught.value)
    assert message in str(caught.value)


def test_without_a_folder_nobody_is_an_official_and_nothing_a_topic() -> None:
    assert (Reference().officials, Reference().topics) == (frozenset(), ())
