"""What a worker does with a job: code its article and record what came of it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import msgspec
from rq.timeouts import JobTimeoutException
from structlog.contextvars import bound_contextvars

from schemas.article import Extraction
from schemas.errors import ExtractionError, TocsinError
from schemas.job import JobError
from schemas.settings import variable
from workers import tracing
from workers.extraction.extractor import Extractor
from workers.store import Attempt, JobStore
from workers.tracing import Tracer

PROGRESS_SECONDS: Final = 0.5
"""The least time between two records of the progress."""

logger = logging.getLogger(__name__)


class SupersededError(Exception):
    """The attempt is no longer the job's current one: whatever it finds, nobody will look at it."""


class Coder:
    """Codes articles for jobs, with an extractor that is ready for use."""

    def __init__(self, store: JobStore, extractor: Extractor, tracer: Tracer | None = None) -> None:
        self._store = store
        self._extractor = extractor
        self._tracer = tracer or Tracer()

    def code(self, job_id: str) -> None:
        """Make one attempt at a job, unless there is nothing to do for it.

        Whatever goes wrong and would go wrong again fails the job; its error says why.

        Raises:
            Exception: Something unexpected; the job has attempts left, and RQ is to run it again.

        """
        attempt = self._store.begin(job_id)
        if attempt is None:
            logger.info("Job %s is not to be coded (any more)", job_id)
            return
        with (
            bound_contextvars(job_id=job_id),
            self._tracer.span("code article", attempt.trace) as trace,
            tracing.entered(trace),
        ):
            self._attempt(job_id, attempt)

    def flush(self) -> None:
        """Hand over what is collected of the traces: the process that coded an article ends with it."""
        self._tracer.flush()

    def _attempt(self, job_id: str, attempt: Attempt) -> None:
        logger.info("Job %s: attempt %d", job_id, attempt.number)
        seconds: dict[str, float] = {}
        began = time.monotonic()
        try:
            extraction = self._extract(attempt, seconds)
            if self._store.succeed(attempt, extraction, seconds):
                took = time.monotonic() - began
                logger.info("Job %s: %d records in %.1f s", job_id, len(extraction.events), took)
        except SupersededError:
            logger.info("Job %s was cancelled, or another worker has it; attempt given up", job_id)
        except ExtractionError as error:
            self._fail(attempt, JobError(error.code, str(error)))
        except JobTimeoutException:
            self._fail(attempt, _took_too_long(time.monotonic() - began))
        except Exception as error:
            if not attempt.is_last:
                self._store.release(attempt)
                raise
            logger.exception("Job %s: unexpected error", job_id)
            self._fail(attempt, _unexpected(error, attempt))

    def _extract(self, attempt: Attempt, seconds: dict[str, float]) -> Extraction:
        @contextmanager
        def measured(stage: str) -> Iterator[None]:
            began = time.monotonic()
            with self._tracer.span(stage, tracing.current.get()):
                yield
            seconds[stage] = time.monotonic() - began

        extraction = self._extractor.extract(
            attempt.article, attempt.submitted_at, self._recorder(attempt), measured
        )
        events = [msgspec.structs.replace(event, job_id=attempt.job_id) for event in extraction.events]
        return msgspec.structs.replace(extraction, events=events)

    def _recorder(self, attempt: Attempt) -> Callable[[float], None]:
        recorded = time.monotonic()

        def record(fraction: float) -> None:
            nonlocal recorded
            if time.monotonic() - recorded < PROGRESS_SECONDS:
                return
            if not self._store.progress(attempt, fraction):
                raise SupersededError
            recorded = time.monotonic()

        return record

    def _fail(self, attempt: Attempt, error: JobError) -> None:
        if self._store.fail(attempt, error):
            logger.warning("Job %s failed: %s", attempt.job_id, error.code)


def _took_too_long(seconds: float) -> JobError:
    return JobError(
        "timeout",
        f"Coding this article was stopped after {seconds:.0f} s, the longest that it may take. Submit it in "
        f"parts, or have {variable('job_timeout')} raised.",
    )


def _unexpected(error: Exception, attempt: Attempt) -> JobError:
    if isinstance(error, TocsinError):
        return JobError(error.code, str(error))
    return JobError(
        "internal_error",
        f"An error in Tocsin itself ({type(error).__name__}) ended the last of {attempt.number} attempts. "
        "The worker's log shows where; please report it with the job's id.",
    )


coder: ContextVar[Coder] = ContextVar("coder")
"""What this process codes with; the worker sets it before it forks."""


def code_article(job_id: str) -> None:
    """Code the article of a job; this is what the queue names."""
    try:
        coder.get().code(job_id)
    finally:
        coder.get().flush()
