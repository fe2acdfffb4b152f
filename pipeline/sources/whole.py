"""One feed read to the end: its body, and the child sitemaps where it is an index."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from pipeline.errors import Never, NotAFeed, Retry
from pipeline.sources.read import read_feed
from pipeline.types import FeedDocument, Request, Response

#: asks for a URL and gives the answer, whatever its status; raises Retry and Never
Get = Callable[[Request], Response]


def read_answer(answer: Response, *, now: datetime, max_entries: int) -> FeedDocument:
    """The feed in an answer, children of an index not followed. Raises NotAFeed for what is none."""
    if answer.status != 200:
        raise NotAFeed(f"{answer.url}: expected 200, got {answer.status}")
    content_type = answer.headers.get("content-type", "")
    return read_feed(answer.body, content_type, answer.final_url, now=now, max_entries=max_entries)


def read_whole(get: Get, answer: Response, *, now: datetime, max_entries: int, children: int) -> FeedDocument:
    """The feed in an answer, with the entries of its newest `children` where it is an index. Raises NotAFeed.

    A child that cannot be had or read is said in `trouble`, and so is one that is an index itself, which is not
    followed; the others count. The kind is the children's.
    """
    document = read_answer(answer, now=now, max_entries=max_entries)
    found, kind = list(document.entries), document.kind
    for url in document.children[:children]:
        try:
            child = read_answer(get(Request(url, "feed")), now=now, max_entries=max_entries)
        except (Retry, Never) as error:
            document = dataclasses.replace(document, trouble=f"child sitemap could not be read: {error}")
            continue
        if child.children:
            document = dataclasses.replace(document, trouble=f"child sitemap is an index itself, not followed: {url}")
        found.extend(child.entries)
        kind = child.kind
    return dataclasses.replace(document, kind=kind, entries=tuple(found[:max_entries]))
