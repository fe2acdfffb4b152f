"""A rule as a form has it: the fields of a `[[rule]]`, those left out that say what holds anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from fastapi import Request

from pipeline.alertrule import Facet
from pipeline.ruledesk import RuleView

FACETS: tuple[str, ...] = get_args(Facet)
_TEXTS = (
    "name", "about", "new", "description", "realert", "realert_max", "digest", "mute_until", "quiet_hours",
    "zone", "importance",
)  # fmt: skip
_LISTS = ("channels", "realert_key", "digest_key")
#: what a form says where nobody chose anything, and what holds anyway
_USUAL = {
    "about": "statement",
    "new": "statement",
    "importance": "normal",
    "channels": ["terminal"],
    "realert_key": ["speaker", "topic"],
}


@dataclass(frozen=True, slots=True)
class Writing:
    """What stands in the form, which rule it is to replace (empty for a new one), and when that was changed last."""

    written: Mapping[str, Any]
    former: str = ""
    as_of: datetime | None = None


def blank(query: str, about: str) -> Writing:
    """A form for a new rule with this query."""
    return Writing({"query": query, "about": about if about in ("item", "statement") else "statement"})


def of_rule(rule: RuleView) -> Writing:
    """A form for a rule that is kept."""
    return Writing(rule.written, rule.name, rule.changed_at)


async def writing_of(request: Request) -> Writing:
    """What somebody sent."""
    sent = await request.form()
    # named as in the search, which explains it while it is written
    texts = {"query": str(sent.get("q", "")).strip()} | {key: str(sent.get(key, "")).strip() for key in _TEXTS}
    lists = {key: [str(one) for one in sent.getlist(key)] for key in _LISTS}
    written: dict[str, Any] = {
        key: value for key, value in (texts | lists).items() if value and value != _USUAL.get(key)
    }
    if many := str(sent.get("max_per_hour", "")).strip():
        # what is no number is refused by the rule itself, which says what it expected
        written["max_per_hour"] = int(many) if many.isascii() and many.isdigit() and len(many) < 10 else many
    if "enabled" not in sent:
        written["enabled"] = False
    former = str(sent.get("former", ""))
    return Writing(written | ({"name": former} if former else {}), former, _moment(str(sent.get("as_of", ""))))


def _moment(text: str) -> datetime | None:
    """What the form said itself; a form of somebody's own may leave it out."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
