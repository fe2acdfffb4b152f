"""OPML, the lists of feeds that readers exchange (opml.org, spec2: versions 1.0, 1.1 and 2.0).

Read: every outline with an `xmlUrl`, however deep in folders; folders become categories. Written: one folder a
country, one outline a feed, what OPML has no word for in attributes of our own namespace, so that a list of ours comes
back whole.

Lists come from strangers: document types and entities are refused (an entity can stand for a file of ours, or for a
billion laughs; Athou/commafeed, GHSA-83jp), and so are lists that are too large, too deep or too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from lxml import etree

from pipeline.errors import ConfigError
from pipeline.sources.encoding import to_utf8
from pipeline.sources.plain import address, language, plain
from pipeline.types import FeedKind, Source

#: bytes, outlines, and folders in folders; nobody follows more
SIZE_MAX, OUTLINES_MAX, DEPTH_MAX = 5_000_000, 20_000, 20
NAMESPACE = "urn:vigia:opml"
_NAME_MAX = 200
_KINDS = {kind.value for kind in FeedKind}
_UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list. What is empty, the list does not say."""

    url: str
    name: str = ""
    homepage: str = ""
    language: str = ""
    kind: FeedKind = FeedKind.RSS
    #: names of the folders it stands in, outermost first, and its own categories
    categories: tuple[str, ...] = ()
    #: in a list of ours: the source it belongs to, and what else is declared of it
    source: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    enabled: bool = True
    reason: str = ""


def read_opml(body: bytes, file: str) -> tuple[tuple[Outline, ...], str]:
    """Every feed of a list, in its order, and what had to be recovered from, in words; empty: nothing.

    Raises ConfigError, naming `file`, for what is no OPML or is hostile.
    """
    if len(body) > SIZE_MAX:
        raise ConfigError(file, "the whole file", f"at most {SIZE_MAX} bytes", len(body))
    text, _ = to_utf8(body, "")
    if b"<!DOCTYPE" in text.upper() or b"<!ENTITY" in text.upper():
        raise ConfigError(file, "the whole file", "OPML without a document type or entities", "one with them")
    root, trouble = _parsed(text, file)
    found = root.find("{*}body")
    if _local(root) != "opml" or found is None:
        raise ConfigError(file, "the whole file", "<opml> with a <body>", f"<{_local(root)}>")
    outlines = []
    for element, folders in _walk(found, file):
        if (outline := _outline(element, folders)) is not None:
            outlines.append(outline)
    return tuple(outlines), trouble


def _parsed(text: bytes, file: str) -> tuple[etree._Element, str]:
    # recovering, as many programs that write OPML forget to escape an ampersand
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigError(file, "the whole file", "OPML", str(error)) from None
    if root is None:
        raise ConfigError(file, "the whole file", "OPML", text[:40])
    faults = list(parser.error_log)
    return root, f"not well-formed, something may be missing: {faults[0].message}" if faults else ""


def _walk(body: etree._Element, file: str) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    """Every outline with the names of the folders around it, in order; no recursion, as depth is theirs to choose."""
    ahead: list[tuple[etree._Element, tuple[str, ...]]] = [(child, ()) for child in reversed(body)]
    count = 0
    while ahead:
        element, folders = ahead.pop()
        if _local(element) != "outline":
            continue
        count += 1
        if count > OUTLINES_MAX:
            raise ConfigError(file, "outline", f"at most {OUTLINES_MAX}", "more")
        if len(folders) > DEPTH_MAX:
            raise ConfigError(file, "outline", f"folders at most {DEPTH_MAX} deep", "deeper ones")
        yield element, folders
        inside = (*folders, _name(element))
        ahead.extend((child, inside) for child in reversed(element))


def _outline(element: etree._Element, folders: tuple[str, ...]) -> Outline | None:
    # some programs write the name of the attribute as they like
    said = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    url = said.get("xmlurl", "").strip()
    if not url:
        return None
    ours = {name.rpartition("}")[2]: value for name, value in said.items() if name.startswith(f"{{{NAMESPACE}}}")}
    own = [name.strip(" /") for name in said.get("category", "").split(",")]
    categories = (*folders, *own)
    country = ours.get("country", "").upper()
    return Outline(
        url=url,
        # others escape what was escaped already; what we wrote is as it was
        name=_name(element)[:_NAME_MAX] if ours else plain(_name(element), _NAME_MAX),
        homepage=address(url, said.get("htmlurl")) or "" if said.get("htmlurl") else "",
        language=language(said.get("language", "")) or "",
        kind=FeedKind(ours["kind"]) if ours.get("kind") in _KINDS else FeedKind.RSS,
        categories=tuple(dict.fromkeys(plain(name, _NAME_MAX) for name in categories if name.strip())),
        source=ours.get("source", ""),
        country=country if _COUNTRY.fullmatch(country) else "",
        languages=tuple(code for word in ours.get("languages", "").split() if (code := language(word))),
        enabled=ours.get("enabled", "true") != "false",
        reason=ours.get("reason", ""),
    )


def _name(element: etree._Element) -> str:
    # 1.0 has text, 2.0 may have a title beside it, and some programs have the title only
    return str(element.get("title") or element.get("text") or "").strip()


def _local(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


# --- write ------------------------------------------------------------------------------------------------------------


def write_opml(sources: Sequence[Source], title: str) -> bytes:
    """A list of all feeds of these sources, OPML 2.0: a folder for each country, in the order of its first source."""
    ET.register_namespace("vigia", NAMESPACE)
    root = ET.Element("opml", {"version": "2.0"})
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for country, inside in _by_country(sources).items():
        folder = ET.SubElement(body, "outline", {"text": country})
        for source in inside:
            for number in range(len(source.feeds)):
                ET.SubElement(folder, "outline", _attributes(source, number))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _by_country(sources: Iterable[Source]) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for source in sources:
        if source.feeds:
            found.setdefault(source.country, []).append(source)
    return found


def _attributes(source: Source, number: int) -> dict[str, str]:
    feed = source.feeds[number]
    ours = {
        "source": source.slug,
        "kind": feed.kind.value,
        "country": source.country,
        "languages": " ".join(source.languages),
        "enabled": str(source.enabled).lower(),
        **({"reason": _printed(source.reason)} if source.reason else {}),
    }
    return {
        "type": "rss",
        "text": _printed(source.name),
        "title": _printed(source.name),
        "xmlUrl": feed.url,
        "htmlUrl": source.homepage,
        "language": source.languages[0],
        **{f"{{{NAMESPACE}}}{name}": value for name, value in ours.items()},
    }


def _printed(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _UNWRITTEN.sub("", text)
