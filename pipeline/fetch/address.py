"""Web addresses as they are sent: absolute, http or https, to a host, without a password."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

import httpcore
import httpx

from pipeline.errors import Misdirected


def web_address(written: str, base: str = "") -> httpx.URL:
    """An absolute address as it will be sent. Raises Misdirected for anything but http(s) to a host."""
    try:
        url = httpx.URL(urldefrag(urljoin(base, written.strip()))[0])
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise Misdirected(f"{base or written[:200]}: expected a web address, got {written[:200]!r}: {error}") from error
    # the host as it is sent: showing it in letters fails on names that the DNS has all the same (xn--i-7iq.example)
    host = url.raw_host.decode("ascii")
    usable = host and "%" not in host and (url.port or 80) < 65_536
    if url.scheme not in ("http", "https") or not usable:
        raise Misdirected(f"{base or written[:200]}: expected a web address, got {written[:200]!r}")
    if url.userinfo:
        raise Misdirected(f"{host}: expected an address without a password in it")
    return url


def wire_form(url: httpx.URL) -> httpcore.URL:
    """The same address, as connections take it."""
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
