"""The pages, a module a noun."""

from frontends.web.pages import preferences, probes, signing, sources, today

ROUTERS = (today.pages, sources.pages, preferences.pages, signing.pages, probes.pages)
