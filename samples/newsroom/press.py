"""Reads the invented press: outlets.toml into Outlets, articles/*.md into Stories.

An article is TOML between two lines of `+++`, then its text: paragraphs with an empty line between, `## ` before a
subheading. A copy names the story it is made of and holds only what it changes, so that it is a true copy.
"""

from __future__ import annotations

import dataclasses
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Literal, TypeVar

import msgspec

FOLDER = Path(__file__).parent
#: the two editions: noon of 26 June and noon of 27 June 2012
EDITIONS = (1, 2)

Form = Literal["rss-full", "rss", "wordpress", "atom", "rdf", "news-sitemap", "sitemap-index", "html", "gone"]
_T = TypeVar("_T")


class PressError(ValueError):
    """A file of the newsroom is wrong; says file, what was expected and what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """Where an outlet's feed is and what it looks like."""

    path: str
    form: Form
    #: how dates are written: see feeds.py
    dates: Literal["rfc822", "iso", "local-as-gmt", "no-zone", "day"] = "rfc822"
    #: answers 304 to every conditional request, whatever its validators
    frozen: bool = False
    #: the address moved for good to here
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One invented outlet."""

    slug: str
    name: str
    #: the host of its home page; ends in .example
    host: str
    country: str
    language: str
    feed: FeedPlan
    #: what follows a headline in <title>
    suffix: str = ""
    charset: str = "utf-8"
    #: offset of its local time, as ISO 8601 writes it
    zone: str = "+00:00"
    #: address of a story: $section, $slug, $number, $year, $month, $day
    path: str = "/$section/$slug"
    #: what its feed adds to addresses
    tracking: str = ""
    #: name of its template in pages/
    page: str = ""
    #: pages are sent gzipped to clients that take it
    gzip: bool = False
    robots: str = "User-agent: *\nAllow: /\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """How a story was made from another one."""

    of: str
    #: the first so many paragraphs only; 0: all of them
    paragraphs: int = 0
    #: (words, other words): each must occur exactly once
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What its publisher changed in a story for the second edition, and the time that was given for it."""

    at: datetime
    changes: tuple[tuple[str, str], ...] = ()
    #: a paragraph added at the end
    append: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One thing an outlet published."""

    id: str
    outlet: str
    title: str
    #: the time of publication, in the outlet's zone
    at: datetime
    edition: int = 1
    section: str = "sociedad"
    author: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    #: paragraphs; one that starts with "## " is a subheading
    text: tuple[str, ...] = ()
    #: words of the address; made from the id when empty
    slug: str = ""
    #: a host other than the outlet's, for feeds that link elsewhere
    host: str = ""
    #: a whole path, where the outlet's pattern does not do
    path: str = ""
    updated: datetime | None = None
    #: what the feed says of the date in place of the truth
    feed_date: Literal["true", "missing", "1970", "future"] = "true"
    copy: Copy | None = None
    revised: Revision | None = None
    #: the page misbehaves in this way: see faults.py
    fault: str = ""

    @property
    def number(self) -> int:
        """A number of five digits that stays the same, as content systems give."""
        return 10_000 + zlib.crc32(self.id.encode()) % 90_000


@dataclass(frozen=True, slots=True)
class Press:
    """The whole newsroom, in both editions."""

    outlets: Mapping[str, Outlet]
    #: by id, as first published
    stories: Mapping[str, Story]

    def edition(self, edition: int) -> tuple[Story, ...]:
        """What stands on the sites in an edition, corrections included; newest first."""
        standing = [_as_of(story, edition) for story in self.stories.values() if story.edition <= edition]
        return tuple(sorted(standing, key=lambda story: (story.at, story.id), reverse=True))

    def of(self, outlet: str, edition: int) -> tuple[Story, ...]:
        """What one outlet's feed carries in an edition, newest first."""
        return tuple(story for story in self.edition(edition) if story.outlet == outlet)

    def host_of(self, story: Story) -> str:
        """The host of a story's page."""
        return story.host or self.outlets[story.outlet].host

    def path_of(self, story: Story) -> str:
        """Path and query of a story's page."""
        if story.path:
            return story.path
        words = {
            "section": story.section,
            "slug": story.slug or story.id,
            "number": story.number,
            "year": f"{story.at:%Y}",
            "month": f"{story.at:%m}",
            "day": f"{story.at:%d}",
        }
        return Template(self.outlets[story.outlet].path).substitute(words)

    def url_of(self, story: Story) -> str:
        """The address of a story's page."""
        return f"http://{self.host_of(story)}{self.path_of(story)}"

    def link_of(self, story: Story) -> str:
        """The address as the outlet's feed gives it: with its tracking parameters."""
        return self.url_of(story) + self.outlets[story.outlet].tracking


def load_outlets() -> tuple[Outlet, ...]:
    """Every outlet, in the order of outlets.toml. Raises PressError."""
    return tuple(load_press().outlets.values())


def load_articles() -> tuple[Story, ...]:
    """Every story as first published, by id. Raises PressError."""
    return tuple(load_press().stories.values())


@cache
def load_press() -> Press:
    """The whole newsroom. Raises PressError."""
    tables = tomllib.loads((FOLDER / "outlets.toml").read_text("utf-8"))["outlet"]
    outlets = [_convert("outlets.toml", table, Outlet) for table in tables]
    written = {path.stem: _read(path) for path in sorted((FOLDER / "articles").glob("*.md"))}
    stories = {name: _copied(story, written) for name, story in written.items()}
    press = Press({outlet.slug: outlet for outlet in outlets}, stories)
    for story in stories.values():
        if story.outlet not in press.outlets:
            raise PressError(f"{story.id}.md: outlet: expected one of outlets.toml, got {story.outlet!r}")
    return press


def _read(path: Path) -> Story:
    mark, front, text = path.read_text("utf-8").split("+++\n", 2)
    if mark:
        raise PressError(f"{path.name}: expected to begin with +++, got {mark[:20]!r}")
    paragraphs = tuple(" ".join(piece.split()) for piece in text.split("\n\n") if piece.strip())
    return _convert(path.name, {**tomllib.loads(front), "id": path.stem, "text": paragraphs}, Story)


def _convert(file: str, table: dict[str, Any], kind: type[_T]) -> _T:
    unknown = table.keys() - {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if unknown:
        raise PressError(f"{file}: expected fields of {kind.__name__}, got {sorted(unknown)}")
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise PressError(f"{file}: {error}") from None


def _copied(story: Story, written: Mapping[str, Story]) -> Story:
    """A copy with its text: the original's paragraphs, changed, then its own."""
    if story.copy is None:
        return story
    if story.copy.of not in written:
        raise PressError(f"{story.id}.md: copy.of: expected a story, got {story.copy.of!r}")
    original = written[story.copy.of].text
    text = original[: story.copy.paragraphs] if story.copy.paragraphs else original
    return dataclasses.replace(story, text=(*_changed(story.id, text, story.copy.changes), *story.text))


def _as_of(story: Story, edition: int) -> Story:
    if story.revised is None or edition == 1:
        return story
    text = _changed(story.id, story.text, story.revised.changes)
    added = (story.revised.append,) if story.revised.append else ()
    return dataclasses.replace(story, text=(*text, *added), updated=story.revised.at)


def _changed(name: str, text: tuple[str, ...], changes: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    whole = "\n".join(text)
    for old, new in changes:
        if whole.count(old) != 1:
            raise PressError(f"{name}.md: changes: expected {old!r} once in the text, got it {whole.count(old)} times")
        whole = whole.replace(old, new)
    return tuple(whole.split("\n"))
