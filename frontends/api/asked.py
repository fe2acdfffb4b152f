"""What may be asked: parameters and bodies, each within bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Body, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from pipeline.alertrule import Facet, Importance, Newness

#: the desk is asked about no others
_EARLIEST, _LATEST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within_reach(at: datetime) -> datetime:
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError(f"expected a time of {_EARLIEST:%Y-%m-%d} to {_LATEST:%Y-%m-%d}")
    return at.astimezone(UTC)


def _legible(text: str) -> str:
    if "\0" in text:
        raise ValueError("expected text, got the character NUL")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("expected text, got half a character")
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_within_reach)]
Text = Annotated[str, AfterValidator(_legible)]
#: longer queries are refused by the language, which says why
QUERY_MAX = 30_000

Asked = Annotated[
    str,
    Query(max_length=QUERY_MAX, description="A query (docs/query.md), or @ and the name of a saved one. Empty: all"),
]
About = Annotated[Literal["item", "statement"], Query(description="What is counted")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many, at most")]
After = Annotated[str | None, Query(max_length=300, description="`after` of the answer before")]
Key = Annotated[str, Path(min_length=1, max_length=300)]
#: as long as any name of a rule or search may be
NameAsked = Annotated[str, Path(min_length=1, max_length=200)]
Country = Annotated[str, Path(pattern="^[A-Z]{2}$", description="ISO 3166-1, two letters")]
AsOf = Annotated[Moment | None, Query(description="As of when, with its zone; now, if nothing is said")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RuleFields(_Closed):
    """A rule but for its name, with the fields of a `[[rule]]` of config/alerts.toml; docs/alerts.md explains them."""

    query: Annotated[Text, Field(max_length=QUERY_MAX)]
    about: Literal["item", "statement"] = "statement"
    new: Newness = "statement"
    channels: Annotated[list[Annotated[Text, Field(max_length=200)]], Field(max_length=50)] = ["terminal"]
    description: Annotated[Text, Field(max_length=2_000)] = ""
    enabled: bool = True
    realert: Annotated[Text, Field(max_length=40)] = ""
    realert_key: Annotated[list[Facet], Field(max_length=10)] = ["speaker", "topic"]
    realert_max: Annotated[Text, Field(max_length=40)] = ""
    digest: Annotated[Text, Field(max_length=200)] = ""
    digest_key: Annotated[list[Facet], Field(max_length=10)] = []
    mute_until: Annotated[Text, Field(max_length=40, description="ISO 8601, with its zone")] | None = None
    quiet_hours: Annotated[Text, Field(max_length=40)] = ""
    zone: Annotated[Text, Field(max_length=80)] = "UTC"
    max_per_hour: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    importance: Importance = "normal"

    def written(self, name: str) -> dict[str, Any]:
        """The rule as the desk for rules takes it: what was said, and nothing more."""
        return {"name": name, **self.model_dump(exclude_unset=True, exclude={"name"}, exclude_none=True)}


class NewRule(RuleFields):
    """A rule."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]


class Tried(_Closed):
    """A rule to be tried on the past: the name of one that there is, or one as it would be written."""

    name: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    rule: NewRule | None = None
    days: Annotated[int, Field(ge=1, le=3_660, description="How far back")] = 30
    live: Annotated[bool, Field(description="Quiet about what came with a first poll, a back-fill, an import")] = False


class Quiet(_Closed):
    """Until when a rule keeps quiet."""

    # not strict: JSON has no times of its own
    until: Annotated[Moment, Field(strict=False)]


class Saved(_Closed):
    """A query to be kept."""

    query: Annotated[Text, Field(max_length=QUERY_MAX)]


RuleSent = Annotated[RuleFields, Body()]
