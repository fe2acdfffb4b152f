"""What a page's response means: each status ends in the same named way, wherever it comes from."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from pipeline.errors import Blocked, Gone, Never, NotArticle, RateLimited, Retry, ServerFailed
from pipeline.fetch import page_from, retry_after
from pipeline.types import Entry, Response
from tests.fakes import NOW

URL = "https://diario.example/nota"
HTML = b"<!DOCTYPE html><html><body><p>El ministro dijo que no.</p></body></html>"


def response(status: int = 200, body: bytes = HTML, content_type: str = "text/html", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(URL, f"{URL}?final", status, {"content-type": content_type, **named}, body, NOW, 0.2)


def test_a_page_carries_what_was_fetched_and_what_the_feed_had_said() -> None:
    entry = Entry(URL, "El ministro")
    page = page_from(response(content_type="text/html; charset=ISO-8859-1"), entry)
    assert (page.url, page.final_url, page.body) == (URL, f"{URL}?final", HTML)
    assert (page.content_type, page.fetched_at, page.entry) == ("text/html; charset=ISO-8859-1", NOW, entry)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (204, NotArticle),
        (304, NotArticle),
        (301, NotArticle),
        (400, NotArticle),
        (401, Blocked),
        (402, Blocked),
        (403, Blocked),
        (404, Gone),
        (405, NotArticle),
        (408, ServerFailed),
        (410, Gone),
        (425, ServerFailed),
        (429, RateLimited),
        (451, Blocked),
        (500, ServerFailed),
        (502, ServerFailed),
        (503, ServerFailed),
        (504, ServerFailed),
        (522, ServerFailed),
    ],
)
def test_statuses(status: int, kind: type[Never | Retry]) -> None:
    with pytest.raises(kind, match=rf"diario\.example/nota: expected an article, got {status}"):
        page_from(response(status))


@pytest.mark.parametrize("status", [200, 203])
def test_statuses_that_bring_a_page(status: int) -> None:
    assert page_from(response(status)).body == HTML


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), 180.0),
        (format_datetime(NOW + timedelta(minutes=3)).replace("+0000", "-0000"), 180.0),
        (format_datetime(NOW - timedelta(minutes=3), usegmt=True), 0.0),
        ("99999999", 86_400.0),
        ("9" * 5000, 86_400.0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 86_400.0),
        ("", None),
        ("soon", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_how_long_a_host_wants_us_to_stay_away(written: str, seconds: float | None) -> None:
    assert retry_after(response(429, retry_after=written)) == seconds


def test_busy_hosts_are_left_alone_as_long_as_they_ask() -> None:
    for status in (429, 503):
        with pytest.raises(RateLimited) as caught:
            page_from(response(status, retry_after="90"))
        assert caught.value.after == 90


CHALLENGES = [
    b"<html><title>Un momento</title><script>window._cf_chl_opt={}</script></html>",
    b"<html><script src='https://geo.captcha-delivery.com/c.js'></script>Active JavaScript</html>",
    b"<html><iframe src='/_Incapsula_Resource?SWUDNSAI=9'></iframe>Request unsuccessful</html>",
    b"<html><div id='px-captcha'></div></html>",
]


@pytest.mark.parametrize("body", CHALLENGES)
@pytest.mark.parametrize("status", [200, 202, 403, 429, 503])
def test_challenge_pages_are_refusals_whatever_their_status(status: int, body: bytes) -> None:
    with pytest.raises(Blocked, match="challenge"):
        page_from(response(status, body))


@pytest.mark.parametrize("headers", [{"cf_mitigated": "challenge"}, {"x_amzn_waf_action": "captcha"}])
def test_challenges_told_by_their_header(headers: dict[str, str]) -> None:
    with pytest.raises(Blocked):
        page_from(response(202, b"", **headers))


def test_an_article_that_loads_a_watching_script_is_an_article() -> None:
    words = b"<p>" + b"El ministro dijo que no. " * 30 + b"</p>"
    body = b"<html>" + words + b"<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></html>"
    assert page_from(response(200, body)).body == body


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/pdf", b"%PDF-1.4 ..."),
        ("application/json", b'{"a": 1}'),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
        ("video/mp4", b"...."),
        ("text/html", b"%PDF-1.7 ..."),
        ("", b"PK\x03\x04..."),
        ("text/html", b""),
        ("text/html", b" \r\n "),
    ],
)
def test_what_is_no_html_is_no_article(content_type: str, body: bytes) -> None:
    with pytest.raises(NotArticle, match="expected HTML"):
        page_from(response(200, body, content_type))


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", "text/plain", "", "application/octet-stream"],
)
def test_html_and_unknown_types_are_read(content_type: str) -> None:
    assert page_from(response(200, HTML, content_type)).body == HTML


def test_html_under_a_wrong_type_is_read() -> None:
    assert page_from(response(200, b"\xef\xbb\xbf\n<!doctype HTML><p>hola", "application/rss+xml")).content_type
