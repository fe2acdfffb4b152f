"""Titles without the site's name, authors without their roles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from pipeline.extract.lexicon import shipped
from pipeline.text import words

#: what stands between a headline and the site's name
_SEPARATOR = re.compile(r"\s+(?:[|·•»«:–—~-]+|\.\.\.)\s+|\s*\|\s*|\s*:\s+(?=\S+\.\w{2,})")
#: a separator with nothing on one side of it: the template had a headline to put there, and none was given
_DANGLING = re.compile(r"^[|·•»«–—-]+\s+|\s+[|·•»«–—-]+$")
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
    whole = " ".join(_TAG.sub(" ", unescape(title[:_LONGEST_TITLE])).split())
    title = _DANGLING.sub("", whole)
    if title != whole and names_site(title, sites):
        return ""
    gaps = list(_SEPARATOR.finditer(title))
    for gap in gaps:
        if key(title[: gap.start()]) in headings:
            return title[: gap.start()]
    for gap in gaps:
        if names_site(title[gap.end() :], sites) and gap.start():
            return clean_title(title[: gap.start()], sites, headings)
    for gap in reversed(gaps):
        if names_site(title[: gap.start()], sites) and gap.end() < len(title):
            return clean_title(title[gap.end() :], sites, headings)
    return title


def names_site(part: str, sites: frozenset[str]) -> bool:
    """Whether a part of a title is the site's name, or so nearly that the difference is its section or country."""
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
#: what a name was printed with: "Análisis de", "An essay by"; of a few words, or it is a sentence
_WORK_BY = re.compile(r"^(?:[^\W\d_]+\s+){1,3}(?:by|por)\b\s*:?\s*", re.I)
#: a date or a reading time behind a name
_FIGURES = re.compile(r"(?<=\w)\s+\d.*$", re.S)
_NAME_WORDS = 6
_LONGEST_BYLINE = 400


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The words around names, ready for use."""

    lead: re.Pattern[str]
    role: re.Pattern[str]
    role_before: re.Pattern[str]
    #: a part that opens so names people who did other work: photographs, translation
    other: re.Pattern[str]
    #: an agency behind a name
    behind: re.Pattern[str]
    nobody: frozenset[str]
    agencies: frozenset[str]
    months: frozenset[str]


def clean_authors(raw: Iterable[str], sites: frozenset[str]) -> tuple[str, ...]:
    """Names out of bylines: no "By", no roles, sites or addresses; split where several stand in one; each once."""
    names: dict[str, str] = {}
    for byline in raw:
        for name in _names(byline[:_LONGEST_BYLINE], sites):
            names.setdefault(key(name), name)
    return tuple(names.values())


def agency_of(piece: str) -> str:
    """The agency of which a text is the name and nothing else; empty when it is none's."""
    name = " ".join(piece.split()).strip(" .()")
    return name if name.casefold() in _patterns().agencies else ""


def reads_as_name(name: str) -> bool:
    """Whether a text that the page merely prints where names stand can be one.

    Its words begin with capitals but for small ones such as "de la", and the first is no article or preposition.
    """
    first, *others = name.split()
    small = frozenset(shipped().byline.particle)
    return first.casefold() not in function_words() and all(not one[0].islower() or one in small for one in others)


@lru_cache(maxsize=1)
def function_words() -> frozenset[str]:
    """Those of es, pt and en, in lower case with their accents."""
    return frozenset(" ".join(shipped().function_words[language] for language in ("es", "pt", "en")).split())


def _names(byline: str, sites: frozenset[str]) -> list[str]:
    """One byline's names. What stands beside a full name and is no full name is its place or office, unless it is an
    agency; so is what begins with the site's name."""
    text = _ADDRESS.sub(" ", _PARENTHESES.sub(" ", unescape(byline)))
    parts = (part for part in _COMMA.split(text) if not _patterns().other.match(part))
    names = [name for part in parts for one in _split_and(part) if (name := _bare(one, sites))]
    if any(" " in name for name in names):
        agencies = _patterns().agencies
        offices = {name for name in names if _is_of_site(name, sites)} if len(names) > 1 else set()
        return [name for name in names if (" " in name and name not in offices) or name.casefold() in agencies]
    return names


def _is_of_site(name: str, sites: frozenset[str]) -> bool:
    pieces = name.split()
    return any(key(" ".join(pieces[:count])) in sites for count in range(1, len(pieces)))


def _split_and(part: str) -> list[str]:
    """Two people joined by "and", but not "Ortega y Gasset": each must have two names."""
    pieces = _AND.split(part)
    return pieces if all(len(piece.split()) > 1 for piece in pieces) else [part]


def _bare(name: str, sites: frozenset[str]) -> str:
    """A name alone; empty when the words name nobody, or the site."""
    said = _patterns()
    led = said.lead.sub("", _WORK_BY.sub("", " ".join(name.split()).strip(" .:,*")))
    cut = _without_date(_without_role(led))
    name = _without_agency(cut).strip(" .:,*|-–—()")
    pieces = name.split()
    if not pieces or len(pieces) > _NAME_WORDS or name.casefold() in said.nobody or any(map(str.isdigit, name)):
        return ""
    if key(name) in sites or not any(map(str.isalpha, name)) or (cut != led and _is_rest(pieces)):
        return ""
    if _is_desk(pieces, sites):
        return ""
    for at in range(len(pieces) - 1, 1, -1):
        office = key(" ".join(pieces[at:])).removesuffix("staff")
        if len(office) > _SHORT_NAME and office in sites:
            return " ".join(pieces[:at])
    return " ".join(map(_capitalised, pieces)) if name.isupper() and len(pieces) > 1 else name


def _is_desk(pieces: list[str], sites: frozenset[str]) -> bool:
    """Whether it is nobody's name and the site's: "Redacción El Faro"."""
    return any(
        " ".join(pieces[:at]).casefold() in _patterns().nobody and key(" ".join(pieces[at:])) in sites
        for at in range(1, len(pieces))
    )


def _without_role(name: str) -> str:
    """A name without the role behind it, or before it: "Staff writer Ana Ruiz"."""
    said = _patterns()
    opening = said.role_before.match(name)
    rest = name[opening.end() :].split() if opening else []
    if 1 < len(rest) <= _NAME_WORDS and all(one[0].isupper() for one in rest):
        return " ".join(rest)
    return said.role.sub("", name)


def _without_date(name: str) -> str:
    """A name of two words or more without the date behind it: "Ana Ruiz 3 de mayo", "Ana Ruiz November 3"."""
    rest = _FIGURES.sub("", name)
    if rest == name:
        return name
    pieces = rest.split()
    if pieces[-1].strip(".").casefold() in _patterns().months:
        pieces.pop()
    return " ".join(pieces) if len(pieces) > 1 else name


def _without_agency(name: str) -> str:
    """A full name without the agency behind it."""
    found = _patterns().behind.search(name)
    return name[: found.start()] if found and " " in name[: found.start()].strip() else name


def _is_rest(pieces: list[str]) -> bool:
    """Whether what is left of a role is part of it: "AP National [Writer]", "Letters to the [Editor]"."""
    last = pieces[-1].casefold()
    return pieces[0].casefold() in _patterns().agencies or (len(pieces) > 1 and last in function_words())


def _capitalised(word: str) -> str:
    return word if len(word) == 2 and word.endswith(".") else word.title()


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    byline = shipped().byline
    lead, role, other, agency = map(_alternatives, (byline.lead, byline.role, byline.other, byline.agency))
    return _Patterns(
        lead=re.compile(rf"^(?:(?:{lead})(?:\s*:\s*|\s+|$))+", re.I),
        role=re.compile(rf"(?:^|\s+)(?:{role})\b.*$", re.I | re.S),
        role_before=re.compile(rf"^(?:{role})\s*:?\s+", re.I),
        other=re.compile(rf"^\W*(?:{other})\b", re.I),
        behind=re.compile(rf"\s+(?:the\s+)?(?:{agency})$", re.I),
        nobody=frozenset(byline.nobody),
        agencies=frozenset(byline.agency),
        months=frozenset(shipped().month_numbers()),
    )


def _alternatives(listed: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, listed), key=len, reverse=True))
