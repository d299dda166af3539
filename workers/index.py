"""Which jobs there are, by owner, so that lists are made without reading every job.

`tocsin:jobs:OWNER` ranks the ids of an owner's jobs by when they were submitted (microseconds since
1970), `tocsin:summaries:OWNER` holds of each what lists are filtered by, and `tocsin:expiries` ranks the
final jobs of all owners by when they expire (seconds since 1970). The transactions that change a job
write here, too; what expires is taken out by the workers' maintenance.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.typing import EncodableT, FieldT
from rq.utils import as_text

from schemas.job import Job, JobStatus

EXPIRIES: Final = "tocsin:expiries"
PRUNED_AT_A_TIME: Final = 1000


class Summary(msgspec.Struct, frozen=True, array_like=True):
    """What lists of jobs are filtered by."""

    status: JobStatus
    finished_at: datetime | None
    language: str | None
    source: str | None


encoder: Final = msgspec.json.Encoder()
decoder: Final = msgspec.json.Decoder(Summary)


def enter(owner: str, job: Job, pipeline: Pipeline) -> None:
    """Note a job as it stands now."""
    summary = Summary(job.status, job.finished_at, job.language, job.source)
    pipeline.zadd(jobs_key(owner), {job.id: score(job.created_at)})
    pipeline.hset(summaries_key(owner), job.id, encoder.encode(summary))
    if job.expires_at is not None:
        pipeline.zadd(EXPIRIES, {f"{job.id} {owner}": job.expires_at.timestamp()})


def enter_new(owner: str, jobs: Sequence[Job], pipeline: Pipeline) -> None:
    """Note many jobs that were just submitted."""
    summaries: dict[FieldT, EncodableT] = {
        job.id: encoder.encode(Summary(job.status, None, None, job.source)) for job in jobs
    }
    pipeline.zadd(jobs_key(owner), {job.id: score(job.created_at) for job in jobs})
    pipeline.hset(summaries_key(owner), mapping=summaries)


def remove(owner: str, job_id: str, pipeline: Pipeline) -> None:
    """Note that a job is no more."""
    pipeline.zrem(jobs_key(owner), job_id)
    pipeline.hdel(summaries_key(owner), job_id)
    pipeline.zrem(EXPIRIES, f"{job_id} {owner}")


def prune(redis: Redis) -> None:
    """Take out the jobs whose retention is over."""
    while expired := cast(
        "list[bytes]", redis.zrangebyscore(EXPIRIES, 0, time.time(), start=0, num=PRUNED_AT_A_TIME)
    ):
        with redis.pipeline() as pipeline:
            for member in expired:
                job_id, _, owner = as_text(member).partition(" ")
                remove(owner, job_id, pipeline)
            pipeline.execute()


def score(moment: datetime) -> int:
    """Where in the ranking a job stands that was submitted then."""
    return round(moment.timestamp() * 1_000_000)


def jobs_key(owner: str) -> str:
    """Name the ranking of an owner's jobs."""
    return f"tocsin:jobs:{owner}"


def summaries_key(owner: str) -> str:
    """Name where the summaries of an owner's jobs are kept."""
    return f"tocsin:summaries:{owner}"
