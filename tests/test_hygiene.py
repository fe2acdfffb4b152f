"""No file tells of the machine it was written on, or of where somebody gets their packages."""

from __future__ import annotations

import re

import pytest

from tests.pages import ROOT, pages, project_files, relative, walked

#: not `https://host/home/`: a path of a machine begins where nothing of an address stands before it
MACHINE_PATH = re.compile(rb"(?<![\w.~$})%-])/(?:home|root|work|Users)/[\w.-]")
PACKAGE_HOST = re.compile(rb"\b(?:extra-)?index[-]url\b|\bfind-[l]inks\b|\b(?:UV|PIP)_(?:EXTRA_|DEFAULT_)?INDEX")


@pytest.mark.parametrize(
    ("line", "pattern", "found"),
    [
        (b"see /ho" + b"me/ana/vigia", MACHINE_PATH, True),
        (b"sqlite:////ro" + b"ot/vigia.sqlite", MACHINE_PATH, True),
        (b"'/wo" + b"rk/main'", MACHINE_PATH, True),
        (b"https://elpuente.example/home/portada", MACHINE_PATH, False),
        (b"samples/work/plan", MACHINE_PATH, False),
        (b"--extra-index-" + b"url https://packages.example", PACKAGE_HOST, True),
        (b"find-" + b"links = wheels", PACKAGE_HOST, True),
        (b"a sitemap index: url by url", PACKAGE_HOST, False),
    ],
)
def test_the_patterns_below_find_what_they_should(line: bytes, pattern: re.Pattern[bytes], found: bool) -> None:
    assert bool(pattern.search(line)) is found


def test_no_file_names_paths_of_a_machine_or_a_package_host() -> None:
    for path in project_files():
        text = path.read_bytes()
        for pattern in (MACHINE_PATH, PACKAGE_HOST):
            found = pattern.search(text)
            assert not found, f"{relative(path)}: expected no machine's path or package host, got {found[0]!r}"


def test_pins_name_versions_and_no_address() -> None:
    locks = ("constraints.txt", "Pipfile.lock", "pylock.toml", "package-lock.json")
    for path in project_files():
        if path.name in locks or path.suffix == ".lock":
            assert b"://" not in path.read_bytes(), f"{relative(path)}: expected names and versions, got an address"


def test_files_are_found_without_git_too() -> None:
    names = {relative(path) for path in walked(ROOT)}
    assert {relative(path) for path in pages()} <= names
    assert not any(name.startswith((".venv/", ".git/")) for name in names)
