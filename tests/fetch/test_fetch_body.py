"""Bodies are decoded whole or not at all, and never grow past their cap."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConnectFailed, TooLarge
from pipeline.fetch.body import read_body

URL = "http://diario.example/nota"
MEGABYTE = 1 << 20


def chopped(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in itertools.cycle(sizes):
        if not body:
            return
        yield body[:size]
        body = body[size:]


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), min_size=1, max_size=5), st.data())
def test_however_a_body_is_packed_and_chopped_it_comes_out_whole(
    body: bytes, sizes: list[int], data: st.DataObject
) -> None:
    encoding, pack = data.draw(
        st.sampled_from(
            [
                ("", bytes),
                ("identity", bytes),
                ("gzip", gzip.compress),
                ("X-Gzip", gzip.compress),
                ("gzip, gzip", gzip.compress),
                ("identity,gzip", gzip.compress),
                ("deflate", zlib.compress),
                ("deflate", raw_deflate),
            ]
        )
    )
    assert read_body(URL, chopped(pack(body), sizes), encoding, 1000) == body


@pytest.mark.parametrize("size", [1, 2, 7, 31, 1000])
def test_several_gzip_members_are_one_body(size: int) -> None:
    packed = gzip.compress(b"la primera ") + gzip.compress(b"") + gzip.compress(b"y la segunda")
    assert read_body(URL, chopped(packed, [size]), "gzip", 1000) == b"la primera y la segunda"


def test_what_follows_a_packed_body_is_of_no_interest() -> None:
    assert read_body(URL, [gzip.compress(b"hola") + b"\0\0\0", b"more"], "gzip", 1000) == b"hola"


@pytest.mark.parametrize("length", [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, MEGABYTE + 50, 3 * MEGABYTE])
@pytest.mark.parametrize("pack", [gzip.compress, raw_deflate])
def test_long_runs_come_out_whole(length: int, pack: Callable[[bytes], bytes]) -> None:
    """zlib may hold back output after all input was taken: it must be asked again."""
    assert len(read_body(URL, [pack(bytes(length))], "gzip", 4 * MEGABYTE)) == length


def test_a_body_as_long_as_the_cap_passes_and_one_longer_does_not() -> None:
    assert read_body(URL, [b"12345", b"67890"], "", 10) == b"1234567890"
    with pytest.raises(TooLarge, match=r"diario\.example/nota: body: expected at most 10 bytes"):
        read_body(URL, [b"12345", b"678901"], "", 10)


def test_an_endless_body_is_left_at_the_cap() -> None:
    taken = itertools.count()
    endless = (bytes(1000) for _ in taken)
    with pytest.raises(TooLarge):
        read_body(URL, endless, "", 10_000)
    assert next(taken) < 15


def test_a_gzip_bomb_is_left_at_the_cap() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(200)) + packer.flush()
    assert len(bomb) < 300_000
    with pytest.raises(TooLarge):
        read_body(URL, [bomb], "gzip", 5_000_000)


def test_members_that_unpack_to_nothing_do_not_go_on_for_ever() -> None:
    with pytest.raises(TooLarge):
        read_body(URL, itertools.repeat(gzip.compress(b"")), "gzip", 10_000)


@pytest.mark.parametrize("kept", [1, 5, 12, -1, -8])
def test_a_packed_body_cut_short_is_a_broken_transfer(kept: int) -> None:
    with pytest.raises(ConnectFailed, match="cut short"):
        read_body(URL, [gzip.compress(b"un texto que no llega a su fin")[:kept]], "gzip", 1000)


def test_a_garbled_body_is_a_broken_transfer() -> None:
    packed = bytearray(gzip.compress(bytes(range(200))))
    packed[40] ^= 0xFF
    with pytest.raises(ConnectFailed, match="garbled"):
        read_body(URL, [bytes(packed)], "gzip", 1000)


def test_plain_text_that_says_gzip_is_a_broken_transfer() -> None:
    with pytest.raises(ConnectFailed, match="garbled"):
        read_body(URL, [b"<html>not packed at all</html>"], "gzip", 1000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "BR", "compress", "gzip, br"])
def test_encodings_nobody_asked_for_are_named(encoding: str) -> None:
    with pytest.raises(ConnectFailed, match=f"got {encoding.lower()}"):
        read_body(URL, [b"\x8b\x01"], encoding, 1000)


@pytest.mark.parametrize("encoding", ["utf-8", "none", "identity", "binary"])
def test_what_is_no_encoding_is_not_one(encoding: str) -> None:
    assert read_body(URL, [b"hola"], encoding, 1000) == b"hola"


def test_nothing_packed_is_nothing() -> None:
    assert read_body(URL, [], "gzip", 1000) == b""


@pytest.mark.parametrize(("encoding", "pack"), [("", bytes), ("gzip", gzip.compress)])
def test_the_first_part_of_a_longer_body(encoding: str, pack: type[bytes]) -> None:
    assert read_body(URL, [pack(b"hola" * 2500)], encoding, 400, cut=True) == b"hola" * 100


TEN_GIGABYTES = 10 << 30


def endless_zeros(container: int) -> Iterator[bytes]:
    """What ten gigabytes of zeros are packed into, a megabyte at a time: some ten kilobytes for every ten megabytes."""
    packer = zlib.compressobj(9, wbits=container)
    zeros = bytes(MEGABYTE)
    for _ in range(TEN_GIGABYTES // MEGABYTE):
        yield packer.compress(zeros)
    yield packer.flush()


@pytest.mark.parametrize(("encoding", "container"), [("gzip", 31), ("deflate", 15), ("deflate", -15)])
def test_a_bomb_of_ten_gigabytes_costs_no_more_than_its_cap(encoding: str, container: int) -> None:
    """It comes as a stream, so how much was asked of it and of memory shows where reading stopped."""
    taken = itertools.count()
    pieces = (piece for piece in endless_zeros(container) if next(taken) >= 0)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        read_body(URL, pieces, encoding, 10_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert next(taken) < 40
    assert peak < 40_000_000


def test_ten_kilobytes_that_hold_ten_megabytes_end_at_a_small_cap() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(bytes(10 * MEGABYTE)) + packer.flush()
    assert len(bomb) < 11_000
    tracemalloc.start()
    with pytest.raises(TooLarge):
        read_body(URL, [bomb], "gzip", 100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_bomb_of_many_members_is_one_bomb() -> None:
    member = gzip.compress(bytes(MEGABYTE))
    taken = itertools.count()
    with pytest.raises(TooLarge):
        read_body(URL, (member for _ in taken), "gzip", 5_000_000)
    assert next(taken) < 8


def test_a_bomb_inside_a_bomb_is_only_unpacked_once() -> None:
    inner = gzip.compress(bytes(MEGABYTE))
    assert read_body(URL, [gzip.compress(inner)], "gzip", 5_000_000) == inner
