"""Every error is a problem document, and shows nothing of the inside."""

import logging

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from api.app import create_app
from api.problems import KINDS
from schemas.settings import Settings
from tests.api.conftest import Jobs

Client = TestClient[Litestar]


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/docs/nothing", "/docs/nothing.json", "/problems/nothing"]
)
def test_an_unknown_address_is_not_found(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/not_found",
        "title": "There is nothing here",
        "status": 404,
        "detail": f"There is nothing at {path}.",
        "instance": path,
    }
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", "/v1/articles", "POST"), ("POST", "/v1/jobs/x", "DELETE"), ("POST", "/docs", "GET")],
)
def test_a_wrong_method_is_told_the_right_ones(client: Client, method: str, path: str, allowed: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (405, "/problems/method_not_allowed")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert allowed in answer.headers["Allow"]
    assert allowed in answer.json()["detail"]


def test_options_tells_all_methods(client: Client) -> None:
    answer = client.options("/v1/jobs/x")
    assert (answer.status_code, answer.headers["Allow"]) == (204, "DELETE, GET, OPTIONS")


def test_a_fault_of_ours_is_logged_and_not_shown(
    client: Client, jobs: Jobs, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = jobs.queue()
    redis.set(f"tocsin:job:{job_id}", "secret rubbish")
    with caplog.at_level(logging.ERROR):
        answer = client.get(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal_error")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "msgspec" not in answer.text
    assert "Traceback" in caplog.text
    assert "msgspec" in caplog.text


def test_without_redis_nothing_is_taken_in_and_the_client_told_to_come_back() -> None:
    app = create_app(Settings(redis_url="redis://127.0.0.1:1"))
    with TestClient(app, raise_server_exceptions=False) as client:
        answers = [
            client.post("/v1/articles", json={"text": "a"}),
            client.get("/v1/jobs/x"),
            client.delete("/v1/jobs/x"),
            client.get("/v1/jobs/x/events"),
            client.get("/health/ready"),
        ]
        assert client.get("/health/live").status_code == 200
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/queue_unavailable")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("code", KINDS)
def test_the_address_of_a_type_explains_it(client: Client, code: str) -> None:
    answer = client.get(f"/problems/{code}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert KINDS[code].title in answer.text
