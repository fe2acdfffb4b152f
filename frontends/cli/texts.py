"""Commands on texts that are not in the store: extract a page, analyze a text. As JSON lines for measurements."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontends.cli.output import Json, console, moment, printable, say, table, write_json

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pipeline.reading import PagePool
    from pipeline.types import Analysis, Article, Page

Jsonl = Annotated[bool, typer.Option("--jsonl", help="Read JSON lines from stdin, write JSON lines to stdout.")]
File = Annotated[Path | None, typer.Argument(help="A file; - or nothing reads stdin.")]
#: what reading a file, packed or not, may raise
UNREADABLE = (OSError, EOFError, zlib.error)
#: lines read ahead for each reading process
_AHEAD = 8


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(extract)
    app.command()(analyze)


def extract(
    file: File = None,
    url: Annotated[str, typer.Option("--url", help="The page's address.")] = "http://localhost/",
    jsonl: Jsonl = False,
    json: Json = False,
) -> None:
    """Extract the article of an HTML page: text and metadata."""
    if jsonl:
        _lines(_start_extract, _extracted)
    page = _page_of(bytes_of(file), url)
    _one(lambda pool: pool.extract(page), url, _print_article, _article_json, json)


def analyze(
    file: File = None,
    title: Annotated[str, typer.Option("--title", help="The article's title.")] = "",
    lang: Annotated[str | None, typer.Option("--lang", help="Its language; detected when not given.")] = None,
    jsonl: Jsonl = False,
    json: Json = False,
) -> None:
    """Say what a text is about and who said what in it."""
    if jsonl:
        _lines(_start_analyze, _analyzed)
    text = bytes_of(file).decode("utf-8", "replace")
    article = _article({"title": title, "text": text, "lang": lang})
    _one(lambda pool: pool.analyze(article), "text", _print_analysis, _analysis_json, json)


# --- one text ---------------------------------------------------------------------------------------------------------


def bytes_of(file: Path | None) -> bytes:
    """The bytes of a file (unpacked) or, for none and for -, of stdin; an unreadable file ends the command with 2."""
    if file is None or str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return _read_file(file)
    except UNREADABLE as error:
        say(f"vigia: {file}: expected a readable file, got {error}")
        raise typer.Exit(2) from None


def _read_file(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _one(
    start: Callable[[PagePool], Future[Any]],
    url: str,
    show: Callable[[Any], None],
    as_json: Callable[[Any], dict[str, Any]],
    json: bool,
) -> None:
    from pipeline.errors import VigiaError
    from pipeline.reading import result_of

    pool = _pool(workers=1)
    try:
        found = result_of(start(pool), url)
    finally:
        pool.close()
    if isinstance(found, VigiaError):
        raise found
    if json:
        write_json(as_json(found))
    else:
        show(found)


def _pool(workers: int | None = None) -> PagePool:
    import dataclasses

    from pipeline.bootstrap import configuration, engine

    settings = configuration.settings_from_environment()
    if workers is not None:
        settings = dataclasses.replace(settings, process_workers=workers)
    return engine.open_pool(settings)


# --- JSON lines -------------------------------------------------------------------------------------------------------

_Started = tuple[Any, str, "Future[Any]"]


def _lines(start: Callable[[PagePool, dict[str, Any]], _Started], finish: Callable[[Any, str, Any], Any]) -> None:
    """Work through stdin in order, several lines at once; exit 1 when a line gave an error."""
    failed = False
    for answer in _answers(sys.stdin.buffer, start, finish):
        failed = failed or "error" in answer
        write_json(answer)
    raise typer.Exit(1 if failed else 0)


def _answers(
    lines: Iterable[bytes],
    start: Callable[[PagePool, dict[str, Any]], _Started],
    finish: Callable[[Any, str, Any], Any],
) -> Iterator[dict[str, Any]]:
    from pipeline.reading import result_of

    pool = _pool()
    ahead: deque[_Started | dict[str, Any]] = deque()

    def next_answer() -> dict[str, Any]:
        started = ahead.popleft()
        if isinstance(started, dict):
            return started
        record_id, url, future = started
        answer: dict[str, Any] = finish(record_id, url, result_of(future, url))
        return answer

    try:
        for raw in lines:
            if raw.strip():
                ahead.append(_started(pool, raw, start))
            if len(ahead) > _AHEAD * pool.workers:
                yield next_answer()
        while ahead:
            yield next_answer()
    finally:
        pool.close()


def _started(
    pool: PagePool, raw: bytes, start: Callable[[PagePool, dict[str, Any]], _Started]
) -> _Started | dict[str, Any]:
    import msgspec

    record: dict[str, Any] = {}
    try:
        record = msgspec.json.decode(raw, type=dict[str, Any])
        return start(pool, record)
    except (*UNREADABLE, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        missing = f"expected the field {error}, got none" if isinstance(error, KeyError) else str(error)
        return {"id": record.get("id"), "error": missing}


def _start_extract(pool: PagePool, record: dict[str, Any]) -> _Started:
    url = str(record["url"])
    return record["id"], url, pool.extract(_page_of(_read_file(Path(record["html_path"])), url))


def _page_of(body: bytes, url: str) -> Page:
    from pipeline.clock import SystemClock
    from pipeline.types import Page

    return Page(url, url, body, "", SystemClock().now())


def _extracted(record_id: Any, url: str, found: Any) -> dict[str, Any]:
    from pipeline.types import Article

    if not isinstance(found, Article):
        return {"id": record_id, "url": url, "error": str(found)}
    return {"id": record_id, **_article_json(found)}


def _article_json(found: Article) -> dict[str, Any]:
    return {
        "url": found.url,
        "canonical_url": found.canonical_url,
        "title": found.title,
        "text": found.text,
        "authors": list(found.authors),
        "published_at": found.published_at,
        "modified_at": found.modified_at,
        "lang": found.lang,
        "site_name": found.site_name,
        "description": found.description,
        "section": found.section,
        "access": found.access,
        "paid": found.paid,
    }


def _start_analyze(pool: PagePool, record: dict[str, Any]) -> _Started:
    return record["id"], str(record["id"]), pool.analyze(_article(record))


def _article(record: dict[str, Any]) -> Article:
    """Raises KeyError, TypeError or ValueError for a record that is none."""
    from pipeline.types import Article

    title, text, lang = record["title"], record["text"], record.get("lang")
    if not isinstance(title, str) or not isinstance(text, str) or not isinstance(lang, str | None):
        raise TypeError("title, text, lang: expected strings")
    published = datetime.fromisoformat(record["published_at"]) if record.get("published_at") else None
    if published is not None and published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return Article("", "", title, text, published_at=published, lang=lang)


def _analyzed(record_id: Any, _url: str, found: Any) -> dict[str, Any]:
    from pipeline.types import Analysis

    if not isinstance(found, Analysis):
        return {"id": record_id, "error": str(found)}
    return {"id": record_id, **_analysis_json(found)}


def _analysis_json(found: Analysis) -> dict[str, Any]:
    return {
        "lang": found.lang,
        "topics": [
            {
                "topic": match.topic,
                "score": round(match.score, 4),
                "evidence": [{"in": piece.where, "span": piece.span} for piece in match.evidence],
            }
            for match in found.topics
        ],
        "countries": found.countries,
        "statements": [
            {
                "in": report.where,
                "parts": report.parts,
                "text": report.text,
                "cue": report.cue,
                "speaker": {
                    "mention": report.speaker.mention,
                    "name": report.speaker.name,
                    "role": report.speaker.role,
                    "country": report.speaker.country,
                },
                "kind": report.kind,
                "via": report.via,
                "topics": report.topics,
                "stance": dict(report.stance),
            }
            for report in found.reports
        ],
    }


# --- for people -------------------------------------------------------------------------------------------------------


def _print_article(found: Article) -> None:
    out = console()
    facts = (
        ("title", found.title),
        ("authors", ", ".join(found.authors)),
        ("published", moment(found.published_at)),
        ("modified", moment(found.modified_at)),
        ("language", found.lang or ""),
        ("site", found.site_name or ""),
        ("section", found.section or ""),
        ("address", found.canonical_url),
        ("description", found.description or ""),
        ("access", found.access if found.access != "open" else ""),
        ("paid", "for subscribers" if found.paid else ""),
    )
    out.print(table(None, "", "", rows=((name, value) for name, value in facts if value)))
    out.print(printable(found.text), markup=False)


def _print_analysis(found: Analysis) -> None:
    out = console()
    article = found.article
    fields = {"title": article.title, "text": article.text}
    out.print(f"language: {found.lang or 'unknown'}   countries: {', '.join(found.countries) or 'none'}", markup=False)
    topics = (
        (
            match.topic,
            f"{match.score:.2f}",
            " · ".join(dict.fromkeys(fields[e.where][slice(*e.span)] for e in match.evidence)),
        )
        for match in found.topics
    )
    out.print(table("Topics", "topic", "score", "because of", rows=topics, right=(1,)))
    said = (
        (
            report.speaker.name or report.speaker.role or "?",
            ", ".join(filter(None, (report.speaker.role, report.speaker.country))),
            report.kind,
            report.text,
            " ".join(topic if side == "unclear" else f"{topic}:{side}" for topic, side in report.stance.items())
            or " ".join(report.topics),
            report.via or "",
        )
        for report in found.reports
    )
    out.print(table("Statements", "speaker", "role", "kind", "said", "topics", "via", rows=said))
