"""Many articles at a time: each accepted or rejected on its own, all of the accepted ones or none."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from api.app import create_app
from api.examples import EVENT
from api.lines import grouped
from api.routes.batches import OPERATION
from schemas.access import LOCAL
from schemas.batch import Batch
from schemas.errors import RequestInProgressError
from schemas.event import ACLED_COLUMNS
from schemas.job import Priority
from schemas.settings import Settings
from schemas.taxonomy import EventStatus
from tests.api.conftest import Jobs
from workers import idempotency
from workers.batches import BatchStore, Line
from workers.idempotency import Answer, Claim
from workers.queue import BACKLOG, extraction_queue
from workers.store import JobStore

Client = TestClient[Litestar]
NDJSON = {"Content-Type": "application/x-ndjson"}
ARTICLES = [{"text": f"Bonjour {number}.", "external_id": str(number)} for number in range(3)]
PLANNED = msgspec.structs.replace(EVENT, status=EventStatus.PLANNED, latitude=None)


def lines(*articles: object) -> bytes:
    return "".join(json.dumps(article) + "\n" for article in articles).encode()


def submit(client: Client, *articles: object) -> dict[str, Any]:
    answer = client.post("/v1/batches", content=lines(*articles), headers=NDJSON)
    assert answer.status_code == 202
    batch: dict[str, Any] = answer.json()
    return batch


def job_ids(client: Client, batch: dict[str, Any]) -> list[str]:
    return [job["id"] for job in client.get(f"/v1/batches/{batch['id']}/jobs").json()["jobs"]]


def backlog(redis: Redis) -> list[str]:
    return [job_id.decode() for job_id in redis.lrange(BACKLOG, 0, -1) if isinstance(job_id, bytes)]


@pytest.mark.parametrize("is_ndjson", [True, False])
def test_articles_become_a_batch_of_jobs(client: Client, redis: Redis, is_ndjson: bool) -> None:
    if is_ndjson:
        answer = client.post("/v1/batches", content=lines(*ARTICLES), headers=NDJSON)
    else:
        answer = client.post("/v1/batches", json={"articles": ARTICLES})
    batch = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert int(answer.headers["Retry-After"]) > 0
    assert (batch["status"], batch["priority"], batch["total"], batch["progress"]) == ("open", "bulk", 3, 0)
    assert batch["counts"] == {"queued": 3, "running": 0, "succeeded": 0, "failed": 0, "cancelled": 0}
    assert client.get(answer.headers["Location"]).json() == batch
    jobs = client.get(f"/v1/batches/{batch['id']}/jobs").json()["jobs"]
    assert [job["external_id"] for job in jobs] == ["0", "1", "2"]
    assert {job["batch_id"] for job in jobs} == {batch["id"]}
    assert client.get(f"/v1/jobs/{jobs[0]['id']}").json() == jobs[0]
    assert len(client.get("/v1/jobs").json()["jobs"]) == 3
    assert backlog(redis) == [job["id"] for job in jobs]
    assert extraction_queue(redis).job_ids == []
    assert [key for key in redis.keys("*") if redis.ttl(key) != -1] == []


def test_each_line_is_accepted_or_rejected_on_its_own(client: Client) -> None:
    body = lines(ARTICLES[0]) + b'\r\n{"text": \n' + lines({"text": ""}, {"text": "a", "b": 1}, ARTICLES[1])
    batch = client.post("/v1/batches", content=body.rstrip(), headers=NDJSON).json()
    assert batch["total"] == 2
    assert [(item["line"], item["code"], item["pointer"]) for item in batch["rejections"]] == [
        (3, "malformed_json", ""),
        (4, "invalid_article", "/text"),
        (5, "invalid_article", "/b"),
    ]
    assert all(item["detail"] for item in batch["rejections"])
    assert client.get(f"/v1/batches/{batch['id']}").json() == batch


def test_a_batch_without_an_acceptable_article_is_completed_at_once(client: Client) -> None:
    answer = client.post("/v1/batches", json={"articles": [5, {}]})
    batch = answer.json()
    assert (batch["status"], batch["total"], batch["progress"]) == ("completed", 0, 1.0)
    assert [rejection["line"] for rejection in batch["rejections"]] == [1, 2]
    assert "Retry-After" not in answer.headers
    assert client.get(f"/v1/batches/{batch['id']}/jobs").json() == {"jobs": [], "next_page_token": None}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", NDJSON, 422, "invalid_batch"),
        (b"\n\n", NDJSON, 422, "invalid_batch"),
        (b'{"articles": []}', {"Content-Type": "application/json"}, 422, "invalid_batch"),
        (b"[]", {"Content-Type": "application/json"}, 422, "invalid_batch"),
        (b'{"articles": [', {"Content-Type": "application/json"}, 400, "malformed_json"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    ],
)
def test_what_is_not_a_batch_is_refused(
    client: Client, redis: Redis, body: bytes, content_type: dict[str, str], status: int, code: str
) -> None:
    answer = client.post("/v1/batches", content=body, headers=content_type)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{code}")
    assert redis.keys("*") == []


@pytest.fixture
def small(settings: Settings) -> Settings:
    return msgspec.structs.replace(
        settings, max_batch_articles=300, max_batch_bytes=30_000, max_body_bytes=5_000, deduplicate=True
    )


@pytest.fixture
def small_client(redis: Redis, small: Settings) -> Iterator[Client]:  # noqa: ARG001 - Valkey is empty.
    with TestClient(create_app(small)) as client:
        yield client


def test_too_many_articles_are_refused_and_nothing_is_queued(small_client: Client, redis: Redis) -> None:
    body = lines(*({"text": f"a{number}"} for number in range(301)))
    answer = small_client.post("/v1/batches", content=body, headers=NDJSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/batch_too_large")
    assert "300" in answer.json()["detail"]
    assert redis.keys("*") == [b"rq:queues"]


def test_too_large_a_body_is_refused_in_the_middle_of_the_stream(small_client: Client, redis: Redis) -> None:
    chunks = (lines({"text": f"{number}" + "a" * 1000}) for number in range(40))
    answer = small_client.post("/v1/batches", content=chunks, headers=NDJSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body_too_large")
    assert "30,000" in answer.json()["detail"]
    assert redis.keys("*") == []


def test_too_long_a_line_is_rejected_and_the_next_one_is_not(small_client: Client) -> None:
    batch = submit(small_client, {"text": "a" * 6000}, ARTICLES[0])
    assert [(item["line"], item["detail"]) for item in batch["rejections"]] == [
        (1, "The article has more than 5,000 bytes.")
    ]
    assert batch["total"] == 1


def test_articles_that_are_known_are_named(small_client: Client) -> None:
    first = small_client.post("/v1/articles", json=ARTICLES[1]).json()
    batch = submit(small_client, ARTICLES[0], ARTICLES[1], ARTICLES[0])
    [job_id] = job_ids(small_client, batch)
    assert batch["duplicates"] == [{"line": 2, "job_id": first["id"]}, {"line": 3, "job_id": job_id}]
    assert small_client.post("/v1/articles", json=ARTICLES[0]).json()["id"] == job_id


def test_priorities_can_be_chosen(client: Client, redis: Redis) -> None:
    batch = client.post("/v1/batches?priority=interactive", json={"articles": ARTICLES}).json()
    single = client.post("/v1/articles?priority=bulk", json=ARTICLES[0]).json()
    assert (batch["priority"], single["priority"]) == ("interactive", "bulk")
    assert backlog(redis) == [single["id"]]
    assert len(extraction_queue(redis).job_ids) == 3
    answer = client.post("/v1/articles?priority=urgent", json=ARTICLES[0])
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "priority")


def test_a_batch_is_counted_and_completed_with_its_last_job(client: Client, jobs: Jobs, redis: Redis) -> None:
    batch = submit(client, *ARTICLES)
    address = f"/v1/batches/{batch['id']}"
    first, second, third = job_ids(client, batch)
    attempt = jobs.begin(first)
    assert client.get(address).json()["counts"]["running"] == 1
    del attempt
    jobs.succeed(first, EVENT, PLANNED)
    jobs.fail(second, "In vain.")
    almost = client.get(address).json()
    assert almost["counts"] == {"queued": 1, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0}
    assert (almost["status"], almost["event_count"], almost["finished_at"]) == ("open", 2, None)
    assert almost["progress"] == pytest.approx(2 / 3)
    client.delete(f"/v1/jobs/{third}")
    answer = client.get(address)
    done = answer.json()
    assert "Retry-After" not in answer.headers
    assert (done["status"], done["progress"], done["counts"]["cancelled"]) == ("completed", 1.0, 1)
    assert done["finished_at"]
    assert done["expires_at"]
    for key in redis.keys("tocsin:batch:*"):
        assert redis.ttl(key) > 0
    client.delete(f"/v1/jobs/{first}")
    assert client.get(address).json() == done


def test_jobs_are_listed_a_page_at_a_time(client: Client) -> None:
    batch = submit(client, *({"text": "a", "external_id": str(number)} for number in range(5)))
    seen, token = [], None
    while True:
        parameters = {"page_size": "2"} | ({"page_token": token} if token else {})
        page = client.get(f"/v1/batches/{batch['id']}/jobs", params=parameters).json()
        seen.append([job["external_id"] for job in page["jobs"]])
        if (token := page["next_page_token"]) is None:
            break
    assert seen == [["0", "1"], ["2", "3"], ["4"]]


@pytest.mark.parametrize("parameter", ["page_token=x", "page_token=LTE", "page_size=-1"])
def test_a_page_that_cannot_be_is_refused(client: Client, parameter: str) -> None:
    batch = submit(client, ARTICLES[0])
    answer = client.get(f"/v1/batches/{batch['id']}/jobs?{parameter}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == parameter.partition("=")[0]


def test_all_records_come_as_one_stream(client: Client, jobs: Jobs) -> None:
    batch = submit(client, *ARTICLES)
    address = f"/v1/batches/{batch['id']}/events"
    first, _, third = job_ids(client, batch)
    assert client.get(address).json()["events"] == []
    jobs.succeed(first, EVENT, PLANNED)
    jobs.succeed(third, EVENT)

    shown = client.get(address).json()
    assert len(shown["events"]) == 2
    assert shown["meta"] == {
        "batch_id": batch["id"],
        "include": "default",
        "total": 3,
        "returned": 2,
        "withheld": {"planned": 1},
    }
    every = client.get(address, params={"include": "all"}).json()
    assert [event["status"] for event in every["events"]] == ["occurred", "planned", "occurred"]

    ndjson = client.get(address, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in ndjson.text.splitlines()] == shown["events"]
    table = client.get(address, params={"format": "csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(table.text)))
    assert (rows[0], len(rows)) == (list(ACLED_COLUMNS), 3)
    geojson = client.get(address, params={"format": "geojson", "include": "all"}).json()
    assert geojson["type"] == "FeatureCollection"
    assert [feature["geometry"] is None for feature in geojson["features"]] == [False, True, False]
    assert geojson["meta"]["total"] == 3
    assert client.get(address, headers={"Accept": "image/png"}).status_code == 406


def test_deleting_cancels_what_is_open_and_then_forgets(client: Client, jobs: Jobs, redis: Redis) -> None:
    batch = submit(client, *ARTICLES)
    address = f"/v1/batches/{batch['id']}"
    first, *_ = job_ids(client, batch)
    jobs.succeed(first)
    assert client.delete(address).status_code == 204
    cancelled = client.get(address).json()
    assert (cancelled["status"], cancelled["counts"]["cancelled"]) == ("completed", 2)
    assert len(client.get(f"{address}/events").json()["events"]) == 1
    assert backlog(redis) == [first]  # Nobody took it from there here.
    assert client.delete(address).status_code == 204
    for path in (address, f"{address}/jobs", f"{address}/events", f"/v1/jobs/{first}"):
        assert client.get(path).status_code == 404
    assert client.delete(address).json()["type"] == "/problems/batch_not_found"
    assert redis.keys("tocsin:job:*") + redis.keys("tocsin:batch:*") + redis.keys("tocsin:events:*") == []


def test_what_others_own_does_not_exist(client: Client, redis: Redis, settings: Settings) -> None:
    reception = BatchStore(redis, settings).receive("someone else", Priority.BULK)
    reception.add([Line(1, b'{"text": "Bonjour."}')])
    batch = reception.complete(None)
    for path in ("", "/jobs", "/events"):
        answer = client.get(f"/v1/batches/{batch.id}{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/batch_not_found")
    assert client.delete(f"/v1/batches/{batch.id}").status_code == 404


def test_the_same_batch_again_gets_the_first_answer(client: Client, redis: Redis) -> None:
    headers = {**NDJSON, "Idempotency-Key": "k"}
    first = client.post("/v1/batches", content=lines(*ARTICLES), headers=headers)
    again = client.post("/v1/batches", content=lines(*ARTICLES), headers=headers)
    other = client.post("/v1/batches", content=lines(ARTICLES[0]), headers=headers)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")
    assert len(backlog(redis)) == 3
    [key] = redis.keys("tocsin:idempotency:*")
    assert redis.ttl(key) > 3600


def test_a_batch_that_is_still_coming_in_is_not_taken_twice(client: Client, redis: Redis) -> None:
    key = idempotency.redis_key("k", LOCAL.owner, OPERATION)
    lease = idempotency.lease(redis, key)
    assert lease is not None
    headers = {**NDJSON, "Idempotency-Key": "k"}
    answer = client.post("/v1/batches", content=lines(*ARTICLES), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/request_in_progress")
    idempotency.give_up(redis, key, b"another")
    assert client.post("/v1/batches", content=lines(*ARTICLES), headers=headers).status_code == 409
    idempotency.give_up(redis, key, lease)
    assert client.post("/v1/batches", content=b"", headers=headers).status_code == 422
    assert client.post("/v1/batches", content=lines(*ARTICLES), headers=headers).status_code == 202


def test_a_batch_that_came_slowly_is_taken_unless_another_was_quicker(
    redis: Redis, settings: Settings
) -> None:
    def claim(lease: bytes | None) -> Claim[Batch]:
        answer = Answer(202, {}, msgspec.Raw(b"{}"))
        return Claim(key="k", fingerprint="f", answer=lambda _: answer, kept=timedelta(hours=1), lease=lease)

    batches = BatchStore(redis, settings)
    slow, slower = (batches.receive(LOCAL.owner, Priority.BULK) for _ in range(2))
    for reception in (slow, slower):
        reception.add([Line(1, b'{"text": "Bonjour."}')])
    lease = idempotency.lease(redis, "k")
    redis.delete("k")  # It ended.
    batch = slow.complete(claim(lease))
    slow.discard()
    assert batches.get(batch.id, LOCAL.owner) == batch
    assert len(backlog(redis)) == 1
    with pytest.raises(RequestInProgressError):
        slower.complete(claim(lease))
    assert slow.complete(claim(lease)) == batch  # As when the answer of Redis was lost.
    assert len(backlog(redis)) == 1


def test_lines_are_the_same_however_they_are_cut() -> None:
    body = "\n".join(["{}", "", '{"é": 1}', "x" * 30, " ", "last"]).encode()

    async def read(size: int) -> list[Line]:
        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(body), size):
                yield body[start : start + size]

        return [line async for group in grouped(chunks(), longest=20) for line in group]

    expected = [Line(1, b"{}"), Line(3, '{"é": 1}'.encode()), Line(4, None), Line(6, b"last")]
    for size in range(1, len(body) + 1):
        assert asyncio.run(read(size)) == expected


def test_a_batch_that_comes_to_nothing_leaves_nothing(redis: Redis, settings: Settings) -> None:
    store = JobStore(redis, settings)
    reception = BatchStore(redis, settings).receive(LOCAL.owner, Priority.BULK)
    reception.add([Line(number, b'{"text": "Bonjour."}') for number in range(1, 500)])
    assert backlog(redis) == []
    assert store.recover() == []
    assert 0 < redis.ttl(next(iter(redis.keys("tocsin:job:*")))) <= 7200
    reception.discard()
    assert redis.keys("tocsin:*") == []
