"""`vigia topics`: what we watch, and why a text has its topics and lacks the others."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontends.cli.output import Json, console, printable, say, table, write_json
from frontends.cli.texts import bytes_of

if TYPE_CHECKING:
    from pipeline.analysis import Explained
    from pipeline.settings import Settings
    from pipeline.topics import Account, Line, Topic
    from pipeline.types import Article, Page

topics_app = typer.Typer(
    help="Topics we watch: what each means, how many items have it; why a text has a topic or lacks it.",
    invoke_without_command=True,
)
#: what is shown of a piece of evidence, in characters
_SHOWN = 60
#: pieces of evidence shown of one pattern
_PIECES = 3


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(topics_app, name="topics")


@topics_app.callback()
def topics(context: typer.Context, json: Json = False) -> None:
    """List the topics: what each means, its patterns by language, and how many items have it."""
    if context.invoked_subcommand is not None:
        return
    from pipeline.bootstrap import configuration, desks
    from pipeline.topics import Topics

    settings = configuration.settings_from_environment()
    known = Topics.load(configuration.config_folder(settings)).all
    held = desks.open_desk(settings).topics()
    if json:
        write_json([topic_json(topic, held.get(topic.slug, 0)) for topic in known])
        return
    rows = ((t.slug, held.get(t.slug, 0), *t.patterns.values(), t.description["en"]) for t in known)
    columns = ("topic", "items", "en", "es", "pt", "applies when the text is about")
    console().print(table(None, *columns, rows=rows, right=(1, 2, 3, 4)))


def topic_json(topic: Topic, items: int) -> dict[str, Any]:
    """One topic as `vigia topics --json` writes it; `items` of the store have it."""
    return {
        "topic": topic.slug,
        "label": topic.label,
        "description": topic.description,
        "patterns": topic.patterns,
        "items": items,
    }


@topics_app.command()
def explain(
    what: Annotated[
        str,
        typer.Argument(
            metavar="URL|FILE",
            help="An address, a file (a page or a text), or - for stdin; an item's address is read out of the store.",
        ),
    ],
    title: Annotated[str, typer.Option("--title", help="The title of a text.")] = "",
    lang: Annotated[str | None, typer.Option("--lang", help="Its language; detected when not given.")] = None,
    json: Json = False,
) -> None:
    """Show for each topic that applies or nearly applies what counted, where, how much, and what was struck and why."""
    from pipeline.analysis import explain as explained
    from pipeline.bootstrap import configuration
    from pipeline.topics import Topics

    settings = configuration.settings_from_environment()
    known = Topics.load(configuration.config_folder(settings))
    read_from, article = _found(settings, what, title, lang)
    found = explained(known, article)
    if json:
        write_json({"from": read_from, **explained_json(found)})
    else:
        _show(found)


# --- where the text comes from ----------------------------------------------------------------------------------------


def _found(settings: Settings, what: str, title: str, lang: str | None) -> tuple[str, Article]:
    """Where the text was read (text, page, store, web), and the article."""
    from pipeline.types import Article

    if "://" in what:
        stored = _stored(settings, what)
        return ("store", stored) if stored is not None else ("web", _extracted(settings, _fetched(settings, what)))
    body = bytes_of(None if what == "-" else Path(what))
    if body.lstrip()[:1] == b"<":
        return "page", _extracted(settings, _page(body))
    return "text", Article("", "", title, body.decode("utf-8", "replace"), lang=lang)


def _stored(settings: Settings, url: str) -> Article | None:
    from pipeline.bootstrap import configuration, desks
    from pipeline.sources import UrlKeys
    from pipeline.types import Article

    desk = desks.find_desk(settings)
    item = desk.item_at(UrlKeys.load(configuration.config_folder(settings)).key(url)) if desk is not None else None
    return Article(item.url, item.url, item.title, item.text, lang=item.lang) if item is not None else None


def _fetched(settings: Settings, url: str) -> Page:
    """The page at an address, by the fetcher that reads the press: guarded, and heeding robots.txt."""
    from pipeline.bootstrap import engine
    from pipeline.fetch import page_from
    from pipeline.types import Request

    with engine.open_web(settings, threading.Event().wait) as web:
        return page_from(web.get(Request(url)))


def _page(body: bytes) -> Page:
    from pipeline.clock import SystemClock
    from pipeline.types import Page

    return Page("http://localhost/", "http://localhost/", body, "", SystemClock().now())


def _extracted(settings: Settings, page: Page) -> Article:
    """The article of a page, read in a process that is killed where the page hangs it."""
    from dataclasses import replace

    from pipeline.bootstrap import engine
    from pipeline.errors import VigiaError
    from pipeline.reading import result_of

    pool = engine.open_pool(replace(settings, process_workers=1))
    try:
        found = result_of(pool.extract(page), page.url)
    finally:
        pool.close()
    if isinstance(found, VigiaError):
        raise found
    article: Article = found
    return article


# --- what is said of it -----------------------------------------------------------------------------------------------


def explained_json(found: Explained) -> dict[str, Any]:
    """What `vigia topics explain --json` writes, but for where the text came from."""
    article = found.article
    return {
        "url": article.canonical_url or None,
        "title": article.title,
        "lang": found.lang,
        "countries": found.countries,
        "topics": [_account_json(account, article) for account in found.topics],
    }


def _account_json(account: Account, article: Article) -> dict[str, Any]:
    return {
        "topic": account.topic,
        "applies": account.applies,
        "score": account.score,
        "threshold": account.threshold,
        "sum": account.total,
        "needed": account.needed,
        "why_not": account.reason,
        "traits": account.shares,
        "words": account.words,
        "patterns": [_line_json(line, article) for line in account.lines],
    }


def _line_json(line: Line, article: Article) -> dict[str, Any]:
    fields = {"title": article.title, "text": article.text}
    return {
        "pattern": line.pattern,
        "list": line.kind,
        "weight": line.weight,
        "adds": line.value,
        "why_not": line.reason,
        "evidence": [
            {"in": piece.where, "span": piece.span, "place": place, "words": fields[piece.where][slice(*piece.span)]}
            for piece, place in zip(line.evidence, line.places, strict=True)
        ],
    }


def _show(found: Explained) -> None:
    out = console()
    countries = ", ".join(found.countries) or "none"
    out.print(f"language: {found.lang or 'unknown'}   countries: {countries}", markup=False)
    shown = [account for account in found.topics if account.applies or account.missed]
    for account in sorted(shown, key=lambda account: not account.applies):
        out.print(table(_headline(account), *_COLUMNS, rows=_rows(account, found.article), right=(0, 1)))
        if account.shares:
            out.print(_traits(account), markup=False, soft_wrap=True)
    if not shown:
        say("no topic applies, and none nearly: not one pattern of this language was found")


_COLUMNS = ("adds", "weight", "list", "pattern", "words, and where", "why it does not count")


def _headline(account: Account) -> str:
    verdict = "applies" if account.applies else "does not apply"
    why = account.reason or f"{account.total:g} of {account.needed:g} needed"
    return f"{account.topic} {verdict}: {why} (score {account.score:.2f}, threshold {account.threshold:.2f})"


def _traits(account: Account) -> str:
    """What the traits of an article add, the most first; and which words speak most."""
    ordered = sorted(account.shares.items(), key=lambda share: -abs(share[1]))
    stems = "\nstems: " + ", ".join(f"{stem} {added:+.2f}" for stem, added in account.words.items())
    return "traits: " + ", ".join(f"{name} {added:+.2f}" for name, added in ordered) + stems * bool(account.words)


def _rows(account: Account, article: Article) -> list[tuple[str, ...]]:
    """What counted first, the most first; then what was struck."""
    ordered = sorted(account.lines, key=lambda line: (-line.value, line.kind == "not"))
    return [
        (
            f"+{line.value:g}" if line.value else "-",
            f"{line.weight:g}",
            line.kind,
            line.pattern,
            _words(line, article),
            line.reason,
        )
        for line in ordered
    ]


def _words(line: Line, article: Article) -> str:
    fields = {"title": article.title, "text": article.text}
    pieces = [
        f"{place}: {_cut(fields[piece.where][slice(*piece.span)])}"
        for piece, place in zip(line.evidence, line.places, strict=True)
    ]
    more = len(pieces) - _PIECES
    return "\n".join(pieces[:_PIECES] + ([f"and {more} more"] if more > 0 else []))


def _cut(words: str) -> str:
    flat = " ".join(printable(words).split())
    return flat if len(flat) <= _SHOWN else f"{flat[: _SHOWN // 2]} … {flat[-_SHOWN // 2 :]}"
