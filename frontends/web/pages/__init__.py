"""The pages, a module a noun."""

from frontends.web.pages import items, preferences, search, searches, sources, statements, today

ROUTERS = (today.pages, search.pages, searches.pages, items.pages, statements.pages, sources.pages, preferences.pages)
