"""What one look at one aspect of a source says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: silence: nothing new; drop, jump: much less, much more than usual; errors: its feeds cannot be read; charset: garbled
#: titles, bodies that need mending; dates: missing or impossible ones; pages: refused, failing or without text;
#: outage: no source at all answers, so it is us
Kind = Literal["silence", "drop", "jump", "errors", "charset", "dates", "pages", "outage"]
#: warning: we miss news; notice: what we get may be wrong
Severity = Literal["warning", "notice"]


@dataclass(frozen=True, slots=True)
class Sign:
    """`ill` is None where too little is known to tell, or where it is neither clearly ill nor clearly well again.

    `words` say what was found and what was expected.
    """

    kind: Kind
    ill: bool | None
    words: str = ""
    severity: Severity = "notice"
