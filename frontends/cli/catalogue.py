"""Commands that change or copy the catalogue: enable, disable, init, import, export; all under `vigia sources`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from frontends.cli.output import Json, console, say, table, write_json
from frontends.cli.press import checked, refuse, sources_app

Slug = Annotated[str, typer.Argument(metavar="SLUG", help="A source, as the list shows it.")]


def register(_app: typer.Typer) -> None:
    """Add these commands, below `vigia sources`."""
    sources_app.command("import")(import_)
    for command in (export, enable, disable, move, init):
        sources_app.command()(command)


def enable(slug: Slug, json: Json = False) -> None:
    """Poll a source from the next start on; its reason for being disabled is deleted."""
    _switch(slug, enabled=True, reason="", json=json)


def disable(
    slug: Slug,
    reason: Annotated[str, typer.Option("--reason", help="Why, and what would change it.")],
    json: Json = False,
) -> None:
    """Stop polling a source; what it brought stays in the store."""
    if not reason.strip():
        raise refuse("--reason: expected why it is disabled, got nothing")
    _switch(slug, enabled=False, reason=reason.strip(), json=json)


def _switch(slug: str, *, enabled: bool, reason: str, json: bool) -> None:
    from pipeline.bootstrap import configuration
    from pipeline.sources import editing

    folder = configuration.writable_folder(configuration.settings_from_environment())
    text = editing.load_text(folder)
    file = folder / "sources.toml"
    editing.save(folder, editing.with_state(text, slug, enabled=enabled, reason=reason, file=file))
    if json:
        write_json({"source": slug, "enabled": enabled, "reason": reason, "file": str(file)})
    else:
        say(
            f"{file}: {slug} is {'enabled' if enabled else 'disabled'}; a running `vigia run` sees it when started anew"
        )


def move(
    slug: Slug,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The address that stands in sources.toml.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Where the feed is now.")],
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Write it down without asking the host.")] = False,
    json: Json = False,
) -> None:
    """Write down where a feed went, once it is seen there; its kind follows what it is."""
    from pipeline.bootstrap import configuration
    from pipeline.drypoll import Question
    from pipeline.sources import UrlKeys, editing
    from pipeline.types import FeedAddress

    settings = configuration.settings_from_environment()
    folder = configuration.writable_folder(settings)
    known = [feed for source in configuration.load_sources(folder).values() for feed in source.feeds if feed.url != old]
    keys = UrlKeys.load(folder)
    if any(keys.feed_key(feed.url) == keys.feed_key(new) for feed in known):
        raise refuse(f"sources move: expected an address that stands nowhere else in sources.toml, got {new}")
    (found,) = checked(settings, [Question(slug, new)]) if not unchecked else (None,)
    if found is not None and found.verdict == "failed":
        say(f"vigia: sources move: {found.trouble or found.advice}; --unchecked writes it down all the same")
        raise typer.Exit(1)
    feed = FeedAddress(new, found.kind) if found is not None and found.kind is not None else FeedAddress(new)
    file = folder / "sources.toml"
    editing.save(folder, editing.with_feed(editing.load_text(folder), slug, old, feed, file))
    if json:
        write_json({"source": slug, "old": old, "new": new, "kind": feed.kind, "file": str(file)})
    else:
        say(f"{file}: {slug}: {new} ({feed.kind}) in place of {old}")


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.")],
) -> None:
    """Make a configuration of your own: a copy of the shipped one, to be named by VIGIA_CONFIG."""
    import shutil

    from pipeline.bootstrap import configuration

    if folder.exists():
        raise refuse(f"sources init: expected a folder that is not there yet, got {folder}")
    try:
        shutil.copytree(configuration.shipped_config(), folder)
    except OSError as error:
        # shutil's own error is a list of those of the files
        why = error.strerror or str(error)
        raise refuse(f"sources init: expected a folder that can be made, got {folder}: {why}") from None
    say(f"{folder}: made; say so to every command:\n\n    export VIGIA_CONFIG={folder.absolute()}\n")


# --- lists of other programs ------------------------------------------------------------------------------------------


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds, as readers export it.")],
    country: Annotated[str, typer.Option("--country", help="Of outlets whose country the list does not tell.")] = "",
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="Of outlets whose language it does not tell; may be given again."),
    ] = None,
    switched_on: Annotated[
        bool, typer.Option("--enable", help="Poll them from the next start on; else they are added disabled.")
    ] = False,
    json: Json = False,
) -> None:
    """Add the feeds of an OPML list to sources.toml; says what was added, and what was left out and why."""
    from pipeline.bootstrap import configuration
    from pipeline.sources import UrlKeys, editing
    from pipeline.sources.adoption import Terms, adopt
    from pipeline.sources.opml import read_opml

    settings = configuration.settings_from_environment()
    folder = configuration.writable_folder(settings)
    outlines, trouble = read_opml(_bytes_of(file), str(file))
    reason = f"imported from {file.name} and not checked yet: `vigia sources check`, then enable it"
    terms = Terms(country.upper(), tuple(language or ()), switched_on, reason)
    known = tuple(configuration.load_sources(folder).values())
    found = adopt(outlines, known, terms, UrlKeys.load(folder), configuration.load_hints(settings))
    if found.sources:
        editing.save(folder, editing.with_sources(editing.load_text(folder), found.sources))
    if json:
        write_json({"added": found.sources, "skipped": found.skipped, "trouble": trouble})
    else:
        rows = [("added", source.slug, "\n".join(feed.url for feed in source.feeds)) for source in found.sources]
        rows += [("skipped", "", f"{url}\n{why}") for url, why in found.skipped]
        console().print(table(None, "", "source", "feeds, why not", rows=rows))
    say("; ".join(filter(None, (f"{len(found.sources)} added, {len(found.skipped)} skipped", trouble))))
    if not outlines:
        say(f"vigia: {file}: expected an OPML list of feeds, got none that can be read")
        raise typer.Exit(1)


def _bytes_of(file: Path) -> bytes:
    from pipeline.sources.opml import SIZE_MAX

    try:
        with file.open("rb") as opened:
            # one more than may be, so that a list that is too long is noticed, and no more of it read
            return opened.read(SIZE_MAX + 1)
    except OSError as error:
        raise refuse(f"{file}: expected a readable file, got {error.strerror}") from None


def export(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE.opml]", help="Nothing: stdout.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Disabled ones too.")] = False,
) -> None:
    """Write the feeds of the enabled sources as an OPML list that any reader takes."""
    from pipeline.bootstrap import configuration
    from pipeline.sources.opml import write_opml

    known = configuration.load_sources(configuration.config_folder(configuration.settings_from_environment())).values()
    chosen = [source for source in known if source.enabled or everything]
    body = write_opml(chosen, "Sources of Vigía")
    if file is None:
        sys.stdout.buffer.write(body)
        return
    try:
        file.write_bytes(body)
    except OSError as error:
        raise refuse(f"{file}: expected a file that can be written, got {error.strerror}") from None
    say(f"{file}: {sum(len(source.feeds) for source in chosen)} feeds of {len(chosen)} sources")
