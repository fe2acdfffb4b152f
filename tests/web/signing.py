"""People with accounts, for tests of what they may see and change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from argon2 import PasswordHasher
from starlette.testclient import TestClient

from frontends.web.app import create_app
from frontends.web.office import Office
from pipeline.access.passwords import Passwords

ANA, LEO = ("ana", "three wet umbrellas"), ("leo", "seven loud trumpets")
#: as quick as they come: what is tested is who gets in, not how long guessing takes
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def peopled(office: Office) -> Office:
    """The office, with an editor and a reader."""
    access = replace(office.access, passwords=Passwords(QUICK))
    access.add_user(*ANA, "editor")
    access.add_user(*LEO, "reader")
    return replace(office, access=access)


@contextmanager
def visiting(office: Office, base_url: str = "http://127.0.0.1") -> Iterator[TestClient]:
    """Somebody with a browser of their own. The office stays open."""
    with TestClient(create_app(replace(office, close=lambda: None)), base_url=base_url) as opened:
        yield opened


def field(page: str, name: str = "csrf") -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def sign_in(client: TestClient, name: str, password: str, **more: str) -> int:
    """Sign in as a browser would; returns the status of the answer."""
    client.get("/logout")
    csrf = field(client.get("/login").text)
    form = {"name": name, "password": password, "csrf": csrf, **more}
    return client.post("/login", data=form, follow_redirects=False).status_code
