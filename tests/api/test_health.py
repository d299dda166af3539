"""Liveness and readiness."""

from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer

from schemas.settings import Settings
from workers import queue
from workers.extraction import languages

Client = TestClient[Litestar]


def test_the_process_is_alive(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_without_a_worker_the_service_is_not_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not_ready")
    assert "No worker" in answer.json()["detail"]
    assert "Retry-After" in answer.headers


def test_with_a_worker_it_is(client: Client, redis: Redis, settings: Settings) -> None:
    worker = Worker([queue.extraction_queue(redis)], connection=redis, serializer=JSONSerializer)
    worker.register_birth()  # type: ignore[no-untyped-call]
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "workers": 1,
        "languages": list(languages.supported(settings)),
    }
    worker.register_death()  # type: ignore[no-untyped-call]
    assert client.get("/health/ready").status_code == 503
