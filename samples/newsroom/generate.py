"""Makes any number of distinct on-topic pages for benchmarks, out of the sentences in sentences.toml.

Each page draws its own people, places, figures and order of sentences, in one of three languages, and stands in the
template of an outlet of that language. Same `seed`, same pages. The pages are for measuring speed: they read oddly.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from string import Template

import msgspec

from samples.newsroom.press import FOLDER, Outlet, Story, load_outlets
from samples.newsroom.render import render

#: sentences of each kind on one page: with lead and end about 400 words
_SAID, _TOLD, _FACTS = 6, 6, 7
_FIRST = datetime(2012, 6, 1, 6, tzinfo=UTC)
#: two sentences a paragraph, now and then one or three
_PARAGRAPH = (2, 2, 2, 1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The sentences of one language and what fills them."""

    titles: tuple[str, ...]
    leads: tuple[str, ...]
    said: tuple[str, ...]
    told: tuple[str, ...]
    facts: tuple[str, ...]
    ends: tuple[str, ...]
    firsts: tuple[str, ...]
    lasts: tuple[str, ...]
    offices: tuple[str, ...]
    offices2: tuple[str, ...]
    places: tuple[str, ...]
    bodies: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    currency: str
    other_words: dict[str, tuple[str, ...]]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence."""
        return (*self.leads, *self.said, *self.told, *self.facts, *self.ends)


@cache
def banks() -> Mapping[str, Bank]:
    """The sentences by language."""
    return msgspec.convert(tomllib.loads((FOLDER / "sentences.toml").read_text("utf-8")), dict[str, Bank])


def pages(n: int, seed: int) -> Iterator[tuple[str, bytes, str]]:
    """Yield `n` pages as (URL, HTML in the outlet's charset, title); languages and outlets take turns."""
    outlets = [outlet for outlet in load_outlets() if outlet.page]
    by_language = {language: [outlet for outlet in outlets if outlet.language == language] for language in banks()}
    for number, (outlet, story) in enumerate(_stories(n, seed, by_language)):
        url = f"http://{outlet.host}/generated/{seed}/{number}/{story.slug}"
        yield url, render(outlet, story, url, _related(outlet, seed, number)), story.title


def texts(n: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield what `pages` shows, without the pages, as (title, text, language)."""
    outlets = {outlet.language: [outlet] for outlet in load_outlets()}
    for outlet, story in _stories(n, seed, {language: outlets[language] for language in banks()}):
        yield story.title, "\n".join(story.text), outlet.language


def _stories(n: int, seed: int, outlets: Mapping[str, Sequence[Outlet]]) -> Iterator[tuple[Outlet, Story]]:
    languages = sorted(outlets)
    for number in range(n):
        language = languages[number % len(languages)]
        choices = outlets[language]
        outlet = choices[number // len(languages) % len(choices)]
        yield outlet, _story(outlet, random.Random(f"{seed}/{number}"), number)


def _story(outlet: Outlet, rng: random.Random, number: int) -> Story:
    bank = banks()[outlet.language]
    people = [f"{rng.choice(bank.firsts)} {last}" for last in rng.sample(bank.lasts, 3)]
    cast = {
        "person": people[0],
        "other": people[1],
        "surname": people[0].partition(" ")[2],
        "office": rng.choice(bank.offices),
        "office2": rng.choice(bank.offices2),
        "place": rng.choice(bank.places),
        "body": rng.choice(bank.bodies),
    }
    title = _filled(rng.choice(bank.titles), bank, cast, rng)
    at = _FIRST + timedelta(minutes=number)
    return Story(
        id=f"generated-{number}",
        outlet=outlet.slug,
        title=title[0].upper() + title[1:],
        at=at,
        author=people[2],
        summary=_filled(rng.choice(bank.facts), bank, cast, rng),
        text=_text(bank, cast, rng),
        slug="-".join(word for word in title.casefold().split() if word.isalnum()),
    )


def _text(bank: Bank, cast: Mapping[str, str], rng: random.Random) -> tuple[str, ...]:
    middle = [*rng.sample(bank.said, _SAID), *rng.sample(bank.told, _TOLD), *rng.sample(bank.facts, _FACTS)]
    rng.shuffle(middle)
    sentences = [rng.choice(bank.leads), *middle, rng.choice(bank.ends)]
    filled = [_filled(sentence, bank, cast, rng) for sentence in sentences]
    paragraphs = []
    while filled:
        size = rng.choice(_PARAGRAPH)
        paragraphs.append(" ".join(sentence[0].upper() + sentence[1:] for sentence in filled[:size]))
        del filled[:size]
    return tuple(paragraphs)


def _filled(sentence: str, bank: Bank, cast: Mapping[str, str], rng: random.Random) -> str:
    figures = {
        "n": str(rng.randrange(11, 980)),
        "pct": str(rng.randrange(3, 89)),
        "money": Template(bank.currency).substitute(number=rng.randrange(4, 900)),
        "month": rng.choice(bank.months),
        "weekday": rng.choice(bank.weekdays),
    }
    return Template(_reworded(sentence, rng)).substitute({**cast, **figures})


def _reworded(sentence: str, rng: random.Random) -> str:
    """Phrases exchanged for others, so that pages share sentences but few long runs of words."""
    for phrase, others in _phrases()[sentence]:
        sentence = sentence.replace(phrase, rng.choice((phrase, *others)))
    return sentence


@cache
def _phrases() -> Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]:
    """What can be exchanged in each sentence and title."""
    return {
        sentence: [(phrase, others) for phrase, others in bank.other_words.items() if phrase in sentence]
        for bank in banks().values()
        for sentence in (*bank.titles, *bank.sentences)
    }


def _related(outlet: Outlet, seed: int, number: int) -> list[tuple[str, str]]:
    """Headlines for the box of other stories; they too are of drugs, so that a bad extractor shows."""
    rng = random.Random(f"related/{seed}/{number}")
    titles = [_title(banks()[outlet.language], rng) for _ in range(3)]
    return [(f"http://{outlet.host}/generated/{at}", title) for at, title in enumerate(titles)]


def _title(bank: Bank, rng: random.Random) -> str:
    cast = {"surname": rng.choice(bank.lasts), "place": rng.choice(bank.places), "body": rng.choice(bank.bodies)}
    title = _filled(rng.choice(bank.titles), bank, cast, rng)
    return title[0].upper() + title[1:]
