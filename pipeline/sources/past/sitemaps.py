"""Sitemaps: indexes are walked newest first, and of their children only those that may hold something of the span."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from pipeline.sources.past.span import Span, Turn, period_named, sift
from pipeline.sources.whole import read_answer
from pipeline.types import FeedDocument, Response

#: what sitemaps.org allows one file: bytes, once unpacked, and entries
BYTES_MAX, _ENTRIES = 50 * 1024 * 1024, 50_000
#: indexes of indexes; outlets with more are turning in circles
_DEPTH_MAX = 3
#: sitemaps walked in all: a century of days
_SITEMAPS_MAX = 40_000


class Ahead(msgspec.Struct, frozen=True):
    """A sitemap to be read."""

    url: str
    depth: int = 0


class Sitemaps(msgspec.Struct, frozen=True, tag="sitemap"):
    """Where the walk through a site's sitemaps stands: those before `place` were read, so no circle is walked twice."""

    #: grows with every index that is read, and with nothing else
    listed: tuple[Ahead, ...] = msgspec.field(name="ahead")
    place: int = 0

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        """Those to be read, the next one first."""
        return self.listed[self.place :]

    def url(self, span: Span) -> str:
        """The sitemap to ask for."""
        return self.listed[self.place].url

    def read(self, answer: Response, span: Span, now: datetime) -> tuple[Turn, Sitemaps | None]:
        """The entries of a sitemap, or the children of an index that are worth the walk."""
        here = self.listed[self.place]
        document = read_answer(answer, now=now, max_entries=_ENTRIES)
        # a sitemap that is named after a month holds that month, whatever its entries keep quiet about
        turn = sift(document.entries, span, keep_undated=period_named(here.url) is not None)
        children = _worth(document, span, here.depth) if here.depth < _DEPTH_MAX else ()
        return turn, self._onward(children)

    def after_nothing(self, span: Span) -> Sitemaps | None:
        """A sitemap that is not there, or cannot be read, is passed over."""
        return self._onward(())

    def _onward(self, children: Collection[Ahead]) -> Sitemaps | None:
        onward = self.place + 1
        done = {one.url for one in self.listed[:onward]} if children else ()
        if fresh := [one for one in children if one.url not in done]:
            ahead = dict.fromkeys((*fresh, *self.listed[onward:]))
            listed = (*self.listed[:onward], *ahead)[:_SITEMAPS_MAX]
        else:
            listed = self.listed
        return Sitemaps(listed, onward) if onward < len(listed) else None


def _worth(document: FeedDocument, span: Span, depth: int) -> tuple[Ahead, ...]:
    """The children that may hold something of the span, newest first: by date in the name, else by last change."""
    dated = zip(document.children, document.children_changed, strict=True)
    chosen = [(_newest(url, changed), url) for url, changed in dated if _may_hold(url, changed, span)]
    # sorted() keeps the order of the index where nothing tells
    chosen.sort(key=lambda one: one[0], reverse=True)
    return tuple(Ahead(url, depth + 1) for _, url in chosen)


def _may_hold(url: str, changed: datetime | None, span: Span) -> bool:
    if (period := period_named(url)) is not None:
        return span.touches(*period)
    # nothing that was published inside the span was last changed before it
    return changed is None or changed >= span.since


def _newest(url: str, changed: datetime | None) -> str:
    period = period_named(url)
    if period is not None:
        return period[1].isoformat()
    return changed.date().isoformat() if changed is not None else ""
