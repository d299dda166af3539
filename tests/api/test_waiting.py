"""`Prefer: wait`: the answer is held until the job is final, and holds up nothing else."""

import asyncio
import time

import pytest
from httpx2 import AsyncClient
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from redis import Redis

from api.app import create_app
from api.following import Followers, until_final
from api.preferences import Preferences
from schemas.access import LOCAL
from schemas.job import Job
from schemas.settings import Settings
from tests.api.conftest import Jobs
from workers.store import JobStore

ARTICLE = {"text": "Des habitants ont manifesté."}
MORE_THAN_THERE_ARE_THREADS = 50
"""Litestar runs what blocks in up to 40 threads."""


@pytest.mark.parametrize(
    ("header", "respond_async", "wait"),
    [
        (None, False, None),
        ("", False, None),
        ("respond-async", True, None),
        ("wait=5", False, 5),
        ("respond-async, wait=5", True, 5),
        ('Respond-Async; a="b, wait=1", WAIT = "5"', True, 5),
        ("wait=5, wait=7", False, 5),
        ("wait=100000", False, 60),
        ("wait=0", False, 0),
        ("wait, handling=lenient, respond-async=", True, None),
        ("wait=-1", False, None),
        ("wait=1.5", False, None),
        ("wait=soon, return=minimal", False, None),
    ],
)
def test_the_header_is_read_leniently(header: str | None, respond_async: bool, wait: int | None) -> None:
    assert Preferences.parse(header, longest_wait=60) == (respond_async, wait)


def test_without_waiting_the_answer_comes_at_once(client: TestClient[Litestar]) -> None:
    answer = client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "respond-async, handling=lenient"})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"


def test_a_wait_ends_when_its_time_is_over(redis: Redis, settings: Settings) -> None:  # noqa: ARG001
    app = create_app(replace(settings, max_wait=1.0))
    with TestClient(app) as client:
        begun = time.monotonic()
        answer = client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "wait=3600"})
        assert 1 <= time.monotonic() - begun < 10
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.json()["status"] == "queued"
    assert "Retry-After" in answer.headers


def test_a_wait_ends_when_redis_ceases_to_answer(redis: Redis, settings: Settings, jobs: Jobs) -> None:
    job = JobStore(redis, settings).get(jobs.queue(), LOCAL.owner)
    gone = JobStore(Redis(port=1), settings)

    async def wait() -> Job:
        return await until_final(Followers(settings), job, lambda: gone.get(job.id, LOCAL.owner), seconds=30)

    assert asyncio.run(wait()) == job


def test_many_waits_end_with_their_jobs_and_hold_up_nothing_else(
    server: str, redis: Redis, jobs: Jobs
) -> None:
    async def scenario() -> None:
        async with AsyncClient(base_url=server, timeout=20) as client:
            waits = [
                asyncio.create_task(client.post("/v1/articles", json=ARTICLE, headers={"Prefer": "wait=30"}))
                for _ in range(MORE_THAN_THERE_ARE_THREADS)
            ]
            for job_id in await queued(redis, len(waits)):
                assert (await client.get(f"/v1/jobs/{job_id}")).json()["status"] == "queued"
                jobs.succeed(job_id)
            for answer in await asyncio.gather(*waits):
                assert answer.status_code == 202
                assert answer.json()["status"] == "succeeded"
                assert "Retry-After" not in answer.headers

    asyncio.run(asyncio.wait_for(scenario(), timeout=20))


async def queued(redis: Redis, count: int) -> list[str]:
    """Wait until there are so many jobs."""
    prefix = "tocsin:job:"
    while True:
        if len(keys := list(redis.scan_iter(prefix + "*"))) == count:
            return [key.decode().removeprefix(prefix) for key in keys]
        await asyncio.sleep(0.02)
