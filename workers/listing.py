"""What an owner has: the jobs, a page at a time, and the records of all of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, cast

import msgspec
from redis import Redis
from rq.utils import as_text

from schemas.event import Event
from schemas.job import Job, JobStatus
from workers import index
from workers.index import Summary
from workers.store import JobStore

READ_AT_A_TIME: Final = 500

MAX_SCORE: Final = 2**53
"""Beyond this, Redis's scores are not exact."""


class JobFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs are wanted: those of which everything holds that is not None.

    Attributes:
        status: Where they stand.
        language: What their articles are written in.
        source: Who published their articles, exactly.
        created_after: They were submitted then or later.
        created_before: They were submitted earlier.
        finished_after: They became final then or later.
        finished_before: They became final earlier.

    """

    status: JobStatus | None = None
    language: str | None = None
    source: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    finished_after: datetime | None = None
    finished_before: datetime | None = None

    def wants(self, summary: Summary) -> bool:
        """Whether the job is one, as far as its summary tells."""
        finished = summary.finished_at
        return (
            self.status in {None, summary.status}
            and self.language in {None, summary.language}
            and self.source in {None, summary.source}
            and (self.finished_after is None or (finished is not None and finished >= self.finished_after))
            and (self.finished_before is None or (finished is not None and finished < self.finished_before))
        )


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place in the ranking of jobs: the last one that was seen."""

    score: int
    job_id: str


class Listing:
    """What every owner has; cheap to make, safe to share between threads."""

    def __init__(self, redis: Redis, store: JobStore) -> None:
        self._redis = redis
        self._store = store

    def jobs(
        self, owner: str, wanted: JobFilter, size: int, after: Place | None = None
    ) -> tuple[list[Job], Place | None]:
        """List jobs without their texts, the latest first.

        Args:
            owner: Whose jobs.
            wanted: Which of them.
            size: How many at most.
            after: Where the page before ended.

        Returns:
            The jobs, and where the list ends if others follow.

        """
        places = []
        for place, summary in self._places(owner, wanted.created_after, wanted.created_before, after):
            if wanted.wants(summary):
                places.append(place)
                if len(places) > size:
                    break
        page = places[:size]
        jobs = self._store.get_many([place.job_id for place in page], owner)
        return [msgspec.structs.replace(job, text=None) for job in jobs], page[-1] if len(
            places
        ) > size else None

    def events(self, owner: str) -> Iterator[Event]:
        """Give the records of all jobs; those of the same article once, as they were coded last."""
        known: set[str] = set()
        succeeded = [
            place.job_id for place, summary in self._places(owner) if summary.status is JobStatus.SUCCEEDED
        ]
        for begin in range(0, len(succeeded), READ_AT_A_TIME):
            for event in self._store.events_of_many(succeeded[begin : begin + READ_AT_A_TIME]):
                if event.event_id_cnty not in known:
                    known.add(event.event_id_cnty)
                    yield event

    def _places(
        self,
        owner: str,
        first: datetime | None = None,
        before: datetime | None = None,
        after: Place | None = None,
    ) -> Iterator[tuple[Place, Summary]]:
        """Go through the ranking, the latest first."""
        highest = min(
            index.score(before) - 1 if before else MAX_SCORE,
            after.score if after else MAX_SCORE,
        )
        lowest = index.score(first) if first else 0
        key = index.jobs_key(owner)
        begin = int(self._redis.zcount(key, f"({highest}", "+inf"))
        while members := cast(
            "list[tuple[bytes, float]]",
            self._redis.zrevrange(key, begin, begin + READ_AT_A_TIME - 1, withscores=True),
        ):
            places = [Place(int(score), as_text(job_id)) for job_id, score in members]
            summaries = self._redis.hmget(index.summaries_key(owner), [place.job_id for place in places])
            for place, summary in zip(places, summaries, strict=True):
                if place.score < lowest:
                    return
                is_seen = after is not None and (place.score, place.job_id) >= (after.score, after.job_id)
                if summary is not None and not is_seen:
                    yield place, index.decoder.decode(summary)
            begin += len(members)
