"""Front pages told by their address: an outlet's homepage, a section of it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

#: paths under which sites keep their homepage, beside the root
_HOMES = frozenset(("", "index.html", "index.htm", "index.php", "home", "inicio", "portada"))
#: a section's name has fewer hyphens, an article's slug as many or a number
_SLUG_HYPHENS = 2
#: an article's number or date has so many digits, that of a page of something fewer
_NUMBER_DIGITS = 3


def is_home(url: str) -> bool:
    """Whether an address is that of a homepage."""
    parts = _split(url)
    return parts is not None and not parts.query and parts.path.strip("/").lower() in _HOMES


def is_section_of(front: str, url: str) -> bool:
    """Whether `front` is the address of the section in which `url` looks like an article."""
    above, below = _split(front), _split(url)
    if above is None or below is None or _site(above) != _site(below):
        return False
    rest = below.path.strip("/").removeprefix(above.path.strip("/"))
    return bool(above.path.strip("/")) and is_front(above, below) and _names_article(rest)


def is_front(claimed: SplitResult, found: SplitResult) -> bool:
    """Whether an address is that of the home or section page above the one where the page was found."""
    path, below = claimed.path.strip("/"), found.path.strip("/")
    if claimed.query or not path:
        return not claimed.query and bool(below or found.query)
    return "/" not in path and not _is_slug(path) and below.startswith(f"{path}/")


def _is_slug(path: str) -> bool:
    return path.count("-") >= _SLUG_HYPHENS or any(char.isdigit() for char in path)


def _names_article(path: str) -> bool:
    """Whether it is more than the number of a page, or amp-1."""
    return path.count("-") >= _SLUG_HYPHENS or sum(map(str.isdigit, path)) >= _NUMBER_DIGITS


def _site(parts: SplitResult) -> str:
    return (parts.hostname or "").removeprefix("www.")


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
