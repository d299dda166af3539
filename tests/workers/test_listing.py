"""The lists of what an owner has, against a real Valkey."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace
from redis import Redis

from schemas.access import LOCAL
from schemas.article import Article
from schemas.job import Job, JobError, JobStatus
from schemas.settings import Settings
from workers import index
from workers.listing import JobFilter, Listing, Place
from workers.store import JobStore

EVERYTHING = JobFilter()


@pytest.fixture
def store(redis: Redis, settings: Settings) -> JobStore:
    return JobStore(redis, settings)


@pytest.fixture
def listing(redis: Redis, store: JobStore) -> Listing:
    return Listing(redis, store)


def submit(store: JobStore, source: str | None = None, owner: str = LOCAL.owner) -> Job:
    return store.create(Article(text="Des manifestants défilent.", source=source), owner)


def fail(store: JobStore, job: Job) -> None:
    attempt = store.begin(job.id)
    assert attempt
    assert store.fail(attempt, JobError("no_text", "There is no article in it."))


def ids(listing: Listing, wanted: JobFilter = EVERYTHING) -> list[str]:
    return [job.id for job in listing.jobs(LOCAL.owner, wanted, size=100)[0]]


def test_the_latest_come_first_and_others_own_nothing_here(store: JobStore, listing: Listing) -> None:
    submitted = [submit(store).id for _ in range(3)]
    submit(store, owner="someone else")
    assert ids(listing) == submitted[::-1]


def test_filters_hold_all_at_once(store: JobStore, listing: Listing) -> None:
    first, second, third = submit(store, "Le Matin"), submit(store, "Le Soir"), submit(store, "Le Soir")
    fail(store, second)
    assert ids(listing, JobFilter(source="Le Soir")) == [third.id, second.id]
    assert ids(listing, JobFilter(status=JobStatus.FAILED)) == [second.id]
    assert ids(listing, JobFilter(status=JobStatus.FAILED, source="Le Matin")) == []
    assert ids(listing, JobFilter(created_after=second.created_at)) == [third.id, second.id]
    assert ids(listing, JobFilter(created_before=second.created_at)) == [first.id]
    finished = store.get(second.id, LOCAL.owner).finished_at
    assert finished
    assert ids(listing, JobFilter(finished_after=finished)) == [second.id]
    assert ids(listing, JobFilter(finished_before=finished)) == []


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "at the same moment"])
def test_pages_hold_every_job_once_whatever_comes_and_goes(
    store: JobStore, listing: Listing, redis: Redis, together: bool
) -> None:
    submitted = [submit(store) for _ in range(7)]
    if together:
        with redis.pipeline() as pipeline:
            for job in submitted:
                index.enter(LOCAL.owner, replace(job, created_at=datetime(2026, 1, 1, tzinfo=UTC)), pipeline)
            pipeline.execute()
    expected = ids(listing)
    seen: list[str] = []
    place: Place | None = None
    while place or not seen:
        jobs, place = listing.jobs(LOCAL.owner, EVERYTHING, size=3, after=place)
        seen += [job.id for job in jobs]
        submit(store)
        if place:
            store.delete(place.job_id, LOCAL.owner)  # Cancelled,
            store.delete(place.job_id, LOCAL.owner)  # and forgotten.
    assert seen == expected
    assert len(set(seen)) == len(submitted)


def test_what_is_forgotten_or_expired_leaves_no_trace(
    redis: Redis, settings: Settings, store: JobStore, listing: Listing
) -> None:
    forgotten, kept = submit(store), submit(store)
    for _ in range(2):
        store.delete(forgotten.id, LOCAL.owner)
    brief = JobStore(redis, replace(settings, retention_days=1e-10))
    fail(brief, submit(brief))
    index.prune(redis)
    assert ids(listing) == [kept.id]
    assert redis.zcard(index.jobs_key(LOCAL.owner)) == redis.hlen(index.summaries_key(LOCAL.owner)) == 1
    assert not redis.exists(index.EXPIRIES)


def test_scores_keep_moments_apart() -> None:
    moments = [datetime(2026, 11, 25, tzinfo=UTC) + timedelta(microseconds=n) for n in range(3)]
    assert all(index.score(later) - index.score(earlier) == 1 for earlier, later in pairwise(moments))
