"""Draws countries.json from Natural Earth's outlines, as npm's world-atlas packs them. A tool, not part of the program.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m frontends.web.world.draw package/countries-50m.json

TopoJSON (https://github.com/topojson/topojson-specification) keeps a border once for both its countries, so that it is
simplified once and no gap opens. Projection: Equal Earth (Savric, Patterson and Jenny, 2018), in which no country looks
larger than it is. Simplification: points are left out, the smallest triangle first (Visvalingam and Whyatt, 1993).
Natural Earth is in the public domain; world-atlas has the ISC licence.
"""

from __future__ import annotations

import heapq
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

Place = tuple[float, float]
Ring = list[tuple[int, int]]

#: units from the west of the map to its east
WIDTH = 4000
#: triangles that are left out, islands and lakes that are: square units
_SMALL_TURN, _SMALL_RING = 5.0, 12.0
#: a country of fewer square units is shown by a dot
_SMALL_COUNTRY = 80.0
#: what has no ISO number of its own there; what is on no list is left out, as is Antarctica
_BY_NAME = {"Kosovo": "XK", "Somaliland": "SO", "N. Cyprus": "CY"}
_LEFT_OUT = {"AQ"}
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_M = math.sqrt(3) / 2
_EAST = 2 * math.sqrt(3) * math.pi / (3 * _A[0])


def equal_earth(place: Place) -> Place:
    """Degrees east and north as units from the map's north-west corner, at 84 degrees north."""
    x, y = _projected(math.radians(place[0]), math.radians(place[1]))
    scale = WIDTH / (2 * _EAST)
    return (x + _EAST) * scale, (_projected(0, math.radians(84))[1] - y) * scale


def _projected(east: float, north: float) -> Place:
    t = math.asin(_M * math.sin(north))
    a, b, c, d = _A
    t2 = t * t
    t6 = t2**3
    x = east * math.cos(t) / (_M * (a + 3 * b * t2 + t6 * (7 * c + 9 * d * t2)))
    return x, t * (a + b * t2 + t6 * (c + d * t2))


def arcs_of(topology: Mapping[str, Any]) -> list[list[Place]]:
    """The arcs in degrees, simplified; one that crosses the 180th meridian goes on beyond it."""
    (wide, high), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        places: list[Place] = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            places.append((x * wide + west, y * high + south))
        found.append(simplified(unrolled(places)))
    return found


def unrolled(places: Iterable[Place]) -> list[Place]:
    """Places without jumps from one edge of the map to the other."""
    found: list[Place] = []
    for east, north in places:
        turns = round((found[-1][0] - east) / 360) if found else 0
        found.append((east + 360 * turns, north))
    return found


def simplified(places: Sequence[Place]) -> list[Place]:
    """A line without its smallest turns as the map shows them; both its ends stay."""
    drawn = [equal_earth(place) for place in places]
    before = {n: n - 1 for n in range(len(places))}
    after = {n: n + 1 for n in range(len(places))}
    turns = [(_turn(drawn[n - 1 : n + 2]), n) for n in range(1, len(places) - 1)]
    size = {n: turn for turn, n in turns}
    heapq.heapify(turns)
    while turns and turns[0][0] < _SMALL_TURN:
        turn, n = heapq.heappop(turns)
        if size.get(n) != turn:
            continue
        del size[n]
        left, right = before[n], after[n]
        after[left], before[right] = right, left
        for one in (left, right):
            if one in size:
                size[one] = max(turn, _turn((drawn[before[one]], drawn[one], drawn[after[one]])))
                heapq.heappush(turns, (size[one], one))
    return [place for n, place in enumerate(places) if n in size or n in (0, len(places) - 1)]


def _turn(three: Sequence[Place]) -> float:
    return abs(area(three))


def area(ring: Sequence[tuple[float, float]]) -> float:
    """Square units within a ring, by the shoelace formula; below 0 where it runs the other way round."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)) / 2


def rings_of(geometry: Mapping[str, Any], arcs: Sequence[list[Place]]) -> Iterator[Ring]:
    """A country's rings on whole units, put together of arcs; one that runs backwards is written as ~n."""
    several = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in several:
        for ring in polygon:
            parts = (arcs[n] if n >= 0 else arcs[~n][::-1] for n in ring)
            whole = unrolled(place for part in parts for place in part[:-1])
            yield from (_drawn(piece) for piece in cut(whole) if piece)


def cut(ring: list[Place]) -> tuple[list[Place], ...]:
    """A ring in two where it crosses the 180th meridian (Sutherland and Hodgman, 1974), each on its side of the map."""
    easts = [east for east, _ in ring]
    if min(easts) >= -180 and max(easts) <= 180:
        return (ring,)
    edge = 180 if max(easts) > 180 else -180
    inner, outer = _kept(ring, edge, 1 if edge > 0 else -1), _kept(ring, edge, -1 if edge > 0 else 1)
    return inner, [(east - 2 * edge, north) for east, north in outer]


def _kept(ring: list[Place], edge: float, side: int) -> list[Place]:
    found: list[Place] = []
    for (x, y), (to_x, to_y) in zip([ring[-1], *ring[:-1]], ring, strict=True):
        inside, to_inside = (edge - x) * side >= 0, (edge - to_x) * side >= 0
        if inside != to_inside:
            found.append((edge, y + (to_y - y) * (edge - x) / (to_x - x)))
        if to_inside:
            found.append((to_x, to_y))
    return found


def _drawn(ring: Iterable[Place]) -> Ring:
    return [(round(x), round(y)) for x, y in map(equal_earth, ring)]


def path_of(rings: Iterable[Ring]) -> str:
    """Rings as an SVG path: one step to the next."""
    return "".join(_steps(ring) for ring in rings)


def _steps(ring: Ring) -> str:
    steps = [f"M{ring[0][0]} {ring[0][1]}l"]
    for (x, y), (to_x, to_y) in pairwise(ring):
        if (x, y) != (to_x, to_y):
            steps.append(f"{to_x - x} {to_y - y} ")
    return "".join(steps).rstrip().replace(" -", "-") + "z"


def centre(ring: Ring) -> tuple[int, int]:
    """A ring's centre of mass; its first place where it has no area."""
    whole = area(ring)
    if not whole:
        return ring[0]
    x = y = 0.0
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x, y = x + (a[0] + b[0]) * cross, y + (a[1] + b[1]) * cross
    return round(x / (6 * whole)), round(y / (6 * whole))


def countries(topology: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By ISO code: `d`, its outline; `at`, the middle of its largest part; `units`, the square root of that one's area.

    A country too small to be seen has no `d`.
    """
    arcs, numbers = arcs_of(topology), get_global("territory_aliases")
    parts: dict[str, list[Ring]] = {}
    for one in topology["objects"]["countries"]["geometries"]:
        code = numbers.get(one.get("id", ""), [_BY_NAME.get(one["properties"]["name"], "")])[0]
        if len(code) == 2 and code not in _LEFT_OUT:
            parts.setdefault(code, []).extend(rings_of(one, arcs))
    return {code: _country(rings) for code, rings in sorted(parts.items())}


def _country(rings: list[Ring]) -> dict[str, Any]:
    largest = max(rings, key=lambda ring: abs(area(ring)))
    told = {"at": centre(largest), "units": round(math.sqrt(abs(area(largest))))}
    if sum(abs(area(ring)) for ring in rings) < _SMALL_COUNTRY:
        return told
    return {"d": path_of(ring for ring in rings if ring is largest or abs(area(ring)) > _SMALL_RING), **told}


if __name__ == "__main__":
    drawn = countries(json.loads(Path(sys.argv[1]).read_text()))
    lines = (f"{json.dumps(code)}:{json.dumps(one, separators=(',', ':'))}" for code, one in drawn.items())
    Path(__file__).with_name("countries.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
