"""The fuzzer itself: it finds nothing in what we ship, and finds what is there to be found."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from tests import fuzz
from tests.fuzz import Target, mutated


def stumble(body: bytes, _: random.Random) -> None:
    if body:
        raise ValueError("expected nothing, got something")


def spin(body: bytes, _: random.Random) -> None:
    while body:
        pass


def stumbling() -> Mapping[str, Target]:
    return {"stumbling": Target(stumble, [b"abc"])}


def spinning() -> Mapping[str, Target]:
    return {"spinning": Target(spin, [b"abc"])}


def test_a_short_run_reads_everything_and_finds_nothing(tmp_path: Path) -> None:
    found = fuzz.fuzz(60.0, seed=20120627, keep=tmp_path, enough=lambda found: found.inputs.total() >= 120)
    assert found.failures == []
    assert found.inputs.keys() == fuzz.targets().keys()
    assert str(found).startswith("fuzz: ")
    assert "0 crashes, 0 slow, 0 hangs" in str(found)


def test_an_input_that_crashes_its_reader_is_kept(tmp_path: Path) -> None:
    found = fuzz.fuzz(60.0, seed=1, goals=stumbling, keep=tmp_path, enough=lambda found: bool(found.failures))
    name, kind, kept = found.failures[0]
    assert (name, kind) == ("stumbling", "crash")
    assert kept.read_bytes()


def test_an_input_that_hangs_its_reader_is_kept_and_another_reader_goes_on(tmp_path: Path) -> None:
    found = fuzz.fuzz(
        60.0, seed=1, goals=spinning, keep=tmp_path, hangs=0.5, enough=lambda found: len(found.failures) > 1
    )
    assert {(name, kind) for name, kind, _ in found.failures} == {("spinning", "hang")}
    assert len(found.failures) > 1
    assert all(kept.read_bytes() for _, _, kept in found.failures)


def test_the_same_seed_makes_the_same_inputs() -> None:
    one, other = (mutated(random.Random(3), [b"<rss>", b"<feed>"]) for _ in range(2))
    assert one == other
