"""An engine that has to be alone on a store, and beats that share one, keep each other away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from pipeline.errors import StoreError, StoreLost
from pipeline.storage import postgres
from pipeline.storage.store import Store
from tests.services import end_other_sessions


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    """The same store, as another process has it."""
    with closing(Store(store.url)) as opened:
        yield opened


def test_many_may_be_among_others_and_nobody_alone_meanwhile(store: Store, other: Store) -> None:
    with store.among(), other.among(), pytest.raises(StoreError, match="another vigia process"), other.alone():
        pass
    with other.alone() as free:
        assert free is None


def test_who_is_alone_keeps_everybody_away(store: Store, other: Store) -> None:
    with store.alone():
        for enter in (other.among, other.alone):
            with pytest.raises(StoreError, match="another vigia process"), enter():
                pass
    with other.among() as make_sure:
        make_sure()


def test_a_place_that_was_lost_with_the_server_is_taken_again(postgres_store: Store) -> None:
    with closing(Store(postgres_store.url)) as other, postgres_store.among() as make_sure:
        _cut(other)
        with pytest.raises(StoreLost):
            make_sure()
        make_sure()
        with pytest.raises(StoreError, match="works on this store"), other.alone():
            pass


def test_whoever_came_meanwhile_is_let_alone_until_it_ends(postgres_store: Store) -> None:
    with closing(Store(postgres_store.url)) as other, ExitStack() as here, postgres_store.among() as make_sure:
        _cut(other)
        here.enter_context(other.alone())
        with pytest.raises(StoreLost):
            make_sure()
        for _ in range(2):
            with pytest.raises(StoreError, match="works on this store"):
                make_sure()
        here.close()
        make_sure()


def test_a_place_is_given_back_before_its_session_ends(postgres_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server notices the end of a session when it gets to it; until then whoever comes next would be refused."""
    left: list[postgres._Seat] = []
    with closing(Store(postgres_store.url)) as other, ExitStack() as after, monkeypatch.context() as patch:
        after.callback(lambda: [seat._leave() for seat in left])
        patch.setattr(postgres._Seat, "_leave", lambda seat: left.append(seat))
        for enter in (postgres_store.alone, postgres_store.among):
            with enter():
                pass
            with other.alone():
                pass
    assert len(left) == 4


def test_leaving_a_place_that_was_lost_is_no_error(postgres_store: Store) -> None:
    with closing(Store(postgres_store.url)) as other:
        with postgres_store.alone():
            _cut(other)
        with other.alone() as free:
            assert free is None


def _cut(other: Store) -> None:
    with other.read() as db:
        end_other_sessions(db)
