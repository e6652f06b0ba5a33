"""Dockerfile and compose.yaml, as far as they can be checked where no Docker is."""

import fnmatch
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bots.cli import main
from bots.operations.doctor.machines import setting_names

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: s for name, s in SERVICES.items() if s["image"].startswith("stylebot-")}
# What compose knows of a service: https://github.com/compose-spec/compose-spec/blob/main/05-services.md
KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "env_file", "environment",
    "healthcheck", "image", "init", "logging", "networks", "profiles", "read_only", "restart",
    "security_opt", "shm_size", "stop_grace_period", "tmpfs", "volumes",
}  # fmt: skip


def test_the_dockerfile_passes_its_linter():
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(  # noqa: S603 - a linter
        [str(hadolint), str(DEPLOY / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_images_copy_what_is_there_and_run_as_nobody_in_particular():
    allowed = [
        line.removeprefix("!")
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert {"bots", "engine", "migrations", "storage", "pyproject.toml"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch.fnmatch(source, pattern) for pattern in allowed), source
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    for stage in stages:
        name = stage.split("\n", 1)[0].split(" AS ")[1]
        if name in ("bots", "engine"):
            assert "USER 10001" in stage
            (command,) = re.findall(r'^CMD \["(\w+)"\]$', stage, re.MULTILINE)
            assert command in main.commands
    installs = re.findall(r"pip install (.+)", DOCKERFILE)
    assert installs
    bounded = ("--constraint .ci/constraints.txt", "--require-hashes", "--no-deps .")
    assert all(any(bound in line for bound in bounded) for line in installs)


@pytest.mark.parametrize("extra", ["bots", "engine"])
def test_what_images_install_is_locked_to_what_was_tested(extra: str):
    tested = dict(
        line.split("==")
        for line in (ROOT / ".ci" / "constraints.txt").read_text().split()
        if "==" in line
    )
    lock = (ROOT / ".ci" / "locks" / f"{extra}.txt").read_text()
    locked = re.findall(
        r"^([\w.-]+)==([^\s;]+)([^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)+)",
        lock,
        re.MULTILINE,
    )
    assert len(locked) == len(re.findall(r"^\w", lock, re.MULTILINE))
    for name, version, _ in locked:
        assert tested.get(name, version) == version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"][extra]]
    names = {re.split(r"[\[<>=]", line)[0].lower().replace(".", "-") for line in wanted}
    assert names <= {name.lower().replace(".", "-") for name, _, _ in locked}


def test_every_service_is_bounded_checked_and_guarded():
    for name, service in SERVICES.items():
        assert service.keys() <= KEYS, name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert {"memory", "pids"} <= service["deploy"]["resources"]["limits"].keys(), name
        # What runs once has an exit code instead.
        assert service["restart"] == "no" or service["healthcheck"]["test"][0] == "CMD", name
        assert "ports" not in service, name
    assert {tuple(s.get("profiles", ())) for s in SERVICES.values()} == {(), ("cpu",), ("gpu",)}


def test_what_services_name_is_there():
    volumes = {volume.split(":")[0] for s in SERVICES.values() for volume in s.get("volumes", [])}
    assert volumes == set(COMPOSE["volumes"])
    networks = {network for s in SERVICES.values() for network in s["networks"]}
    assert networks == set(COMPOSE["networks"])
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    for name, service in OURS.items():
        build = service["build"]
        assert (DEPLOY / build["context"]).resolve() == ROOT
        assert (ROOT / build["dockerfile"]).exists()
        assert f" AS {build['target']}\n" in DOCKERFILE
        assert service["image"] == f"stylebot-{build['target']}"
        assert set(build.get("args", ())) <= set(re.findall(r"^ARG (\w+)", DOCKERFILE, re.M))
        command = main.commands[service["command"][0]]
        options = {option for p in command.params for option in p.opts}
        given = {word for word in service["command"] if word.startswith("--")}
        assert given <= options, name
        for other in service.get("depends_on", {}):
            assert other in SERVICES


def test_every_variable_is_a_setting():
    others = {"CUDA_CACHE_PATH"}
    for name, service in OURS.items():
        assert service["environment"].keys() <= {*setting_names(), *others}, name
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    shown = (ROOT / ".env.example").read_text()
    assert asked
    for variable in asked:
        assert re.search(rf"^#?{variable}=", shown, re.M), variable


@pytest.mark.parametrize("name", ["bots", "engine"])
def test_the_probes_ask_where_the_service_answers(name: str):
    from urllib.parse import urlsplit

    probe = " ".join(SERVICES[name]["healthcheck"]["test"])
    (url,) = re.findall(r"http://[^']+", probe)
    assert urlsplit(url).path == "/readyz"
    port = str(urlsplit(url).port)
    service = SERVICES[name]
    assert port in (service["environment"].get("BOT_METRICS_PORT"), service["command"][-1])
    compile(service["healthcheck"]["test"][-1], "probe", "exec")
