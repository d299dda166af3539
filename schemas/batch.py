"""A batch: many articles submitted at a time, followed together."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schemas.job import JobStatus, Priority


class BatchStatus(StrEnum):
    """Whether anything further will happen to a batch."""

    OPEN = "open"
    COMPLETED = "completed"

    @property
    def is_final(self) -> bool:
        """Whether nothing further will happen to the batch."""
        return self is BatchStatus.COMPLETED


class BatchCounts(msgspec.Struct, kw_only=True):
    """How many of a batch's jobs are in each state.

    Attributes:
        queued: Waiting for a worker.
        running: Being coded.
        succeeded: Coded.
        failed: Given up; each job's `error` says why.
        cancelled: Cancelled on request.

    """

    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0

    def move(self, before: JobStatus, after: JobStatus) -> None:
        """Count a job that goes from one state to another."""
        setattr(self, before, getattr(self, before) - 1)
        setattr(self, after, getattr(self, after) + 1)

    @property
    def open(self) -> int:
        """How many jobs are not final."""
        return self.queued + self.running


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a batch that was not accepted.

    Attributes:
        line: Its line in the NDJSON, or its place in the list, counted from 1.
        code: The reason for programs; `/problems/{code}` explains it.
        detail: The reason for people.
        pointer: JSON Pointer of the field at fault, within the article; empty for the article as a whole.

    """

    line: int
    code: str
    detail: str
    pointer: str = ""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """An article of a batch that was known already, on a service that deduplicates.

    Attributes:
        line: Its line in the NDJSON, or its place in the list, counted from 1.
        job_id: The job that it has.

    """

    line: int
    job_id: str


class Batch(msgspec.Struct, kw_only=True):
    """A batch as `GET /v1/batches/{id}` shows it. Times are UTC.

    Attributes:
        id: The batch's identifier.
        status: `open` until all of its jobs are final, then `completed`.
        revision: How often it has changed; of two states the later has the higher number.
        created_at: When it was submitted.
        finished_at: When the last of its jobs became final.
        expires_at: When a completed batch will be forgotten.
        priority: How urgent its articles are.
        total: How many articles were accepted, each with a job of its own.
        counts: How many of the jobs are in each state.
        progress: The share of the jobs that are final, from 0 to 1.
        event_count: How many records there are so far, those that the default view withholds included.
        rejections: The articles that were not accepted, and why.
        duplicates: The articles that were known already, and are not coded again.

    """

    id: str
    status: BatchStatus = BatchStatus.OPEN
    revision: int = 0
    created_at: datetime
    finished_at: datetime | None = None
    expires_at: datetime | None = None
    priority: Priority = Priority.BULK
    total: int = 0
    counts: BatchCounts
    progress: float = 0.0
    event_count: int = 0
    rejections: list[Rejection] = []
    duplicates: list[Duplicate] = []
