"""The pages, a module a noun."""

from frontends.web.pages import (
    alerts,
    exports,
    items,
    positions,
    preferences,
    probes,
    rules,
    search,
    searches,
    signing,
    sources,
    speakers,
    statements,
    today,
    topics,
)

ROUTERS = (
    today.pages,
    search.pages,
    searches.pages,
    exports.pages,
    items.pages,
    statements.pages,
    positions.pages,
    speakers.pages,
    alerts.pages,
    rules.pages,
    sources.pages,
    topics.pages,
    signing.pages,
    preferences.pages,
    probes.pages,
)
