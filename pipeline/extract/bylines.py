"""Titles without the site's name, authors without their roles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

from pipeline.extract.lexicon import shipped
from pipeline.text import words

#: what stands between a headline and the site's name
_SEPARATOR = re.compile(r"\s+(?:[|·•»«:–—~-]+|\.\.\.)\s+|\s*\|\s*|\s*:\s+(?=\S+\.\w{2,})")
_TAG = re.compile(r"</?[a-z][^>]*>", re.I)
#: what is longer is no headline, and not worth taking apart
_LONGEST_TITLE = 500
#: a site's name is short
_SITE_WORDS = 6
_SHORT_NAME = 4


def key(text: str) -> str:
    """A text's letters and digits, folded: for comparing names and headlines however they are set."""
    return "".join(words(text))


def clean_title(title: str, sites: frozenset[str], headings: frozenset[str]) -> str:
    """Cut what is not headline off a title.

    `sites` are the site's name in all spellings, as keys; `headings` the page's other titles, as keys: where a title is
    one of them and something more, it is that heading.
    """
    title = " ".join(_TAG.sub(" ", unescape(title[:_LONGEST_TITLE])).split())
    gaps = list(_SEPARATOR.finditer(title))
    for gap in gaps:
        if key(title[: gap.start()]) in headings:
            return title[: gap.start()]
    for gap in gaps:
        if _names_site(title[gap.end() :], sites) and gap.start():
            return clean_title(title[: gap.start()], sites, headings)
    for gap in reversed(gaps):
        if _names_site(title[: gap.start()], sites) and gap.end() < len(title):
            return clean_title(title[gap.end() :], sites, headings)
    return title


def _names_site(part: str, sites: frozenset[str]) -> bool:
    if len(part.split()) > _SITE_WORDS:
        return False
    name = key(part)
    if name in sites:
        return True
    return len(name) > _SHORT_NAME and any(
        len(site) > _SHORT_NAME and (name.startswith(site) or site.startswith(name) or name.endswith(site))
        for site in sites
    )


_COMMA = re.compile(r"\s*[,;|/·•\n\t]\s*|\s+[-–—]\s+")
_AND = re.compile(r"\s+(?:and|y|e|&|with|con|com)\s+", re.I)
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|(?<!\w)@\w+|\[email[^\]]*\]")
_PARENTHESES = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NAME_WORDS = 6
_LONGEST_BYLINE = 400


def clean_authors(raw: Iterable[str], sites: frozenset[str]) -> tuple[str, ...]:
    """Names out of bylines: no "By", no roles, sites or addresses; split where several stand in one; each once."""
    names: dict[str, str] = {}
    for byline in raw:
        for name in _names(byline[:_LONGEST_BYLINE], sites):
            names.setdefault(key(name), name)
    return tuple(names.values())


def _names(byline: str, sites: frozenset[str]) -> list[str]:
    """One byline's names. Single words beside a full name are its place or office, unless they are an agency's."""
    text = _PARENTHESES.sub(" ", _ADDRESS.sub(" ", unescape(byline)))
    parts = (_bare(one, sites) for part in _COMMA.split(text) for one in _split_and(part))
    names = [name for name in parts if name]
    if any(" " in name for name in names):
        agencies = _patterns()[3]
        return [name for name in names if " " in name or name.casefold() in agencies]
    return names


def _split_and(part: str) -> list[str]:
    """Two people joined by "and", but not "Ortega y Gasset": each must have two names."""
    pieces = _AND.split(part)
    return pieces if all(len(piece.split()) > 1 for piece in pieces) else [part]


def _bare(name: str, sites: frozenset[str]) -> str:
    """A name alone; empty when the words name nobody, or the site."""
    lead, role, nobody, _ = _patterns()
    name = role.sub("", lead.sub("", " ".join(name.split()).strip(" .:,*"))).strip(" .:,*|-–—")
    pieces = name.split()
    if not pieces or len(pieces) > _NAME_WORDS or name.casefold() in nobody or any(char.isdigit() for char in name):
        return ""
    if key(name) in sites or not any(char.isalpha() for char in name):
        return ""
    for cut in range(len(pieces) - 1, 1, -1):
        office = key(" ".join(pieces[cut:])).removesuffix("staff")
        if len(office) > _SHORT_NAME and office in sites:
            return " ".join(pieces[:cut])
    return " ".join(map(_capitalised, pieces)) if name.isupper() and len(pieces) > 1 else name


def _capitalised(word: str) -> str:
    return word if len(word) == 2 and word.endswith(".") else word.title()


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str], frozenset[str]]:
    byline = shipped().byline
    lead, role = (
        "|".join(sorted(map(re.escape, listed), key=len, reverse=True)) for listed in (byline.lead, byline.role)
    )
    return (
        re.compile(rf"^(?:(?:{lead})(?:\s*:\s*|\s+))+", re.I),
        re.compile(rf"(?:^|\s+)(?:{role})\b.*$", re.I | re.S),
        frozenset(byline.nobody),
        frozenset(byline.agency),
    )
