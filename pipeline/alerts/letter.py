"""A message as templates see it, in English or Spanish, and the templates: config/templates/. Pure but for their files.

HTML is escaped by the template engine, whatever a template writes; addresses that are no web addresses become text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pipeline.alerts.message import DIGEST
from pipeline.errors import ConfigError
from pipeline.tomlfile import read_toml
from pipeline.types import Message

Lang = Literal["en", "es"]
#: templates that channels need, each tried when they are opened
TEMPLATES = ("email.html", "email.txt", "atom.html", "chat.txt")
#: characters of a subject; the rest is in the message
_SUBJECT = 120
#: behind the word for a side
_COLOURS = {"for": "#3b7a57", "against": "#a33b2c", "mixed": "#8a6d1b"}

Words = Mapping[str, str]
Letter = dict[str, Any]


def letter(message: Message, lang: Lang, words: Words) -> Letter:
    """What a template may name: see config/templates/email.html, which names all of it."""
    fields = message.fields
    told = _alerts(message)
    return {
        "lang": lang,
        "w": words,
        "title": clean(message.title),
        "rule": clean(message.rule),
        "fired": f"{message.fired_at:%Y-%m-%d %H:%M} UTC",
        "important": fields.get("importance") == "high",
        "digest": words[str(fields["kind"])] if message.event == DIGEST else "",
        "key": clean(str(fields.get("key", ""))).strip(" /"),
        "total": fields.get("total", len(told)),
        "more": int(str(fields.get("total", len(told)))) - len(told),
        "alerts": [_block(one, words) for one in told],
        "lines": [] if told else [clean(line) for line in message.body.splitlines()],
        "why": _why(told, lang),
    }


def subject(told: Letter) -> str:
    """One line for the head of a message, in the letter's language as far as it is ours to word."""
    if told["digest"]:
        line = f"{told['total']} {told['w']['total']}: {told['rule']}{' (' + told['key'] + ')' if told['key'] else ''}"
    elif told["alerts"]:
        (one,) = told["alerts"]
        who = f"{one['who']} ({one['role']})" if one["role"] else one["who"]
        line = f"{who}: {one['quote']}" if one["quote"] else one["headline"]
    else:
        line = told["title"]
    return line if len(line) <= _SUBJECT else line[:_SUBJECT].rsplit(" ", 1)[0] + " …"


def clean(text: str) -> str:
    """A text without control characters and direction marks, which strangers put into headlines."""
    kept = (" " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join("".join(kept).split())


def _alerts(message: Message) -> list[Mapping[str, Any]]:
    """The alerts a message tells of, each as title, url and fields; none for a notice."""
    if message.event == DIGEST:
        told: Any = message.fields["alerts"]
        return list(told)
    return [{"title": message.title, "url": message.url, "fields": message.fields}] if message.event == "alert" else []


def _block(told: Mapping[str, Any], words: Words) -> Letter:
    fields = told["fields"]
    said = fields.get("statement") or {}
    speaker = said.get("speaker") or {}
    # who has no name goes by the role
    beside = (speaker.get("role") if speaker.get("name") else None, speaker.get("country"))
    role = ", ".join(clean(word) for word in beside if word)
    first, *others = fields.get("outlets") or ("",)
    sides = said.get("stance") or {}
    return {
        "title": clean(told["title"]),
        "url": told["url"] if told["url"].startswith(("https://", "http://")) else "",
        "headline": clean(fields.get("headline") or told["title"]),
        "outlets": clean(first + (f"; {words['also']} {', '.join(others)}" if others else "")),
        "published": _moment(fields.get("published_at")),
        "quote": clean(said.get("text") or ""),
        "direct": said.get("kind") == "direct",
        "manner": words[said.get("kind", "direct")],
        "who": clean(speaker.get("name") or speaker.get("role") or words["unnamed"]),
        "role": role,
        "via": clean(said.get("via") or ""),
        "topics": [
            _topic(topic, sides.get(topic), words) for topic in said.get("topics") or fields.get("topics") or ()
        ],
    }


def _moment(written: str | None) -> str:
    return f"{written[:16].replace('T', ' ')} UTC" if written else ""


def _topic(topic: str, side: str | None, words: Words) -> Letter:
    told = {"for": words["for"], "against": words["against"], "mixed": words["mixed_stance"]}
    return {"name": clean(topic), "side": told.get(side or "", ""), "colour": _COLOURS.get(side or "", "#7a828c")}


def _why(told: Sequence[Mapping[str, Any]], lang: Lang) -> str:
    if not told:
        return ""
    fields = told[0]["fields"]
    return clean(str((fields.get("why_es") if lang == "es" else None) or fields.get("why", "")))


class Templates:
    """The templates and words of a folder, read when first needed. Raises ConfigError for one that cannot be read."""

    def __init__(self, folder: Path) -> None:
        # a quarter of the command line's time budget, for channels that most do without
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._folder = folder
        self._words = read_toml(folder / "words.toml", dict[str, dict[str, str]])
        self._engine = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(folder),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def subject(self, message: Message, lang: Lang) -> str:
        """The message's line for heads: the subject of a mail, the title of a feed's entry."""
        return subject(letter(message, lang, self._words[lang]))

    def render(self, name: str, message: Message, lang: Lang) -> str:
        """Fill a template in. Raises ConfigError where it is missing, broken or names what there is not."""
        from jinja2 import TemplateError

        try:
            told = letter(message, lang, self._words[lang])
            return self._engine.get_template(name).render(told).strip() + "\n"
        except KeyError as error:
            raise ConfigError(str(self._folder / "words.toml"), lang, f"a word for {error.args[0]}", "none") from None
        except TemplateError as error:
            said = error.message or type(error).__name__
            line = getattr(error, "lineno", None)
            at = f"line {line}" if line else "the whole file"
            raise ConfigError(str(self._folder / name), at, "a template that can be filled in", said) from None
