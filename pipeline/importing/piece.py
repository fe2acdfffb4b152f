"""One thing of a file to be imported."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.types import Article, Entry, Page


@dataclass(frozen=True, slots=True)
class Piece:
    """A line or a record. One that is not to be imported has neither article nor page, but `error` or `passed`."""

    number: int
    #: the byte at which the next one begins; None where nobody can tell
    after: int | None
    url: str = ""
    source: str = ""
    entry: Entry | None = None
    #: hash of what stands there: the same at the same address is the same import
    version: str = ""
    article: Article | None = None
    page: Page | None = None
    #: what is wrong with it
    error: str = ""
    #: why it is none of our business
    passed: str = ""

    @property
    def weight(self) -> int:
        """Bytes that it takes, about."""
        return len(self.page.body) if self.page else len(self.article.text) if self.article else 0
