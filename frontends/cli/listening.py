"""Sockets to listen at an address with: one for each process that shares it."""

from __future__ import annotations

import socket
import sys

from pipeline.errors import ConfigError

#: of one process: a socket for each address of the host
Doors = list[socket.socket]

#: where the kernel gives each connection to one of those who listen; elsewhere they compete for one socket
_SHARES = sys.platform == "linux"


def listen(host: str, port: int, number: int = 1) -> list[Doors]:
    """For each of so many processes a socket for each address that the host has.

    Who keeps them open loses no connection while a process is replaced. Raises ConfigError for an address that cannot
    be listened at.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = sorted({(family, where) for family, _, _, _, where in found})
        once = [_bound(family, where, shared=False) for family, where in addresses]
        if number == 1 or not _SHARES:
            return [once] * number
        for made in once:
            # nobody else listens there: those who share an address would not have been told
            made.close()
        return [[_bound(family, where, shared=True) for family, where in addresses] for _ in range(number)]
    except OSError as error:
        raise ConfigError(
            "environment", "VIGIA_WEB_ADDRESS", f"a free address of this machine ({error.strerror})", f"{host}:{port}"
        ) from None


def _bound(family: int, where: tuple[object, ...], *, shared: bool) -> socket.socket:
    # said to be TCP's, or asyncio would let the kernel hold the ends of answers back for 40 ms (Nagle)
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        # what is meant for IPv4 has a socket of its own
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(where)
    return made
