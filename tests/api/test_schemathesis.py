"""The service, asked by Schemathesis all that its OpenAPI document allows and forbids."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer
from rq.utils import as_text

from schemas.settings import Settings
from tests.api.conftest import Jobs
from workers import queue
from workers.queue import OPEN

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def address(redis_url: str, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of a real server, whose log must stay free of faults."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environment = os.environ | {
        "REDIS_URL": redis_url,
        "TOCSIN_PORT": address.rpartition(":")[2],
        "TOCSIN_MAX_WAIT": "0.1",
        "TOCSIN_SECRET": settings.secret,
    }
    command = [sys.executable, "-m", "cli", "serve"]
    log = tmp_path / "api.log"
    with (
        log.open("w") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            deadline = time.monotonic() + 30
            while not _is_up(address):
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield address
        finally:
            server.terminate()
            server.wait()
    assert "Traceback" not in log.read_text()


def _is_up(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/health/live").is_success
    except httpx2.ConnectError:
        return False


@pytest.fixture
def coding(redis: Redis, jobs: Jobs) -> Iterator[None]:
    """Finish every other job soon after it was submitted, as a worker would that needs no time to think."""
    worker = Worker([queue.extraction_queue(redis)], connection=redis, serializer=JSONSerializer)
    worker.register_birth()  # type: ignore[no-untyped-call]
    stopping = threading.Event()

    def code() -> None:
        while not stopping.wait(0.02):
            for job_id in map(as_text, redis.smembers(OPEN)):
                if int(job_id[-1], base=16) % 2:
                    with suppress(AssertionError):  # It was cancelled in the meantime.
                        jobs.succeed(job_id)

    thread = threading.Thread(target=code)
    thread.start()
    yield
    stopping.set()
    thread.join()


@pytest.mark.usefixtures("coding")
def test_schemathesis_finds_nothing(address: str, tmp_path: Path) -> None:
    program = shutil.which("schemathesis", path=sysconfig.get_path("scripts"))
    assert program
    run = subprocess.run(
        [
            *(program, "--config-file", str(CONFIGURATION), "run", f"{address}/openapi.json"),
            *("--no-color", "--request-timeout", "10"),
        ],
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONPATH": str(CONFIGURATION.parent),
            "SCHEMATHESIS_HOOKS": "schemathesis_serializers",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
