"""The pages, a module a noun."""

from frontends.web.pages import preferences, sources, today

ROUTERS = (today.pages, sources.pages, preferences.pages)
