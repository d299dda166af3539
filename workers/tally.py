"""How far a batch has come: counted in the very transactions that change its jobs.

`tocsin:batch:ID` holds a batch without its lists, `tocsin:batch:ID:jobs` the ids of its jobs in order,
`tocsin:batch:ID:refused` what was not accepted or known already. An open batch never expires.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from redis import Redis
from redis.client import Pipeline

from schemas.batch import Batch, BatchStatus
from schemas.job import Job, JobStatus
from schemas.settings import Settings
from workers import changes
from workers.webhooks import announcements


class BatchEntry(msgspec.Struct, kw_only=True):
    """What is kept of a batch."""

    owner: str
    batch: Batch


encoder: Final = msgspec.json.Encoder()
decoder: Final = msgspec.json.Decoder(BatchEntry)


def read(batch_id: str, pipeline: Pipeline) -> BatchEntry | None:
    """Read a batch, and watch it; None if it was forgotten while its jobs were not."""
    pipeline.watch(batch_key(batch_id))  # type: ignore[no-untyped-call]  # redis-py leaves it so.
    encoded = pipeline.get(batch_key(batch_id))
    return None if encoded is None else decoder.decode(encoded)


def find(redis: Redis, batch_id: str) -> BatchEntry | None:
    """Give what is kept of a batch, whoever owns it; None if it was forgotten."""
    encoded = redis.get(batch_key(batch_id))
    return None if encoded is None else decoder.decode(encoded)


def count(entry: BatchEntry, before: JobStatus, job: Job) -> None:
    """Count a job that was in another state before."""
    batch = entry.batch
    batch.counts.move(before, job.status)
    batch.event_count += job.event_count or 0 if job.status is JobStatus.SUCCEEDED else 0


def write(entry: BatchEntry, settings: Settings, pipeline: Pipeline) -> None:
    """Record how a batch stands, as part of the transaction that changes its jobs."""
    batch = entry.batch
    batch.revision += 1
    batch.progress = 1.0 - batch.counts.open / batch.total if batch.total else 1.0
    if batch.status is BatchStatus.OPEN and not batch.counts.open:
        _complete(entry, settings, pipeline)
    pipeline.set(batch_key(batch.id), encoder.encode(entry), exat=batch.expires_at)
    changes.announce(batch.id, pipeline)


def _complete(entry: BatchEntry, settings: Settings, pipeline: Pipeline) -> None:
    """End a batch whose last job has become final: exactly once, in one transaction with that job."""
    batch = entry.batch
    batch.status = BatchStatus.COMPLETED
    batch.finished_at = datetime.now(UTC)
    batch.expires_at = batch.finished_at + timedelta(days=settings.retention_days)
    for key in (jobs_key(batch.id), refused_key(batch.id)):
        pipeline.expireat(key, batch.expires_at)
    announcements.announce(f"batch:{batch.id}", settings, pipeline)


def batch_key(batch_id: str) -> str:
    """Name where a batch is kept."""
    return f"tocsin:batch:{batch_id}"


def jobs_key(batch_id: str) -> str:
    """Name where the ids of its jobs are kept."""
    return f"tocsin:batch:{batch_id}:jobs"


def refused_key(batch_id: str) -> str:
    """Name where it is kept what of it was not accepted."""
    return f"tocsin:batch:{batch_id}:refused"
