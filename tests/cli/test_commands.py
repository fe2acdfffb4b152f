"""The command line as its users meet it: a process, its output and its exit status."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

VIGIA = Path(sys.executable).with_name("vigia")
CONFIG = Path(__file__).parent.parent.parent / "config"

TEXT = (
    "La ministra de Gobierno de Tarapaya, Rosa Quintanilla, rechazó ayer la legalización de la marihuana. "
    "«La legalización de las drogas sería una derrota para las familias de este país», dijo Quintanilla en rueda de "
    "prensa. El narcotráfico, añadió la ministra, no va a desaparecer con una ley. "
    "La comisión del Congreso que estudia la regulación del cannabis volverá a reunirse la próxima semana, según "
    "informó la agencia Cablesur. Los productores de coca de la región esperan una respuesta a su pliego de pedidos."
)
LINES = [
    {
        "url": "http://diario.example/1",
        "title": "Quintanilla rechaza la legalización de la marihuana",
        "text": TEXT,
        "published_at": "2012-06-26T10:00:00Z",
        "source": "diario",
        "lang": "es",
    },
    {
        "url": "http://gaceta.example/copia",
        "title": "Ministra dice no a la legalización",
        "text": TEXT,
        "published_at": "2012-06-26T12:00:00Z",
        "source": "gaceta",
    },
    {
        "url": "http://diario.example/cafe",
        "title": "La cosecha de café",
        "text": "La cosecha de café fue buena este año y los precios subieron en la feria del distrito. " * 8,
        "published_at": "2012-06-26",
        "source": "diario",
    },
]


def vigia(*arguments: str, home: Path, stdin: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VIGIA, *arguments], input=stdin, capture_output=True, text=True, timeout=60, env=environment(home, **settings)
    )


def environment(home: Path, **settings: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("VIGIA_")}
    return plain | {"VIGIA_DATABASE_URL": f"sqlite:///{home}/vigia.sqlite"} | settings


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with LINES imported."""
    folder = tmp_path_factory.mktemp("home")
    write_lines(folder / "lines.jsonl", LINES)
    done = vigia("import", str(folder / "lines.jsonl"), home=folder)
    assert done.returncode == 0, done.stderr
    return folder


def write_lines(file: Path, lines: list[Any]) -> None:
    file.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")


# --- import -----------------------------------------------------------------------------------------------------------


def test_import_says_what_became_of_each_line_in_order(tmp_path: Path) -> None:
    write_lines(tmp_path / "lines.jsonl", LINES)
    done = vigia("import", str(tmp_path / "lines.jsonl"), "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["url"] for line in told] == [line["url"] for line in LINES]
    assert [line["outcome"] for line in told] == ["stored", "reprint", "off_topic"]
    assert told[0]["item_id"] == told[1]["item_id"]
    assert told[2]["item_id"] is None
    again = vigia("import", str(tmp_path / "lines.jsonl"), "--json", home=tmp_path)
    assert again.stdout == done.stdout


def test_import_folds_the_same_texts_whatever_comes_first(tmp_path: Path) -> None:
    write_lines(tmp_path / "lines.jsonl", LINES[::-1])
    done = vigia("import", str(tmp_path / "lines.jsonl"), "--json", home=tmp_path)
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["off_topic", "stored", "reprint"]


def test_everything_can_be_kept(tmp_path: Path) -> None:
    write_lines(tmp_path / "lines.jsonl", LINES)
    done = vigia("import", str(tmp_path / "lines.jsonl"), "--json", home=tmp_path, VIGIA_KEEP="all")
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["stored", "reprint", "stored"]


def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    write_lines(tmp_path / "lines.jsonl", ["{not json", {"url": "http://x.example/"}, *LINES])
    done = vigia("import", str(tmp_path / "lines.jsonl"), "--json", home=tmp_path)
    assert done.returncode == 1
    assert "line 1:" in done.stderr
    assert "line 2:" in done.stderr
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()][2:] == ["stored", "reprint", "off_topic"]


# --- queries ----------------------------------------------------------------------------------------------------------


def test_search_finds_with_and_without_accents(home: Path) -> None:
    for query in ("legalización", "LEGALIZACION", "topic:legalization", '"familias de este pais"', "lang:es -cafe"):
        (found,) = as_json(vigia("search", query, "--json", home=home))
        assert found["title"] == "Quintanilla rechaza la legalización de la marihuana"
        assert found["appearances"] == 2
    assert as_json(vigia("search", "café", "--json", home=home)) == []


def test_statements_say_who_said_what(home: Path) -> None:
    found = as_json(vigia("statements", "kind:direct", "--json", home=home))
    (said,) = [one for one in found if "derrota" in one["text"]]
    assert said["text"] == "La legalización de las drogas sería una derrota para las familias de este país"
    assert said["speaker"]["name"] == "Rosa Quintanilla"
    assert said["speaker"]["role"] == "minister"
    assert said["stance"]["legalization"] == "against"
    assert [report["item_id"] for report in said["reports"]] == [1]


def test_spans_point_at_the_words(home: Path) -> None:
    item = as_json(vigia("show", "1", "--json", home=home))
    for said in item["statements"]:
        for told in said["reports"]:
            field = item["title"] if told["where"] == "title" else item["text"]
            assert " ".join(field[start:end] for start, end in told["parts"]) == told["text"]
    for topic in item["topics"]:
        assert topic["evidence"]


def test_a_query_that_cannot_be_read_points_at_the_character(home: Path) -> None:
    done = vigia("search", "topic:(legalization", home=home)
    assert done.returncode == 2
    assert "expected" in done.stderr
    assert "^" in done.stderr


def test_alerts_can_be_tried_on_the_past(home: Path) -> None:
    trials = as_json(vigia("alerts", "test", "officials-on-legalization", "--since", "9999d", "--json", home=home))
    assert any("derrota" in trial["title"] for trial in trials)
    met = [sentence for trial in trials for sentence in trial["met"]]
    assert "Everything that is on the topic “legalization”." in met
    assert as_json(vigia("alerts", "--json", home=home)) == [], "an import is quiet"
    assert vigia("alerts", "test", "no-such-rule", home=home).returncode == 2


def test_an_item_that_is_not_there_is_said_so(home: Path) -> None:
    done = vigia("show", "999", home=home)
    assert done.returncode == 1
    assert "999" in done.stderr


@pytest.mark.parametrize(
    "command",
    [["search"], ["statements"], ["show", "1"], ["topics"], ["sources", "--all"], ["status"], ["failures"], ["alerts"]],
)
def test_piped_output_has_no_colours_and_json_is_one_document(home: Path, command: list[str]) -> None:
    done = vigia(*command, home=home)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    as_json(vigia(*[word for word in command if word != "--all"], "--json", home=home))


def test_status_counts_what_is_there(home: Path) -> None:
    status = as_json(vigia("status", "--json", home=home))
    assert status["totals"]["rows"]["items"] == 1
    assert status["totals"]["outcomes"] == {"stored": 1, "reprint": 1, "off_topic": 1}
    assert status["totals"]["waiting"] == {}


# --- analyze, extract -------------------------------------------------------------------------------------------------


def test_analyze_speaks_the_contract(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "title": LINES[0]["title"], "text": TEXT, "published_at": "2012-06-26"}),
        "{broken",
        json.dumps(
            {"id": "fr", "title": "Le gouvernement", "text": "Le ministre a dit que la loi sera votée demain soir."}
        ),
        json.dumps({"id": "no-text", "title": "x"}),
    ]
    done = vigia("analyze", "--jsonl", home=tmp_path, stdin="\n".join(lines))
    assert done.returncode == 1
    first, broken, french, missing = map(json.loads, done.stdout.splitlines())
    assert (first["id"], first["lang"]) == ("a", "es")
    assert {"topic", "score", "evidence"} == set(first["topics"][0])
    assert {"in", "span"} == set(first["topics"][0]["evidence"][0])
    said = first["statements"][0]
    assert {"in", "parts", "text", "cue", "speaker", "kind", "via", "topics", "stance"} == set(said)
    assert {"mention", "name", "role", "country"} == set(said["speaker"])
    assert set(broken) == {"id", "error"}
    assert (french["lang"], french["topics"], french["statements"], french["countries"]) == ("fr", [], [], [])
    assert (missing["id"], "text" in missing["error"]) == ("no-text", True)


def test_extract_speaks_the_contract(tmp_path: Path) -> None:
    html = f"""<html lang="es"><head><title>Quintanilla rechaza la legalización | Diario</title>
      <meta property="article:published_time" content="2012-06-26T10:00:00-05:00"></head>
      <body><nav>Portada Política</nav><article><h1>Quintanilla rechaza la legalización</h1>
      <p>{TEXT}</p><p>{TEXT[::-1]}</p></article></body></html>"""
    (tmp_path / "page.html").write_text(html, "utf-8")
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(html.encode()))
    lines = [
        json.dumps({"id": name, "url": "http://diario.example/1", "html_path": str(tmp_path / name)})
        for name in ("page.html", "page.html.gz", "missing.html")
    ]
    done = vigia("extract", "--jsonl", home=tmp_path, stdin="\n".join(lines))
    assert done.returncode == 1
    plain, packed, missing = map(json.loads, done.stdout.splitlines())
    assert {key: value for key, value in plain.items() if key != "id"} == {
        key: value for key, value in packed.items() if key != "id"
    }
    assert list(plain) == [
        "id", "url", "canonical_url", "title", "text", "authors", "published_at", "modified_at", "lang", "site_name",
        "description", "section", "access", "paid",
    ]  # fmt: skip
    assert plain["title"] == "Quintanilla rechaza la legalización"
    assert plain["published_at"] == "2012-06-26T15:00:00Z"
    assert TEXT in plain["text"]
    assert "Portada" not in plain["text"]
    assert "error" in missing


# --- configuration ----------------------------------------------------------------------------------------------------


def test_a_wrong_setting_is_refused(tmp_path: Path) -> None:
    for settings in ({"VIGIA_KEEP": "some"}, {"VIGIA_NO_SUCH": "1"}, {"VIGIA_CONFIG": "/nowhere"}):
        done = vigia("status", home=tmp_path, **settings)
        assert done.returncode == 2
        assert next(iter(settings)) in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "named"),
    [
        ("sources.toml", 'country = "PE"', 'country = "Peru"', "country"),
        ("alerts.toml", "topic:(legalization", "topic:((legalization", "query"),
        ("topics/legalization.toml", "[patterns.es]", "[patterns.xx]", "patterns"),
        ("people.toml", "[[person]]", "[[person]]\nage = 3", "age"),
        ("urls.toml", "tracking", "traking", "urls.toml"),
    ],
)
def test_a_mistake_in_the_configuration_is_refused_at_start(
    tmp_path: Path, file: str, old: str, new: str, named: str
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    done = vigia("poll", home=tmp_path, VIGIA_CONFIG=str(folder))
    assert done.returncode == 2
    assert Path(file).name in done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_examines_and_says_what_is_broken(tmp_path: Path) -> None:
    done = vigia("doctor", "--no-network", "--json", home=tmp_path)
    assert {finding["check"]: finding["verdict"] for finding in as_json(done)} == dict.fromkeys(
        ("python", "settings", "configuration", "database", "clock"), "ok"
    )
    (tmp_path / "vigia.sqlite").write_text("no database " * 100)
    broken = vigia("doctor", "--no-network", home=tmp_path)
    assert broken.returncode == 1
    assert "vigia.sqlite" in broken.stdout


def test_the_database_is_looked_after(home: Path, tmp_path: Path) -> None:
    for command in ("upgrade", "check", "vacuum"):
        assert vigia("db", command, home=home).returncode == 0
    assert vigia("db", "check", home=tmp_path).returncode == 1


def test_vacuum_gives_space_back_to_the_disk(tmp_path: Path) -> None:
    vigia("db", "upgrade", home=tmp_path)
    file = tmp_path / "vigia.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE filler (body)")
        db.execute("INSERT INTO filler VALUES (zeroblob(2000000))")
        db.commit()
        db.execute("DROP TABLE filler")
        db.commit()
    before = file.stat().st_size
    assert as_json(vigia("db", "vacuum", "--json", home=tmp_path))["bytes"] < before - 1_900_000


# --- failures, retry --------------------------------------------------------------------------------------------------


def test_what_cannot_be_taken_up_again_is_said(home: Path) -> None:
    for number in ("999", "1"):
        done = vigia("retry", number, home=home)
        assert done.returncode == 1
        assert f"expected a quarantined entry as `vigia failures` lists them, got {number}" in done.stderr


@pytest.mark.parametrize("command", ["retry", "failures"])
def test_a_source_that_nobody_knows_is_refused(command: str, home: Path) -> None:
    done = vigia(command, "--source", "nadie", home=home)
    assert done.returncode == 2
    assert "'nadie'" in done.stderr
    # of an import, so in the store only
    assert vigia(command, "--source", "gaceta", home=home).returncode == 0


# --- run --------------------------------------------------------------------------------------------------------------

LONELY = """
[[source]]
slug = "uno"
name = "Uno"
country = "PE"
languages = ["es"]
homepage = "http://uno.invalid/"
feeds = [{ url = "http://uno.invalid/rss" }]

[[source]]
slug = "dos"
name = "Dos"
country = "PE"
languages = ["es"]
homepage = "http://127.0.0.1/"
feeds = [{ url = "http://127.0.0.1:9/rss" }]
"""


def test_a_configuration_copied_before_a_file_came_goes_on_with_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "sources.toml").write_text(LONELY, "utf-8")
    for name in ("hosts.toml", "discovery.toml"):
        (folder / name).unlink()
    done = vigia("poll", home=tmp_path, VIGIA_CONFIG=str(folder))
    assert done.returncode == 1, "both feeds cannot be reached, and no more than that is wrong"
    assert "2 feeds failed" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_without_network_says_so_keeps_going_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    (folder / "sources.toml").write_text(LONELY, "utf-8")
    process = subprocess.Popen(
        [VIGIA, "run"], stderr=subprocess.PIPE, text=True, env=environment(tmp_path, VIGIA_CONFIG=str(folder))
    )
    assert process.stderr is not None
    said = ""
    while not ("uno.invalid" in said and "127.0.0.1" in said):
        line = process.stderr.readline()
        assert line, f"it ended by itself: {said}"
        said += line
    assert process.poll() is None
    process.send_signal(number)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert "stopped" in rest
    assert "Traceback" not in said + rest
    feeds = {
        s["slug"]: s["feeds"][0] for s in as_json(vigia("sources", "--json", home=tmp_path, VIGIA_CONFIG=str(folder)))
    }
    for slug in ("uno", "dos"):
        assert feeds[slug]["failures"] > 0
        assert feeds[slug]["last_error"]
        assert feeds[slug]["next_due_at"] > feeds[slug]["last_polled_at"]


def loads(script: str, heavy: set[str], **settings: str) -> str:
    look = f"import sys\n{script}\nprint(*sorted(set(sys.modules) & {heavy}))"
    environment = {"PATH": os.environ["PATH"], **settings}
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=30, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_help_loads_nothing_heavy() -> None:
    assert loads("import frontends.cli.main", {"sqlalchemy", "trafilatura", "httpx", "lxml"}) == ""


def test_who_only_looks_waits_for_nothing_that_fetches_reads_articles_migrates_or_sends(database_url: str) -> None:
    search = "from frontends.cli.main import app; app(['search', 'coca'], standalone_mode=False)"
    heavy = {"trafilatura", "resiliparse", "httpx", "alembic", "jinja2", "pipeline.flow", "pipeline.topics"}
    assert loads(search, heavy, VIGIA_DATABASE_URL=database_url) == ""
