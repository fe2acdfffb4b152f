"""What a transaction is about, by name, so that no two of them decide on the same thing at once (pure).

Two copies of one text that are settled at the same moment see nothing of each other: each would become an item. The
same goes for two reports of one statement. So whoever settles a page first claims its address, its text with the keys
under which near copies are found, and its speakers; whoever claims any of these waits. Texts that have nothing in
common settle at once. docs/decisions/0015-two-databases.md says why it is done so.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.statements import identity
from pipeline.types import Analysis, Report, Work

#: statements of nobody by name are claimed by their words, in so many bins: else all of them would wait for each other
_BINS = 1024


def of_outlet(slug: str) -> str:
    """An outlet's day, and what channels are told of it."""
    return f"outlet {slug}"


def of_address(url_key: str) -> str:
    """A canonical address."""
    return f"address {url_key}"


def of_ending(work: Work) -> Iterator[str]:
    """An entry that ends, however it does."""
    yield of_address(work.url_key)
    if not work.quiet:
        yield of_outlet(work.source)


def of_analysis(analysis: Analysis) -> Iterator[str]:
    """What an analysis may be a copy of, and who speaks in it."""
    fingerprint = analysis.fingerprint
    if fingerprint is None:
        return
    yield f"text {fingerprint.text_hash}"
    yield from (f"band {band}" for band in fingerprint.bands)
    for report in analysis.reports:
        yield from _of_report(report)


def _of_report(report: Report) -> Iterator[str]:
    if report.speaker.key is not None:
        yield f"speaker {report.speaker.key}"
        return
    key, bands = identity.of(report)
    yield from (f"said {number % _BINS}" for number in (key, *bands))
