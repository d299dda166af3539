"""The records of jobs, against a real Valkey; no worker runs here."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from redis import Redis
from rq.job import Job as QueuedJob
from rq.job import JobStatus as QueuedStatus
from rq.serializers import JSONSerializer

from schemas.access import LOCAL
from schemas.article import Article, Extraction, PublicationSource
from schemas.errors import JobFailedError, JobNotFinishedError, JobNotFoundError
from schemas.job import JobError, JobStatus, Priority
from schemas.settings import Settings
from workers import queue
from workers.store import Attempt, JobStore

ARTICLE = Article(text="Des manifestants défilent à Paris.", source="Le Matin", external_id="7")
EXTRACTION = Extraction(
    article_id="a",
    title=None,
    language="fr",
    published_at=date(2024, 5, 2),
    published_at_source=PublicationSource.SUBMITTED,
    text="Des manifestants défilent à Paris.",
    events=[],
    warnings=["A sentence of 400 words was left out."],
)
ERROR = JobError("no_text", "There is no article in it.")


@pytest.fixture
def store(redis: Redis, settings: Settings) -> JobStore:
    return JobStore(redis, settings)


def begin(store: JobStore, job_id: str) -> Attempt:
    attempt = store.begin(job_id)
    assert attempt is not None
    return attempt


def queued_status(redis: Redis, job_id: str) -> bytes | str | None:
    return redis.hget(queue.queued_key(job_id), "status")


def test_a_submitted_article_waits_for_a_worker(store: JobStore, redis: Redis) -> None:
    job = store.create(ARTICLE, LOCAL.owner)

    assert store.get(job.id, LOCAL.owner) == job
    assert job.status is JobStatus.QUEUED
    assert (job.source, job.external_id, job.attempts, job.expires_at) == ("Le Matin", "7", 0, None)
    assert queue.extraction_queue(redis).job_ids == [job.id]
    assert redis.ttl(f"tocsin:job:{job.id}") == -1


def test_what_others_own_does_not_exist(store: JobStore) -> None:
    job_id = store.create(ARTICLE, "someone else").id
    for look in (store.get, store.events, store.delete):
        with pytest.raises(JobNotFoundError, match=job_id):
            look(job_id, LOCAL.owner)
    assert store.get(job_id, "someone else").status is JobStatus.QUEUED


def test_the_queue_holds_the_id_and_not_the_text(store: JobStore, redis: Redis) -> None:
    job = store.create(ARTICLE, LOCAL.owner)

    everything_of_rq = redis.hgetall(queue.queued_key(job.id))

    assert "manifestants" not in str(everything_of_rq)
    assert "manifestants" not in str(redis.get(f"tocsin:job:{job.id}"))


def test_a_job_succeeds_and_is_kept_for_its_retention(store: JobStore, redis: Redis) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    attempt = begin(store, job_id)
    running = store.get(job_id, LOCAL.owner)
    assert (running.status, running.attempts) == (JobStatus.RUNNING, 1)
    assert running.started_at is not None
    assert attempt.article == ARTICLE

    assert store.progress(attempt, 0.5)
    assert store.get(job_id, LOCAL.owner).progress == 0.5
    with pytest.raises(JobNotFinishedError):
        store.events(job_id, LOCAL.owner)

    assert store.succeed(attempt, EXTRACTION)
    job = store.get(job_id, LOCAL.owner)
    assert (job.status, job.progress, job.event_count) == (JobStatus.SUCCEEDED, 1.0, 0)
    assert (job.language, job.published_at, job.text) == ("fr", date(2024, 5, 2), EXTRACTION.text)
    assert job.warnings == EXTRACTION.warnings
    assert store.events(job_id, LOCAL.owner) == []

    assert job.expires_at is not None
    assert job.finished_at is not None
    assert job.expires_at == job.finished_at + timedelta(days=7)
    seven_days = timedelta(days=7).total_seconds()
    for key in (f"tocsin:job:{job_id}", f"tocsin:events:{job_id}"):
        assert seven_days - 5 <= redis.ttl(key) <= seven_days
    assert not redis.exists(f"tocsin:article:{job_id}")
    assert not redis.exists("tocsin:open")


def test_a_failed_job_says_why(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id

    assert store.fail(begin(store, job_id), ERROR)

    job = store.get(job_id, LOCAL.owner)
    assert (job.status, job.error) == (JobStatus.FAILED, ERROR)
    assert job.expires_at is not None
    with pytest.raises(JobFailedError, match=r"There is no article in it\."):
        store.events(job_id, LOCAL.owner)


def test_a_cancelled_job_is_not_begun(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id

    store.delete(job_id, LOCAL.owner)

    assert store.get(job_id, LOCAL.owner).status is JobStatus.CANCELLED
    assert store.begin(job_id) is None
    with pytest.raises(JobFailedError, match="cancelled"):
        store.events(job_id, LOCAL.owner)


def test_a_job_cancelled_while_it_runs_takes_no_more_records(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    attempt = begin(store, job_id)

    store.delete(job_id, LOCAL.owner)

    assert not store.progress(attempt, 0.9)
    assert not store.succeed(attempt, EXTRACTION)
    assert store.get(job_id, LOCAL.owner).status is JobStatus.CANCELLED


def test_a_final_job_is_forgotten(store: JobStore, redis: Redis) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    attempt = begin(store, job_id)
    store.succeed(attempt, EXTRACTION)

    store.delete(job_id, LOCAL.owner)

    for look in (store.get, store.events, store.delete):
        with pytest.raises(JobNotFoundError, match=job_id):
            look(job_id, LOCAL.owner)
    assert not store.fail(attempt, ERROR)
    assert redis.keys("tocsin:*") == [b"tocsin:metrics"]


def test_a_late_attempt_cannot_overwrite_its_successor(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    late = begin(store, job_id)
    current = begin(store, job_id)

    assert not store.succeed(late, EXTRACTION)
    assert not store.fail(late, ERROR)
    assert store.get(job_id, LOCAL.owner).status is JobStatus.RUNNING
    assert store.succeed(current, EXTRACTION)
    assert not store.fail(late, ERROR)
    assert not store.succeed(current, msgspec.structs.replace(EXTRACTION, language="en"))
    assert store.get(job_id, LOCAL.owner).language == "fr"
    assert store.get(job_id, LOCAL.owner).attempts == 2


def test_a_job_that_kills_its_worker_every_time_fails(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    assert [begin(store, job_id).is_last for _ in range(3)] == [False, False, True]

    assert store.begin(job_id) is None

    job = store.get(job_id, LOCAL.owner)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 3)
    assert job.error is not None
    assert job.error.code == "worker_died"
    assert "3 times" in job.error.detail
    assert "memory" in job.error.detail


def test_a_released_job_waits_again(store: JobStore) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id

    assert store.release(begin(store, job_id))

    assert store.get(job_id, LOCAL.owner).status is JobStatus.QUEUED
    assert begin(store, job_id).number == 2


@pytest.mark.parametrize("given_up", [QueuedStatus.FAILED, QueuedStatus.STOPPED, None])
def test_an_open_job_that_rq_gave_up_or_lost_is_enqueued_again(
    store: JobStore, redis: Redis, given_up: QueuedStatus | None
) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner).id
    begin(store, job_id)
    redis.delete(queue.extraction_queue(redis).key)
    if given_up is None:
        redis.delete(queue.queued_key(job_id))
    else:
        redis.hset(queue.queued_key(job_id), "status", given_up)
        redis.expire(queue.queued_key(job_id), 60)

    assert store.recover() == [job_id]

    assert queue.extraction_queue(redis).job_ids == [job_id]
    assert queued_status(redis, job_id) == b"queued"
    assert redis.ttl(queue.queued_key(job_id)) == -1
    assert store.get(job_id, LOCAL.owner).status is JobStatus.QUEUED
    assert store.recover() == []


def test_a_bulk_job_that_rq_lost_is_put_back_where_it_does_not_delay_others(
    store: JobStore, redis: Redis
) -> None:
    job_id = store.create(ARTICLE, LOCAL.owner, priority=Priority.BULK).id
    redis.delete(queue.BACKLOG, queue.queued_key(job_id))

    assert store.recover() == [job_id]

    assert redis.lrange(queue.BACKLOG, 0, -1) == [job_id.encode()]
    assert queue.extraction_queue(redis).job_ids == []


def test_recovery_leaves_alone_what_is_under_way_or_final(store: JobStore, redis: Redis) -> None:
    store.create(ARTICLE, LOCAL.owner)
    running_id = store.create(ARTICLE, LOCAL.owner).id
    begin(store, running_id)
    redis.hset(queue.queued_key(running_id), "status", QueuedStatus.STARTED)
    failed_id = store.create(ARTICLE, LOCAL.owner).id
    store.fail(begin(store, failed_id), ERROR)
    redis.delete(queue.queued_key(failed_id))

    assert store.recover() == []


def test_what_rq_forgets_does_not_show(store: JobStore, redis: Redis) -> None:
    """RQ forgets a finished job after 500 seconds, ours stays."""
    job_id = store.create(ARTICLE, LOCAL.owner).id
    store.succeed(begin(store, job_id), EXTRACTION)

    QueuedJob.fetch(job_id, connection=redis, serializer=JSONSerializer).delete()

    assert store.get(job_id, LOCAL.owner).status is JobStatus.SUCCEEDED
    assert store.events(job_id, LOCAL.owner) == []


def test_times_are_utc(store: JobStore) -> None:
    before = datetime.now(UTC)

    created_at = store.create(ARTICLE, LOCAL.owner).created_at

    assert created_at.utcoffset() == timedelta()
    assert before <= created_at <= datetime.now(UTC)
