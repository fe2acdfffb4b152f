"""Drawing the map: borders that stay shared, countries in two where the map ends, small ones as dots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.web.world.draw import area, countries, cut, equal_earth, simplified

#: two neighbours that share an arc, one on both sides of the 180th meridian, a speck: whole degrees
TOPOLOGY = {
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    "arcs": [
        [[-60, 0], [0, -10], [0, -10]],
        [[-60, -20], [-20, 0], [0, 20], [20, 0]],
        [[-60, 0], [20, 0], [0, -20], [-20, 0]],
        [[170, 40], [20, 0], [0, 20], [-20, 0], [0, -20]],
        [[10, 0], [0, 1], [0, -1]],
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "id": "604", "properties": {"name": "Peru"}, "arcs": [[0, 1]]},
                {"type": "Polygon", "id": "076", "properties": {"name": "Brazil"}, "arcs": [[2, -1]]},
                {"type": "Polygon", "id": "643", "properties": {"name": "Russia"}, "arcs": [[3]]},
                {"type": "Polygon", "properties": {"name": "Kosovo"}, "arcs": [[4]]},
                {"type": "Polygon", "id": "010", "properties": {"name": "Antarctica"}, "arcs": [[3]]},
                {"type": "Polygon", "properties": {"name": "Nowhere"}, "arcs": [[3]]},
            ]
        }
    },
}


def test_countries_are_drawn_by_code_and_those_without_one_are_not() -> None:
    drawn = countries(TOPOLOGY)
    assert drawn.keys() == {"PE", "BR", "RU", "XK"}
    assert "d" not in drawn["XK"]
    west, east = drawn["PE"]["at"], drawn["BR"]["at"]
    assert west[0] < east[0]
    assert abs(west[1] - east[1]) <= 1


def test_a_country_beyond_the_edge_of_the_map_is_in_two_parts_and_within_it() -> None:
    assert countries(TOPOLOGY)["RU"]["d"].count("M") == 2
    east, west = cut([(170.0, 40.0), (190.0, 40.0), (190.0, 60.0), (170.0, 60.0)])
    assert {x for x, _ in east} == {170, 180}
    assert {x for x, _ in west} == {-180, -170}
    assert abs(area(east)) == abs(area(west)) == 200


@pytest.mark.parametrize(("place", "x"), [((-180, 0), 0), ((0, 0), 2000), ((180, 0), 4000)])
def test_the_map_is_as_wide_as_it_says(place: tuple[float, float], x: int) -> None:
    assert round(equal_earth(place)[0]) == x


def test_no_country_looks_larger_than_it_is() -> None:
    def drawn(south: float) -> float:
        corners = [(0.0, south), (1.0, south), (1.0, south + 1), (0.0, south + 1)]
        return abs(area([equal_earth(corner) for corner in corners]))

    # a degree at 60 north covers half of what one covers at the equator
    assert drawn(59.5) / drawn(-0.5) == pytest.approx(0.5, rel=0.01)


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-80, 80)), min_size=2, max_size=40))
def test_a_simpler_line_has_the_same_ends_and_no_new_places(line: list[tuple[float, float]]) -> None:
    simpler = simplified(line)
    assert (simpler[0], simpler[-1]) == (line[0], line[-1])
    places = iter(line)
    assert all(place in places for place in simpler)
