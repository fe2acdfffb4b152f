"""What the map is drawn from: each country's outline, and which part of the world is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec


class Country(msgspec.Struct, frozen=True):
    """A country, in the map's units: 4000 from its west to its east."""

    #: the middle of its largest part, and the square root of that one's area
    at: tuple[int, int]
    units: int
    #: an SVG path; empty for one too small to be seen, which is shown by a dot
    d: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A part of the world: an SVG viewBox, and what fits it in units: dots, the countries that have room for a sign."""

    box: str
    dot: float
    #: a sign's height, and from how many units on a country has room for one
    sign: float
    room: float


VIEWS: Mapping[str, View] = {
    "world": View("40 -10 3920 1790", 13, 46, 70),
    "americas": View("480 60 1290 1710", 8, 34, 44),
    "europe": View("1760 80 680 420", 5, 22, 26),
}


@cache
def atlas() -> Mapping[str, Country]:
    """Every country of the map, by ISO code."""
    file = Path(__file__).with_name("countries.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Country])
