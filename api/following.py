"""Following a job until nothing further will happen to it."""

from contextlib import suppress
from threading import Event
from typing import Final

from anyio import move_on_after, sleep
from anyio.to_thread import run_sync
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from schemas.access import Caller
from schemas.job import Job
from workers.store import JobStore

POLL_SECONDS: Final = 0.2
RETRY_SECONDS: Final = 2


def retry_after(job: Job) -> dict[str, str]:
    """Say when to ask again, as a header; nothing if there is no need to."""
    return {} if job.status.is_final else {"Retry-After": str(RETRY_SECONDS)}


async def until_final(store: JobStore, caller: Caller, job: Job, seconds: float, stopping: Event) -> Job:
    """Wait until the job is final, but no longer than `seconds`, and return it as it is then.

    Between two looks at the job no thread is held, so that many can wait at a time. The waiting ends,
    too, when the server is stopping or Redis ceases to answer: the job is recorded all the same, and
    its address has to be told.
    """
    with move_on_after(seconds), suppress(RedisConnectionError, RedisTimeoutError):
        while not (job.status.is_final or stopping.is_set()):
            await sleep(POLL_SECONDS)
            job = await run_sync(store.get, job.id, caller.owner)
    return job
