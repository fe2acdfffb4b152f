"""`vigia sources`: as a person uses it, against a small press on loopback."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.bootstrap import configuration
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.sources import load_catalogue
from tests.cli.test_commands import VIGIA, as_json, environment
from tests.fetch.conftest import Host, answer

CONFIG = Path(__file__).parents[2] / "config"
LOCAL = "127.0.0.1"
EMPTY = "# Ours.\n"
TITLES = (
    "Rechazan la legalización de la marihuana en el Congreso",
    "Ganó el equipo de la ciudad",
    "Lluvias en la costa",
)


@pytest.fixture
def host() -> Iterator[Host]:
    opened = Host()
    yield opened
    opened.close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "sources.toml").write_text(EMPTY, "utf-8")
    return folder


def settings(home: Path, config: Path) -> dict[str, str]:
    more = {"VIGIA_CONFIG": str(config), "VIGIA_ALLOW_ADDRESSES": "127.0.0.0/8", "VIGIA_HOST_GAP": "0"}
    return environment(home, **more)


def vigia(*arguments: str, config: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VIGIA, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env=settings(config.parent, config),
    )


def rss(host: Host, age: timedelta = timedelta(hours=1)) -> bytes:
    at = f"{datetime.now(UTC) - age:%a, %d %b %Y %H:%M:%S +0000}"
    items = "".join(
        f"<item><title>{title}</title><link>{site(host)}/nota/{number}</link><pubDate>{at}</pubDate></item>"
        for number, title in enumerate(TITLES)
    )
    body = f'<rss version="2.0"><channel><title>El Puente - Portada</title>{items}</channel></rss>'
    return answer(body=body.encode(), content_type="application/rss+xml; charset=utf-8")


def site(host: Host) -> str:
    return f"http://{LOCAL}:{host.address[1]}"


def outlet(host: Host) -> str:
    """A site with one feed, which its home page declares."""
    home = (
        '<html lang="es-PE"><head><meta property="og:site_name" content="El Puente">'
        '<link rel="alternate" type="application/rss+xml" href="/canal.xml"></head></html>'
    )
    host.says[LOCAL, "/"] = answer(body=home.encode(), content_type="text/html; charset=utf-8")
    host.says[LOCAL, "/canal.xml"] = rss(host)
    return site(host)


# --- add --------------------------------------------------------------------------------------------------------------


def test_add_finds_the_feed_shows_it_and_writes_it(host: Host, config: Path) -> None:
    url = outlet(host)
    done = vigia("sources", "add", url, "--yes", config=config)
    assert done.returncode == 0, done.stderr
    for shown in (f"{url}/canal.xml", TITLES[0], "El Puente", "33%", "the page names its site"):
        assert shown in done.stdout
    (source,) = load_catalogue(config)
    assert (source.slug, source.name, source.country, source.languages) == ("el-puente", "El Puente", "PE", ("es",))
    assert (source.homepage, [feed.url for feed in source.feeds]) == (f"{url}/", [f"{url}/canal.xml"])
    assert (config / "sources.toml").read_text("utf-8").startswith(EMPTY)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--country", "XX"), "--country: expected one of"),
        (("--slug", "El Puente"), "--slug: expected lower-case letters"),
        (("--language", "Spanish"), "--language: expected a code of ISO 639-1"),
        (("--feed", "http://diario.example/rss"), "http://diario.example/rss is a feed of puente already"),
        (("--slug", "puente"), "slug puente is taken"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_asked(
    given: tuple[str, str], said: str, host: Host, config: Path
) -> None:
    declared(host, config, "/rss")
    file = config / "sources.toml"
    file.write_text(file.read_text("utf-8").replace(f"{site(host)}/rss", "http://diario.example/rss"), "utf-8")
    done = vigia("sources", "add", outlet(host), *given, "--yes", config=config)
    assert done.returncode == 2
    assert said in done.stderr
    assert host.asked == []


def test_a_feed_that_is_known_is_refused_before_its_preview(host: Host, config: Path) -> None:
    url = outlet(host)
    declared(host, config, "/canal.xml")
    done = vigia("sources", "add", url, "--yes", config=config)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is a feed of puente already" in done.stderr
    host.asked.clear()
    assert vigia("sources", "add", f"{url}/canal.xml", config=config).returncode == 2
    assert host.asked == []


def test_one_reason_is_told_once(config: Path) -> None:
    done = vigia("sources", "add", "http://10.0.0.1/", config=config)
    assert done.returncode == 1
    assert done.stderr.count("expected a public address, got a private or reserved one") == 1


def test_what_was_added_is_polled(host: Host, config: Path) -> None:
    vigia("sources", "add", outlet(host), "--yes", config=config)
    for number in range(len(TITLES)):
        host.says[LOCAL, f"/nota/{number}"] = answer(404)
    done = vigia("poll", "--source", "el-puente", config=config)
    assert "1 feeds polled" in done.stderr


def test_a_proposal_can_be_had_without_writing(host: Host, config: Path) -> None:
    proposed = as_json(vigia("sources", "add", outlet(host), "--json", config=config))
    assert proposed["source"]["slug"] == "el-puente"
    assert proposed["written"] is None
    (prospect,) = proposed["prospects"]
    assert (prospect["chosen"], prospect["on_topic"], prospect["feed"]["entries"]) == (True, 0.333, 3)
    assert (config / "sources.toml").read_text("utf-8") == EMPTY


def test_what_a_person_gives_counts(host: Host, config: Path) -> None:
    given = ("--slug", "puente", "--name", "Puente", "--country", "cl", "--language", "es", "--language", "en")
    assert vigia("sources", "add", outlet(host), *given, "--yes", config=config).returncode == 0
    (source,) = load_catalogue(config)
    assert (source.slug, source.name, source.country, source.languages) == ("puente", "Puente", "CL", ("es", "en"))


def test_without_a_terminal_nothing_is_written_unasked(host: Host, config: Path) -> None:
    done = vigia("sources", "add", outlet(host), config=config, stdin="y\n")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert (config / "sources.toml").read_text("utf-8") == EMPTY


@pytest.mark.parametrize(("typed", "status", "added"), [("y\n", 0, 1), ("n\n", 1, 0)])
def test_on_a_terminal_it_asks(host: Host, config: Path, typed: str, status: int, added: int) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [VIGIA, "sources", "add", outlet(host)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=settings(config.parent, config),
    )
    os.write(ours, typed.encode())
    _, said = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert process.returncode == status, said
    assert len(load_catalogue(config)) == added


def test_a_question_answered_by_ctrl_c_writes_nothing(host: Host, config: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [VIGIA, "sources", "add", outlet(host)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=settings(config.parent, config),
    )
    assert process.stderr is not None
    said = b""
    while b"[Y/n]" not in said and (more := os.read(process.stderr.fileno(), 4096)):
        said += more
    process.send_signal(signal.SIGINT)
    _, last = process.communicate(timeout=30)
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, b"nothing was written" in last) == (130, True), last
    assert (config / "sources.toml").read_text("utf-8") == EMPTY


def test_the_same_outlet_is_not_added_twice(host: Host, config: Path) -> None:
    url = outlet(host)
    assert vigia("sources", "add", url, "--yes", config=config).returncode == 0
    before = (config / "sources.toml").read_text("utf-8")
    done = vigia("sources", "add", url, "--yes", config=config)
    assert done.returncode == 2
    assert "is a feed of el-puente already" in done.stderr
    assert (config / "sources.toml").read_text("utf-8") == before


def test_a_site_without_feeds_is_said_so(host: Host, config: Path) -> None:
    host.says[LOCAL, "/"] = answer(body=b"<html><head></head><body>hola</body></html>", content_type="text/html")
    done = vigia("sources", "add", site(host), "--yes", config=config)
    assert done.returncode == 1
    assert "no feed was found" in done.stderr
    assert "/feed/" in done.stderr, "what was tried is told"


def test_a_country_that_nothing_tells_is_asked_for(host: Host, config: Path) -> None:
    outlet(host)
    host.says[LOCAL, "/"] = answer(
        body=b'<html><head><link rel="alternate" type="application/rss+xml" href="/canal.xml"></head></html>'
    )
    done = vigia("sources", "add", site(host), "--yes", config=config)
    assert done.returncode == 2
    assert "--country" in done.stderr


@pytest.mark.parametrize("url", ["ftp://puente.example/", "http://"])
def test_what_is_no_address_is_refused(config: Path, url: str) -> None:
    assert vigia("sources", "add", url, "--yes", config=config).returncode == 2


def test_a_round_tells_what_it_put_off(host: Host, config: Path) -> None:
    declared(host, config, "/rss")
    host.says[LOCAL, "/rss"] = rss(host)
    for number in range(len(TITLES)):
        host.says[LOCAL, f"/nota/{number}"] = answer(500)
    done = vigia("poll", config=config)
    assert f"{len(TITLES)} waiting for another attempt" in done.stderr
    # nothing is due now, but these are
    again = vigia("poll", config=config)
    assert "nothing was due" not in again.stderr
    assert f"{len(TITLES)} waiting for another attempt" in again.stderr


# --- check ------------------------------------------------------------------------------------------------------------


def declared(host: Host, config: Path, *paths: str) -> None:
    feeds = ", ".join(f'{{ url = "{site(host)}{path}" }}' for path in paths)
    table = '[[source]]\nslug = "puente"\nname = "Puente"\ncountry = "PE"\nlanguages = ["es"]\n'
    (config / "sources.toml").write_text(f'{table}homepage = "{site(host)}/"\nfeeds = [{feeds}]\n', "utf-8")


def checked(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {one["url"].rpartition("/")[2]: one for one in json.loads(done.stdout)}


def test_check_says_what_each_feed_answers_and_what_to_do(host: Host, config: Path) -> None:
    declared(host, config, "/bien", "/falta", "/pagina", "/dormido", "/mapa", "/cerrado", "/prohibido")
    host.says[LOCAL, "/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /prohibido\n")
    host.says[LOCAL, "/bien"] = rss(host)
    host.says[LOCAL, "/pagina"] = answer(body=b"<html></html>")
    host.says[LOCAL, "/dormido"] = rss(host, timedelta(days=300))
    host.says[LOCAL, "/mapa"] = answer(body=f"<urlset><url><loc>{site(host)}/a</loc></url></urlset>".encode())
    host.says[LOCAL, "/cerrado"] = answer(403)
    done = vigia("sources", "check", "--json", config=config)
    assert done.returncode == 1
    found = checked(done)
    assert {name: one["verdict"] for name, one in found.items()} == {
        "bien": "ok", "falta": "failed", "pagina": "failed", "dormido": "warning", "mapa": "warning",
        "cerrado": "failed", "prohibido": "failed",
    }  # fmt: skip
    assert (found["bien"]["entries"], found["bien"]["dated"], found["bien"]["new"]) == (3, 1.0, None)
    assert found["falta"]["status"] == 404
    assert "sources add" in found["pagina"]["advice"]
    assert "nothing new since" in found["dormido"]["advice"]
    assert 'kind = "sitemap"' in found["mapa"]["advice"]
    assert "refuses us" in found["cerrado"]["advice"]
    assert found["prohibido"]["robots"] == "forbidden"
    assert not (config.parent / "vigia.sqlite").exists(), "nothing is written"
    shown = vigia("sources", "check", "puente", config=config)
    assert "7 feed(s) checked, 4 failed" in shown.stderr
    assert "refuses us" in shown.stdout


def test_check_tells_what_is_new_where_there_is_a_store(host: Host, config: Path) -> None:
    declared(host, config, "/bien")
    host.says[LOCAL, "/bien"] = rss(host)
    line = {"url": f"{site(host)}/nota/1", "title": "t", "text": "x", "source": "puente"}
    assert vigia("import", "-", config=config, stdin=json.dumps(line)).returncode == 0
    assert checked(vigia("sources", "check", "--json", config=config))["bien"]["new"] == 2


def test_any_feed_can_be_checked(host: Host, config: Path) -> None:
    host.says[LOCAL, "/bien"] = rss(host)
    assert vigia("sources", "check", f"{site(host)}/bien", config=config).returncode == 0
    assert vigia("sources", "check", f"{site(host)}/falta", config=config).returncode == 1
    assert vigia("sources", "check", "nadie", config=config).returncode == 2


def asking(host: Host, config: Path, released: threading.Event) -> subprocess.Popen[str]:
    """A check whose one request is under way, answered once `released` is set."""
    arrived = threading.Event()

    def slow(connection: socket.socket, stop: threading.Event) -> None:
        arrived.set()
        while not (released.is_set() or stop.is_set()):
            released.wait(0.05)
        connection.sendall(rss(host))

    declared(host, config, "/lento", "/otro")
    host.says[LOCAL, "/lento"] = slow
    process = subprocess.Popen(
        [VIGIA, "sources", "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=settings(config.parent, config),
    )
    assert arrived.wait(30)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "stopping: letting requests under way end" in process.stderr.readline()
    return process


def test_a_check_that_is_stopped_says_so_and_asks_nothing_more(host: Host, config: Path) -> None:
    released = threading.Event()
    process = asking(host, config, released)
    released.set()
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert "/otro" not in host.paths(LOCAL)


def test_asked_twice_a_check_ends_at_once(host: Host, config: Path) -> None:
    released = threading.Event()
    process = asking(host, config, released)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGINT
    assert not released.is_set()


# --- enable, disable, init --------------------------------------------------------------------------------------------


def test_a_source_is_switched_off_and_on(host: Host, config: Path) -> None:
    declared(host, config, "/bien")
    before = (config / "sources.toml").read_text("utf-8")
    assert vigia("sources", "disable", "puente", "--reason", "answers 403 now", config=config).returncode == 0
    (source,) = load_catalogue(config)
    assert (source.enabled, source.reason) == (False, "answers 403 now")
    assert vigia("poll", "--source", "puente", config=config).returncode == 2
    assert vigia("sources", "enable", "puente", config=config).returncode == 0
    assert (config / "sources.toml").read_text("utf-8").replace("enabled = true\n", "") == before
    unknown = vigia("sources", "enable", "nadie", config=config)
    assert unknown.returncode == 2
    assert "source: expected one that `vigia sources --all` lists, got 'nadie'" in unknown.stderr
    assert vigia("sources", "disable", "puente", "--reason", " ", config=config).returncode == 2


def test_a_feed_that_moved_is_written_down_once_it_is_seen_there(host: Host, config: Path) -> None:
    declared(host, config, "/viejo", "/otro")
    host.says[LOCAL, "/nuevo"] = answer(body=f"<urlset><url><loc>{site(host)}/a</loc></url></urlset>".encode())
    move = ("sources", "move", "puente", f"{site(host)}/viejo")
    assert vigia(*move, f"{site(host)}/nada", config=config).returncode == 1
    assert vigia(*move, f"{site(host)}/otro/", config=config).returncode == 2
    assert [feed.url.rpartition("/")[2] for feed in load_catalogue(config)[0].feeds] == ["viejo", "otro"]
    assert vigia(*move, f"{site(host)}/nuevo", config=config).returncode == 0
    (new, other) = load_catalogue(config)[0].feeds
    assert (new.url, new.kind.value, other.url) == (f"{site(host)}/nuevo", "sitemap", f"{site(host)}/otro")


def test_a_feed_may_move_to_another_section_of_the_same_address(host: Host, config: Path) -> None:
    declared(host, config, "/rss?source=politica", "/otro")
    move = ("sources", "move", "puente", f"{site(host)}/otro", "--unchecked")
    assert vigia(*move, f"{site(host)}/rss/?source=politica", config=config).returncode == 2
    assert vigia(*move, f"{site(host)}/rss?source=salud", config=config).returncode == 0
    feeds = [feed.url.rpartition("=")[2] for feed in load_catalogue(config)[0].feeds]
    assert feeds == ["politica", "salud"]


def test_one_without_feeds_cannot_be_enabled(host: Host, config: Path) -> None:
    declared(host, config)
    text = (config / "sources.toml").read_text("utf-8") + 'enabled = false\nreason = "no feed"\n'
    (config / "sources.toml").write_text(text, "utf-8")
    done = vigia("sources", "enable", "puente", config=config)
    assert done.returncode == 2
    assert "feeds" in done.stderr
    assert (config / "sources.toml").read_text("utf-8") == text


def test_a_configuration_of_ones_own(config: Path) -> None:
    mine = config.parent / "mine"
    done = vigia("sources", "init", str(mine), config=config)
    assert done.returncode == 0
    assert f"VIGIA_CONFIG={mine}" in done.stderr
    assert len(load_catalogue(mine)) == 100
    assert vigia("sources", "init", str(mine), config=config).returncode == 2


def test_a_broken_file_is_said_to_be_broken_where_it_is(config: Path) -> None:
    (config / "sources.toml").write_text(EMPTY + "[[source]\n", "utf-8")
    for command in (("sources",), ("sources", "disable", "puente", "--reason", "no")):
        done = vigia(*command, config=config)
        assert done.returncode == 2
        assert "expected TOML in UTF-8" in done.stderr
        assert "(at line 2, column " in done.stderr


def test_a_configuration_cannot_be_made_just_anywhere(config: Path) -> None:
    done = vigia("sources", "init", "/proc/nope", config=config)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "expected a folder that can be made, got /proc/nope" in done.stderr


def test_an_installed_program_does_not_change_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a wheel, the configuration lies inside the package: the second place that is looked at."""
    monkeypatch.setattr(configuration, "_CONFIG_FOLDERS", (tmp_path / "none", CONFIG))
    with pytest.raises(ConfigError, match="vigia sources init FOLDER"):
        configuration.writable_folder(Settings())
    assert configuration.shipped_config() == CONFIG


def test_a_folder_of_ones_own_need_not_say_how_outlets_name_their_feeds(config: Path) -> None:
    (config / "discovery.toml").unlink()
    assert configuration.load_hints(replace(Settings(), config=str(config))).paths


def test_a_file_that_cannot_be_written_is_said_so_before_anything_is_asked(host: Host, config: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    (config / "sources.toml").chmod(0o444)
    done = vigia("sources", "add", outlet(host), "--yes", config=config)
    assert done.returncode == 2
    assert "can be written" in done.stderr
    assert host.asked == []


# --- lists ------------------------------------------------------------------------------------------------------------

LIST = """<opml version="1.0"><body><outline text="Perú">
<outline text="El Puente" xmlUrl="http://puente.example/rss" htmlUrl="http://puente.example/"/>
<outline text="La Orilla" xmlUrl="http://orilla.example/rss" language="pt"/>
<outline text="Roto" xmlUrl="nada"/></outline></body></opml>"""


def test_a_list_is_imported_disabled_and_what_was_left_out_is_told(config: Path) -> None:
    file = config.parent / "lista.opml"
    file.write_text(LIST, "utf-8")
    done = vigia("sources", "import", str(file), "--country", "pe", "--language", "es", config=config)
    assert done.returncode == 0, done.stderr
    assert "2 added, 1 skipped" in done.stderr
    assert "no web address" in done.stdout
    puente, orilla = load_catalogue(config)
    assert (puente.slug, puente.enabled, puente.country, puente.languages) == ("puente", False, "PE", ("es",))
    assert "imported from lista.opml" in puente.reason
    assert orilla.languages == ("pt",)
    again = as_json(
        vigia("sources", "import", str(file), "--country", "PE", "--language", "es", "--json", config=config)
    )
    assert (again["added"], len(again["skipped"])) == ([], 3)


def test_a_list_of_nothing_that_can_be_read_is_no_success(config: Path) -> None:
    file = config.parent / "cortado.opml"
    file.write_text('<opml version="1.0"><body><outline text="El Puente" xmlUrl="http://pue', "utf-8")
    done = vigia("sources", "import", str(file), config=config)
    assert done.returncode == 1
    assert f"{file}: expected an OPML list of feeds" in done.stderr


def test_a_list_that_was_exported_is_imported_elsewhere(host: Host, config: Path) -> None:
    declared(host, config, "/rss", "/noticias.xml")
    before = load_catalogue(config)
    file = config.parent / "lista.opml"
    assert vigia("sources", "export", str(file), config=config).returncode == 0
    assert vigia("sources", "export", config=config).stdout == file.read_text("utf-8")
    (config / "sources.toml").write_text(EMPTY, "utf-8")
    assert vigia("sources", "import", str(file), "--enable", config=config).returncode == 0
    assert load_catalogue(config) == before


def test_a_list_that_is_none_changes_nothing(config: Path) -> None:
    file = config.parent / "lista.opml"
    file.write_text('<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + LIST, "utf-8")
    done = vigia("sources", "import", str(file), config=config)
    assert done.returncode == 2
    assert "lista.opml" in done.stderr
    assert vigia("sources", "import", str(file) + ".not", config=config).returncode == 2
    assert (config / "sources.toml").read_text("utf-8") == EMPTY
