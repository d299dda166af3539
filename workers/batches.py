"""Batches: taking many articles in as they come, all of them or none, and following them together."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import uuid4

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError
from rq.utils import as_text

from schemas.article import Article
from schemas.batch import Batch, BatchCounts, Duplicate, Rejection
from schemas.errors import (
    BatchNotFoundError,
    BatchTooLargeError,
    InvalidArticleError,
    InvalidBatchError,
    MalformedArticleError,
)
from schemas.event import Event
from schemas.job import Job, Priority
from schemas.settings import Settings
from workers import tally
from workers.extraction import submission
from workers.idempotency import Claim
from workers.store import STAGED, JobStore
from workers.tally import BatchEntry, batch_key, jobs_key, refused_key
from workers.webhooks import callbacks

CHUNK = 200
"""How many jobs are written, cancelled or forgotten in one transaction."""


class Line(NamedTuple):
    """An article of a batch as it came: its place, counted from 1, and its JSON; None if that is too long."""

    number: int
    raw: bytes | None


class _Refused(msgspec.Struct):
    rejections: list[Rejection] = []
    duplicates: list[Duplicate] = []


class BatchStore:
    """The records of all batches; cheap to make, safe to share between threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings
        self._jobs = JobStore(redis, settings)

    def receive(self, owner: str, priority: Priority) -> "Reception":
        """Begin to take a batch in."""
        return Reception(self._redis, self._settings, self._jobs, owner, priority)

    def get(self, batch_id: str, owner: str) -> Batch:
        """Read a batch.

        Raises:
            BatchNotFoundError: The owner has none with this id, or no longer.

        """
        encoded, encoded_refused = self._redis.mget(batch_key(batch_id), refused_key(batch_id))
        entry = None if encoded is None else tally.decoder.decode(encoded)
        if entry is None or entry.owner != owner:
            raise BatchNotFoundError(f"There is no batch {batch_id}, or no longer.")
        batch = entry.batch
        if encoded_refused is not None:
            refused = msgspec.json.decode(encoded_refused, type=_Refused)
            batch.rejections, batch.duplicates = refused.rejections, refused.duplicates
        return batch

    def jobs(self, batch_id: str, owner: str, offset: int, count: int) -> tuple[list[Job], bool]:
        """Read some of a batch's jobs, without texts and without those forgotten; and whether more follow.

        Raises:
            BatchNotFoundError: The owner has no such batch, or no longer.

        """
        ids = self.job_ids(batch_id, owner, offset, count + 1)
        jobs = self._jobs.get_many(ids[:count], owner)
        return [msgspec.structs.replace(job, text=None) for job in jobs], len(ids) > count

    def job_ids(self, batch_id: str, owner: str, offset: int = 0, count: int | None = None) -> list[str]:
        """List the ids of a batch's jobs in the order of their articles.

        Raises:
            BatchNotFoundError: The owner has no such batch, or no longer.

        """
        self.get(batch_id, owner)
        last = -1 if count is None else offset + count - 1
        return [as_text(job_id) for job_id in self._redis.lrange(jobs_key(batch_id), offset, last)]

    def events(self, job_ids: Sequence[str]) -> list[Event]:
        """Read all records of those of the jobs that have succeeded, job by job."""
        return self._jobs.events_of_many(job_ids)

    def delete(self, batch_id: str, owner: str) -> None:
        """Cancel what is open of a batch; forget one that is completed, its jobs and their records included.

        Raises:
            BatchNotFoundError: The owner has no such batch, or no longer.

        """
        is_open = bool(self.get(batch_id, owner).counts.open)
        for chunk in _chunks(self.job_ids(batch_id, owner)):
            if is_open:
                self._jobs.cancel(chunk, batch_id)
            else:
                self._jobs.forget(chunk)
        if not is_open:
            self._redis.delete(batch_key(batch_id), jobs_key(batch_id), refused_key(batch_id))


class Reception:
    """A batch that is being taken in.

    Its articles are written as they come, and nobody sees them until `complete` makes all of them jobs in
    one transaction. If that never comes, they are forgotten.
    """

    def __init__(
        self, redis: Redis, settings: Settings, jobs: JobStore, owner: str, priority: Priority
    ) -> None:
        self._redis = redis
        self._settings = settings
        self._jobs = jobs
        self._owner = owner
        self._batch = Batch(
            id=str(uuid4()), created_at=datetime.now(UTC), priority=priority, counts=BatchCounts()
        )
        self._articles = 0
        self._is_sealed = False
        self._new: list[Job] = []
        self._contents: dict[str, str] = {}
        self._refused = _Refused(rejections=[], duplicates=[])

    def add(self, lines: Sequence[Line]) -> None:
        """Accept or reject articles, each on its own.

        Raises:
            BatchTooLargeError: These are more articles than a batch may have, or come too late.

        """
        self._articles += len(lines)
        self._require_limits()
        today = datetime.now(UTC).date()
        accepted: list[tuple[int, Article]] = []
        for line in lines:
            try:
                accepted.append((line.number, self._read(line, today)))
            except (InvalidArticleError, MalformedArticleError) as error:
                pointer = error.pointer if isinstance(error, InvalidArticleError) else ""
                self._refused.rejections.append(
                    Rejection(line=line.number, code=error.code, detail=str(error), pointer=pointer)
                )
        articles = [article for _, article in accepted]
        staged = self._jobs.stage(articles, self._owner, self._batch, self._contents)
        for (number, _), job in zip(accepted, staged, strict=True):
            if isinstance(job, str):
                self._refused.duplicates.append(Duplicate(line=number, job_id=job))
            else:
                self._new.append(job)

    def complete(self, claim: Claim[Batch] | None) -> Batch:
        """Make the accepted articles jobs, and hand them to the workers: all of them, or none.

        Raises:
            InvalidBatchError: There was no article in it, accepted or not.
            BatchTooLargeError: It took too long to arrive.
            RequestInProgressError: Another request with the same `Idempotency-Key` was quicker.

        """
        self._require_limits()
        if not self._articles:
            raise InvalidBatchError("There is no article in the batch.")
        batch = self._batch
        batch.total = batch.counts.queued = len(self._new)
        self._is_sealed = True
        with self._redis.pipeline() as pipeline:
            while True:
                pipeline.watch(batch_key(batch.id))  # type: ignore[no-untyped-call]  # redis-py leaves it so.
                if pipeline.exists(batch_key(batch.id)):
                    return batch  # Redis did it, and the connection broke before it could say so.
                if claim is not None:
                    claim.watch(pipeline)
                pipeline.multi()
                self._write(claim, pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return batch

    def _write(self, claim: Claim[Batch] | None, pipeline: Pipeline) -> None:
        batch = self._batch
        batch.rejections, batch.duplicates = [], []  # They have a key of their own.
        self._jobs.publish(self._new, self._owner, batch, self._contents, pipeline)
        if self._new:
            pipeline.rpush(jobs_key(batch.id), *(job.id for job in self._new))
        if self._refused.rejections or self._refused.duplicates:
            pipeline.set(refused_key(batch.id), tally.encoder.encode(self._refused))
        tally.write(BatchEntry(owner=self._owner, batch=batch), self._settings, pipeline)
        batch.rejections, batch.duplicates = self._refused.rejections, self._refused.duplicates
        if claim is not None:
            claim.write(batch, pipeline)

    def discard(self) -> None:
        """Forget at once what has been written so far, unless Redis may have made jobs of it."""
        if self._is_sealed:
            return
        for chunk in _chunks([job.id for job in self._new]):
            self._jobs.discard(chunk)

    def _require_limits(self) -> None:
        limit = self._settings.max_batch_articles
        if self._articles > limit:
            raise BatchTooLargeError(f"The batch has more than {limit:,} articles.")
        if datetime.now(UTC) - self._batch.created_at > STAGED / 2:
            raise BatchTooLargeError("The batch took more than an hour to arrive.")

    def _read(self, line: Line, today: date) -> Article:
        if line.raw is None:
            limit = self._settings.max_body_bytes
            raise InvalidArticleError(f"The article has more than {limit:,} bytes.", "")
        article = submission.decode(line.raw)
        submission.check(article, self._settings, today)
        callbacks.check(article, self._settings)
        return article


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
