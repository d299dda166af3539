"""Following jobs as server-sent events, and answers that are not sent twice."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from httpx2 import AsyncClient, Limits
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from api import following
from tests.api.conftest import Jobs
from workers import changes

Client = TestClient[Litestar]
STREAMS = 500
POLLS = 100


def events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Read server-sent events; comments under the name of the empty string."""
    event: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            event[name] = value.strip()
        elif event:
            yield event
            event = {}


def stream(client: Client, job_id: str, last_event_id: str | None = None) -> list[dict[str, str]]:
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    answer = client.get(f"/v1/jobs/{job_id}/stream", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert "ETag" not in answer.headers
    return list(events(iter(answer.text.splitlines())))


def test_a_final_job_is_told_once_and_the_stream_ends(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue())
    opening, told = stream(client, job_id)
    assert opening == {"retry": "2000"}
    job = client.get(f"/v1/jobs/{job_id}").json()
    assert told["event"] == "job"
    assert told["id"] == str(job["revision"]) == "3"
    assert json.loads(told["data"]) == job


def test_who_comes_back_gets_what_is_new(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue())
    _, told = stream(client, job_id, last_event_id="1")
    assert json.loads(told["data"])["status"] == "succeeded"
    answer = client.get(f"/v1/jobs/{job_id}/stream", headers={"Last-Event-ID": told["id"]})
    assert (answer.status_code, answer.content) == (204, b"")


def test_what_others_own_or_nobody_has_cannot_be_streamed(client: Client) -> None:
    answer = client.get("/v1/jobs/0b6f5d0e-6f1c-4c8e-9d43-5b8f2f6f7a10/stream")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/job_not_found")


def test_every_change_is_told_in_order(server: str, jobs: Jobs) -> None:
    job_id = jobs.queue()

    async def scenario() -> list[str]:
        told = []
        async for job in states(server, job_id):
            told.append(job["status"])
            if job["status"] == "queued":
                jobs.succeed(job_id)
        return told

    statuses = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert statuses[0] == "queued"
    assert statuses[-1] == "succeeded"


def test_a_quiet_stream_shows_that_it_is_alive(
    server: str, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.05)
    job_id = jobs.queue()

    async def scenario() -> None:
        pings = 0
        async with (
            AsyncClient(base_url=server, timeout=20) as client,
            client.stream("GET", f"/v1/jobs/{job_id}/stream") as answer,
        ):
            async for line in answer.aiter_lines():
                if line == ": ping":
                    pings += 1
                    if pings == 3:
                        jobs.fail(job_id, "There is no article in it.")
                if '"failed"' in line:
                    return

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_stream_ends_with_a_job_that_is_forgotten(server: str, jobs: Jobs, redis: Redis) -> None:
    job_id = jobs.queue()

    async def scenario() -> None:
        async for _ in states(server, job_id):
            redis.delete(f"tocsin:job:{job_id}")
            redis.publish(changes.CHANNEL, job_id)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_what_went_unheard_is_seen_when_redis_is_heard_again(server: str, jobs: Jobs, redis: Redis) -> None:
    job_id = jobs.queue()

    async def scenario() -> str:
        async for job in states(server, job_id):
            if job["status"] == "queued":
                redis.client_kill_filter(_type="pubsub")
                jobs.succeed(job_id)
        return str(job["status"])

    assert asyncio.run(asyncio.wait_for(scenario(), following.LOOK_SECONDS)) == "succeeded"


def test_hundreds_follow_and_the_others_are_answered_meanwhile(server: str, jobs: Jobs, redis: Redis) -> None:
    job_ids = [jobs.queue() for _ in range(STREAMS + POLLS)]

    async def follow(client: AsyncClient, job_id: str, begun: asyncio.Semaphore) -> str:
        if job_id in job_ids[STREAMS:]:
            begun.release()
            answer = await client.get(f"/v1/jobs/{job_id}", headers={"Prefer": "wait=60"})
            return str(answer.json()["status"])
        status = "unheard"
        async with client.stream("GET", f"/v1/jobs/{job_id}/stream") as answer:
            begun.release()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    status = json.loads(line.removeprefix("data:"))["status"]
        return status

    async def scenario() -> list[str]:
        begun = asyncio.Semaphore(0)
        limits = Limits(max_connections=None)
        async with AsyncClient(base_url=server, timeout=60, limits=limits) as client:
            following = [asyncio.create_task(follow(client, job_id, begun)) for job_id in job_ids]
            for _ in job_ids:
                await begun.acquire()
            asked = time.monotonic()
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.post("/v1/articles", json={"text": "Une manifestation."})).status_code == 202
            assert time.monotonic() - asked < 5
            assert redis.pubsub_numsub(changes.CHANNEL)[0][1] == 1
            await asyncio.to_thread(lambda: [jobs.succeed(job_id) for job_id in job_ids])
            return await asyncio.gather(*following)

    assert asyncio.run(asyncio.wait_for(scenario(), 60)) == ["succeeded"] * len(job_ids)


async def states(server: str, job_id: str) -> AsyncIterator[dict[str, Any]]:
    """Follow a job on a real server."""
    async with (
        AsyncClient(base_url=server, timeout=20) as client,
        client.stream("GET", f"/v1/jobs/{job_id}/stream") as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line.removeprefix("data:"))


def test_a_batch_is_followed_to_its_end(server: str, jobs: Jobs, client: Client) -> None:
    batch = client.post("/v1/batches", json={"articles": [{"text": "a"}, {"text": "b"}, {"text": ""}]}).json()
    path = f"/v1/batches/{batch['id']}"

    async def scenario() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        told = []
        async with AsyncClient(base_url=server, timeout=20) as waiting:
            poll = asyncio.create_task(waiting.get(path, headers={"Prefer": "wait=30"}))
            async with waiting.stream("GET", f"{path}/stream") as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("data:"):
                        told.append(json.loads(line.removeprefix("data:")))
                        if len(told) == 1:
                            for job in client.get(f"{path}/jobs").json()["jobs"]:
                                jobs.succeed(job["id"])
            return told, (await poll).json()

    told, polled = asyncio.run(asyncio.wait_for(scenario(), 20))
    assert (told[0]["status"], told[0]["counts"]["queued"], told[0]["rejections"]) == ("open", 2, [])
    assert (told[-1]["status"], told[-1]["counts"]["succeeded"]) == ("completed", 2)
    assert (polled["status"], len(polled["rejections"])) == ("completed", 1)
    ended = client.get(f"{path}/stream", headers={"Last-Event-ID": str(told[-1]["revision"])})
    assert (ended.status_code, ended.content) == (204, b"")


@pytest.mark.parametrize("path", ["/v1/jobs/{}", "/v1/jobs/{}/events", "/v1/jobs/{}/events?format=csv"])
def test_what_the_client_has_is_not_sent_again(client: Client, jobs: Jobs, path: str) -> None:
    path = path.format(jobs.succeed(jobs.queue()))
    tag = client.get(path).headers["ETag"]
    for shown in (tag, f'"other", W/{tag}', "*"):
        answer = client.get(path, headers={"If-None-Match": shown})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in answer.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_has_changed_is_sent(client: Client, jobs: Jobs) -> None:
    path = f"/v1/jobs/{(job_id := jobs.queue())}"
    poll = client.get(path)
    unchanged = client.get(path, headers={"If-None-Match": poll.headers["ETag"]})
    assert (unchanged.status_code, "Retry-After" in unchanged.headers) == (304, True)
    jobs.begin(job_id)
    changed = client.get(path, headers={"If-None-Match": poll.headers["ETag"]})
    assert (changed.status_code, changed.json()["status"]) == (200, "running")


def test_a_poll_may_wait_too(client: Client, jobs: Jobs) -> None:
    answer = client.get(f"/v1/jobs/{jobs.succeed(jobs.queue())}", headers={"Prefer": "wait=30"})
    assert answer.json()["status"] == "succeeded"
    assert answer.headers["Preference-Applied"] == "wait=30"
