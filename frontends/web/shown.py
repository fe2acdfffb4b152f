"""What templates show things with: moments, numbers, names; the environment that knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import xxhash
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from frontends.web.asking import naming
from frontends.web.languages import Interface
from pipeline.query import explain, parse
from pipeline.storage.views import StatementView
from pipeline.wording import Worded

HERE = Path(__file__).parent


def make_templates() -> Environment:
    """The templates: everything is escaped, a name that nobody gave is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        pass_context(lambda context, text: _interface(context).texts.gettext(text)),
        pass_context(lambda context, one, many, n: _interface(context).texts.ngettext(one, many, n)),
        newstyle=True,
        pgettext=pass_context(lambda context, about, text: _interface(context).texts.pgettext(about, text)),
    )
    made.filters |= {
        "moment": moment,
        "day": day,
        "ago": ago,
        "clock": clock,
        "number": number,
        "country": country,
        "language": language,
        "topic": topic,
        "role": role,
        "outward": outward,
        "say": say,
        "finds": finds,
        "coded": coded,
        "gapped": gapped,
    }
    made.globals |= {"asset": asset, "address": address, "same": same, "csrf_field": csrf_field, "scrolls": scrolls}
    return made


def _interface(context: Context) -> Interface:
    found: Interface = context["interface"]
    return found


@pass_context
def moment(context: Context, at: datetime | None) -> str:
    """A time with its day; nothing for None."""
    return _time(at, _interface(context).moment(at)) if at else ""


@pass_context
def day(context: Context, at: datetime | None) -> str:
    """A day; nothing for None."""
    return _time(at, _interface(context).day(at)) if at else ""


@pass_context
def ago(context: Context, at: datetime | None) -> str:
    """How long ago; nothing for None."""
    return _time(at, _interface(context).ago(at, context["now"])) if at else ""


@pass_context
def clock(context: Context, at: datetime | None) -> str:
    """The time of a day, in UTC; nothing for None."""
    return _time(at, _interface(context).clock(at)) if at else ""


def _time(at: datetime, words: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), at.strftime("%Y-%m-%d %H:%M UTC"), words
    )


@pass_context
def number(context: Context, value: float) -> str:
    """A number with its thousands apart."""
    return _interface(context).number(value)


@pass_context
def country(context: Context, code: str | None) -> str:
    """A country's name."""
    return _interface(context).country(code) if code else ""


@pass_context
def language(context: Context, code: str | None) -> str:
    """A language's name."""
    return _interface(context).language(code) if code else ""


@pass_context
def topic(context: Context, slug: str) -> str:
    """What a topic is called in the interface's language."""
    labels: Mapping[str, str] = context["topic_labels"].get(slug, {})
    return labels.get(_interface(context).code) or labels.get("en") or slug


@pass_context
def role(context: Context, named: str | None) -> str:
    """What a role is called in the interface's language; as the lexicon calls it where that has no word for it."""
    return _interface(context).texts.pgettext("role", named) if named else ""


@pass_context
def say(context: Context, sentence: Worded | str) -> str:
    """One of our sentences in the interface's language."""
    return _interface(context).say(sentence)


@pass_context
def finds(context: Context, query: str) -> str:
    """What a query finds, in a sentence of the interface's language."""
    interface = _interface(context)
    return explain(parse(query).root, interface.code, naming(interface, context["topic_labels"]))


def coded(text: str) -> Markup:
    """A text in which `what stands like this` is code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if place % 2 else one for place, one in enumerate(pieces)
    )


def gapped(said: StatementView) -> str:
    """A statement's words, with a mark where the reporter's own words stood between them."""
    parts = next((one.parts for one in said.reports if one.text == said.text), ())
    lengths = [end - start for start, end in parts]
    if sum(lengths) + len(lengths) - 1 != len(said.text):
        return said.text
    starts = accumulate(lengths[:-1], lambda at, length: at + length + 1, initial=0)
    return " … ".join(said.text[at : at + length] for at, length in zip(starts, lengths, strict=True))


def outward(url: str) -> str:
    """An address of the press, for a link; nothing for what is neither http nor https."""
    return url if urlsplit(url).scheme in ("http", "https") else ""


def asset(name: str) -> str:
    """Where a file of static/ is served; another address whenever it changes, so that it may be kept for ever."""
    return f"/static/{name}?v={_mark(HERE / 'static' / name)}"


_marks: dict[Path, str] = {}


def _mark(file: Path) -> str:
    if file not in _marks:
        _marks[file] = xxhash.xxh3_64_hexdigest(file.read_bytes())[:8]
    return _marks[file]


def address(path: str, **asked: Any) -> str:
    """A path of ours with what is asked; what is None or empty is left out."""
    wanted = [(name, value) for name, value in asked.items() if value not in (None, "", ())]
    return f"{path}?{urlencode(wanted, doseq=True)}" if wanted else path


@pass_context
def same(context: Context, suffix: str = "", **changed: Any) -> str:
    """The address of this page with something changed: another suffix (`.json`, `.csv`), other questions."""
    url = context["request"].url
    path = url.path.removesuffix(".json").removesuffix(".csv")
    asked = {**context["request"].query_params, **changed}
    return address(("/today" if path == "/" and suffix else path) + suffix, **asked)


def scrolls(name: str) -> Markup:
    """Attributes of a box that may be wider than the page: it can be moved by keyboard, and has a name."""
    return Markup('class="scroll" tabindex="0" role="region" aria-label="{}"').format(name)


@pass_context
def csrf_field(context: Context) -> Markup:
    """What every form that changes something has in it: it says that the form is ours."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(context["visitor"].csrf)
