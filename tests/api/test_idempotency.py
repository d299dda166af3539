"""Submitting again what may have been submitted already."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from api.app import create_app
from schemas.access import LOCAL
from schemas.article import Article
from schemas.settings import Settings
from tests.api.conftest import Jobs
from workers import idempotency
from workers.queue import extraction_queue
from workers.store import JobStore

Client = TestClient[Litestar]
ARTICLE = {"text": "Bonjour.", "external_id": "a-1"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def queued(redis: Redis) -> list[str]:
    return extraction_queue(redis).job_ids


def test_the_same_request_again_gets_the_first_answer(client: Client, redis: Redis, jobs: Jobs) -> None:
    first = client.post("/v1/articles", json=ARTICLE, headers=KEY)
    jobs.succeed(first.json()["id"])
    again = client.post(
        "/v1/articles", json=ARTICLE, headers={"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'}
    )
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content) == (202, first.content)
    for header in ("Location", "Retry-After", "Content-Type"):
        assert again.headers[header] == first.headers[header]
    assert queued(redis) == [first.json()["id"]]


def test_the_key_is_remembered_for_a_day(client: Client, redis: Redis) -> None:
    client.post("/v1/articles", json=ARTICLE, headers=KEY)
    [key] = redis.keys("tocsin:idempotency:*")
    assert 24 * 3600 - 5 <= redis.ttl(key) <= 24 * 3600


def test_another_body_under_the_key_is_refused(client: Client, redis: Redis) -> None:
    client.post("/v1/articles", json=ARTICLE, headers=KEY)
    answer = client.post("/v1/articles", json={"text": "Bonsoir."}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency_key_reused")
    assert len(queued(redis)) == 1


def test_what_was_refused_is_not_remembered(client: Client, redis: Redis) -> None:
    assert client.post("/v1/articles", json={"text": ""}, headers=KEY).status_code == 422
    assert client.post("/v1/articles", json=ARTICLE, headers=KEY).status_code == 202
    assert len(queued(redis)) == 1


@pytest.mark.parametrize("key", ["", " ", '""', "é", "k" * 256, '"k', '"a"b"', '"a\\b"'])
def test_a_key_that_is_none_is_refused(client: Client, redis: Redis, key: str) -> None:
    answer = client.post("/v1/articles", json=ARTICLE, headers=[(b"Idempotency-Key", key.encode())])
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed_idempotency_key")
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"
    assert queued(redis) == []


@pytest.mark.parametrize(
    ("header", "key"),
    [("k", "k"), ('"k"', "k"), (" a b ", "a b"), (r'"a\"b\\c"', r'a"b\c'), ("k" * 255, "k" * 255)],
)
def test_quotes_are_not_part_of_the_key(header: str, key: str) -> None:
    assert idempotency.parse(header) == key


def test_a_key_belongs_to_its_owner_and_operation() -> None:
    keys = {
        idempotency.redis_key("k", owner, operation)
        for owner in ("a", "b")
        for operation in ("submitArticle", "submitBatch")
    }
    assert len(keys) == 4


def test_a_request_that_is_still_being_answered_is_not_repeated(
    client: Client, redis: Redis, jobs: Jobs
) -> None:
    answers = []

    def submit() -> None:
        answers.append(client.post("/v1/articles", json=ARTICLE, headers={**KEY, "Prefer": "wait=30"}))

    first = threading.Thread(target=submit)
    first.start()
    deadline = time.monotonic() + 20
    while not queued(redis):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    early = client.post("/v1/articles", json=ARTICLE, headers=KEY)
    [job_id] = queued(redis)
    jobs.succeed(job_id)
    first.join()
    late = client.post("/v1/articles", json=ARTICLE, headers=KEY)

    assert (early.status_code, early.json()["type"]) == (409, "/problems/request_in_progress")
    assert int(early.headers["Retry-After"]) > 0
    assert answers[0].json()["status"] == "succeeded"
    assert (late.status_code, late.content) == (answers[0].status_code, answers[0].content)
    assert "Retry-After" not in late.headers


def test_of_many_at_once_one_makes_a_job(client: Client, redis: Redis) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/articles", json=ARTICLE, headers=KEY), range(16)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 202}) == 1
    assert len(queued(redis)) == 1


@pytest.fixture
def deduplicating(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, deduplicate=True)


@pytest.fixture
def deduplicating_client(redis: Redis, deduplicating: Settings) -> Iterator[Client]:  # noqa: ARG001
    with TestClient(create_app(deduplicating)) as client:
        yield client


def test_an_article_that_is_known_is_answered_with_its_job(
    deduplicating_client: Client, deduplicating: Settings, redis: Redis
) -> None:
    first = deduplicating_client.post("/v1/articles", json=ARTICLE)
    again = deduplicating_client.post("/v1/articles", json={**ARTICLE, "external_id": "a-2"}, headers=KEY)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert deduplicating_client.post("/v1/articles", json={"text": "Bonsoir."}).json() != first.json()
    others = JobStore(redis, deduplicating).create(Article(text="Bonjour."), "someone else")
    assert others.id != first.json()["id"]
    assert len(queued(redis)) == 3


def test_an_article_is_forgotten_with_its_job(deduplicating: Settings, redis: Redis) -> None:
    store = JobStore(redis, deduplicating)
    article = Article(text="Bonjour.")
    job_id = store.create(article, LOCAL.owner).id
    Jobs(redis, deduplicating).succeed(job_id)
    assert store.create(article, LOCAL.owner).id == job_id
    [content] = redis.keys("tocsin:content:*")
    assert redis.ttl(content) > 0
    store.delete(job_id, LOCAL.owner)
    failed_id = store.create(article, LOCAL.owner).id
    Jobs(redis, deduplicating).fail(failed_id, "In vain.")
    assert store.create(article, LOCAL.owner).id not in {job_id, failed_id}
