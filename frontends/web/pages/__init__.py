"""The pages, a module a noun."""

from frontends.web.pages import items, preferences, probes, search, searches, signing, sources, statements, today

ROUTERS = (
    today.pages,
    search.pages,
    searches.pages,
    items.pages,
    statements.pages,
    sources.pages,
    signing.pages,
    preferences.pages,
    probes.pages,
)
