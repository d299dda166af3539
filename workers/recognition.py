"""Recognising an article that was coded before, and an event that was told of before, job by job.

Nothing of the articles' text is kept for it. `tocsin:sketch:ID` holds the sketch of a job's article
(`resemblance`), `tocsin:handle:OWNER:HANDLE` is a hash of the jobs whose sketch has the handle, and
`tocsin:happened:OWNER:COUNTRY:DAY` one of what records are compared by (`clustering`), by job. They are
written in the transaction in which a job succeeds, and watched from before they are read: of two workers
that end at the same time with reports of the same event, one sees the other's. All of it goes with the job.
"""

import time
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple, cast

import msgspec
from redis import Redis
from redis.client import Pipeline
from rq.utils import as_text

from schemas.article import Extraction
from schemas.event import Event
from schemas.job import Job
from workers.extraction import clustering, resemblance
from workers.extraction.clustering import Profile
from workers.extraction.resemblance import Sketch

MOST_WITH_A_HANDLE: Final = 50
"""How many jobs are known by a handle, the latest: a phrase may be in thousands of articles."""


class _Happened(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a job's records of one country and day, since and until when (Unix seconds)."""

    finished_at: float
    expires_at: int
    profiles: list[Profile]


class Seen(NamedTuple):
    """What of an article was seen before.

    Attributes:
        duplicate_of: The job of an article that says nearly the same.
        similarity: How alike the words of the two are.
        events: The records, in their clusters.

    """

    duplicate_of: str | None
    similarity: float | None
    events: list[Event]


_encoder: Final = msgspec.msgpack.Encoder()
_sketch_decoder: Final = msgspec.msgpack.Decoder(Sketch)
_happened_decoder: Final = msgspec.msgpack.Decoder(_Happened)


class Recognition:
    """What an owner's earlier jobs have to do with an article; made for each article anew."""

    def __init__(self, redis: Redis, owner: str, extraction: Extraction) -> None:
        self._redis = redis
        self._owner = owner
        self._events = extraction.events
        self._sketch = resemblance.sketch(extraction.text)
        self._handles = [_handle_key(owner, handle) for handle in self._sketch.handles]
        self._buckets = [_bucket_key(owner, *bucket) for bucket in clustering.buckets(self._events)]
        self._superfluous: list[tuple[str, bytes]] = []

    @property
    def watched(self) -> list[str]:
        """The keys that must not change between `look` and the end of the transaction of `note`."""
        return [*self._handles, *self._buckets]

    def look(self) -> Seen:
        """Compare with what is known."""
        self._superfluous = []
        duplicate_of, similarity = self._most_alike()
        return Seen(duplicate_of, similarity, clustering.assign(self._events, self._known()))

    @property
    def notes(self) -> list[str]:
        """The keys in which `note` enters the job, for `forget`."""
        return [
            *self._handles,
            *(_bucket_key(self._owner, *bucket) for bucket in clustering.by_bucket(self._events)),
        ]

    def note(self, job: Job, events: Sequence[Event], pipeline: Pipeline) -> None:
        """Have the articles that follow compared with this one, as part of the transaction that ends its job.

        Args:
            job: The job, whose times are set.
            events: Its records, in their clusters.
            pipeline: The transaction.

        """
        if job.finished_at is None or job.expires_at is None:
            raise ValueError(f"Job {job.id} is not final.")
        finished_at = job.finished_at.timestamp()
        expires_at = int(job.expires_at.timestamp())  # As Redis takes it.
        pipeline.set(_sketch_key(job.id), _encoder.encode(self._sketch), exat=job.expires_at)
        notes = dict.fromkeys(self._handles, _encoder.encode(finished_at))
        for (country, day), profiles in clustering.by_bucket(events).items():
            happened = _Happened(finished_at, expires_at, profiles)
            notes[_bucket_key(self._owner, country, day)] = _encoder.encode(happened)
        for key, field in self._superfluous:
            pipeline.hdel(key, as_text(field))
        for key, note in notes.items():
            pipeline.hset(key, job.id, note)
            pipeline.expireat(key, job.expires_at)

    def _most_alike(self) -> tuple[str | None, float | None]:
        """The job of the article that is most like this one, the earliest of several, and how alike it is."""
        finished: dict[bytes, float] = {}
        for key, jobs in zip(self._handles, self._read(self._handles), strict=True):
            by_age = sorted(
                (msgspec.msgpack.decode(note, type=float), job_id) for job_id, note in jobs.items()
            )
            finished |= {job_id: at for at, job_id in by_age}
            self._superfluous += [(key, job_id) for _, job_id in by_age[: 1 - MOST_WITH_A_HANDLE]]
        job_ids = sorted(finished, key=finished.__getitem__)
        keys = [_sketch_key(as_text(job_id)) for job_id in job_ids]
        sketches = cast("list[bytes | None]", self._redis.mget(keys)) if keys else []
        alike = [
            (resemblance.resemblance(self._sketch, _sketch_decoder.decode(encoded)), as_text(job_id))
            for job_id, encoded in zip(job_ids, sketches, strict=True)
            if encoded is not None
        ]
        similarity, job_id = max(alike, key=lambda found: found[0], default=(0.0, ""))
        return (job_id, round(similarity, 2)) if similarity >= resemblance.LEAST else (None, None)

    def _known(self) -> list[Profile]:
        """What the records of earlier jobs are compared by, as far as they may be of the same events."""
        now = time.time()
        known: list[_Happened] = []
        for key, jobs in zip(self._buckets, self._read(self._buckets), strict=True):
            for job_id, encoded in jobs.items():
                happened = _happened_decoder.decode(encoded)
                if happened.expires_at > now:
                    known.append(happened)
                else:
                    self._superfluous.append((key, job_id))
        known.sort(key=lambda happened: happened.finished_at)
        return [profile for happened in known for profile in happened.profiles]

    def _read(self, keys: Sequence[str]) -> list[dict[bytes, bytes]]:
        with self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.hgetall(key)
            return pipeline.execute()


def forget(job_id: str, notes: Sequence[str], pipeline: Pipeline) -> None:
    """Have nothing compared with a job's article any more, as part of the transaction that forgets it."""
    pipeline.delete(_sketch_key(job_id))
    for key in notes:
        pipeline.hdel(key, job_id)


def _sketch_key(job_id: str) -> str:
    return f"tocsin:sketch:{job_id}"


def _handle_key(owner: str, handle: int) -> str:
    return f"tocsin:handle:{owner}:{handle:08x}"


def _bucket_key(owner: str, country: int | None, day: date) -> str:
    return f"tocsin:happened:{owner}:{'-' if country is None else country}:{day}"
