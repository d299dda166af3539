"""Whether the service is alive, and able to work."""

from anyio.to_thread import run_sync
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import ServiceUnavailableException
from redis import Redis

from api.problems import documented
from schemas.health import Liveness, Readiness
from schemas.settings import Settings
from workers import queue
from workers.extraction import languages


@get(
    "/health/live",
    operation_id="checkLiveness",
    summary="Is the process alive?",
    tags=["Health"],
    response_description="It is.",
    responses=documented("internal_error"),
    sync_to_thread=False,
)
def check_liveness() -> Liveness:
    """Answer, and ask nobody else; a supervisor restarts a process that does not."""
    return Liveness()


@get(
    "/health/ready",
    operation_id="checkReadiness",
    summary="Is the service able to work?",
    tags=["Health"],
    response_description="Articles are taken in and coded.",
    responses=documented("internal_error", "queue_unavailable", "not_ready"),
)
async def check_readiness(redis: NamedDependency[Redis], settings: NamedDependency[Settings]) -> Readiness:
    """Answer 200 if Redis can be reached and a worker is alive that has its models loaded."""
    workers = await run_sync(queue.ready_workers, redis)
    if not workers:
        raise ServiceUnavailableException("No worker is alive that has its models loaded.")
    return Readiness(workers=workers, languages=languages.supported(settings))
