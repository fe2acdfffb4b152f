"""The door: what every request passes before a page sees it, and what every answer gets on its way out.

    Host header ours? → who is it? → too many? → a page of another site? → may they come in? → the application

On its way out an answer gets its security headers, a line in the log and a count. HEAD is GET without the body.
"""

from __future__ import annotations

import base64
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from frontends.web import problems
from frontends.web.cookies import FORM, SESSION, brought, set_cookie
from frontends.web.office import Office
from frontends.web.problems import Problem
from frontends.web.reply import form_of
from frontends.web.visitor import Visitor
from pipeline.access import hosts
from pipeline.access.keys import csrf_of, new_key
from pipeline.access.throttle import Buckets, network
from pipeline.errors import VigiaError
from pipeline.logs import bound
from pipeline.settings import host_and_port
from pipeline.wording import worded

log = logging.getLogger("vigia.web")

#: nothing from anywhere else, nothing inline, in nobody's frame
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
#: files of static/ have a mark of what is in them in their address
FOREVER = "public, max-age=31536000, immutable"
#: once seen over https, over https only
HSTS = "max-age=31536000"
#: what people chose of the interface is remembered by their browser
THEMES = ("light", "dark")
#: open to everybody
FREE = ("/login", "/preferences", "/healthz", "/readyz")
STATIC = "/static/"
#: what a token of scope export alone is for
BULK = ("/export", "/api/v1/export")
#: what feed readers ask for, most of which know passwords only
FEEDS = "/feeds/"
#: asked by whatever watches the process, under whatever name
PROBES = ("/healthz", "/readyz")
#: bytes of a body that a form or a rule may have
BODY_MAX = 1_000_000
#: seconds after which a server that runs open has noticed that there are users now
_ASK_EVERY = 2.0

#: told of each answer: method, status, seconds
Seen = Callable[[str, int, float], None]


@dataclass(slots=True)
class Door:
    """Around the whole application."""

    app: ASGIApp
    office: Office
    seen: Seen | None = None
    buckets: Buckets = field(init=False)
    #: the host that we listen at
    _bound: str = field(init=False)
    _own: frozenset[str] = field(init=False)
    #: when it was last asked whether there are users, and whether there were none
    _asked: tuple[float, bool] = field(init=False, default=(-math.inf, False))

    def __post_init__(self) -> None:
        """Read who we are from the settings."""
        settings = self.office.settings
        self._bound, _ = host_and_port(settings.web_address, "VIGIA_WEB_ADDRESS")
        own = (name.strip().lower().rstrip(".") for name in (*settings.web_hosts.split(","), self._bound))
        self._own = frozenset(name for name in own if name)
        self.buckets = Buckets(settings.web_rate, settings.web_burst, self.office.clock.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer, began = _Answer(Request(scope, receive), send), self.office.clock.monotonic()
        if answer.bodiless:
            scope["method"] = "GET"
        try:
            await self._pass(answer, scope, _bounded(receive))
        except ClientDisconnect:
            log.debug("went away before it had said everything")
        except Exception:
            log.exception("a fault of ours")
            if answer.status:
                # half of it is sent: the only way to say so is to break off
                raise
            await problems.answer(answer.request, Problem(500, "it is in the log"))(scope, receive, answer)
        finally:
            self._tell(answer, self.office.clock.monotonic() - began)

    async def _pass(self, answer: _Answer, scope: Scope, receive: Receive) -> None:
        request = answer.request
        self._prepare(request)
        try:
            refusal = await self._refusal(request)
        except Problem as problem:
            refusal = problems.answer(request, problem)
        except VigiaError as error:
            log.warning("nobody can be let in: %s", error)
            refusal = problems.answer(request, Problem(503, "the store cannot be asked now; it is in the log"))
        await (self.app if refusal is None else refusal)(scope, receive, answer)

    def _prepare(self, request: Request) -> None:
        """The interface's language and theme; until somebody is known, nobody."""
        languages = self.office.languages
        chosen = languages.named(request.cookies.get("language"))
        request.state.interface = chosen or languages.preferred(request.headers.get("accept-language", ""))
        theme = request.cookies.get("theme", "")
        request.state.theme = theme if theme in THEMES else ""
        request.state.visitor, request.state.new_form = Visitor("", "reader", via="nobody", scopes=()), ""

    async def _refusal(self, request: Request) -> Response | None:
        """Why somebody may not come in; None if they may. Raises Problem."""
        path = request.url.path
        if path.startswith(STATIC) or path in PROBES:
            return None
        alone = hosts.is_loopback(self._bound) and await self._is_open()
        self._expect_our_name(request, alone=alone)
        request.state.visitor = found = await self._who(request, alone=alone)
        self._expect_patience(request, found)
        if found.via != "token" and _is_from_elsewhere(request):
            raise Problem(403, worded("expected a request of our own pages, got one that another site's page had sent"))
        if found.via == "nobody" and path not in FREE:
            return _to_login(request)
        if found.via == "token" and "read" not in found.scopes and not path.startswith(BULK):
            raise Problem(403, f"expected a token with scope read, got {', '.join(found.scopes)}")
        return None

    async def _is_open(self) -> bool:
        now = self.office.clock.monotonic()
        if now - self._asked[0] >= _ASK_EVERY:
            self._asked = (now, await run_in_threadpool(self.office.access.is_open))
        return self._asked[1]

    def _expect_our_name(self, request: Request, *, alone: bool) -> None:
        named = request.headers.get("host", "")
        if not hosts.is_ours(named, self._own, alone=alone):
            expected = "localhost, an address" + ("" if alone else " or a name of VIGIA_WEB_HOSTS")
            raise Problem(421, f"Host: expected {expected}, got {named[:200]!r}")

    async def _who(self, request: Request, *, alone: bool) -> Visitor:
        key = None if alone else _key_of(request)
        if key is not None:
            return await self._program(request, key)
        session = brought(request, SESSION)
        user = await run_in_threadpool(self.office.access.by_session, session) if session and not alone else None
        if user is not None:
            return Visitor(user.name, user.role, csrf_of(session), "session")
        form = brought(request, FORM)
        if not form:
            request.state.new_form = form = new_key(self.office.access.random)
        if alone:
            return Visitor("", "editor", csrf_of(form), "open")
        return Visitor("", "reader", csrf_of(form), "nobody", ())

    async def _program(self, request: Request, key: str) -> Visitor:
        found = await run_in_threadpool(self.office.access.by_token, key)
        if found is None:
            return Visitor("", "reader", via="nobody", scopes=())
        user, token = found
        request.state.token = token
        return Visitor(user.name, user.role, via="token", scopes=token.scopes)

    def _expect_patience(self, request: Request, found: Visitor) -> None:
        if found.via == "open":
            return
        caller = f"user:{found.name}"
        if found.via == "token":
            caller = f"token:{request.state.token.id}"
        elif found.via == "nobody":
            caller = f"address:{network(request.client.host if request.client else '')}"
        wait = math.ceil(self.buckets.take(caller))
        if wait:
            raise Problem(429, worded("too many requests; try again in {wait} s", wait=wait), retry_after=wait)

    def _tell(self, answer: _Answer, seconds: float) -> None:
        request, status = answer.request, answer.status or 499
        method = "HEAD" if answer.bodiless else request.method
        if self.seen is not None:
            self.seen(method, status, seconds)
        level = logging.DEBUG if request.url.path.startswith((STATIC, *PROBES)) else logging.INFO
        # never the query: it may hold what somebody looks for, or a secret that came there by mistake
        path = quote(request.url.path[:200], errors="replace")
        with bound(method=method, path=path, status=status, ms=round(seconds * 1000), user=request.state.visitor.name):
            log.log(level, "answered")


class _Answer:
    """What is sent, with what every answer carries; remembers its status."""

    def __init__(self, request: Request, send: Send) -> None:
        self.request, self._send = request, send
        self.bodiless = request.method == "HEAD"
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._dress(MutableHeaders(scope=message))
        elif self.bodiless and message["type"] == "http.response.body":
            message = message | {"body": b""}
        await self._send(message)

    def _dress(self, headers: MutableHeaders) -> None:
        request = self.request
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if request.url.scheme == "https":
            headers["Strict-Transport-Security"] = HSTS
        if request.url.path.startswith(STATIC) and self.status == 200:
            headers["Cache-Control"] = FOREVER
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
            if request.url.path.startswith(FEEDS):
                headers["WWW-Authenticate"] = 'Basic realm="Vigia", charset="UTF-8", Bearer'
        new_form = request.state.new_form
        if new_form and headers.get("content-type", "").startswith("text/html"):
            set_cookie(headers, request, FORM, new_form)


def _bounded(receive: Receive) -> Receive:
    """The body as it comes, and a 413 in place of more than is taken."""
    came = 0

    async def bounded() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > BODY_MAX:
            raise HTTPException(413, f"expected a body of at most {BODY_MAX} bytes, got more")
        return message

    return bounded


def _key_of(request: Request) -> str | None:
    """The token that a program brought; None for who brought none.

    For feeds it may be the password of RFC 7617, under any name. Nowhere else: browsers send one that they know on
    their own, also where another site's page made them ask.
    """
    scheme, _, told = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return told.strip()
    if scheme.lower() == "basic" and request.method in ("GET", "HEAD") and request.url.path.startswith(FEEDS):
        try:
            return base64.b64decode(told.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return None


def _is_from_elsewhere(request: Request) -> bool:
    told = request.headers
    return hosts.from_elsewhere(request.method, told.get("host", ""), told.get("origin"), told.get("sec-fetch-site"))


def _to_login(request: Request) -> Response:
    """People go to the login and come back; programs are told."""
    program = form_of(request) != "html" or request.url.path.startswith(FEEDS)
    if program or request.headers.get("authorization"):
        raise Problem(401, worded("expected a login or a token that is valid, got neither"))
    if request.headers.get("hx-request"):
        # a redirect would be followed, and the login put where a part of the page was
        raise Problem(401, worded("the login has ended; load the page again"))
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    there = back if request.method == "GET" else "/"
    return RedirectResponse("/login" + (f"?{urlencode({'next': there})}" if there != "/" else ""), 303)
