"""Which texts fold together? Families made of the newsroom's stories, each relation in three languages, fixed seeds.

A family is a text and another one that an editor might have made of it, and says whether the two are one item. They
fold as they would in the store: they must share lookup keys, and the relation decides on the texts. `recall` is the
share of copies that fold, `precision` the share of what folds that are copies. Run as a script, it prints JSON.
"""

from __future__ import annotations

import html
import json
import random
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.dedupe import fingerprint, relation
from samples.newsroom.press import load_press

LANGUAGES = ("es", "en", "pt")
#: pairs of each family and language
PAIRS = 50
#: words of a base text, at least
LONG_ENOUGH = 90
#: lookup keys that a copy must share with the original to be looked at: as the store asks
KEYS = 2

PLACES = ("Huanca Baja", "Puerto Lirio", "San Telmo", "Vado Grande", "Quebrada Honda", "Barra Nova", "Port Lyle")
NAMES = ("Abel Quispe", "Norma Tadeo", "Gil Farías", "Rita Monteagudo", "Joel Marsh", "Davi Peixoto", "Ines Coelho")
MONTHS = {"es": ("mayo", "junio", "abril"), "en": ("May", "June", "April"), "pt": ("maio", "junho", "abril")}
_QUOTED = re.compile(r"[“«\"]([^“”«»\"]{20,300})[”»\"]")
_SENTENCES = re.compile(r"(?<=[.!?])\s+")
_QUOTE_STYLES = (("“", "”"), ("«", "»"), ('"', '"'), ("'", "'"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, and whether they are one item."""

    family: str
    lang: str
    old: str
    new: str
    copy: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What an editor of one language works with; `dice` decides."""

    lang: str
    bank: Mapping[str, Any]
    dice: random.Random

    def local(self) -> str:
        return str(self.dice.choice(self.bank["local"]))

    def fill(self, text: str, **more: object) -> str:
        return text.format(name=self.dice.choice(NAMES), place=self.dice.choice(PLACES), **more)


def run(_: Path) -> dict[str, Any]:
    """Recall and precision by language and over all, in per cent; and what went wrong in which family, if anything."""
    told = list(pairs(PAIRS))
    folded = [folds(pair) for pair in told]
    wrong = [pair for pair, found in zip(told, folded, strict=True) if found != pair.copy]
    by_language = {
        lang: figures([(pair, found) for pair, found in zip(told, folded, strict=True) if pair.lang == lang])
        for lang in LANGUAGES
    }
    return {
        "all": figures(list(zip(told, folded, strict=True))),
        **by_language,
        "wrong": {name: [p.lang for p in wrong if p.family == name] for name in sorted({p.family for p in wrong})},
    }


def figures(judged: Sequence[tuple[Pair, bool]]) -> dict[str, float]:
    """Recall and precision of what folded."""
    hit = sum(pair.copy and found for pair, found in judged)
    copies, folded = sum(pair.copy for pair, _ in judged), sum(found for _, found in judged)
    return {
        "pairs": len(judged),
        "copies": copies,
        "recall": round(100 * hit / max(copies, 1), 2),
        "precision": round(100 * hit / max(folded, 1), 2),
    }


def folds(pair: Pair) -> bool:
    """Whether the store would make one item of the two."""
    old, new = fingerprint("", pair.old), fingerprint("", pair.new)
    shared = len(set(old.bands) & set(new.bands))
    return (shared >= KEYS or old.text_hash == new.text_hash) and relation(pair.new, pair.old) is not None


def pairs(number: int) -> Iterator[Pair]:
    """Give `number` pairs of each family and language."""
    for lang in LANGUAGES:
        for name, (make, copy) in FAMILIES.items():
            desk = Desk(lang, bank()[lang], random.Random(f"{lang} {name}"))
            for text in bases(lang, number):
                old, new = make(text, desk)
                yield Pair(name, lang, old, new, copy)


@cache
def bank() -> dict[str, Any]:
    """Our sentences by language."""
    return tomllib.loads((Path(__file__).parent / "copies_texts.toml").read_text("utf-8"))


@cache
def stories() -> dict[str, list[str]]:
    """The newsroom's own stories by language; reprints of them are left out."""
    press = load_press()
    found: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for story in press.stories.values():
        text = "\n".join(piece.removeprefix("## ") for piece in story.text)
        if story.copy is None and not story.fault and len(text.split()) >= LONG_ENOUGH:
            found[press.outlets[story.outlet].language].append(text)
    return found


def bases(lang: str, number: int) -> list[str]:
    """Texts to make copies of: the stories, then stories of which the second half is another one's."""
    told = stories()[lang]
    mixed = [_mixed(told[at % len(told)], told[(at * 3 + at // len(told)) % len(told)]) for at in range(1, number * 2)]
    return [*told, *dict.fromkeys(text for text in mixed if text)][:number]


def _mixed(one: str, other: str) -> str:
    first, second = one.split("\n"), other.split("\n")
    return "" if one == other else "\n".join(first[: len(first) // 2 + 1] + second[len(second) // 2 :])


# --- what an editor does with a text ----------------------------------------------------------------------------------


def _same_text(text: str, desk: Desk) -> str:
    """Set otherwise: quotation marks, spaces, entities, capitals in the lead, joiners."""
    left, right = desk.dice.choice(_QUOTE_STYLES)
    text = re.sub(r"[“«]", left, re.sub(r"[”»]", right, text))
    head, *rest = text.split("\n")
    words = head.split(" ")
    text = "\n\n".join([" ".join([*map(str.upper, words[:4]), *words[4:]]), *rest])
    return html.unescape(text.replace(" ", desk.dice.choice(["  ", "\u00a0", " ", "&nbsp; "])))


def _edited(text: str, desk: Desk, share: float = 0.05) -> str:
    """Words swapped for others, dropped or doubled; numbers stay."""
    words = text.split(" ")
    others = [word for word in text.split() if word.isalpha() and word.islower()]
    for at, word in enumerate(words):
        if desk.dice.random() < share and not any(char.isdigit() for char in word) and "\n" not in word:
            other = desk.dice.choice(others)
            words[at] = desk.dice.choice([other, other, "", f"{word} {other}"])
    return " ".join(words)


def _synonyms(text: str, desk: Desk) -> str:
    for old, new in desk.bank["synonyms"]:
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def _sentences_dropped(text: str, desk: Desk) -> str:
    """One sentence in six is cut, the first stays."""
    kept = []
    for at, paragraph in enumerate(text.split("\n")):
        sentences = _SENTENCES.split(paragraph)
        kept.append(" ".join(one for n, one in enumerate(sentences) if (at, n) == (0, 0) or desk.dice.random() > 1 / 6))
    return "\n".join(filter(None, kept))


def _reordered(text: str, desk: Desk) -> str:
    first, *rest = text.split("\n")
    desk.dice.shuffle(rest)
    return "\n".join([first, *rest])


def _beginning(text: str, least: int) -> str:
    kept: list[str] = []
    for paragraph in text.split("\n"):
        kept.append(paragraph)
        if len(" ".join(kept).split()) >= least:
            break
    return "\n".join(kept)


def _with_agency(text: str, desk: Desk) -> str:
    opening, closing = desk.dice.choice(desk.bank["agency"])
    return f"{opening}{text}" + (f"\n{closing}" if closing else "")


def _in_boilerplate(text: str, desk: Desk) -> str:
    return "\n".join([desk.dice.choice(desk.bank["before"]), text, *desk.dice.sample(desk.bank["after"], 2)])


def _two_sites(text: str, desk: Desk) -> tuple[str, str]:
    """A brief on two sites, each with its own boilerplate around it, or with less of it."""
    brief, before, after = _beginning(text, 70), desk.bank["before"], desk.bank["after"]
    return f"{before[0]}\n{brief}\n{after[1]}", f"{before[1]}\n{brief}\n{desk.dice.choice([after[0], after[2]])}"


def _two_provinces(text: str, desk: Desk) -> tuple[str, str]:
    """Two papers, each with a local paragraph in front."""
    first, second = desk.dice.sample(desk.bank["local"], 2)
    return f"{first}\n{text}", f"{second}\n{text}"


def _two_editors(text: str, desk: Desk) -> tuple[str, str]:
    return _edited(text, desk, 0.04), _edited(text, desk, 0.04)


def _standfirsts(text: str, desk: Desk) -> tuple[str, str]:
    """The whole text and its beginning, each under a standfirst of its own."""
    first, second = (" ".join(one.split()[:14]) for one in desk.dice.sample(desk.bank["local"], 2))
    return f"{first}.\n{text}", f"{second}.\n{_beginning(text, 60)}"


def _copy(change: Callable[[str, Desk], str]) -> Callable[[str, Desk], tuple[str, str]]:
    return lambda text, desk: (text, change(text, desk))


# --- what only looks like a copy --------------------------------------------------------------------------------------


def _told_anew(text: str, desk: Desk) -> tuple[str, str]:
    """Somebody else's report: the same quotations, other words around them."""
    quotes = iter(_QUOTED.findall(text))
    sentences = []
    for sentence in _drawn(desk.bank["tell"], desk, 12):
        quote = next(quotes, "") if "{quote}" in sentence else ""
        if quote or "{quote}" not in sentence:
            sentences.append(desk.fill(sentence, quote=f"“{quote}”"))
    return text, "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))


def _drawn(sentences: Sequence[str], desk: Desk, number: int) -> list[str]:
    chosen = set(desk.dice.sample(range(len(sentences)), number))
    return [sentence for at, sentence in enumerate(sentences) if at in chosen]


def _translated(_: str, desk: Desk) -> tuple[str, str]:
    """The same paragraphs in two languages, with the same names and figures."""
    chosen = [0, 1, *sorted(desk.dice.sample(range(2, 7), 4))]
    slots = {"n": desk.dice.randrange(3, 90), "m": desk.dice.randrange(4, 40)}
    slots |= {"name": desk.dice.choice(NAMES), "place": desk.dice.choice(PLACES)}
    other = desk.dice.choice([lang for lang in LANGUAGES if lang != desk.lang])
    made = ["\n".join(bank()[lang]["report"][at].format(**slots) for at in chosen) for lang in (desk.lang, other)]
    return made[0], made[1]


def _form(_: str, desk: Desk) -> tuple[str, str]:
    """A form filled in again: other figures, names, places and dates."""
    form = desk.dice.choice(desk.bank["forms"])
    return _filled(form, desk), _filled(form, desk)


def _form_figures(_: str, desk: Desk) -> tuple[str, str]:
    """A form whose figures alone are others."""
    form = desk.dice.choice(desk.bank["forms"])
    chosen = _names(desk)
    return form.format(**chosen, **_figures(desk)), form.format(**chosen, **_figures(desk))


def _filled(form: str, desk: Desk) -> str:
    return form.format(**_names(desk), **_figures(desk))


def _figures(desk: Desk) -> dict[str, int]:
    return {letter: desk.dice.randrange(2, 900) for letter in "abcde"}


def _names(desk: Desk) -> dict[str, str]:
    plate = f"{desk.dice.choice('ABCDF')}{desk.dice.choice('KLMN')}-{desk.dice.randrange(100, 999)}"
    month = desk.dice.choice(MONTHS[desk.lang])
    return {"name": desk.dice.choice(NAMES), "place": desk.dice.choice(PLACES), "plate": plate, "month": month}


def _followed_up(text: str, desk: Desk) -> tuple[str, str]:
    """The next day's story: all new, then up to three paragraphs of background as they stood, half of it at most."""
    new = [desk.fill(paragraph) for paragraph in desk.bank["follow"]]
    budget, background = sum(len(one.split()) for one in new), list[str]()
    for paragraph in text.split("\n")[1:]:
        if len(background) < 3 and len(paragraph.split()) <= budget:
            background.append(paragraph)
            budget -= len(paragraph.split())
    return text, "\n".join([*new, *background])


def _live(text: str, desk: Desk) -> tuple[str, str]:
    """A live blog under its evening address: new entries, and the last one of the afternoon."""
    entries = [desk.fill(entry) for entry in desk.bank["live"]]
    return text, "\n".join([*entries, desk.local(), text.split("\n")[0]])


def _same_furniture(text: str, desk: Desk) -> tuple[str, str]:
    """Two stories of one site with all its boilerplate."""
    others = [one for one in stories()[desk.lang] if one not in text and text.split("\n")[0] not in one]
    around = [desk.bank["before"][0], *desk.bank["after"]]
    first, other = (_beginning(one, 60) for one in (text, desk.dice.choice(others)))
    if set(other.split("\n")) & set(text.split("\n")):
        other = desk.local()
    return ("\n".join([around[0], one, *around[1:]]) for one in (first, other))  # type: ignore[return-value]


def _round_up(text: str, desk: Desk) -> tuple[str, str]:
    """A round-up of the week that quotes a brief whole among others."""
    brief = _beginning(text, 40)
    others = [one for one in stories()[desk.lang] if not set(one.split("\n")) & set(text.split("\n"))]
    quoted = [_beginning(one, 60) for one in desk.dice.sample(others, 5)]
    return brief, "\n".join([*quoted[:2], brief, *quoted[2:]])


def _same_agency(text: str, desk: Desk) -> tuple[str, str]:
    """Two dispatches of one agency on one day."""
    opening, closing = desk.bank["agency"][0][0], desk.bank["agency"][1][1]
    return f"{opening}{_beginning(text, 40)}\n{closing}", f"{opening}{desk.local()}\n{closing}"


FAMILIES: dict[str, tuple[Callable[[str, Desk], tuple[str, str]], bool]] = {
    "set otherwise": (_copy(_same_text), True),
    "edited": (_copy(_edited), True),
    "edited more": (_copy(lambda text, desk: _edited(text, desk, 0.1)), True),
    "synonyms": (_copy(_synonyms), True),
    "sentences dropped": (_copy(_sentences_dropped), True),
    "paragraphs reordered": (_copy(_reordered), True),
    "trimmed to its beginning": (_copy(lambda text, desk: _beginning(text, 60)), True),
    "trimmed and edited": (_copy(lambda text, desk: _edited(_beginning(text, 80), desk, 0.03)), True),
    "without its opening": (_copy(lambda text, desk: "\n".join(text.split("\n")[1:])), True),
    "local paragraph in front": (_copy(lambda text, desk: f"{desk.local()}\n{text}"), True),
    "local paragraph at the end": (_copy(lambda text, desk: f"{text}\n{desk.local()}"), True),
    "trimmed, with a local paragraph": (_copy(lambda text, desk: f"{_beginning(text, 80)}\n{desk.local()}"), True),
    "edited, with a local paragraph": (_copy(lambda text, desk: f"{_edited(text, desk, 0.03)}\n{desk.local()}"), True),
    "agency credited": (_copy(_with_agency), True),
    "in boilerplate": (_copy(_in_boilerplate), True),
    "on two sites": (_two_sites, True),
    "of two provinces": (_two_provinces, True),
    "of two editors": (_two_editors, True),
    "under two standfirsts": (_standfirsts, True),
    "told anew, same quotations": (_told_anew, False),
    "translated": (_translated, False),
    "form filled in again": (_form, False),
    "form, other figures only": (_form_figures, False),
    "followed up": (_followed_up, False),
    "live blog": (_live, False),
    "boilerplate of one site": (_same_furniture, False),
    "round-up": (_round_up, False),
    "dispatches of one agency": (_same_agency, False),
}

if __name__ == "__main__":
    json.dump(run(Path()), sys.stdout, indent=1)
    print()
