"""Sentences whose values are still apart, so that an interface can say them in its reader's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Worded:
    """An English sentence: `template` is the key of its translations, `values` stand in its braces."""

    template: str
    values: Mapping[str, Worded | str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said(lambda template: template)

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence by the template that `translate` gives for ours; values that are sentences likewise."""
        values = {
            name: value.said(translate) if isinstance(value, Worded) else value for name, value in self.values.items()
        }
        return translate(self.template).format(**values)


def worded(template: str, **values: Worded | str | int) -> Worded:
    """Keep `values` for the braces of `template`."""
    return Worded(template, values)


def joined(*clauses: Worded) -> str:
    """Clauses as one English sentence."""
    return "; ".join(map(str, clauses))


def shape(template: str) -> re.Pattern[str]:
    """What a sentence that was made of this template looks like; its groups are the values."""
    pieces = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{one}>.+?)" if place % 2 else re.escape(one) for place, one in enumerate(pieces)))
