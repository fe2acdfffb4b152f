"""The standard library's SAX driver, made fast: what feedparser loads in place of its own choice.

Python's expat reader leaves `buffer_text` off, so that a long text arrives in hundreds of pieces, each costing a call;
and looking up one attribute of an element goes through all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from xml.sax import expatreader

#: attributes of one element beyond which nobody is telling us anything
_ATTRIBUTES_MAX = 200
#: namespaces of one feed: for each element of a foreign one, feedparser looks through all of them
_SPACES_MAX = 200
#: elements within elements; the deepest pages stay far below
_DEPTH_MAX = 2_000


class BufferedExpatParser(expatreader.ExpatParser):
    """An expat reader whose text events are joined, and whose elements have no more attributes than anybody needs."""

    def reset(self) -> None:
        """Make the parser, and have it buffer text."""
        super().reset()
        self._depth = 0
        self._spaces: set[tuple[str | None, str]] = set()
        self._parser.buffer_text = True  # type: ignore[attr-defined]

    def start_namespace_decl(self, prefix: str | None, uri: str) -> None:
        """Pass a namespace on. Raises ValueError for more of them than any feed has."""
        self._spaces.add((prefix, uri))
        if len(self._spaces) > _SPACES_MAX:
            raise ValueError(f"expected at most {_SPACES_MAX} namespaces, got more")
        super().start_namespace_decl(prefix, uri)

    def start_element_ns(self, name: str, attrs: Mapping[str, str]) -> None:
        """Pass an element on, with its first attributes: feedparser's handling of them takes quadratic time.

        Raises ValueError for elements nested beyond any use.
        """
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise ValueError(f"expected elements nested at most {_DEPTH_MAX} deep, got more")
        if len(attrs) > _ATTRIBUTES_MAX:
            attrs = dict(islice(attrs.items(), _ATTRIBUTES_MAX))
        super().start_element_ns(name, attrs)

    def end_element_ns(self, name: str) -> None:
        """Pass an element's end on."""
        self._depth -= 1
        super().end_element_ns(name)


def create_parser() -> BufferedExpatParser:
    """What xml.sax.make_parser calls."""
    return BufferedExpatParser()
