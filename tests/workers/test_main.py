"""Real worker processes, with real models, on a real Valkey; and what is left when they are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from schemas.access import LOCAL
from schemas.article import Article
from schemas.batch import BatchStatus
from schemas.job import Job, JobStatus, Priority
from schemas.settings import Settings
from workers import queue
from workers.batches import CHUNK, BatchStore, Line
from workers.store import JobStore

PATIENCE = 60.0
"""Seconds after which what is waited for is not going to happen."""

SENTENCE = "Des centaines de manifestants ont défilé à Paris contre la hausse du prix du gaz. "
SHORT = Article(text=SENTENCE + "La police a arrêté dix personnes.", published_at="2024-05-02")
LONG = Article(text=SENTENCE * 150, published_at="2024-05-02")
"""An article that takes long enough to be interrupted."""


class Service:
    """A queue of its own, and the workers that a test starts on it."""

    def __init__(self, url: str, log: Path) -> None:
        # A short interval, for a dead worker's job to be found in seconds.
        self.settings = Settings(redis_url=url, maintenance_interval=2)
        self.redis = queue.connect(self.settings)
        self.store = JobStore(self.redis, self.settings)
        self.batches = BatchStore(self.redis, self.settings)
        self._log = log
        self.worker: subprocess.Popen[bytes]
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "cli", "worker"],
                env=os.environ
                | {"REDIS_URL": str(self.settings.redis_url), "TOCSIN_MAINTENANCE_INTERVAL": "2"},
                stderr=log,
            )
        self._workers.append(worker)
        return worker

    def submit(self, article: Article, **settings: int) -> str:
        changed = msgspec.structs.replace(self.settings, **settings)
        return JobStore(self.redis, changed).create(article, LOCAL.owner).id

    def submit_batch(self, article: Article, count: int) -> str:
        reception = self.batches.receive(LOCAL.owner, Priority.BULK)
        for start in range(1, count + 1, CHUNK):
            numbers = range(start, min(start + CHUNK, count + 1))
            reception.add([Line(number, msgspec.json.encode(article)) for number in numbers])
        return reception.complete(None).id

    def wait_for(self, job_id: str, condition: Callable[[Job], bool]) -> Job:
        until(lambda: condition(self.store.get(job_id, LOCAL.owner)), self.log)
        return self.store.get(job_id, LOCAL.owner)

    def run(self, article: Article, **settings: int) -> Job:
        return self.wait_for(self.submit(article, **settings), is_final)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def close(self) -> None:
        for worker in self._workers:
            for horse in children(worker.pid):
                os.kill(horse, signal.SIGKILL)
            worker.kill()
            worker.wait()
        self.redis.close()


def until(condition: Callable[[], bool], explanation: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"It did not happen. The workers' log:\n{explanation()}")
        time.sleep(0.02)


def is_final(job: Job) -> bool:
    return job.status.is_final


def running(attempt: int) -> Callable[[Job], bool]:
    return lambda job: job.status is JobStatus.RUNNING and job.attempts == attempt


def children(pid: int) -> list[int]:
    """The processes that `pid` has forked."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # It ended while we looked around.
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def horse_of(worker: subprocess.Popen[bytes]) -> int:
    (horse,) = children(worker.pid)
    return horse


@pytest.fixture
def own_service(redis: Redis, redis_url: str, tmp_path: Path) -> Iterator[Service]:  # noqa: ARG001
    """No worker yet, for a test that kills or stops those that it starts."""
    with closing(Service(redis_url, tmp_path / "worker.log")) as service:
        yield service


@pytest.fixture(scope="module")
def service(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One worker for all tests that leave it alive, in a database that nobody empties."""
    service = Service(f"{redis_url}?db=1", tmp_path_factory.mktemp("worker") / "worker.log")
    with closing(service):
        service.worker = service.start_worker()
        until(lambda: queue.ready_workers(service.redis) == 1, service.log)
        yield service


def test_an_article_becomes_records(service: Service) -> None:
    job = service.run(SHORT)

    assert (job.status, job.attempts, job.error) == (JobStatus.SUCCEEDED, 1, None)
    events = service.store.events(job.id, LOCAL.owner)
    assert len(events) == job.event_count
    assert events
    assert {event.job_id for event in events} == {job.id}


def test_no_article_gets_into_the_log(service: Service) -> None:
    service.run(SHORT)

    assert "manifestants" not in service.log()


def test_nothing_of_a_finished_job_is_left_with_rq(service: Service) -> None:
    job_id = service.run(SHORT).id

    until(lambda: not service.redis.exists(queue.queued_key(job_id)), service.log)
    assert service.store.get(job_id, LOCAL.owner).status is JobStatus.SUCCEEDED


def test_what_cannot_be_coded_fails_at_once_and_the_next_article_is_not_affected(
    service: Service,
) -> None:
    job = service.run(Article(text=" \n"))

    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert job.error is not None
    assert job.error.code == "no_text"
    assert service.run(SHORT).status is JobStatus.SUCCEEDED


def test_an_article_that_takes_too_long_is_given_up(service: Service) -> None:
    job = service.run(LONG, job_timeout=1)

    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert job.error is not None
    assert job.error.code == "timeout"
    assert "TOCSIN_JOB_TIMEOUT" in job.error.detail


def test_a_running_job_is_stopped_when_it_is_cancelled(service: Service) -> None:
    job_id = service.submit(LONG)
    service.wait_for(job_id, running(1))
    horse = horse_of(service.worker)

    service.store.delete(job_id, LOCAL.owner)

    assert service.store.get(job_id, LOCAL.owner).status is JobStatus.CANCELLED
    until(lambda: horse not in children(service.worker.pid), service.log)
    assert service.run(SHORT).status is JobStatus.SUCCEEDED
    assert service.store.get(job_id, LOCAL.owner).attempts == 1


def test_a_job_whose_process_is_killed_is_run_again(service: Service) -> None:
    job_id = service.submit(LONG)
    service.wait_for(job_id, lambda job: job.progress > 0)
    os.kill(horse_of(service.worker), signal.SIGKILL)

    job = service.wait_for(job_id, is_final)

    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 2)
    assert len(service.store.events(job_id, LOCAL.owner)) == job.event_count


def test_a_job_that_kills_its_process_every_time_fails_with_a_reason(service: Service) -> None:
    job_id = service.submit(LONG)
    for attempt in (1, 2, 3):
        service.wait_for(job_id, running(attempt))
        os.kill(horse_of(service.worker), signal.SIGKILL)

    job = service.wait_for(job_id, is_final)

    assert (job.status, job.attempts) == (JobStatus.FAILED, 3)
    assert job.error is not None
    assert job.error.code == "worker_died"
    assert "memory" in job.error.detail
    assert service.run(SHORT).status is JobStatus.SUCCEEDED


def test_a_single_article_does_not_wait_for_a_backlog(service: Service) -> None:
    batch_id = service.submit_batch(SHORT, 3000)
    until(lambda: service.batches.get(batch_id, LOCAL.owner).counts.succeeded > 0, service.log)

    single = service.run(SHORT)

    assert single.status is JobStatus.SUCCEEDED
    assert single.started_at is not None
    begun_meanwhile = [
        job
        for job in service.batches.jobs(batch_id, LOCAL.owner, 0, 3000)[0]
        if job.started_at is not None and single.created_at < job.started_at < single.started_at
    ]
    assert len(begun_meanwhile) <= 1  # One that the worker had in hand already.
    service.batches.delete(batch_id, LOCAL.owner)
    batch = service.batches.get(batch_id, LOCAL.owner)
    assert batch.status is BatchStatus.COMPLETED
    assert batch.counts.succeeded + batch.counts.cancelled == 3000
    assert service.redis.llen(queue.BACKLOG) == 0
    assert service.run(SHORT).status is JobStatus.SUCCEEDED


def test_a_bulk_article_whose_process_is_killed_is_run_again(service: Service) -> None:
    batch_id = service.submit_batch(LONG, 1)
    [job_id] = service.batches.job_ids(batch_id, LOCAL.owner)
    service.wait_for(job_id, lambda job: job.progress > 0)
    os.kill(horse_of(service.worker), signal.SIGKILL)

    job = service.wait_for(job_id, is_final)

    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 2)
    batch = service.batches.get(batch_id, LOCAL.owner)
    assert (batch.status, batch.counts.succeeded) == (BatchStatus.COMPLETED, 1)
    assert batch.event_count == job.event_count


def test_a_worker_is_known_again_to_a_redis_that_lost_everything(service: Service) -> None:
    service.redis.flushdb()

    until(lambda: queue.ready_workers(service.redis) == 1, service.log)
    assert service.run(SHORT).status is JobStatus.SUCCEEDED


def test_a_job_whose_whole_worker_is_killed_is_run_by_another(own_service: Service) -> None:
    doomed = own_service.start_worker()
    job_id = own_service.submit(LONG)
    own_service.wait_for(job_id, running(1))
    horse = horse_of(doomed)
    doomed.kill()
    os.kill(horse, signal.SIGKILL)

    own_service.start_worker()
    job = own_service.wait_for(job_id, is_final)

    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 2)
    assert len(own_service.store.events(job_id, LOCAL.owner)) == job.event_count


def test_a_worker_that_is_asked_to_stop_finishes_its_article(own_service: Service) -> None:
    worker = own_service.start_worker()
    job_id = own_service.submit(LONG)
    own_service.wait_for(job_id, running(1))

    worker.terminate()

    assert worker.wait(PATIENCE) == 0
    job = own_service.store.get(job_id, LOCAL.owner)
    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 1)
    assert queue.ready_workers(own_service.redis) == 0


def test_a_worker_without_redis_says_so(tmp_path: Path) -> None:
    worker = subprocess.run(
        [sys.executable, "-m", "cli", "worker"],
        env=os.environ | {"REDIS_URL": f"unix://{tmp_path}/none.sock"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert worker.returncode == 1
    assert "Redis does not answer" in worker.stderr
    assert "Traceback" not in worker.stderr
