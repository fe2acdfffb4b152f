"""The pages, a module a noun."""

from frontends.web.pages import exports, preferences, sources, today

ROUTERS = (today.pages, sources.pages, preferences.pages, exports.pages)
