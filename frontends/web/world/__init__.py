"""The map of the world: countries as SVG outlines by ISO code, drawn once by `python -m frontends.web.world.draw`."""

from frontends.web.world.atlas import VIEWS, Country, View, atlas

__all__ = ["VIEWS", "Country", "View", "atlas"]
