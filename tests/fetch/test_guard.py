"""No connection goes to an address that is not public, however it is written, named or reached."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Callable

import httpcore
import pytest

from pipeline.clock import SystemClock
from pipeline.errors import AddressRefused, ConfigError, ConnectFailed, Misdirected, TimedOut
from pipeline.fetch import Fetcher, guarded_client
from pipeline.fetch.guard import GuardedBackend, is_public, parse_networks
from pipeline.settings import Settings
from pipeline.types import Request
from tests.fetch.conftest import Host, answer

Make = Callable[..., Fetcher]

REFUSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("written", REFUSED)
def test_these_are_not_public(written: str) -> None:
    assert not is_public(ipaddress.ip_address(written))


@pytest.mark.parametrize("written", PUBLIC)
def test_these_are_public(written: str) -> None:
    assert is_public(ipaddress.ip_address(written))


@pytest.mark.parametrize(
    "written",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[::127.0.0.1]",
        "[::]",
        "[ff02::1]",
        "0x7f.0.0.0x1",
        "127.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "LOCALHOST",
        "127。0。0。1",
        "localhost",
        "100.64.0.1",
        "169.254.169.254",
    ],
)
def test_no_way_of_writing_this_machine_reaches_it(written: str, fetcher: Make, host: Host) -> None:
    with pytest.raises(AddressRefused, match="expected a public address"):
        fetcher().get(Request(f"http://{written}:{host.address[1]}/"))
    assert host.asked == []


def test_a_name_that_resolves_to_a_private_address_is_refused(fetcher: Make) -> None:
    with pytest.raises(AddressRefused, match=r"intranet\.example.*10\.0\.0\.8"):
        fetcher(lambda name, port: ["10.0.0.8"]).get(Request("http://intranet.example/"))


def test_one_private_address_among_public_ones_is_enough_to_refuse(fetcher: Make) -> None:
    with pytest.raises(AddressRefused):
        fetcher(lambda name, port: ["93.184.215.14", "192.168.0.1"]).get(Request("http://mixed.example/"))


@pytest.mark.parametrize(
    "host_name",
    [
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[::1%25lo]",
        "127.0.0.1%00.example",
        "%31%32%37.0.0.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "localhost.",
        "①②⑦.⓪.⓪.①",
    ],
)
def test_zones_escapes_dots_and_digits_of_other_kinds_lead_nowhere(fetcher: Make, host: Host, host_name: str) -> None:
    with pytest.raises((Misdirected, AddressRefused, ConnectFailed)):
        fetcher().get(Request(f"http://{host_name}:{host.address[1]}/"))
    assert host.asked == []


@pytest.mark.parametrize(
    "address", ["fe80::1%eth0", "::ffff:127.0.0.1", "fe80::1%1", "64:ff9b::a00:1", "2002:c0a8:101::1", "::"]
)
def test_resolved_ipv6_addresses_are_unwrapped(fetcher: Make, address: str) -> None:
    with pytest.raises(AddressRefused):
        fetcher(lambda name, port: [address]).get(Request("http://six.example/"))


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.8/", "//intranet.example/x"]
)
def test_a_redirect_to_a_private_address_is_refused(fetcher: Make, host: Host, target: str) -> None:
    host.says["diario.example", "/nota"] = answer(302, location=target)
    with pytest.raises(AddressRefused):
        fetcher(lambda name, port: ["10.9.9.9"] if "intranet" in name else [name]).get(
            Request("http://diario.example/nota")
        )


def test_robots_txt_does_not_hide_the_refusal(fetcher: Make) -> None:
    with pytest.raises(AddressRefused):
        fetcher(lambda name, port: ["10.0.0.8"], robots=True).get(Request("http://intranet.example/"))


def test_we_connect_to_the_address_that_was_checked(fetcher: Make, host: Host) -> None:
    """DNS rebinding: a second answer of the resolver is never used for a connection that the first one allowed."""
    port = host.address[1]
    replies = iter([["127.0.0.1"], ["10.0.0.1"]])
    host.says["rebind.example", "/"] = answer(200, b"hola")
    one = fetcher(lambda name, port: next(replies), allow_addresses="127.0.0.0/8")
    assert one.get(Request(f"http://rebind.example:{port}/")).body == b"hola"
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        one.get(Request(f"http://rebind.example:{port}/"))


def test_an_address_that_does_not_answer_is_followed_by_the_next(fetcher: Make, host: Host) -> None:
    port = host.address[1]
    host.says["two.example", "/"] = answer(200, b"hola")
    # nobody listens on 127.0.0.2 at this port
    one = fetcher(lambda name, port: ["127.0.0.2", "127.0.0.1"], allow_addresses="127.0.0.0/8")
    assert one.get(Request(f"http://two.example:{port}/")).status == 200


def test_allowed_networks_let_through_only_themselves(fetcher: Make) -> None:
    with pytest.raises(AddressRefused):
        fetcher(lambda name, port: ["10.2.0.1"], allow_addresses="10.1.0.0/16, fd00::/8").get(
            Request("http://h.example/")
        )


@pytest.mark.parametrize("address", ["::ffff:10.1.0.1", "64:ff9b::a01:1", "10.0.255.255", "fe80::1", "fd01::1%eth0"])
def test_an_allowed_network_does_not_let_through_what_only_wraps_it(fetcher: Make, address: str) -> None:
    with pytest.raises(AddressRefused if "%" not in address else (ConnectFailed, TimedOut)):
        fetcher(lambda name, port: [address], allow_addresses="10.1.0.0/16, fd00::/8", fetch_connect_timeout=0.2).get(
            Request("http://h.example/")
        )


def test_every_new_connection_is_checked_anew(fetcher: Make, host: Host) -> None:
    """A name that changes with every answer, from the cloud's metadata to this machine."""
    replies = itertools.cycle([["169.254.169.254"], ["::1"], ["127.0.0.1", "93.184.215.14"], ["93.184.215.14", "::1"]])
    one = fetcher(lambda name, port: next(replies))
    for _ in range(8):
        with pytest.raises(AddressRefused):
            one.get(Request(f"http://rebind.example:{host.address[1]}/"))
    assert host.asked == []


def test_robots_txt_passes_the_guard_by_itself(fetcher: Make, host: Host) -> None:
    """A public host may redirect its robots.txt inside: then it has no rules, and nobody is asked."""
    host.says["diario.example", "/robots.txt"] = answer(302, location=f"http://127.0.0.1:{host.address[1]}/admin")
    host.says["diario.example", "/nota"] = answer(200, b"hola")
    assert fetcher(robots=True).get(Request("http://diario.example/nota")).body == b"hola"
    assert "/admin" not in [path for _, path, _ in host.asked]


def test_an_unknown_name_is_a_failed_connection(fetcher: Make) -> None:
    def resolver(name: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(ConnectFailed, match=r"nowhere\.example: name not found"):
        fetcher(resolver).get(Request("http://nowhere.example/"))


def test_a_name_without_addresses_is_a_failed_connection(fetcher: Make) -> None:
    with pytest.raises(ConnectFailed, match="no address"):
        fetcher(lambda name, port: []).get(Request("http://empty.example/"))


def test_a_wrong_network_is_refused_at_start() -> None:
    with pytest.raises(ConfigError, match=r"VIGIA_ALLOW_ADDRESSES: expected networks like .*, got '10.0.0.1/8'"):
        parse_networks("10.0.0.1/8")


def test_webhooks_pass_the_guard_too(host: Host) -> None:
    """Also the pin on httpx: the guard hangs on a private attribute, and this fails when a version ignores it."""
    with guarded_client(Settings(), SystemClock(), {}) as client, pytest.raises(AddressRefused):
        client.post(f"http://127.0.0.1:{host.address[1]}/hook", content=b"{}")
    assert host.asked == []


def test_local_sockets_are_refused() -> None:
    backend: httpcore.NetworkBackend = GuardedBackend(SystemClock().monotonic)
    with pytest.raises(AddressRefused, match=r"docker\.sock"):
        backend.connect_unix_socket("/var/run/docker.sock")
