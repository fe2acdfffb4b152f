"""Makes an article's page: its outlet's template in pages/ filled with a story.

A template is the whole page, then fragments, each after a line `=== name`: `paragraph`, `subheading` and `related` (one
headline of the box of other stories) wrap what they are given; `inset N` stands after the Nth paragraph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape
from string import Template

from samples.newsroom.press import FOLDER, Outlet, Press, Story

_MARK = re.compile(r"^=== (.+)\n", re.M)
_MONTHS = {
    "es": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
    "en": "January February March April May June July August September October November December",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    page: Template
    fragments: Mapping[str, Template]

    def wrap(self, name: str, **words: str) -> str:
        return self.fragments[name].substitute(words)

    def insets(self) -> dict[int, str]:
        return {int(name[6:]): piece.template for name, piece in self.fragments.items() if name.startswith("inset ")}


@cache
def _layout(name: str) -> _Layout:
    page, *pieces = _MARK.split((FOLDER / "pages" / f"{name}.html").read_text("utf-8"))
    fragments = {"paragraph": "<p>$text</p>\n", "subheading": "<h2>$text</h2>\n", "related": ""}
    fragments |= dict(zip(pieces[::2], pieces[1::2], strict=True))
    return _Layout(Template(page), {name: Template(piece) for name, piece in fragments.items()})


def page(press: Press, story: Story, edition: int = 1) -> bytes:
    """The page of a story in its outlet's template and charset."""
    outlet = press.outlets[story.outlet]
    others = [other for other in press.of(outlet.slug, edition) if other.id != story.id and not other.fault][:4]
    return render(outlet, story, press.url_of(story), [(press.url_of(other), other.title) for other in others])


def render(outlet: Outlet, story: Story, url: str, related: Sequence[tuple[str, str]]) -> bytes:
    """One page; `related` is (address, headline) of other stories. What the charset lacks becomes a reference."""
    layout = _layout(outlet.page)
    changed = story.updated or story.at
    words = {
        "title": escape(story.title),
        "suffix": escape(outlet.suffix),
        "name": escape(outlet.name),
        "host": outlet.host,
        "url": escape(url),
        "lead": escape(story.summary),
        "author": escape(story.author or outlet.name),
        "section": escape(story.section),
        "iso": story.at.isoformat(),
        "iso_utc": f"{story.at - (story.at.utcoffset() or timedelta()):%Y-%m-%dT%H:%M:%SZ}",
        "iso_changed": changed.isoformat(),
        "date": _in_words(story.at, outlet.language),
        "clock": f"{story.at:%H:%M}",
        "slashed": f"{story.at:%d/%m/%Y}",
        "number": str(story.number),
        "tags": ", ".join(map(escape, story.tags)),
        "related": "".join(layout.wrap("related", url=escape(link), title=escape(text)) for link, text in related),
        "body": _body(layout, story),
        "jsonld": _linked_data(outlet, story, url),
    }
    return layout.page.substitute(words).encode(outlet.charset, "xmlcharrefreplace")


def feed_html(story: Story) -> str:
    """The story's text as feeds carry it: paragraphs, without the furniture."""
    return "".join(
        f"<h3>{escape(piece[3:])}</h3>\n" if piece.startswith("## ") else f"<p>{escape(piece)}</p>\n"
        for piece in story.text
    )


def _body(layout: _Layout, story: Story) -> str:
    insets, pieces, count = layout.insets(), [], 0
    for piece in story.text:
        if piece.startswith("## "):
            pieces.append(layout.wrap("subheading", text=escape(piece[3:])))
            continue
        count += 1
        pieces += [layout.wrap("paragraph", text=escape(piece)), insets.get(count, "")]
    return "".join(pieces)


def _in_words(at: datetime, language: str) -> str:
    month = _MONTHS[language].split()[at.month - 1]
    return f"{at.day} {month} {at.year}" if language == "en" else f"{at.day} de {month} de {at.year}"


def _linked_data(outlet: Outlet, story: Story, url: str) -> str:
    """The JSON-LD NewsArticle, for templates that want it; safe within <script>."""
    article = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": url,
        "headline": story.title,
        "description": story.summary,
        "datePublished": story.at.isoformat(),
        "dateModified": (story.updated or story.at).isoformat(),
        "author": {"@type": "Person", "name": story.author or outlet.name},
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "inLanguage": outlet.language,
    }
    return json.dumps(article, ensure_ascii=False, indent=1).replace("<", "\\u003c")
