"""Brings stored statements in line with config/speakers.toml: speakers that are one become one, with all their reports.

Done again, it changes nothing: a speaker that was merged is gone, a name that is right stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.statements import identity
from pipeline.statements.corrections import Corrections
from pipeline.storage import speakers
from pipeline.storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Corrected:
    """What changed in the store."""

    speakers: int
    #: statements that went to another speaker
    moved: int
    #: ... and of these, the ones that turned out to be known under that speaker already
    folded: int
    renamed: int


def correct_store(store: Store, corrections: Corrections) -> Corrected:
    """Apply all corrections, in a transaction of their own."""
    return store.transact(lambda db: correct(db, corrections))


def correct(db: Transaction, corrections: Corrections) -> Corrected:
    """Apply all corrections, in the caller's transaction."""
    merged = moved = folded = 0
    for source, into in corrections.keys.items():
        gone = speakers.find(db, source)
        if gone is None:
            continue
        here, there = _merge(db, gone, into)
        merged, moved, folded = merged + 1, moved + here, folded + there
    return Corrected(merged, moved, folded, speakers.rename(db, corrections.names))


def _merge(db: Transaction, gone: int, into: str) -> tuple[int, int]:
    """Hand over everything that one speaker said; returns how many statements, and how many were known already."""
    stays = speakers.find(db, into) or speakers.enter_like(db, into, gone)
    known = speakers.words_of(db, stays)
    by_key = {one.key: one.id for one in known}
    by_band: dict[int, dict[int, str]] = {}
    for one in known:
        _enter(by_band, identity.keys_of(into, one.text)[1], one.id, one.text)
    folded = 0
    said = speakers.words_of(db, gone)
    for one in said:
        key, bands = identity.keys_of(into, one.text)
        same = by_key.get(key) or _near(by_band, bands, one.text)
        if same is not None:
            speakers.fold(db, one.id, same)
            folded += 1
            continue
        speakers.hand_over(db, one.id, stays, key, bands)
        by_key[key] = one.id
        _enter(by_band, bands, one.id, one.text)
    speakers.forget(db, gone)
    return len(said), folded


def _enter(by_band: dict[int, dict[int, str]], bands: tuple[int, ...], statement_id: int, text: str) -> None:
    for band in bands:
        by_band.setdefault(band, {})[statement_id] = text


def _near(by_band: dict[int, dict[int, str]], bands: tuple[int, ...], text: str) -> int | None:
    tried = {i: words for band in bands for i, words in by_band.get(band, {}).items()}
    return next((i for i, words in sorted(tried.items()) if identity.same_statement(text, words)), None)
