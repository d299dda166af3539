"""What is counted, for all processes together: in Redis, and read as one.

`tocsin:metrics` is a hash; a field is the JSON array of a metric's name and the values of its labels. What
is counted of a job is written in the transaction that changes the job: what was undone, or done by an
attempt that is not the current one, does not count.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

import msgspec
from redis import Redis
from redis.client import Pipeline

METRICS: Final = "tocsin:metrics"

Samples = Mapping[tuple[str, ...], float]
"""Values of a metric by the values of its labels."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, ...]).decode


class Counter(msgspec.Struct, frozen=True):
    """Something that is counted, and never comes to less.

    Attributes:
        name: Its name for Prometheus, without the prefix `tocsin_` and the ending `_total`.
        description: What it counts.
        labels: By what it is told apart.

    """

    name: str
    description: str
    labels: tuple[str, ...] = ()

    def count(self, pipeline: Pipeline, *values: str, by: int = 1) -> None:
        """Count, as part of a transaction; `values` are those of the labels."""
        pipeline.hincrby(METRICS, _field(self.name, *values), by)


class Histogram(msgspec.Struct, frozen=True):
    """Seconds that something takes.

    Attributes:
        name: Its name for Prometheus, without the prefix `tocsin_`.
        description: What it measures.
        labels: By what it is told apart.
        bounds: The upper bounds of its buckets, infinity left out.

    """

    name: str
    description: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]

    def observe(self, pipeline: Pipeline, seconds: float, *values: str) -> None:
        """Count, as part of a transaction, one that took so many seconds."""
        bound = next((bound for bound in self.bounds if seconds <= bound), inf)
        pipeline.hincrby(METRICS, _field(self.name, *values, str(bound)), 1)
        pipeline.hincrbyfloat(METRICS, _field(self.name, *values, SUM), seconds)


SUM: Final = "sum"
"""Stands where a bucket's bound stands, for the sum of all seconds."""

JOBS_SUBMITTED: Final = Counter("jobs_submitted", "Articles that were accepted.")
JOBS_FINISHED: Final = Counter(
    "jobs_finished", "Jobs that became final; those that failed, by their error.", ("status", "error")
)
RECORDS: Final = Counter(
    "records",
    "Records that were made; without a type are those outside of what ACLED codes.",
    ("event_type", "status"),
)
DELIVERY_ATTEMPTS: Final = Counter(
    "delivery_attempts",
    "Attempts to deliver a message, by the status or the error that came of it, and how the message stands.",
    ("outcome", "state"),
)
STAGE_SECONDS: Final = Histogram(
    "stage_seconds",
    "Seconds that an article spends waiting, and in the stages of being coded.",
    ("stage",),
    (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0, 300.0, 1800.0),
)
COUNTERS: Final = (JOBS_SUBMITTED, JOBS_FINISHED, RECORDS, DELIVERY_ATTEMPTS)
HISTOGRAMS: Final = (STAGE_SECONDS,)


def read(redis: Redis) -> dict[str, Samples]:
    """Read everything that was counted, by the metrics' names."""
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for field, value in redis.hgetall(METRICS).items():
        name, *values = _decode(field)
        samples.setdefault(name, {})[tuple(values)] = float(value)
    return dict(samples)


def _field(*parts: str) -> bytes:
    return _encode(parts)
