"""How pages misbehave: what is answered for a story whose `fault` names one of these ways.

not-found      404                          challenge          403 with a page that wants to see a browser
gone           410                          teaser             200 with the first words behind a subscription
rate-limited   429 once, then the page      index              200 with headlines and no article
server-error   500                          shell              200 with a page that only JavaScript fills
slow           bytes drip for a minute      says-latin-1       UTF-8 under a header that says ISO-8859-1
truncated-gzip a gzip body cut short        says-utf-8         windows-1252 in a page that says UTF-8
endless        200 MB, or until one hangs up
to-private     redirect to 10.0.0.8         to-metadata        redirect to 169.254.169.254
"""

from __future__ import annotations

import dataclasses
import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from samples.newsroom.press import Press, Story
from samples.newsroom.render import page, render

HTML = ("Content-Type", "text/html; charset=utf-8")
ENDLESS_BYTES = 200_000_000
#: the drip: one piece every quarter of a second, for a minute
_DRIPS = 240
_DRIP_GAP = 0.25

Stream = Callable[[threading.Event], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answers. A stream is sent without a length, and stops when its event is set."""

    status: int
    headers: tuple[tuple[str, str], ...] = (HTML,)
    body: bytes = b""
    stream: Stream | None = None


def faulty(press: Press, story: Story, edition: int, visits: int) -> Answer:
    """Answer for a page that misbehaves; `visits` is how often it was asked for before. Raises KeyError."""
    return _FAULTS[story.fault](press, story, edition, visits)


def notice(status: int, title: str, text: str) -> Answer:
    """A short page of a server's own."""
    head, body = f"<head><title>{title}</title></head>", f"<body><h1>{title}</h1><p>{text}</p></body>"
    return Answer(status, body=f"<!DOCTYPE html><html>{head}{body}</html>".encode())


def _rate_limited(press: Press, story: Story, edition: int, visits: int) -> Answer:
    if visits:
        return Answer(200, body=page(press, story, edition))
    shown = notice(429, "Demasiadas visitas", "Vuelva en un momento.")
    return dataclasses.replace(shown, headers=(HTML, ("Retry-After", "1")))


def _truncated(press: Press, story: Story, edition: int, visits: int) -> Answer:
    zipped = gzip.compress(page(press, story, edition), mtime=0)
    return Answer(200, (HTML, ("Content-Encoding", "gzip")), zipped[: len(zipped) // 2])


def _challenge(press: Press, story: Story, edition: int, visits: int) -> Answer:
    shown = notice(403, "Un momento…", "Comprobando su navegador. Active JavaScript y las cookies para continuar.")
    return dataclasses.replace(shown, headers=(HTML, ("Server", "muralla"), ("X-Challenge", "required")))


def _drip(stop: threading.Event) -> Iterator[bytes]:
    yield b"<!DOCTYPE html><html><head><title>"
    for _ in range(_DRIPS):
        if stop.wait(_DRIP_GAP):
            return
        yield b"lento "


def _flood(stop: threading.Event) -> Iterator[bytes]:
    yield b"<!DOCTYPE html><html><head><title>Sin fin</title></head><body>"
    piece = b"<p>Las drogas, el narcotr&aacute;fico y la pol&iacute;tica de drogas, una y otra vez.</p>\n" * 800
    for _ in range(ENDLESS_BYTES // len(piece)):
        if stop.is_set():
            return
        yield piece


def _template(name: str) -> Callable[[Press, Story, int, int], Answer]:
    """The story in another template than its outlet's."""

    def filled(press: Press, story: Story, edition: int, visits: int) -> Answer:
        outlet = dataclasses.replace(press.outlets[story.outlet], page=name)
        others = [(press.url_of(other), other.title) for other in press.edition(edition)[:12]]
        return Answer(200, body=render(outlet, story, press.url_of(story), others))

    return filled


def _says_latin_1(press: Press, story: Story, edition: int, visits: int) -> Answer:
    return Answer(200, (("Content-Type", "text/html; charset=ISO-8859-1"),), page(press, story, edition))


def _says_utf_8(press: Press, story: Story, edition: int, visits: int) -> Answer:
    text = page(press, story, edition).decode("utf-8")
    return Answer(200, (HTML,), text.encode("windows-1252", "xmlcharrefreplace"))


def _constant(answer: Answer) -> Callable[[Press, Story, int, int], Answer]:
    return lambda press, story, edition, visits: answer


def _redirect(url: str) -> Answer:
    return Answer(302, (HTML, ("Location", url)))


_FAULTS: dict[str, Callable[[Press, Story, int, int], Answer]] = {
    "not-found": _constant(notice(404, "No encontrado", "La nota que busca no existe.")),
    "gone": _constant(notice(410, "Retirada", "Esta nota fue retirada por su autor.")),
    "rate-limited": _rate_limited,
    "server-error": _constant(notice(500, "Error interno", "Algo salió mal de nuestro lado.")),
    "slow": _constant(Answer(200, stream=_drip)),
    "truncated-gzip": _truncated,
    "endless": _constant(Answer(200, stream=_flood)),
    "to-private": _constant(_redirect("http://10.0.0.8/interno/nota.html")),
    "to-metadata": _constant(_redirect("http://169.254.169.254/latest/meta-data/")),
    "challenge": _challenge,
    "teaser": _template("teaser"),
    "index": _template("index"),
    "shell": _template("shell"),
    "says-latin-1": _says_latin_1,
    "says-utf-8": _says_utf_8,
}
#: every way a page can misbehave
FAULTS = tuple(_FAULTS)
