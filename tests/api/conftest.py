"""The application over a store that the newsroom has filled, as in tests/web."""

from __future__ import annotations

from tests.web.conftest import app, client, office, played, topics

__all__ = ["app", "client", "office", "played", "topics"]
