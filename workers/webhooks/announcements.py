"""What is still to be told: a note of each thing that happened, until its deliveries are made.

`tocsin:announcements` is a sorted set of subjects, such as `job:ID`, by the Unix time at which each is to
be looked at. The note is written in the transaction in which the thing happens, so that neither is
there without the other. It is struck out once the deliveries are made; whoever dies in between leaves it
for another, and two who look at the same note make the same deliveries.
"""

import time
from typing import Final

from redis import Redis
from redis.client import Pipeline

from schemas.settings import Settings
from workers.webhooks.replies import as_texts

ANNOUNCEMENTS: Final = "tocsin:announcements"
POSTPONE_SECONDS: Final = 60.0
"""After how long a note that could not be worked off is looked at again."""

_DAY: Final = 86_400


def announce(subject: str, settings: Settings, pipeline: Pipeline) -> None:
    """Note, as part of a transaction, that there is something to tell.

    Notes that nobody looked at while their subject was kept are struck out: no deliverer runs.
    """
    now = time.time()
    pipeline.zremrangebyscore(ANNOUNCEMENTS, "-inf", now - settings.retention_days * _DAY)
    pipeline.zadd(ANNOUNCEMENTS, {subject: now})


def withdraw(subject: str, pipeline: Pipeline) -> None:
    """Strike out, as part of a transaction, what there is nothing to tell about any more."""
    pipeline.zrem(ANNOUNCEMENTS, subject)


def due(redis: Redis, limit: int) -> list[str]:
    """Give the oldest notes."""
    return as_texts(redis.zrangebyscore(ANNOUNCEMENTS, "-inf", time.time(), start=0, num=limit))


def done(redis: Redis, subject: str) -> None:
    """Strike out a note."""
    redis.zrem(ANNOUNCEMENTS, subject)


def postpone(redis: Redis, subject: str) -> None:
    """Look at a note later, and at the others first."""
    redis.zadd(ANNOUNCEMENTS, {subject: time.time() + POSTPONE_SECONDS}, xx=True)
