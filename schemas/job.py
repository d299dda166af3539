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


class Priority(StrEnum):
    """How urgent an article is: `bulk` ones are coded when no `interactive` one waits."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


class JobError(msgspec.Struct, frozen=True):
    """Why a job failed.

    Attributes:
        code: The reason for programs; it does not change.
        detail: The reason for people, with what to do about it.

    """

    code: str
    detail: str


class Job(msgspec.Struct, kw_only=True):
    """A job as `GET /v1/jobs/{id}` shows it.

    Times are UTC. What a worker reads out of the article is null until it has succeeded.

    Attributes:
        id: The job's identifier.
        status: Where it stands.
        revision: How often it has changed; of two states the later has the higher number.
        priority: How urgent it is.
        batch_id: The batch that the article came in, if it came in one.
        created_at: When the article was submitted.
        started_at: When a worker last began.
        finished_at: When the job became final.
        expires_at: When a final job and its records will be forgotten.
        progress: How much is done, from 0 to 1.
        attempts: How often a worker began.
        error: Why the job failed, if it did.
        event_count: How many records there are, those that the default view withholds included.
        warnings: What of the article was left out, and why.
        article_id: Identifier of the article's content: the same article has the same.
        duplicate_of: The job of an article, coded before, that has nearly the same words, names and numbers:
            a reprint, or the same article with corrections. All records are there all the same. That
            job may have been forgotten since.
        similarity: The share of their runs of three words that the two articles have in common, from 0 to 1.
        language: ISO 639-1 code of the article's language.
        published_at: The day on which the article was published.
        published_at_source: Where that day was found.
        source: As submitted.
        url: As submitted.
        external_id: As submitted.
        title: The headline.
        text: What the spans of the records count in: headline, empty line, text.

    """

    id: str
    status: JobStatus
    revision: int = 0
    priority: Priority = Priority.INTERACTIVE
    batch_id: str | None = None
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
    duplicate_of: str | None = None
    similarity: float | None = None
    language: str | None = None
    published_at: date | None = None
    published_at_source: PublicationSource | None = None
    source: str | None = None
    url: str | None = None
    external_id: str | None = None
    title: str | None = None
    text: str | None = None


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of many jobs.

    Attributes:
        jobs: The jobs.
        next_page_token: What to ask for as `page_token` to see those that follow; null on the last page.

    """

    jobs: list[Job]
    next_page_token: str | None = None
