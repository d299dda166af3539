"""A job: an article on its way to records, as a client follows it."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from schemas.article import PublicationSource


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing further will happen to the job."""
        return self in FINAL


FINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})


class JobError(msgspec.Struct, frozen=True):
    """Why a job failed: `code` for programs, `detail` for people."""

    code: str
    detail: str


class Job(msgspec.Struct, kw_only=True):
    """A job as `GET /v1/jobs/{id}` shows it.

    Times are UTC. `progress` runs from 0 to 1. `attempts` counts how often a worker began.
    `event_count` counts all records, those that the default view withholds included. What is read out
    of the article (`text`, `title`, `language`, `published_at`) is None until a worker has read it.
    """

    id: str
    status: JobStatus
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    progress: float = 0.0
    attempts: int = 0
    error: JobError | None = None
    event_count: int | None = None
    warnings: list[str] = []
    article_id: str | None = None
    language: str | None = None
    published_at: date | None = None
    published_at_source: PublicationSource | None = None
    source: str | None = None
    url: str | None = None
    external_id: str | None = None
    title: str | None = None
    text: str | None = None
