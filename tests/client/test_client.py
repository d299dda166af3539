"""Both clients, against the real service."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from api.examples import EVENT
from client import AsyncClient, Client, RefusedError, UnreachableError
from schemas.access import Scope
from schemas.article import Article
from schemas.batch import BatchStatus
from schemas.event_list import View
from schemas.job import JobStatus, Priority
from schemas.settings import Settings
from workers.keys import KeyStore
from workers.queue import BACKLOG

ARTICLE = Article(text="Des habitants ont manifesté.", external_id="a-1")
UNREADABLE = Article(text="Des habitants ont manifesté.", source="unreadable")


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    with Client(server) as client:
        yield client


def test_an_article_goes_in_and_records_come_back(client: Client, coding: Callable[[], None]) -> None:
    job = client.submit(ARTICLE)
    assert (job.status, job.external_id) == (JobStatus.QUEUED, "a-1")
    coding()
    done = client.finish(job.id)
    assert (done.status, done.event_count) == (JobStatus.SUCCEEDED, 1)
    assert client.events(job.id, View.ALL) == [EVENT]
    assert client.submit(ARTICLE, wait=20).status is JobStatus.SUCCEEDED
    client.delete_job(job.id)
    with pytest.raises(RefusedError, match=job.id) as refused:
        client.job(job.id)
    assert (refused.value.status, refused.value.kind) == (404, "/problems/job_not_found")


def test_the_same_key_makes_one_job(client: Client) -> None:
    first = client.submit(ARTICLE, idempotency_key="k")
    assert client.submit(ARTICLE, idempotency_key="k") == first
    assert client.submit(ARTICLE) != first


def test_a_batch_goes_in_as_it_comes(client: Client, coding: Callable[[], None], redis: Redis) -> None:
    articles: list[Article | bytes] = [ARTICLE, b'{"text": ""}', UNREADABLE, b'{\n"text": "Bonjour."\n}']
    batch = client.submit_batch(iter(articles))
    assert (batch.total, [item.line for item in batch.rejections]) == (3, [2])
    assert redis.llen(BACKLOG) == 3
    coding()
    *_, last = client.follow_batch(batch.id)
    assert (last.status, last.counts.succeeded, last.counts.failed) == (BatchStatus.COMPLETED, 2, 1)
    jobs = list(client.batch_jobs(batch.id))
    assert [job.status for job in jobs] == [JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.SUCCEEDED]
    records = b"".join(client.batch_events(batch.id)).splitlines()
    assert [json.loads(record)["event_type"] for record in records] == ["Protests"] * 2
    assert b"".join(client.batch_events(batch.id, "csv")).startswith(b"event_id_cnty,")
    client.delete_batch(batch.id)
    with pytest.raises(RefusedError, match="no batch"):
        next(client.batch_events(batch.id))


def test_all_jobs_of_a_batch_are_listed(client: Client) -> None:
    batch = client.submit_batch([ARTICLE] * 1001, priority=Priority.INTERACTIVE)
    assert len(list(client.batch_jobs(batch.id))) == 1001


def test_the_service_says_whether_it_is_ready(client: Client) -> None:
    assert not client.is_ready()


def test_a_key_is_shown(server: str, redis: Redis, settings: Settings) -> None:
    _, token = KeyStore(redis, settings).create("mine", "me", frozenset({Scope.SUBMIT}))
    with Client(server, token) as client:
        assert client.submit(ARTICLE).status is JobStatus.QUEUED
    with Client(server, "tocsin_wrong") as client, pytest.raises(RefusedError) as refused:
        client.submit(ARTICLE)
    assert refused.value.status == 401


def test_a_service_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with Client(f"http://127.0.0.1:{probe.getsockname()[1]}") as client:
            assert not client.is_ready()
            with pytest.raises(UnreachableError, match="does not answer"):
                client.submit_batch([ARTICLE])


def test_a_busy_service_is_asked_again() -> None:
    job = b'{"id": "x", "status": "queued", "created_at": "2022-01-05T13:00:00Z"}'
    answers = [
        b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(job), job),
    ]
    with socket.create_server(("127.0.0.1", 0)) as service:

        def answer() -> None:
            connection, _ = service.accept()
            with connection:
                for text in answers:
                    connection.recv(65536)
                    connection.sendall(text)

        thread = threading.Thread(target=answer)
        thread.start()
        with Client(f"http://127.0.0.1:{service.getsockname()[1]}") as client:
            assert client.job("x").status is JobStatus.QUEUED
        thread.join()


def test_the_asynchronous_client_does_the_same(server: str, coding: Callable[[], None]) -> None:
    coding()

    async def use() -> None:
        async with AsyncClient(server) as client:
            assert not await client.is_ready()
            some = await asyncio.gather(*(client.submit(ARTICLE) for _ in range(5)))
            done = await asyncio.gather(*(client.finish(job.id) for job in some))
            assert {job.status for job in done} == {JobStatus.SUCCEEDED}
            assert await client.events(done[0].id) == [EVENT]
            await client.delete_job(done[0].id)
            with pytest.raises(RefusedError):
                await client.job(done[0].id)
            batch = await client.submit_batch([ARTICLE, UNREADABLE])
            seen = [batch async for batch in client.follow_batch(batch.id)]
            assert seen[-1].status is BatchStatus.COMPLETED
            listed = [job async for job in client.batch_jobs(batch.id)]
            assert len(listed) == 2
            parts = [part async for part in client.batch_events(batch.id, "geojson")]
            assert len(json.loads(b"".join(parts))["features"]) == 1
            await client.delete_batch(batch.id)

    asyncio.run(use())
