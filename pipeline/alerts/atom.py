"""Channel `atom`: a feed in a file, for any feed reader that can be pointed at it. RFC 4287.

The file is written anew beside the old one and put in its place, so that nobody reads half of it. An entry whose id
stands there already is not repeated.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from pipeline.alerts.letter import Lang, Templates
from pipeline.errors import DeliveryFailed
from pipeline.types import Message

_NS = "http://www.w3.org/2005/Atom"
_TITLES = {"en": "Vigía: alerts", "es": "Vigía: avisos"}


class Atom:
    """A feed of the last messages, newest first."""

    def __init__(self, path: Path, name: str, templates: Templates, lang: Lang, keep: int) -> None:
        self._path, self._name, self._templates, self._lang, self._keep = path, name, templates, lang, keep

    def send(self, message: Message) -> None:
        """Add the message unless it is there. Raises DeliveryFailed where the file cannot be read or written."""
        entry = self._entry(message)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_name(f".{self._path.name}.lock").open("w") as lock:
                # other workers write here too; closing gives the lock back
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._add(entry, message.fired_at)
        except OSError as error:
            raise DeliveryFailed(f"{self._path}: cannot write: {error.strerror}") from error
        except ET.ParseError as error:
            raise DeliveryFailed(f"{self._path}: expected a feed of ours, got {error}; move it away") from error

    def _add(self, entry: ET.Element, now: datetime) -> None:
        entries = self._entries()
        if any(one.findtext(f"{{{_NS}}}id") == entry.findtext(f"{{{_NS}}}id") for one in entries):
            return
        feed = self._feed(now)
        feed.extend([entry, *entries][: self._keep])
        ET.indent(feed)
        self._replace(ET.tostring(feed, "utf-8", xml_declaration=True))

    def _entries(self) -> list[ET.Element]:
        if not self._path.exists():
            return []
        # we wrote it ourselves
        return ET.parse(self._path).getroot().findall(f"{{{_NS}}}entry")  # noqa: S314

    def _replace(self, content: bytes) -> None:
        new = self._path.with_name(f".{self._path.name}.new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)

    def _feed(self, now: datetime) -> ET.Element:
        ET.register_namespace("", _NS)
        feed = ET.Element(f"{{{_NS}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": self._lang})
        _add(feed, "id", f"urn:vigia:channel:{self._name}")
        _add(feed, "title", _TITLES[self._lang])
        _add(feed, "updated", now.isoformat())
        _add(_add(feed, "author"), "name", "Vigía")
        return feed

    def _entry(self, message: Message) -> ET.Element:
        entry = ET.Element(f"{{{_NS}}}entry")
        _add(entry, "id", f"urn:vigia:{message.id}")
        _add(entry, "title", self._templates.subject(message, self._lang))
        _add(entry, "updated", message.fired_at.isoformat())
        _add(entry, "category", term=message.rule)
        if message.url.startswith(("https://", "http://")):
            _add(entry, "link", href=message.url)
        html = self._templates.render("atom.html", message, self._lang)
        _add(entry, "content", html, type="html")
        return entry


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_NS}}}{name}", attributes)
    child.text = text
    return child
