"""The interface in the reader's language: texts from config/interface/, dates and names of countries from CLDR.

English stands in the templates; a folder of config/interface/ named after a language has its .po files. Another
language is another folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal
from babel.support import Translations

from pipeline.errors import ConfigError
from pipeline.wording import Worded, shape

FOLDER = "interface"
#: the language that templates are written in
SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Interface:
    """One language: what texts, dates, numbers and countries are called in it."""

    code: str
    #: what it calls itself
    name: str
    locale: Locale
    texts: NullTranslations
    #: sentences that the pipeline makes, each by its shape
    sentences: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    def day(self, at: datetime) -> str:
        """A day: `4 Jun 2012`."""
        return format_date(at, "medium", locale=self.locale)

    def date(self, on: date, unit: str = "day") -> str:
        """A date, or the month that begins with it: `4 Jun 2012`, `June 2012`."""
        return (
            format_skeleton("yMMMM", on, locale=self.locale) if unit == "month" else format_date(on, locale=self.locale)
        )

    def moment(self, at: datetime) -> str:
        """A day and a time, in UTC: `4 Jun 2012, 14:05 UTC`."""
        frame = self.locale.datetime_formats["medium"]
        return str(frame).format(format_time(at, "short", tzinfo=UTC, locale=self.locale), self.day(at)) + " UTC"

    def say(self, sentence: Worded | str) -> str:
        """One of our sentences in this language; what has no translation stays English.

        One that comes out of the store as English is known by its shape, as a whole or clause by clause.
        """
        if isinstance(sentence, Worded):
            return sentence.said(self._template)
        clauses = [self._recognised(one) for one in sentence.split("; ")]
        if all(clauses):
            return "; ".join(filter(None, clauses))
        whole = self._recognised(sentence)
        return whole or "; ".join(known or one for known, one in zip(clauses, sentence.split("; "), strict=True))

    def _recognised(self, text: str) -> str | None:
        """A sentence of the store's in this language, its values likewise; None for what has no shape of ours."""
        if (said := self._template(text)) != text:
            return said
        for template, looks in self.sentences.items():
            if match := looks.fullmatch(text):
                return self._template(template).format(
                    **{name: self._recognised(value) or value for name, value in match.groupdict().items()}
                )
        return None

    def _template(self, template: str) -> str:
        return self.texts.pgettext("sentence", template)

    def clock(self, at: datetime) -> str:
        """The time of a day, in UTC: `14:05`."""
        return format_time(at, "HH:mm", tzinfo=UTC, locale=self.locale)

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago, or in how long: `3 hours ago`."""
        return format_timedelta(at - now, add_direction=True, locale=self.locale)

    def number(self, value: float) -> str:
        """A number with its thousands apart."""
        return format_decimal(value, locale=self.locale)

    def country(self, code: str) -> str:
        """A country's name; the code of one that nobody knows."""
        return str(self.locale.territories.get(code.upper(), code))

    def language(self, code: str) -> str:
        """A language's name; the code of one that nobody knows."""
        return str(self.locale.languages.get(code, code))


class Languages:
    """The languages of the interface, English among them."""

    def __init__(self, interfaces: Iterable[Interface]) -> None:
        self._by_code: Mapping[str, Interface] = {one.code: one for one in interfaces}

    @classmethod
    def load(cls, folder: Path) -> Languages:
        """Read the configuration's texts. Raises ConfigError for a folder or file that cannot be read."""
        own = sorted(one for one in (folder / FOLDER).iterdir() if one.is_dir()) if (folder / FOLDER).is_dir() else []
        return cls([_interface(SOURCE, NullTranslations(), folder), *(_read(one) for one in own)])

    @property
    def all(self) -> tuple[Interface, ...]:
        """Every language."""
        return tuple(self._by_code.values())

    def named(self, code: str | None) -> Interface | None:
        """The language of this code."""
        return self._by_code.get(code or "")

    def preferred(self, accepted: str) -> Interface:
        """The best one for an Accept-Language header (RFC 9110, 12.5.4); English where none is spoken."""
        for code in _by_weight(accepted):
            found = self._by_code.get(code) or self._by_code.get(code.partition("-")[0])
            if found is not None:
                return found
        return self._by_code[SOURCE]


@lru_cache(maxsize=256)
def _by_weight(accepted: str) -> tuple[str, ...]:
    weighed = []
    for place, part in enumerate(accepted[:200].split(",")):
        code, _, weight = part.partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, code.strip().lower()))
        except ValueError:
            continue
    return tuple(code for _, _, code in sorted(weighed))


def _read(folder: Path) -> Interface:
    whole = Catalog(locale=folder.name)
    for file in sorted(folder.glob("*.po")):
        try:
            for message in read_po(BytesIO(file.read_bytes()), locale=folder.name, abort_invalid=True):
                if message.id and message.string:
                    whole.add(message.id, message.string, context=message.context)
        except (PoFileError, UnicodeDecodeError) as error:
            raise ConfigError(str(file), "the whole file", "a .po file of gettext in UTF-8", str(error)) from None
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    sentences = {str(one.id): shape(str(one.id)) for one in whole if one.context == "sentence"}
    # a sentence that is hardly more than its values would look like any other
    known = {template: looks for template, looks in sentences.items() if len(re.sub(r"\{\w+\}", "", template)) >= 8}
    return replace(_interface(folder.name, Translations(compiled), folder), sentences=known)


def _interface(code: str, texts: NullTranslations, folder: Path) -> Interface:
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        raise ConfigError(str(folder), "the folder's name", "a language of CLDR, such as es", code) from None
    return Interface(code, (locale.get_display_name(code) or code).capitalize(), locale, texts)
