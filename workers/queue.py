"""The queue between API and workers: RQ as transport, and nothing but job ids on it.

What becomes of a job is kept by `workers.store`; RQ's own records are no one's business but RQ's.
Imports neither torch nor stanza: the API enqueues by the name of the function.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from redis import Redis
from redis.client import Pipeline
from rq import Queue, Retry
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job as QueuedJob
from rq.job import JobStatus as QueuedStatus
from rq.serializers import JSONSerializer
from rq.utils import as_text
from rq.worker_registration import get_keys

from schemas.errors import SettingsError
from schemas.job import Job, Priority
from schemas.settings import Settings

QUEUE: Final = "extraction"
BACKLOG: Final = "tocsin:backlog"
"""The list of the bulk jobs that wait until nothing is on the queue."""
BACKLOG_SECONDS: Final = 1
"""How often an idle worker looks for bulk jobs; for the others it is woken."""
CODE_ARTICLE: Final = "workers.jobs.code_article"
OPEN: Final = "tocsin:open"
"""The set of the jobs that are not final, which `workers.store` keeps."""
UNDER_WAY: Final = frozenset({QueuedStatus.QUEUED.encode(), QueuedStatus.STARTED.encode()})
"""RQ will run these: a started one whose worker died is run again once its heartbeat is missed."""
FAILURE_SECONDS: Final = 3600
"""How long RQ remembers what it failed or was told to stop; for those who look with RQ's tools."""


def connect(settings: Settings) -> Redis:
    """Make a client of the Redis that `redis_url` names; it connects when it is first used.

    Raises:
        SettingsError: There is no `redis_url`, or it is not the address of a Redis.

    """
    if settings.redis_url is None:
        raise SettingsError("REDIS_URL is not set. It says where Redis is: redis://localhost:6379/0.")
    try:
        return Redis.from_url(settings.redis_url)
    except ValueError as error:
        raise SettingsError(f"REDIS_URL={settings.redis_url!r}: {error}") from error


class ArticleQueue(Queue):
    """RQ's queue of articles, behind which the bulk ones wait in a list of their own.

    A worker takes from the list when nothing is on the queue, in the way in which RQ takes from a queue:
    with one move to the intermediate list, from which RQ recovers what a dying worker had in hand.
    """

    @classmethod
    def lmove(cls, connection: Redis, queue_key: str, timeout: int | None) -> tuple[str, bytes | str] | None:
        """Take the next article for a worker, as RQ has it: the queue's key and the job's id.

        Args:
            connection: Where the queue is.
            queue_key: The queue.
            timeout: Seconds to wait if there is nothing; None not to wait.

        Raises:
            DequeueTimeout: There was nothing in all that time, or in `BACKLOG_SECONDS`: RQ asks again.

        """
        intermediate_key = cls.intermediate_key(queue_key)
        for key in (queue_key, BACKLOG):
            if (job_id := connection.lmove(key, intermediate_key)) is not None:
                return queue_key, job_id
        wait = None if timeout is None else min(timeout, BACKLOG_SECONDS)
        taken: tuple[str, bytes | str] | None = super().lmove(connection, queue_key, wait)
        return taken

    @staticmethod
    def intermediate_key(queue_key: str) -> str:
        """Name the list of the jobs that workers have taken and not begun."""
        return IntermediateQueue.get_intermediate_queue_key(queue_key)


class _Unlisted(Queue):
    """The queue of articles for a job that is made ready, and listed by `push`."""

    def push_job_id(self, job_id: str, pipeline: Pipeline | None = None, at_front: bool = False) -> None:
        """Leave it to `push`."""


def extraction_queue(redis: Redis) -> Queue:
    """Give the one queue that articles go through."""
    return ArticleQueue(QUEUE, connection=redis, serializer=JSONSerializer)


def enqueue(redis: Redis, job: Job, settings: Settings, pipeline: Pipeline) -> None:
    """Hand a job to the workers, as part of the transaction that records it."""
    prepare(redis, job.id, settings, pipeline)
    push(redis, [job.id], job.priority, pipeline)


def push(redis: Redis, job_ids: Sequence[str], priority: Priority, pipeline: Pipeline) -> None:
    """Let jobs that are made ready wait for their turn."""
    if job_ids:
        pipeline.rpush(BACKLOG if priority is Priority.BULK else extraction_queue(redis).key, *job_ids)


def prepare(redis: Redis, job_id: str, settings: Settings, pipeline: Pipeline) -> None:
    """Make a job ready for the workers, who do not see it until it is pushed.

    RQ may run it once more than there are attempts: the run after the last one that killed its worker
    records the failure (`JobStore.begin`).
    """
    pipeline.delete(queued_key(job_id))  # Else an earlier life's expiry would hold for this one.
    _Unlisted(QUEUE, connection=redis, serializer=JSONSerializer).enqueue(
        CODE_ARTICLE,
        job_id,
        job_id=job_id,
        job_timeout=settings.job_timeout,
        result_ttl=0,
        failure_ttl=FAILURE_SECONDS,
        retry=Retry(max=settings.max_attempts),
        pipeline=pipeline,
    )


def queued_key(job_id: str) -> str:
    """Name the Redis key that changes whenever RQ does something with the job."""
    return f"{QueuedJob.redis_job_namespace_prefix}{job_id}"


def lost(redis: Redis, job_ids: Sequence[str]) -> list[str]:
    """Pick those of the jobs that RQ has given up, or knows nothing of."""
    with redis.pipeline(transaction=False) as pipeline:
        for job_id in job_ids:
            pipeline.hget(queued_key(job_id), "status")
        statuses = pipeline.execute()
    return [job_id for job_id, status in zip(job_ids, statuses, strict=True) if status not in UNDER_WAY]


def withdraw(redis: Redis, job_ids: Sequence[str]) -> None:
    """Take jobs off the bulk list, so that no worker has to find out that they are cancelled."""
    with redis.pipeline() as pipeline:
        for job_id in job_ids:
            pipeline.lrem(BACKLOG, 1, job_id)
        removed = [job_id for job_id, count in zip(job_ids, pipeline.execute(), strict=True) if count]
    if removed:
        redis.delete(*map(queued_key, removed))


def stop(redis: Redis, job_id: str) -> None:
    """Kill the process that runs the job, if one does; one that waits its turn is left to `begin`."""
    try:
        send_stop_job_command(redis, job_id, serializer=JSONSerializer)
    except (NoSuchJobError, InvalidJobOperation):
        return


def ready_workers(redis: Redis) -> int:
    """Count the workers that are alive and have their models: they register when they have loaded them.

    One that died without a word is counted until its heartbeat is missed, a minute or two later.
    """
    keys = get_keys(extraction_queue(redis))
    return int(redis.exists(*keys)) if keys else 0


class Waiting(msgspec.Struct, frozen=True):
    """A list of jobs that wait: how urgent they are, how many, and for how many seconds the next one has."""

    priority: str
    depth: int
    age: float


class State(msgspec.Struct, frozen=True):
    """How things stand: live workers, jobs that are not final, those of them that run, those that wait."""

    workers: int
    open: int
    running: int
    waiting: list[Waiting]


def state(redis: Redis) -> State:
    """Look how things stand."""
    articles = extraction_queue(redis)
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.scard(OPEN)
        pipeline.zcard(articles.started_job_registry.key)
        open_, running = pipeline.execute()
    # A job may become final between two questions.
    waiting = [
        _waiting(redis, priority, key)
        for priority, key in ((Priority.INTERACTIVE, articles.key), (Priority.BULK, BACKLOG))
    ]
    return State(ready_workers(redis), max(open_, running), running, waiting)


def _waiting(redis: Redis, priority: str, key: str) -> Waiting:
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.llen(key)
        pipeline.lindex(key, 0)
        depth, job_id = pipeline.execute()
    since = None if job_id is None else redis.hget(queued_key(as_text(job_id)), "enqueued_at")
    age = (datetime.now(UTC) - datetime.fromisoformat(as_text(since))).total_seconds() if since else 0.0
    return Waiting(priority, depth, age)
