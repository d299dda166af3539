"""A real server, and somebody who codes what is submitted to it."""

import threading
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from rq.utils import as_text

from tests.api.conftest import Jobs, jobs, server
from workers.queue import OPEN

__all__ = ["coding", "jobs", "server"]


@pytest.fixture
def coding(redis: Redis, jobs: Jobs) -> Iterator[Callable[[], None]]:
    """Begin to finish every job: with a record, or without success if its `source` is "unreadable"."""
    stopping = threading.Event()

    def code() -> None:
        while not stopping.wait(0.02):
            for job_id in map(as_text, redis.smembers(OPEN)):
                attempt = jobs.begin(job_id)
                if attempt.article.source == "unreadable":
                    jobs.fail(job_id, "There is no article in it.")
                else:
                    jobs.succeed(job_id)

    thread = threading.Thread(target=code)
    yield thread.start
    stopping.set()
    if thread.ident is not None:
        thread.join()
