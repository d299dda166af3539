"""docker-compose.yml: after the Compose specification, and as Tocsin needs it.

No container is started here. `data/compose-spec.json` is the specification's own schema, from
https://github.com/compose-spec/compose-spec, under the licence beside it.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from schemas.settings import Settings
from workers.webhooks.delivering import DRAIN_SECONDS

ROOT = Path(__file__).parents[1]
KILL_GRACE = 60
"""Seconds that RQ leaves a job after its timeout before it kills it."""

Service = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return document


@pytest.fixture
def redis(compose: dict[str, Any]) -> Service:
    service: Service = compose["services"]["redis"]
    return service


@pytest.fixture
def api(compose: dict[str, Any]) -> Service:
    service: Service = compose["services"]["api"]
    return service


@pytest.fixture
def worker(compose: dict[str, Any]) -> Service:
    service: Service = compose["services"]["worker"]
    return service


@pytest.fixture
def deliverer(compose: dict[str, Any]) -> Service:
    service: Service = compose["services"]["deliverer"]
    return service


def test_follows_the_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(compose)


def test_the_schema_would_notice_a_mistake(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
    compose = {**compose, "services": {"api": {"image": "tocsin", "restarts": "always"}}}
    with pytest.raises(jsonschema.ValidationError, match="restarts"):
        jsonschema.Draft202012Validator(schema).validate(compose)


def test_redis_forgets_nothing(redis: Service) -> None:
    assert "--appendonly yes" in redis["command"]
    assert "--maxmemory-policy noeviction" in redis["command"]
    assert "redis:/data" in redis["volumes"]
    assert redis["healthcheck"]["test"] == ["CMD", "valkey-cli", "ping"]


def test_all_wait_for_redis_in_one_image(api: Service, worker: Service, deliverer: Service) -> None:
    services = (api, worker, deliverer)
    assert len({service["image"] for service in services}) == 1
    assert [service["command"] for service in services] == ["serve", "worker", "deliver"]
    for service in services:
        assert service["depends_on"] == {"redis": {"condition": "service_healthy"}}
        assert service["environment"]["REDIS_URL"] == "redis://redis:6379/0"
        assert service["restart"] == "always"


def test_workers_can_be_scaled(worker: Service) -> None:
    assert "container_name" not in worker
    assert "ports" not in worker
    assert worker["deploy"]["replicas"] > 1


def test_a_worker_may_finish_its_article(worker: Service) -> None:
    assert _seconds(worker["stop_grace_period"]) > Settings().job_timeout + KILL_GRACE


def test_the_environment_sets_what_is_a_setting(api: Service, worker: Service, deliverer: Service) -> None:
    for service in (api, worker, deliverer):
        assert Settings.from_environment(service["environment"]).redis_url


def test_api_and_deliverer_share_a_secret(api: Service, deliverer: Service) -> None:
    assert api["environment"]["TOCSIN_SECRET"] == deliverer["environment"]["TOCSIN_SECRET"]
    assert api["environment"]["TOCSIN_SECRET"].startswith("${TOCSIN_SECRET:?")


def test_a_deliverer_may_finish_what_is_under_way(deliverer: Service) -> None:
    assert _seconds(deliverer["stop_grace_period"]) > DRAIN_SECONDS


def test_the_api_asks_for_keys_and_it_is_said_how_to_make_one(api: Service) -> None:
    assert not Settings.from_environment(api["environment"]).is_loopback
    for document in ("README.md", "docker-compose.yml"):
        text = (ROOT / document).read_text(encoding="utf-8")
        [command] = set(re.findall(r"docker compose run --rm api ([\w ]+?) (?:NAME|press-review)", text))
        assert command == "keys create"


def test_the_image_runs_tocsin_as_nobody_in_particular() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stage = image.rpartition("\nFROM ")[2]
    assert stage.startswith("python:3.11-slim")
    assert re.search(r"^USER (?!root)", stage, re.MULTILINE)
    assert 'ENTRYPOINT ["tocsin"]' in stage


def test_the_image_has_all_that_the_wheel_is_made_of() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for name in ("api/", "cli/", "schemas/", "workers/", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        assert re.search(rf"^COPY .*\b{re.escape(name)}", image, re.MULTILINE), name
        assert f"!{name}\n" in sent


def _seconds(duration: str) -> int:
    """Read a duration of the Compose specification, down to seconds."""
    parts = re.findall(r"(\d+)([hms])", duration)
    return sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts)
