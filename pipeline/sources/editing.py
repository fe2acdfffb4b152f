"""Changes sources.toml as a careful person would: comments, order and everything else stay as they are.

Text in, text out; `save` alone touches the file, and only with a text that it has read as a catalogue first.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from pipeline.errors import ConfigError
from pipeline.sources.catalogue import FILE, parse_catalogue, silence_of
from pipeline.sources.keys import UrlKeys
from pipeline.tomlfile import loads_toml, read_text
from pipeline.types import FeedAddress, Source


def with_sources(text: str, sources: Iterable[Source]) -> str:
    """The catalogue with more sources at its end."""
    tables = "".join(f"\n{table_of(source)}" for source in sources)
    return f"{text.rstrip()}\n{tables}" if text.strip() else tables.lstrip()


def table_of(source: Source) -> str:
    """A source as sources.toml writes it; what is as by default is left out, but for what people look for."""
    lines = [
        "[[source]]",
        f"slug = {_written(source.slug)}",
        f"name = {_written(source.name)}",
        f"country = {_written(source.country)}",
        f"languages = [{', '.join(map(_written, source.languages))}]",
        f"homepage = {_written(source.homepage)}",
        "feeds = [",
        *(f"  {_inline(feed)}," for feed in source.feeds),
        "]",
        f"enabled = {str(source.enabled).lower()}",
    ]
    lines += [f"reason = {_written(source.reason)}"] if source.reason else []
    lines += [f"keep = {_written(source.keep)}"] if source.keep != "on_topic" else []
    lines += [f"paywall = {_written(source.paywall)}"] if source.paywall != "none" else []
    lines += [f"skip = [{', '.join(map(_written, source.skip))}]"] if source.skip else []
    lines += [f"archive = {_written(source.archive)}"] if source.archive else []
    lines += [f"notes = {_written(source.notes)}"] if source.notes else []
    lines += [f"poll_min = {source.poll_min!r}"] if source.poll_min is not None else []
    lines += [f"poll_max = {source.poll_max!r}"] if source.poll_max is not None else []
    lines += [f"silence = {_written(silence_of(source.silence))}"] if source.silence is not None else []
    return "\n".join(lines) + "\n"


def with_state(text: str, slug: str, *, enabled: bool, reason: str, file: Path) -> str:
    """The catalogue with one source switched on, its reason gone, or off with a reason. Raises ConfigError."""
    document = _document(text, file)
    found = _table(document, slug, file)
    _put(found, "slug", "enabled", enabled)
    if reason:
        _put(found, "enabled", "reason", reason)
    elif "reason" in found:
        del found["reason"]
    return tomlkit.dumps(document)


def with_feed(text: str, slug: str, old: str, new: FeedAddress, file: Path) -> str:
    """The catalogue with a feed of one source at another address. Raises ConfigError."""
    document = _document(text, file)
    feeds = _table(document, slug, file).get("feeds", ())
    for place, feed in enumerate(feeds):
        if feed.get("url") == old:
            feeds[place] = tomlkit.parse(f"feed = {_inline(new)}")["feed"]
            return tomlkit.dumps(document)
    known = ", ".join(str(feed.get("url")) for feed in feeds)
    raise ConfigError(str(file), f"source ({slug}): feeds", f"one of {known or 'its feeds, of which it has none'}", old)


def _inline(feed: FeedAddress) -> str:
    return f"{{ url = {_written(feed.url)}, kind = {_written(feed.kind.value)} }}"


def _document(text: str, file: Path) -> TOMLDocument:
    # first with the reader that every command has: it says of a broken file where it is broken
    loads_toml(text, file)
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(str(file), "the whole file", "TOML in UTF-8", str(error)) from None


def _table(document: TOMLDocument, slug: str, file: Path) -> Table:
    tables = document.get("source")
    for table in tables if isinstance(tables, AoT) else ():
        if isinstance(table, Table) and table.get("slug") == slug:
            return table
    raise ConfigError(str(file), "source", "one that `vigia sources --all` lists", slug)


def _put(table: Table, before: str, name: str, value: object) -> None:
    """Set a key; a new one goes where people look for it, as at the end it would follow the next table's comment."""
    if name in table:
        table[name] = value
        return
    inside: Container = table.value
    # tomlkit has no public way to say where; tests/sources/test_editing.py fails if a new version ignores this
    inside._insert_after(before, tomlkit.key(name), tomlkit.item(value))


def _written(text: str) -> str:
    return tomlkit.item(text).as_string()


def clash(source: Source, known: Iterable[Source], url_keys: UrlKeys) -> str:
    """Why a source cannot be added beside those known: its slug, or one of its feeds, is there; empty if it can."""
    mine = {url_keys.feed_key(feed.url): feed.url for feed in source.feeds}
    for other in known:
        if other.slug == source.slug:
            return f"slug {source.slug} is taken by {other.name}"
        for feed in other.feeds:
            if url_keys.feed_key(feed.url) in mine:
                return f"{mine[url_keys.feed_key(feed.url)]} is a feed of {other.slug} already"
    return ""


def save(folder: Path, text: str) -> None:
    """Replace sources.toml in `folder` by `text`, whole or not at all. Raises ConfigError for what cannot be read.

    A file that is a link is replaced where it points to; permissions stay.
    """
    file = (folder / FILE).resolve()
    parse_catalogue(text, file)
    try:
        _replace(file, text)
    except OSError as error:
        raise ConfigError(str(file), "the whole file", "a file that can be written", error.strerror) from None


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        fresh.replace(file)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def load_text(folder: Path) -> str:
    """The text of sources.toml in `folder`. Raises ConfigError."""
    return read_text(folder / FILE)
