"""What a page's response means: a Page, or the reason why there is none. Pure."""

from __future__ import annotations

from pipeline.errors import Blocked, Gone, NotArticle, RateLimited, ServerFailed
from pipeline.fetch.shown import shown
from pipeline.httpdates import asked_wait
from pipeline.types import Entry, Page, Response

_HTML = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "application/octet-stream")
#: what stands in the markup of pages that ask for a human instead of answering
_CHALLENGES = (
    b"cf-challenge",
    b"_cf_chl_",
    b"challenge-platform",
    b"captcha-delivery",
    b"_incapsula_resource",
    b"px-captcha",
    b"g-recaptcha",
    b"h-captcha",
)
#: headers by which a host says that this is a challenge and no answer
_CHALLENGE_HEADERS = ("cf-mitigated", "x-amzn-waf-action")
_HEAD = 20_000
#: seconds; a host that asks for more is asked again after a day
LONGEST_WAIT = 86_400.0


def page_from(response: Response, entry: Entry | None = None) -> Page:
    """The page of a response. Raises Gone, Blocked, RateLimited, ServerFailed and NotArticle."""
    refuse_status(response, "an article")
    if response.status not in (200, 203):
        raise NotArticle(f"{response.url}: expected an article, got {response.status}")
    return _page(response, entry)


def refuse_status(response: Response, expected: str) -> None:
    """Raises Gone, Blocked, RateLimited and ServerFailed for what says so; a challenge is Blocked, whatever its status.

    What is left is an answer, or a status that nobody expects.
    """
    status, got = response.status, f"{response.url}: expected {expected}, got {response.status}"
    if status in (404, 410):
        raise Gone(got)
    if _is_challenge(response):
        raise Blocked(f"{got} and a challenge for browsers")
    if status in (401, 402, 403, 451):
        raise Blocked(got)
    refuse_haste(response, expected)
    if status >= 500 or status in (408, 425):
        raise ServerFailed(got)


def refuse_haste(response: Response, expected: str = "200") -> None:
    """Raises RateLimited for 429, and for 503 with Retry-After: the word of the whole host."""
    wait = retry_after(response)
    if response.status == 429 or (response.status == 503 and wait is not None):
        raise RateLimited(f"{response.url}: expected {expected}, got {response.status}", wait)


def retry_after(response: Response) -> float | None:
    """Seconds the host asks us to stay away, a day at most; None when it does not."""
    wait = asked_wait(response.headers.get("retry-after", ""), response.fetched_at)
    return None if wait is None else min(wait, LONGEST_WAIT)


def _page(response: Response, entry: Entry | None) -> Page:
    content_type = response.headers.get("content-type", "")
    kind = content_type.split(";")[0].strip().lower()
    if kind and kind not in _HTML and not _looks_like_html(response.body):
        raise NotArticle(f"{response.url}: expected HTML, got {kind}")
    if not response.body.strip():
        raise NotArticle(f"{response.url}: expected HTML, got nothing")
    if response.body.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")):
        raise NotArticle(f"{response.url}: expected HTML, got a file that begins with {response.body[:4]!r}")
    return Page(response.url, response.final_url, response.body, content_type, response.fetched_at, entry)


def _is_challenge(response: Response) -> bool:
    if any(response.headers.get(name, "").strip().lower() in ("challenge", "captcha") for name in _CHALLENGE_HEADERS):
        return True
    head = response.body[:_HEAD].lower()
    if not any(word in head for word in _CHALLENGES):
        return False
    return response.status in (403, 429, 503) or (response.status in (200, 202) and shown(response.body) is not None)


def _looks_like_html(body: bytes) -> bool:
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))
