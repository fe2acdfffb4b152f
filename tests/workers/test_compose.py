"""docker-compose.yml is one, and each of its services starts as it says there, on real servers.

No Docker engine is at hand: the file is held against the Compose Specification's own schema (which check-jsonschema
carries), and the commands run as subprocesses with the environment of the file.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.pages import ROOT
from tests.services import Postgres, Redis, free_port, redis_binary

WORKING = ("beat", "worker-poll-fetch", "worker-process")
BIN = Path(sys.executable).parent


def compose() -> dict[str, Any]:
    return dict(YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text("utf-8")))


def services() -> dict[str, dict[str, Any]]:
    return dict(compose()["services"])


def schema() -> dict[str, Any]:
    carried = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    return dict(json.loads(carried.read_text("utf-8")))


def test_it_follows_the_compose_specification() -> None:
    jsonschema.validate(compose(), schema())


def test_the_schema_would_see_a_mistake() -> None:
    wrong = compose()
    wrong["services"]["beat"]["comand"] = ["vigia", "beat"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema())


@pytest.mark.parametrize("name", services())
def test_every_service_has_limits_a_health_check_and_a_restart_policy(name: str) -> None:
    service = services()[name]
    assert {"memory", "cpus", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}, "no log fills the disk"
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] in ("unless-stopped", "on-failure")
    assert service["healthcheck"].get("test") or (name == "migrate" and service["healthcheck"]["disable"])


@pytest.mark.parametrize("name", services())
def test_what_a_service_waits_for_exists_and_can_come_true(name: str) -> None:
    for other, how in services()[name].get("depends_on", {}).items():
        waited = services()[other]
        if how["condition"] == "service_healthy":
            assert waited["healthcheck"]["test"]
        else:
            assert waited["restart"] == "on-failure"


def test_secrets_come_from_the_environment_alone() -> None:
    given = {**filled({}), **dict.fromkeys(re.findall(r"^([A-Z_]+)=", example(), re.MULTILINE), "")}
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    left_alone = {"VIGIA_VERSION", "VIGIA_WEB_PORT", "VIGIA_WEB_PROCESSES", "VIGIA_PROCESS_CPUS"}
    asked = set(re.findall(r"\$\{([A-Z_]+)", text)) - left_alone
    assert asked == given.keys(), ".env.example names what the file asks for"
    assert not re.search(r"(PASSWORD|SECRET): +[^$\s]", text)
    assert re.findall(r"=(.+)$", example(), re.MULTILINE) == []


def example() -> str:
    return (ROOT / ".env.example").read_text("utf-8")


def test_broker_and_store_are_not_reachable_from_outside() -> None:
    assert compose()["networks"]["inside"]["internal"] is True
    for name in ("redis", "postgres"):
        assert services()[name]["networks"] == ["inside"]
        assert "ports" not in services()[name]


def test_what_is_published_is_for_this_machine_alone() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert list(published) == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in published["web"])


def test_the_image_reads_the_configuration_that_it_holds() -> None:
    last = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")[-1]
    held = re.search(r"^COPY config (\S+)$", last, re.MULTILINE)
    assert held is not None
    assert f"ENV VIGIA_CONFIG={held[1]}\n" in last
    assert services()["beat"]["environment"]["VIGIA_CONFIG"] == held[1]


def test_the_image_runs_as_nobody_in_particular() -> None:
    stages = (ROOT / "Dockerfile").read_text("utf-8").split("\nFROM ")
    assert len(stages) == 3, "a stage to build, a stage to run"
    assert re.search(r"^USER (?!root)\w+$", stages[-1], re.MULTILINE)
    assert "pip install" not in stages[-1]


def test_the_image_holds_every_package_of_the_wheel() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    packages = re.search(r"^packages = \[(.+)\]$", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert packages is not None
    for package in re.findall(r"\w+", packages[1]):
        assert f"COPY {package} ./{package}" in text
        assert f"!{package}\n" in (ROOT / ".dockerignore").read_text("utf-8")


# --- the commands, on real servers ------------------------------------------------------------------------------------


def filled(values: dict[str, str]) -> dict[str, str]:
    return {"POSTGRES_PASSWORD": "", "VIGIA_CONTACT": "https://vigia.example/robot", **values}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Redis, str]]:
    with Redis(tmp_path_factory.mktemp("redis"), persistent=False) as redis, Postgres() as postgres:
        yield redis, postgres.database()


def environment(name: str, servers: tuple[Redis, str], folder: Path, port: int = 0) -> dict[str, str]:
    """What the file gives a service, with the addresses of this machine for those of its network."""
    redis, database = servers
    given = {key: re.sub(r"\$\{(\w+)(?::-([^}]*))?[^}]*\}", lambda m: filled({}).get(m[1]) or m[2] or "", value)
             for key, value in services()[name]["environment"].items()}  # fmt: skip
    ours = {
        "VIGIA_DATABASE_URL": database,
        "VIGIA_BROKER_URL": redis.url,
        "VIGIA_CONFIG": str(ROOT / "config"),
        "VIGIA_ALERTS_FILE": str(folder / "alerts.jsonl"),
        "VIGIA_METRICS_ADDRESS": f"127.0.0.1:{port or free_port()}",
    }
    assert ours.keys() <= given.keys()
    outside = {key: value for key, value in os.environ.items() if not key.startswith("VIGIA_")}
    return {**outside, **given, **ours, "PATH": f"{BIN}:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def migrated(servers: tuple[Redis, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Redis, str]:
    folder = tmp_path_factory.mktemp("migrate")
    done = subprocess.run(
        services()["migrate"]["command"],
        env=environment("migrate", servers, folder),
        cwd=folder,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return servers


@contextmanager
def running(command: list[str], env: dict[str, str], folder: Path) -> Iterator[Path]:
    """A service until SIGTERM, after which it has to end with status 0; gives its log."""
    log = folder / "log"
    with log.open("wb") as to:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=to, stderr=to)
        try:
            yield log
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(30)
    assert status == 0, log.read_text()


@pytest.mark.parametrize("name", WORKING)
def test_a_service_starts_becomes_healthy_and_stops(name: str, migrated: tuple[Redis, str], tmp_path: Path) -> None:
    service, env = services()[name], environment(name, migrated, tmp_path)
    # no outlet is asked for anything from here
    env["VIGIA_CONFIG"] = str(quiet_config(tmp_path))
    with running(service["command"], env, tmp_path) as log:
        assert becomes_healthy(service, env, tmp_path), log.read_text()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line]
    assert all({"at", "level", "logger", "message"} <= line.keys() for line in lines), "first word to last"
    said = " ".join(line["message"] for line in lines)
    assert re.search("sending what is due in .+ to workers at|working on", said)
    assert re.search("stopping: letting|Warm shutdown", said)


def test_the_image_alone_is_the_embedded_engine_and_can_be_watched_too(
    migrated: tuple[Redis, str], tmp_path: Path
) -> None:
    told = re.search(r"^CMD (\[.+\])$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert told is not None
    port = free_port()
    env = environment("beat", migrated, tmp_path, port)
    env |= {"VIGIA_DATABASE_URL": f"sqlite:///{tmp_path}/vigia.sqlite", "VIGIA_CONFIG": str(quiet_config(tmp_path))}
    with running(json.loads(told[1]), env, tmp_path) as log:
        assert becomes_healthy(services()["beat"], env, tmp_path), log.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            assert 'vigia_waiting{step="fetch"} 0.0' in answer.read().decode()


def test_the_pages_wait_for_a_first_user_and_then_become_healthy(migrated: tuple[Redis, str], tmp_path: Path) -> None:
    service, port = services()["web"], free_port()
    env = environment("web", migrated, tmp_path) | {"VIGIA_WEB_ADDRESS": f"0.0.0.0:{port}"}
    kind, *probe = service["healthcheck"]["test"]
    checked = {"healthcheck": {"test": [kind, *(word.replace(":8000/", f":{port}/") for word in probe)]}}
    refused = subprocess.run(service["command"], env=env, cwd=tmp_path, timeout=60, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "vigia users add" in refused.stderr
    added = [*service["command"][:1], "users", "add", "ana", "--password-stdin"]
    subprocess.run(added, env=env, cwd=tmp_path, timeout=60, check=True, input="a long way to the harbour\n", text=True)
    with running(service["command"], env, tmp_path) as log:
        assert becomes_healthy(checked, env, tmp_path), log.read_text()


def quiet_config(folder: Path) -> Path:
    """The shipped configuration, with every source disabled."""
    config = folder / "config"
    config.mkdir()
    for file in (ROOT / "config").iterdir():
        if file.name != "sources.toml":
            (config / file.name).symlink_to(file)
    written = '[[source]]\nslug = "diario"\nname = "Diario"\ncountry = "PE"\nlanguages = ["es"]\n'
    written += 'homepage = "http://diario.example"\nenabled = false\nreason = "a test"\n'
    (config / "sources.toml").write_text(written)
    return config


def becomes_healthy(service: dict[str, Any], env: dict[str, str], folder: Path, patience: float = 40) -> bool:
    kind, *command = service["healthcheck"]["test"]
    assert kind == "CMD"
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if subprocess.run(command, env=env, cwd=folder, capture_output=True).returncode == 0:
            return True
        time.sleep(0.2)
    return False


def test_a_health_check_fails_where_nothing_runs(migrated: tuple[Redis, str], tmp_path: Path) -> None:
    _, *command = services()["beat"]["healthcheck"]["test"]
    done = subprocess.run(command, env=environment("beat", migrated, tmp_path), capture_output=True, text=True)
    assert done.returncode == 1
    assert "nobody answers" in done.stdout


def test_redis_takes_its_options(tmp_path: Path) -> None:
    program, *options = services()["redis"]["command"]
    assert program == "redis-server"
    port = free_port()
    process = subprocess.Popen([redis_binary(), *options, "--port", str(port), "--bind", "127.0.0.1"], cwd=tmp_path)
    try:
        import redis

        client = redis.Redis(port=port)
        end = time.monotonic() + 20
        while True:
            try:
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
                break
            except redis.exceptions.ConnectionError:
                assert time.monotonic() < end
                time.sleep(0.02)
        client.close()
    finally:
        process.terminate()
        process.wait(20)
