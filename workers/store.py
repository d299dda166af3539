"""The records of jobs in Redis: who submitted what, how it stands, and what came of it.

A job has up to three keys: `tocsin:job:ID` holds its `Entry`, `tocsin:article:ID` what was submitted,
until the job is final, and `tocsin:events:ID` its records; all as JSON. `tocsin:open` is the set of the
jobs that are not final. An open job never expires; a final one does when its retention is over. Where
articles are to be known again, `tocsin:content:HASH` names the job of one that is open or succeeded.

Every change reads the job, decides, and writes in one transaction that Redis refuses if the job has
changed in between. A worker's changes name the attempt that they belong to, and count only while it is
the current one: whoever else still runs the job, a worker thought dead for instance, writes in vain.
With every change goes a message to those who wait for it (`workers.changes`), and a note for those who
list jobs (`workers.index`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Final, TypeVar
from uuid import uuid4

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError
from rq.utils import as_text

from schemas.article import Article, Extraction
from schemas.batch import Batch
from schemas.errors import JobFailedError, JobNotFinishedError, JobNotFoundError
from schemas.event import Event
from schemas.job import Job, JobError, JobStatus, Priority
from schemas.settings import Settings
from workers import changes, index, metrics, queue, recognition, tally, tracing
from workers.idempotency import Claim
from workers.queue import OPEN
from workers.recognition import Recognition
from workers.tracing import Trace
from workers.webhooks import announcements

STAGED: Final = timedelta(hours=2)
"""How long what has come in of a batch is kept without the rest."""
NOT_MEASURED: Final[Mapping[str, float]] = MappingProxyType({})

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_article_decoder = msgspec.json.Decoder(Article)
_events_decoder = msgspec.json.Decoder(list[Event])


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is kept of a job: what its owner sees of it, and what only Tocsin needs to know.

    Attributes:
        owner: Whose job it is.
        job: What they see of it.
        content: The key by which its article would be known again, if that is wanted.
        callback_url: Where its outcome is to be delivered, besides to webhooks.
        trace: The request that brought it.
        notes: Where it is noted what later articles are compared with.

    """

    owner: str
    job: Job
    content: str | None = None
    callback_url: str | None = None
    trace: Trace | None = None
    notes: list[str] = []


class Outcome(msgspec.Struct, frozen=True):
    """What became of a job, for those who are to be told."""

    owner: str
    job: Job
    events: list[Event]
    callback_url: str | None
    trace: Trace | None


class Attempt(msgspec.Struct, frozen=True):
    """A worker's hold on a job: what to code, which attempt it is, counted from 1, and who asked for it."""

    job_id: str
    owner: str
    number: int
    is_last: bool
    submitted_at: datetime
    article: Article
    trace: Trace | None = None


_entry_decoder = msgspec.json.Decoder(Entry)


class JobStore:
    """The records of all jobs; cheap to make, safe to share between threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings

    # For the API

    def create(
        self,
        article: Article,
        owner: str,
        claim: Claim[Job] | None = None,
        priority: Priority = Priority.INTERACTIVE,
    ) -> Job:
        """Record an article and hand it to the workers: both, or neither.

        Where articles are deduplicated, one that is known already gets the job that it has.

        Args:
            article: What was submitted.
            owner: Who submitted it.
            claim: The request's claim to be the first with its `Idempotency-Key`, if it has one.
            priority: How urgent it is.

        Raises:
            RequestInProgressError: Another request with the key was quicker.

        """
        content = self._content(article, owner)
        with self._redis.pipeline() as pipeline:
            while True:
                if claim is not None:
                    claim.watch(pipeline)
                job = self._known(content, pipeline)
                pipeline.multi()
                if job is None:
                    job = _new(article, priority)
                    self._create(_entry(article, owner, job, content), article, pipeline)
                if claim is not None:
                    claim.write(job, pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return job

    def _known(self, content: str | None, pipeline: Pipeline) -> Job | None:
        if content is None:
            return None
        pipeline.watch(content)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
        if (job_id := pipeline.get(content)) is None:
            return None
        encoded = pipeline.get(_job_key(as_text(job_id)))
        return None if encoded is None else _entry_decoder.decode(encoded).job

    def _create(self, entry: Entry, article: Article, pipeline: Pipeline) -> None:
        pipeline.set(_article_key(entry.job.id), _encoder.encode(article))
        self._write(entry, pipeline)
        metrics.JOBS_SUBMITTED.count(pipeline)
        queue.enqueue(self._redis, entry.job, self._settings, pipeline)
        if entry.content is not None:
            pipeline.set(entry.content, entry.job.id)

    def _content(self, article: Article, owner: str) -> str | None:
        """Name the key by which the article would be known again, if that is wanted."""
        # Who wants to be called back wants a job that has still to end.
        if self._settings.deduplicate and article.callback_url is None:
            return _content_key(article, owner)
        return None

    def get(self, job_id: str, owner: str) -> Job:
        """Read a job.

        Raises:
            JobNotFoundError: The owner has none with this id, or no longer.

        """
        return _owned(owner, job_id, self._redis.get(_job_key(job_id)))

    def events(self, job_id: str, owner: str) -> list[Event]:
        """Read all records of a job that succeeded.

        Raises:
            JobNotFoundError: The owner has no such job, or no longer.
            JobNotFinishedError: It is queued or running.
            JobFailedError: It failed or was cancelled.

        """
        encoded_entry, encoded_events = self._redis.mget(_job_key(job_id), _events_key(job_id))
        job = _owned(owner, job_id, encoded_entry)
        if not job.status.is_final:
            raise JobNotFinishedError(
                f"Job {job_id} is {job.status}; its records come when it has succeeded."
            )
        if job.error is not None:
            raise JobFailedError(f"Job {job_id} failed: {job.error.detail}")
        if encoded_events is None:
            raise JobFailedError(f"Job {job_id} was {job.status}.")
        return _events_decoder.decode(encoded_events)

    def get_many(self, job_ids: Sequence[str], owner: str) -> list[Job]:
        """Read those of the jobs that the owner has."""
        entries = self._entries(job_ids, self._redis)
        return [entry.job for entry in entries if entry.owner == owner]

    def events_of_many(self, job_ids: Sequence[str]) -> list[Event]:
        """Read the records of those of the jobs that have any, job by job."""
        if not job_ids:
            return []
        found = self._redis.mget([_events_key(job_id) for job_id in job_ids])
        return [
            event for encoded in found if encoded is not None for event in _events_decoder.decode(encoded)
        ]

    def _entries(self, job_ids: Sequence[str], redis: Redis) -> list[Entry]:
        if not job_ids:
            return []
        found = redis.mget([_job_key(job_id) for job_id in job_ids])
        return [_entry_decoder.decode(encoded) for encoded in found if encoded is not None]

    def delete(self, job_id: str, owner: str) -> None:
        """Cancel an open job, and stop it if it is running; forget a final one.

        Raises:
            JobNotFoundError: The owner has no such job, or no longer.

        """

        def cancel_or_forget(entry: Entry, pipeline: Pipeline) -> bool:
            if entry.owner != owner:
                raise _not_found(job_id)
            if entry.job.status.is_final:
                self._forget(entry, pipeline)
                return False
            self._finish(entry, JobStatus.CANCELLED, pipeline)
            return True

        if self._change(job_id, cancel_or_forget):
            queue.stop(self._redis, job_id)

    # For batches

    def stage(
        self, articles: Sequence[Article], owner: str, batch: Batch, contents: dict[str, str]
    ) -> list[Job | str]:
        """Record articles of a batch that is still coming in; `publish` makes them jobs.

        Args:
            articles: What was submitted.
            owner: Who submitted it.
            batch: The batch.
            contents: The batch's articles so far by content, if articles are deduplicated; added to.

        Returns:
            For each article its job, or only the id of the one that it has already.

        """
        keys = [self._content(article, owner) for article in articles]
        known = self._known_ids([key for key in keys if key is not None])
        staged: list[Job | str] = []
        with self._redis.pipeline() as pipeline:
            pipeline.multi()
            for article, content in zip(articles, keys, strict=True):
                if content is not None and (job_id := known.get(content) or contents.get(content)):
                    staged.append(job_id)
                    continue
                job = _new(article, batch.priority, batch)
                entry = _entry(article, owner, job, content)
                pipeline.set(_article_key(job.id), _encoder.encode(article), ex=STAGED)
                pipeline.set(_job_key(job.id), _encoder.encode(entry), ex=STAGED)
                queue.prepare(self._redis, job.id, self._settings, pipeline)
                pipeline.expire(queue.queued_key(job.id), STAGED)
                if content is not None:
                    contents[content] = job.id
                staged.append(job)
            pipeline.execute()
        return staged

    def publish(
        self, jobs: Sequence[Job], owner: str, batch: Batch, contents: Mapping[str, str], pipeline: Pipeline
    ) -> None:
        """Make staged articles jobs and hand them to the workers, as part of the batch's transaction."""
        if not jobs:
            return
        ids = [job.id for job in jobs]
        for job_id in ids:
            for key in (_article_key(job_id), _job_key(job_id), queue.queued_key(job_id)):
                pipeline.persist(key)
        for content, job_id in contents.items():
            pipeline.set(content, job_id)
        pipeline.sadd(OPEN, *ids)
        index.enter_new(owner, jobs, pipeline)
        metrics.JOBS_SUBMITTED.count(pipeline, by=len(jobs))
        queue.push(self._redis, ids, batch.priority, pipeline)

    def discard(self, job_ids: Sequence[str]) -> None:
        """Forget staged articles."""
        keys = [key(job_id) for job_id in job_ids for key in (_article_key, _job_key, queue.queued_key)]
        self._redis.delete(*keys)

    def cancel(self, job_ids: Sequence[str], batch_id: str) -> None:
        """Cancel those jobs of a batch that are open, and stop those that are running."""
        with self._redis.pipeline() as pipeline:
            while True:
                pipeline.watch(*map(_job_key, job_ids))  # type: ignore[no-untyped-call]  # redis-py leaves it so.
                entries = [
                    entry for entry in self._entries(job_ids, pipeline) if not entry.job.status.is_final
                ]
                before = {entry.job.id: entry.job.status for entry in entries}
                batch = tally.read(batch_id, pipeline)
                pipeline.multi()
                for entry in entries:
                    self._finish(entry, JobStatus.CANCELLED, pipeline)
                    if batch is not None:
                        tally.count(batch, before[entry.job.id], entry.job)
                if batch is not None:
                    tally.write(batch, self._settings, pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                break
        queue.withdraw(self._redis, list(before))
        for job_id, status in before.items():
            if status is JobStatus.RUNNING:
                queue.stop(self._redis, job_id)

    def forget(self, job_ids: Sequence[str]) -> None:
        """Forget final jobs and their records."""
        with self._redis.pipeline() as pipeline:
            for entry in self._entries(job_ids, self._redis):
                self._forget(entry, pipeline)
            pipeline.execute()

    def _known_ids(self, contents: Sequence[str]) -> dict[str, str]:
        if not contents:
            return {}
        found = zip(contents, self._redis.mget(contents), strict=True)
        return {content: as_text(job_id) for content, job_id in found if job_id is not None}

    # For the workers

    def begin(self, job_id: str) -> Attempt | None:
        """Begin to code the job's article; None if there is nothing to do.

        There is not when the job was cancelled or is final already, nor when the last attempt that it
        had never came to an end: the worker died, and the job fails here.
        """
        encoded_article = self._redis.get(_article_key(job_id))
        if encoded_article is None:
            return None
        article = _article_decoder.decode(encoded_article)
        limit = self._settings.max_attempts

        def begin(entry: Entry, pipeline: Pipeline) -> Attempt | None:
            job = entry.job
            if job.status.is_final:
                return None
            if job.attempts >= limit:
                job.error = _worker_died(job.attempts)
                self._finish(entry, JobStatus.FAILED, pipeline)
                return None
            job.status = JobStatus.RUNNING
            job.attempts += 1
            job.started_at = _now()
            job.progress = 0.0
            self._write(entry, pipeline)
            if job.attempts == 1:
                waited = (job.started_at - job.created_at).total_seconds()
                metrics.STAGE_SECONDS.observe(pipeline, waited, "waiting")
            is_last = job.attempts >= limit
            return Attempt(job_id, entry.owner, job.attempts, is_last, job.created_at, article, entry.trace)

        return self._change(job_id, begin)

    def progress(self, attempt: Attempt, fraction: float) -> bool:
        """Record how far the attempt has come, from 0 to 1; False if it is not the current one."""

        def advance(entry: Entry, pipeline: Pipeline) -> None:
            entry.job.progress = fraction
            self._write(entry, pipeline)

        return self._change_current(attempt, advance)

    def succeed(
        self, attempt: Attempt, extraction: Extraction, seconds: Mapping[str, float] = NOT_MEASURED
    ) -> bool:
        """Record what came of the article; False, and nothing recorded, if the attempt is not current.

        What was seen before is recognised here: a reprint, and reports of an event that is known.

        Args:
            attempt: The attempt that this came of.
            extraction: What came of it.
            seconds: How long each of its stages took.

        """
        past = Recognition(self._redis, attempt.owner, extraction)

        def succeed(entry: Entry, pipeline: Pipeline) -> None:
            job = entry.job
            seen = past.look()
            job.progress = 1.0
            job.event_count = len(extraction.events)
            job.warnings = extraction.warnings
            job.article_id = extraction.article_id
            job.duplicate_of, job.similarity = seen.duplicate_of, seen.similarity
            job.language = extraction.language
            job.published_at = extraction.published_at
            job.published_at_source = extraction.published_at_source
            job.title = extraction.title
            job.text = extraction.text
            entry.notes = past.notes
            self._finish(entry, JobStatus.SUCCEEDED, pipeline)
            past.note(job, seen.events, pipeline)
            pipeline.set(_events_key(job.id), _encoder.encode(seen.events), exat=job.expires_at)
            for event in extraction.events:
                metrics.RECORDS.count(pipeline, event.event_type or "none", event.status)
            for stage, taken in seconds.items():
                metrics.STAGE_SECONDS.observe(pipeline, taken, stage)

        return self._change_current(attempt, succeed, *past.watched)

    def fail(self, attempt: Attempt, error: JobError) -> bool:
        """Record that the article cannot be coded; False if the attempt is not current."""

        def fail(entry: Entry, pipeline: Pipeline) -> None:
            entry.job.error = error
            self._finish(entry, JobStatus.FAILED, pipeline)

        return self._change_current(attempt, fail)

    def release(self, attempt: Attempt) -> bool:
        """Record that the attempt came to nothing and another will follow; False if it is not current."""

        def release(entry: Entry, pipeline: Pipeline) -> None:
            job = entry.job
            job.status = JobStatus.QUEUED
            job.progress = 0.0
            self._write(entry, pipeline)

        return self._change_current(attempt, release)

    def outcome(self, job_id: str) -> Outcome | None:
        """Tell what became of a job, whoever owns it; None if it was forgotten."""
        encoded_entry, encoded_events = self._redis.mget(_job_key(job_id), _events_key(job_id))
        if encoded_entry is None:
            return None
        entry = _entry_decoder.decode(encoded_entry)
        events = [] if encoded_events is None else _events_decoder.decode(encoded_events)
        return Outcome(entry.owner, entry.job, events, entry.callback_url, entry.trace)

    def recover(self) -> list[str]:
        """Enqueue the open jobs that RQ has given up or lost once more; returns their ids.

        Whether they have attempts left is for `begin` to say.
        """
        open_ids = sorted(as_text(job_id) for job_id in self._redis.smembers(OPEN))
        return [job_id for job_id in queue.lost(self._redis, open_ids) if self._recover(job_id)]

    def _recover(self, job_id: str) -> bool:
        def enqueue(entry: Entry, pipeline: Pipeline) -> bool:
            job = entry.job
            if job.status.is_final or not queue.lost(self._redis, [job_id]):
                return False
            job.status = JobStatus.QUEUED
            self._write(entry, pipeline)
            queue.enqueue(self._redis, job, self._settings, pipeline)
            return True

        try:
            return self._change(job_id, enqueue, queue.queued_key(job_id))
        except JobNotFoundError:
            return False

    def _change(self, job_id: str, change: Callable[[Entry, Pipeline], T], *watched: str) -> T:
        """Let `change` write for the job as it stands, anew until nothing came in between.

        Args:
            job_id: Whose record is read, and watched.
            change: Queues its writes on the pipeline that it is given.
            watched: Further keys that must not change meanwhile.

        Raises:
            JobNotFoundError: There is no such job, or no longer.

        """
        with self._redis.pipeline() as pipeline:
            while True:
                pipeline.watch(_job_key(job_id), *watched)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
                entry = _decode_entry(job_id, pipeline.get(_job_key(job_id)))
                before = entry.job.status
                batch = tally.read(entry.job.batch_id, pipeline) if entry.job.batch_id else None
                pipeline.multi()
                result = change(entry, pipeline)
                if batch is not None and entry.job.status is not before:
                    tally.count(batch, before, entry.job)
                    tally.write(batch, self._settings, pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return result

    def _change_current(
        self, attempt: Attempt, change: Callable[[Entry, Pipeline], None], *watched: str
    ) -> bool:
        """Let `change` write unless the attempt was superseded, or its job cancelled or forgotten."""

        def change_current(entry: Entry, pipeline: Pipeline) -> bool:
            if entry.job.status is not JobStatus.RUNNING or entry.job.attempts != attempt.number:
                return False
            change(entry, pipeline)
            return True

        try:
            return self._change(attempt.job_id, change_current, *watched)
        except JobNotFoundError:
            return False

    def _write(self, entry: Entry, pipeline: Pipeline) -> None:
        job = entry.job
        job.revision += 1
        pipeline.set(_job_key(job.id), _encoder.encode(entry), exat=job.expires_at)
        pipeline.sadd(OPEN, job.id)
        index.enter(entry.owner, job, pipeline)
        changes.announce(job.id, pipeline)

    def _finish(self, entry: Entry, status: JobStatus, pipeline: Pipeline) -> None:
        job = entry.job
        job.status = status
        job.finished_at = _now()
        job.expires_at = job.finished_at + timedelta(days=self._settings.retention_days)
        self._write(entry, pipeline)
        pipeline.srem(OPEN, job.id)
        pipeline.delete(_article_key(job.id))
        announcements.announce(f"job:{job.id}", self._settings, pipeline)
        metrics.JOBS_FINISHED.count(pipeline, status, job.error.code if job.error else "")
        if entry.content is not None:
            if status is JobStatus.SUCCEEDED:
                pipeline.expireat(entry.content, job.expires_at)
            else:  # The article may be submitted anew.
                pipeline.delete(entry.content)

    def _forget(self, entry: Entry, pipeline: Pipeline) -> None:
        pipeline.delete(_job_key(entry.job.id), _events_key(entry.job.id))
        recognition.forget(entry.job.id, entry.notes, pipeline)
        announcements.withdraw(f"job:{entry.job.id}", pipeline)
        index.remove(entry.owner, entry.job.id, pipeline)
        changes.announce(entry.job.id, pipeline)
        if entry.content is not None and entry.job.status is JobStatus.SUCCEEDED:
            pipeline.delete(entry.content)


def _new(article: Article, priority: Priority, batch: Batch | None = None) -> Job:
    return Job(
        id=str(uuid4()),
        status=JobStatus.QUEUED,
        priority=priority,
        batch_id=batch.id if batch else None,
        created_at=batch.created_at if batch else _now(),
        source=article.source,
        url=article.url,
        external_id=article.external_id,
    )


def _entry(article: Article, owner: str, job: Job, content: str | None) -> Entry:
    return Entry(
        owner=owner,
        job=job,
        content=content,
        callback_url=article.callback_url,
        trace=tracing.current.get(),
    )


def _worker_died(attempts: int) -> JobError:
    times = "once" if attempts == 1 else f"{attempts} times"
    return JobError(
        "worker_died",
        f"Coding this article was begun {times}, and in the end the worker died over it, most likely for "
        "lack of memory. Give the workers more memory, or submit the article in parts.",
    )


def _decode_entry(job_id: str, encoded: bytes | str | None) -> Entry:
    if encoded is None:
        raise _not_found(job_id)
    return _entry_decoder.decode(encoded)


def _owned(owner: str, job_id: str, encoded: bytes | str | None) -> Job:
    entry = _decode_entry(job_id, encoded)
    if entry.owner != owner:
        raise _not_found(job_id)
    return entry.job


def _not_found(job_id: str) -> JobNotFoundError:
    return JobNotFoundError(f"There is no job {job_id}, or no longer.")


def _now() -> datetime:
    return datetime.now(UTC)


def _content_key(article: Article, owner: str) -> str:
    """Name the key of an article by all that its records are read from, and not by its labels."""
    content = (owner, article.text, article.html, article.title, article.language, article.published_at)
    return f"tocsin:content:{sha256(_encoder.encode(content)).hexdigest()}"


def _job_key(job_id: str) -> str:
    return f"tocsin:job:{job_id}"


def _article_key(job_id: str) -> str:
    return f"tocsin:article:{job_id}"


def _events_key(job_id: str) -> str:
    return f"tocsin:events:{job_id}"
