"""What a store may hold, as strategies: a small press whose words are pitfalls of folding, put into its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from querytrees import trees_of
from sqlalchemy import Connection, insert

from pipeline.query.ast import Node
from pipeline.query.terms import terms
from pipeline.storage import positions
from pipeline.storage import words as kept_words
from pipeline.storage.schema import (
    appearances,
    entries,
    item_countries,
    item_topics,
    items,
    reports,
    revisions,
    sources,
    speakers,
    statement_topics,
    statements,
)

NOW = datetime(2012, 6, 26, 12, tzinfo=UTC)
#: words that some folding, tokenizer or parser of texts is known to treat in its own way
WORDS = [
    *"""
coca Coca COCA cocaína mano dura mano-dura mano_dura mano.dura año ano ñandú nandu maçã maca Straße
STRASSE strasse ẞ ß ﬁn fin ﬀ İstanbul istanbul i\u0307stanbul ISPARTA ıspanak isparta naïve naive
O'Higgins O’Higgins l'État d’État 3d 12 1.5 1,5 1e5 -7 +7 a1b 0x1F 10% $5 @uno #dos uno@dos.example
https://uno.example/dos?a=b a/b/c.txt 😀 👍🏽 大麻 大麻合法化 합법 ハシシ ﾊｼｼ ｃｏｃａ Ⅳ ² ½ ٣ १२ Ǆ ǆ ΣΑΣ σας ς Ꭰ ꭰ ᲀ в
ª º № ™ ㎏ 𝔘no 𐕰 soft\xadhyphen zero\u200dwidth bom\ufeff a\u0301 \u0301 Å Å ệ ở ł đ ø Ø æ Æ þ ŉ ǰ א
בּ عَرَب عرب ไทย the of de la No NOT AND OR NEAR NEAR/3 * " ' & | ! : ( ) < \\ ' <-> {title} ^ % _
大*
""".split(),  # noqa: SIM905 - a list of these would be a page long
    "x" * 250,
    "x" * 199 + "yz",
    "中" * 230,
    "\x1f",
    " ",
]
SLUGS = ("diario", "la-gaceta", "x1")
TOPICS = ("legalization", "harm-reduction", "treatment")
ROLES = (None, "Presidente", "ministra de Salud", "—", "prime minister", "head of state")
NAMES = (None, "Rosa Quispe Mamani", "José Ñúñez", "Rosa Rosado", "O'Higgins Straße", "大麻", "Quispe")
VIAS = (None, None, "Agencia Cóndor", "El Día", "condor")
LANGS = (None, "es", "en", "pt", "zh-TW")
COUNTRIES = (None, "PE", "MX", "CO")
moments = st.one_of(
    st.integers(0, 40).map(lambda hours: NOW - timedelta(hours=hours)),
    st.integers(0, 3_000_000).map(lambda tenths: NOW - timedelta(seconds=tenths / 10)),
    st.integers(-3, 3).map(lambda micros: NOW - timedelta(days=1, microseconds=micros)),
)


def _folded(values):
    return [" ".join(terms(value)) for value in values if value and terms(value)]


def query_words(pool: list[str]) -> st.SearchStrategy[str]:
    """Words that the texts may have, and how they begin."""
    return st.sampled_from(
        sorted({word[:size] for text in pool for word in terms(text) for size in (1, 2, 4, len(word))} | {"of"})
    )


query_names = st.sampled_from(
    sorted({word for name in (*NAMES, *VIAS) if name for word in terms(name)} | {"r", "mama"})
)
query_values = st.sampled_from(
    sorted({*_folded(SLUGS + TOPICS + ROLES + LANGS + COUNTRIES), "drug policy", "drug", "m", "p", "legal", "harm"})
)


@dataclass(frozen=True)
class Said:
    speaker: int
    text: str
    kind: str
    lang: str | None
    role: str | None
    country: str | None
    published_at: datetime | None
    first_seen_at: datetime
    stances: dict[str, str]


@dataclass(frozen=True)
class Told:
    """A statement by number, as an item reports it."""

    statement: int
    via: str | None
    outdated: bool


@dataclass(frozen=True)
class Written:
    title: str
    text: str
    lang: str | None
    access: str
    published_at: datetime | None
    first_seen_at: datetime
    topics: frozenset[str]
    countries: frozenset[str]
    outlets: tuple[str, ...]
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Press:
    items: tuple[Written, ...]
    said: tuple[Said, ...]


def _said(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Said]:
    return st.builds(
        Said,
        st.integers(1, len(NAMES)),
        texts,
        st.sampled_from(["direct", "mixed", "indirect"]),
        st.sampled_from(LANGS),
        st.sampled_from(ROLES),
        st.sampled_from(COUNTRIES),
        st.none() | moments,
        moments,
        st.dictionaries(st.sampled_from(TOPICS), st.sampled_from(["for", "against", "mixed", "unclear"])),
    )


def _written(texts: st.SearchStrategy[str], statements: int) -> st.SearchStrategy[Written]:
    told = st.builds(Told, st.integers(1, max(statements, 1)), st.sampled_from(VIAS), st.booleans())
    return st.builds(
        Written,
        texts,
        texts,
        st.sampled_from(LANGS),
        st.sampled_from(["open", "teaser"]),
        st.none() | moments,
        moments,
        st.frozensets(st.sampled_from(TOPICS)),
        st.frozensets(st.sampled_from([one for one in COUNTRIES if one])),
        st.lists(st.sampled_from(SLUGS), min_size=1, max_size=3, unique=True).map(tuple),
        st.lists(told, max_size=3 if statements else 0).map(tuple),
    )


#: a press and its queries are made of the same few words, so that phrases are met
pools = st.lists(st.sampled_from(WORDS), min_size=2, max_size=8, unique=True)


def stores(pool: list[str]) -> st.SearchStrategy[Press]:
    """Up to five items and four statements, whose texts are made of these words."""
    texts = st.lists(st.sampled_from(pool), max_size=12).map(" ".join)
    return st.lists(_said(texts), max_size=4).flatmap(
        lambda all_said: st.builds(
            Press, st.lists(_written(texts, len(all_said)), min_size=1, max_size=5).map(tuple), st.just(tuple(all_said))
        )
    )


def write(db: Connection, press: Press) -> None:
    """Store a press; its items and statements are numbered from 1, in order."""
    outlet = {"country": "", "homepage": "", "enabled": True, "reason": ""}
    db.execute(insert(sources), [{"slug": slug, "name": slug, **outlet} for slug in SLUGS])
    db.execute(
        insert(speakers),
        [
            {"id": number, "key": str(number), "name": name, "folded": kept_words.spaced(name) if name else None}
            for number, name in enumerate(NAMES, 1)
        ],
    )
    for number, one in enumerate(press.said, 1):
        _write_said(db, number, one)
    for number, one in enumerate(press.items, 1):
        write_item(db, number, one)
    kept_words.fill(db)
    positions.fill(db)


def _write_said(db: Connection, number: int, one: Said) -> None:
    row = {
        "id": number,
        "speaker_id": one.speaker,
        "key": number,
        "text": one.text,
        "kind": one.kind,
        "lang": one.lang,
        "role": one.role,
        "country": one.country,
        "confidence": 0.9,
        "published_at": one.published_at,
        "first_seen_at": one.first_seen_at,
        "last_seen_at": one.first_seen_at,
    }
    db.execute(insert(statements), row)
    for topic, stance in one.stances.items():
        db.execute(insert(statement_topics), {"statement_id": number, "topic": topic, "stance": stance})


def write_item(db: Connection, number: int, one: Written) -> None:
    """Store one item with all that hangs on it."""
    row = {
        "id": number,
        "source": one.outlets[0],
        "url": f"https://{one.outlets[0]}.example/{number}",
        "title": one.title,
        "text": one.text,
        "lang": one.lang,
        "authors": [],
        "countries": sorted(one.countries),
        "access": one.access,
        "published_at": one.published_at,
        "first_seen_at": one.first_seen_at,
        "text_hash": 1,
        "words": 1,
        "signature": b"",
    }
    db.execute(insert(items), row)
    for topic in one.topics:
        db.execute(insert(item_topics), {"item_id": number, "topic": topic, "score": 0.5, "evidence": []})
    for country in one.countries:
        db.execute(insert(item_countries), {"item_id": number, "country": country})
    for place, outlet in enumerate(one.outlets):
        _write_appearance(db, number, place, outlet, one)
    for told in one.told:
        _write_report(db, number, told, one)


def _write_appearance(db: Connection, item: int, place: int, outlet: str, one: Written) -> None:
    number = item * 10 + place
    address = f"https://{outlet}.example/{item}"
    entry = {
        "id": number,
        "source": outlet,
        "key": address,
        "url": address,
        "url_key": address,
        "version": "",
        "host": f"{outlet}.example",
        "title": "",
        "summary": "",
        "first_seen_at": one.first_seen_at,
        "quiet": False,
        "state": "ended",
        "attempts": 0,
        "next_try_at": one.first_seen_at,
    }
    shown = {
        "id": number,
        "item_id": item,
        "entry_id": number,
        "source": outlet,
        "url": address,
        "url_key": address,
        "title": one.title,
        "relation": "copy" if place else "original",
        "first_seen_at": one.first_seen_at,
    }
    db.execute(insert(entries), entry)
    db.execute(insert(appearances), shown)
    if place == 0:
        old = {"id": item, "item_id": item, "title": "", "text": "", "text_hash": 0, "entry_id": number}
        db.execute(insert(revisions), {**old, "replaced_at": one.first_seen_at})


def _write_report(db: Connection, item: int, told: Told, one: Written) -> None:
    row = {
        "statement_id": told.statement,
        "item_id": item,
        "revision_id": item if told.outdated else None,
        "where": "text",
        "parts": [],
        "text": "",
        "kind": "direct",
        "via": told.via,
        "confidence": 0.9,
        "seen_at": one.first_seen_at,
    }
    db.execute(insert(reports), row)


def _asked(pool: list[str]) -> st.SearchStrategy[list[Node]]:
    trees = trees_of(query_words(pool), query_values, query_names, moments, longest_near=300)
    return st.lists(trees, min_size=1, max_size=6)


#: a press, and queries in words of which it has some
questions = pools.flatmap(lambda pool: st.tuples(stores(pool), _asked(pool)))
