"""The worker process: models once in memory, then article after article, each in a fork of its own."""

import gc
import logging
from typing import Any, Final

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Worker, worker_registration
from rq.job import Job as QueuedJob
from rq.serializers import JSONSerializer

from schemas.errors import QueueUnavailableError
from schemas.settings import Settings
from workers import index, logs, tracing
from workers.extraction.extractor import Extractor
from workers.jobs import Coder, coder
from workers.queue import ArticleQueue, connect, extraction_queue
from workers.store import JobStore

MISSED: Final = 3
"""After how many heartbeats that did not come a worker is taken for dead."""

logger = logging.getLogger(__name__)


class ArticleWorker(Worker):
    """RQ's worker, on the one queue of articles, and quicker to notice that another one died.

    Every interval it sends a heartbeat and looks for jobs that were left behind. A job whose worker died
    without a word is therefore run again within `MISSED` + 1 intervals, by a worker that is idle.
    """

    queue_class = ArticleQueue

    def __init__(self, redis: Redis, store: JobStore, settings: Settings) -> None:
        self._interval = interval = settings.maintenance_interval
        super().__init__(
            # Exactly one queue: only then does RQ move an id from list to list, and none is lost.
            [extraction_queue(redis)],
            connection=redis,
            serializer=JSONSerializer,
            maintenance_interval=interval,
            job_monitoring_interval=interval,
            worker_ttl=MISSED * interval,
            log_job_description=False,
        )
        self._store = store

    @property
    def dequeue_timeout(self) -> int:
        """Seconds to wait for a job; RQ's seven minutes would be the interval of an idle worker."""
        return self._interval

    @property
    def was_asked_to_stop(self) -> bool:
        """Whether a signal or RQ's shutdown command came in."""
        return self._shutdown_requested_date is not None

    def get_heartbeat_ttl(self, job: QueuedJob, working_time: float = 0.0) -> int:  # noqa: ARG002
        """Seconds after a heartbeat until the job that is being run counts as abandoned."""
        return MISSED * self._interval

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that this worker lives, and that it is one: Redis may have come back without knowing."""
        super().heartbeat(timeout, pipeline)
        worker_registration.register(self, pipeline)

    def handle_exception(self, job: QueuedJob, *exc_info: Any) -> None:  # noqa: ANN401 - as RQ calls it
        """Log what went wrong; RQ would write out the exception's message, which may quote the article."""
        logger.error("Job %s: unexpected error; it is tried again", job.id, exc_info=exc_info)

    def run_maintenance_tasks(self) -> None:
        """Have RQ look for abandoned jobs, then see to those that RQ gave up, lost, or that expired."""
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ leaves it so.
        for job_id in self._store.recover():
            logger.warning("Job %s was lost by the queue and is enqueued again", job_id)
        index.prune(self.connection)


def run(settings: Settings) -> None:
    """Be a worker until told to stop: SIGTERM or SIGINT let the article in hand be finished.

    A second signal kills the process that codes it; another worker begins the article anew.

    Raises:
        SettingsError: `REDIS_URL` is missing or not an address.
        ModelError: A model is missing or damaged.
        KnowledgeError: A knowledge file is not as its format demands.
        QueueUnavailableError: Redis does not answer, or went away for longer than can be bridged.

    """
    logs.configure(settings)
    redis = connect(settings)
    try:
        redis.ping()
    except RedisError as error:
        raise QueueUnavailableError(f"Redis does not answer: {error}") from error
    store = JobStore(redis, settings)
    coder.set(Coder(store, _load(settings), tracing.tracer(settings, "tocsin-worker")))
    worker = ArticleWorker(redis, store, settings)
    logger.info("Ready to code articles")
    # What RQ says of every job and every look around, we say ourselves or is for debugging.
    worker.work(logging_level="WARNING" if settings.log_level == "INFO" else settings.log_level)
    if not worker.was_asked_to_stop:
        raise QueueUnavailableError("The worker lost Redis and stopped; the log shows what happened.")
    logger.info("Stopped as asked")


def _load(settings: Settings) -> Extractor:
    logger.info("Loading models")
    extractor = Extractor(settings)
    extractor.warm_up()
    # What is loaded is there to stay: if the garbage collector never looks at it again, its pages remain
    # shared with the forks.
    gc.collect()
    gc.freeze()
    return extractor
