"""Small charts as SVG numbers: no script draws them."""

from __future__ import annotations

from collections.abc import Sequence


def polyline(numbers: Sequence[int], wide: float, high: float) -> str:
    """The `points` of an SVG polyline that rises to the highest of these, from 0; nothing for fewer than two."""
    if len(numbers) < 2:
        return ""
    most, step = max(numbers) or 1, wide / (len(numbers) - 1)
    # half a stroke is left above and below
    return " ".join(f"{place * step:.1f},{high - 1 - (high - 2) * one / most:.1f}" for place, one in enumerate(numbers))
