"""Saying a query in a sentence, so that a person sees what a rule or a saved search will find.

Every condition is a predicate with a positive and a negative form ("is on the topic x", "is not on the topic x"); the
sentence joins them. What needs brackets in the query is held together by "either ... or ..." and brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.query.ast import And, Everything, HasStance, Last, Name, Near, Node, Not, Or, Text, Value, Within

#: (when it holds, when it must not)
Forms = tuple[str, str]
#: what a field's value (folded, as in a query) is called; None where it has no other name
Naming = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """One language's words. `{x}` is the value."""

    everything: str
    whole: str
    both: str
    either: str
    neither: str
    word: str
    phrase: str
    stem: str
    phrase_stem: str
    near: str
    beginning: str
    texts: Mapping[str, Forms]
    values: Mapping[str, Forms]
    stances: Mapping[str, Forms]
    any_topic: str
    topic: str
    since: Mapping[str, Forms]
    before: Mapping[str, Forms]
    between: Mapping[str, Forms]
    last: Mapping[str, Forms]
    units: Mapping[str, Forms]
    naming: Naming | None = None

    def named(self, field: str, value: str) -> str:
        """A value in quotation marks, as it is called."""
        called = self.naming and self.naming(field, value)
        return f"“{called or _as_written(field, value)}”"


_ENGLISH = _Tongue(
    everything="Everything.",
    whole="Everything that {x}.",
    both=", and ",
    either="either {x}",
    neither=" or ",
    word="the word {x}",
    phrase="the phrase “{x}”",
    stem="a word beginning with {x}",
    phrase_stem="a phrase beginning with “{x}”",
    near="{left} and {right} with at most {n} words between them",
    beginning="beginning with {x}",
    texts={
        "any": ("contains {x}", "does not contain {x}"),
        "title": ("has {x} in the title", "does not have {x} in the title"),
        "text": ("has {x} in the text", "does not have {x} in the text"),
        "said": ("has {x} in what was said", "does not have {x} in what was said"),
    },
    values={
        "topic": ("is on the topic {x}", "is not on the topic {x}"),
        "source": ("was published by {x}", "was not published by {x}"),
        "country": ("concerns the country {x}", "does not concern the country {x}"),
        "lang": ("is in the language {x}", "is not in the language {x}"),
        "role": ("has a speaker in the role {x}", "has no speaker in the role {x}"),
        "access": ("has a text that is {x}", "has no text that is {x}"),
        "kind": ("has a statement of the kind {x}", "has no statement of the kind {x}"),
        "speaker": ("has a speaker named {x}", "has no speaker named {x}"),
        "via": ("credits {x}", "does not credit {x}"),
    },
    stances={
        "for": ("takes a stance for {x}", "takes no stance for {x}"),
        "against": ("takes a stance against {x}", "takes no stance against {x}"),
        "mixed": ("takes a mixed stance on {x}", "takes no mixed stance on {x}"),
        "unclear": ("leaves the stance on {x} unclear", "does not leave the stance on {x} unclear"),
    },
    any_topic="any topic",
    topic="{x}",
    since={
        "published": ("was published on or after {x}", "was not published on or after {x}"),
        "seen": ("was first seen on or after {x}", "was not first seen on or after {x}"),
    },
    before={
        "published": ("was published before {x}", "was not published before {x}"),
        "seen": ("was first seen before {x}", "was not first seen before {x}"),
    },
    between={
        "published": ("was published from {x} until before {y}", "was not published from {x} until before {y}"),
        "seen": ("was first seen from {x} until before {y}", "was not first seen from {x} until before {y}"),
    },
    last={
        "published": ("was published in the last {x}", "was not published in the last {x}"),
        "seen": ("was first seen in the last {x}", "was not first seen in the last {x}"),
    },
    units={"h": ("hour", "{n} hours"), "d": ("day", "{n} days"), "w": ("week", "{n} weeks")},
)

_SPANISH = _Tongue(
    everything="Todo.",
    whole="Todo lo que {x}.",
    both=", y ",
    either="o bien {x}",
    neither=" o ",
    word="la palabra {x}",
    phrase="la frase “{x}”",
    stem="una palabra que empieza por {x}",
    phrase_stem="una frase que empieza por “{x}”",
    near="{left} y {right} con {n} palabras como máximo entre ambas",
    beginning="que empieza por {x}",
    texts={
        "any": ("contiene {x}", "no contiene {x}"),
        "title": ("lleva {x} en el título", "no lleva {x} en el título"),
        "text": ("lleva {x} en el texto", "no lleva {x} en el texto"),
        "said": ("lleva {x} en lo dicho", "no lleva {x} en lo dicho"),
    },
    values={
        "topic": ("trata del tema {x}", "no trata del tema {x}"),
        "source": ("fue publicado por {x}", "no fue publicado por {x}"),
        "country": ("se refiere al país {x}", "no se refiere al país {x}"),
        "lang": ("está en el idioma {x}", "no está en el idioma {x}"),
        "role": ("recoge a alguien con el cargo {x}", "no recoge a nadie con el cargo {x}"),
        "access": ("tiene un texto {x}", "no tiene un texto {x}"),
        "kind": ("recoge una declaración del tipo {x}", "no recoge ninguna declaración del tipo {x}"),
        "speaker": ("recoge a alguien llamado {x}", "no recoge a nadie llamado {x}"),
        "via": ("cita como fuente a {x}", "no cita como fuente a {x}"),
    },
    stances={
        "for": ("toma postura a favor de {x}", "no toma postura a favor de {x}"),
        "against": ("toma postura en contra de {x}", "no toma postura en contra de {x}"),
        "mixed": ("toma una postura mixta sobre {x}", "no toma una postura mixta sobre {x}"),
        "unclear": ("deja sin aclarar la postura sobre {x}", "no deja sin aclarar la postura sobre {x}"),
    },
    any_topic="algún tema",
    topic="{x}",
    since={
        "published": ("fue publicado desde el {x}", "no fue publicado desde el {x}"),
        "seen": ("fue visto por primera vez desde el {x}", "no fue visto por primera vez desde el {x}"),
    },
    before={
        "published": ("fue publicado antes del {x}", "no fue publicado antes del {x}"),
        "seen": ("fue visto por primera vez antes del {x}", "no fue visto por primera vez antes del {x}"),
    },
    between={
        "published": ("fue publicado desde el {x} y antes del {y}", "no fue publicado desde el {x} y antes del {y}"),
        "seen": (
            "fue visto por primera vez desde el {x} y antes del {y}",
            "no fue visto por primera vez desde el {x} y antes del {y}",
        ),
    },
    last={
        "published": ("fue publicado en {x}", "no fue publicado en {x}"),
        "seen": ("fue visto por primera vez en {x}", "no fue visto por primera vez en {x}"),
    },
    units={
        "h": ("la última hora", "las últimas {n} horas"),
        "d": ("el último día", "los últimos {n} días"),
        "w": ("la última semana", "las últimas {n} semanas"),
    },
)

TONGUES: Mapping[str, _Tongue] = {"en": _ENGLISH, "es": _SPANISH}


def explain(node: Node, lang: str = "en", naming: Naming | None = None) -> str:
    """Say in one sentence what the query matches; in English for a language we have no sentences in.

    `naming` says what topics, countries and so on are called; without it they stand as the query has them.
    """
    tongue = TONGUES.get(lang, _ENGLISH)
    tongue = replace(tongue, naming=naming) if naming else tongue
    if isinstance(node, Everything):
        return tongue.everything
    return tongue.whole.format(x=_say(node, tongue, negative=False, inside=False))


def _say(node: Node, tongue: _Tongue, negative: bool, inside: bool = True) -> str:
    """Say the condition, or with `negative` that it must not hold; `inside` another, joined ones need brackets."""
    if isinstance(node, Not):
        return _say(node.part, tongue, not negative, inside)
    if isinstance(node, Or) and not negative and (field := _one_field(node)):
        values = [_value(part, tongue) for part in node.parts if isinstance(part, Value | Name)]
        listed = ", ".join(values[:-1]) + tongue.neither + values[-1]
        return tongue.values[field][negative].format(x=listed)
    if isinstance(node, And | Or):
        parts = [_say(part, tongue, negative) for part in node.parts]
        # Not (a and b) is said as: either not a or not b.
        both = isinstance(node, And) is not negative
        said = tongue.both.join(parts) if both else tongue.either.format(x=tongue.neither.join(parts))
        return f"({said})" if inside else said
    if isinstance(node, Within | Last):
        return _say_time(node, tongue, negative)
    return _say_leaf(node, tongue, negative)


def _one_field(node: Or) -> str | None:
    """Find the field whose values alone are listed: "on the topic a, b or c" instead of three conditions."""
    fields = {part.field if isinstance(part, Value | Name) else None for part in node.parts}
    return fields.pop() if len(fields) == 1 else None


def _say_leaf(node: Everything | Text | Near | Value | Name | HasStance, tongue: _Tongue, negative: bool) -> str:
    if isinstance(node, Text):
        return tongue.texts[node.field][negative].format(x=_words(node, tongue))
    if isinstance(node, Near):
        left, right = _words(node.left, tongue), _words(node.right, tongue)
        both = tongue.near.format(left=left, right=right, n=node.within)
        return tongue.texts[node.left.field][negative].format(x=both)
    if isinstance(node, Value | Name):
        return tongue.values[node.field][negative].format(x=_value(node, tongue))
    if isinstance(node, HasStance):
        return tongue.stances[node.stance][negative].format(
            x=tongue.named("topic", node.topic) if node.topic else tongue.any_topic
        )
    return tongue.everything


def _words(node: Text, tongue: _Tongue) -> str:
    several = len(node.words) > 1
    frame = (
        (tongue.phrase_stem if several else tongue.stem) if node.prefix else tongue.phrase if several else tongue.word
    )
    return frame.format(x=" ".join(node.words) if several else f"“{node.words[0]}”")


def _value(node: Value | Name, tongue: _Tongue) -> str:
    value = node.value if isinstance(node, Value) else " ".join(node.words)
    if node.prefix:
        return tongue.beginning.format(x=f"“{_as_written(node.field, value)}”")
    return tongue.named(node.field, value)


def _as_written(field: str, value: str) -> str:
    return value.upper() if field == "country" else value


def _say_time(node: Within | Last, tongue: _Tongue, negative: bool) -> str:
    if isinstance(node, Last):
        one, many = tongue.units[node.unit]
        span = one if node.amount == 1 else many.format(n=node.amount)
        return tongue.last[node.field][negative].format(x=span)
    if node.start is None:
        return tongue.before[node.field][negative].format(x=_date(node.end))
    if node.end is None:
        return tongue.since[node.field][negative].format(x=_date(node.start))
    return tongue.between[node.field][negative].format(x=_date(node.start), y=_date(node.end))


def _date(moment: datetime | None) -> str:
    if moment is None:
        return "..."
    return f"{moment:%Y-%m-%d}" if f"{moment:%H%M%S%f}" == "000000000000" else f"{moment:%Y-%m-%d %H:%M:%S} UTC"
