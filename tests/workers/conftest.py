"""A real Redis for the tests of what workers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests import services


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Redis]:
    with services.Redis(tmp_path_factory.mktemp("redis"), persistent=False) as started:
        yield started


@pytest.fixture
def client(server: services.Redis) -> Iterator[redis.Redis]:
    from workers.gate import connect

    connected = connect(server.url)
    connected.flushall()
    yield connected
    connected.close()
