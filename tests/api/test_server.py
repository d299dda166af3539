"""The server as a process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from redis import Redis
from rq.utils import as_text


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen: int = free.getsockname()[1]
    return chosen


@pytest.fixture
def server(redis: Redis, redis_url: str, port: int) -> Iterator[subprocess.Popen[str]]:  # noqa: ARG001
    environment = os.environ | {"REDIS_URL": redis_url, "TOCSIN_PORT": str(port)}
    command = [sys.executable, "-W", "error", "-m", "cli", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_a_stopping_server_answers_those_who_wait(
    server: subprocess.Popen[str], port: int, redis: Redis
) -> None:
    with (
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=40) as client,
        ThreadPoolExecutor() as pool,
    ):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                if client.get("/health/live").status_code == 200:
                    break
            except httpx2.ConnectError:
                time.sleep(0.05)
        waiting = pool.submit(client.post, "/v1/articles", json={"text": "a"}, headers={"Prefer": "wait=30"})
        while not (keys := redis.keys("tocsin:job:*")):
            time.sleep(0.01)
        job_id = as_text(keys[0]).rpartition(":")[2]
        with client.stream("GET", f"/v1/jobs/{job_id}/stream") as stream:
            lines = stream.iter_lines()
            assert any('"queued"' in line for line in lines)
            server.send_signal(signal.SIGINT)
            answer = waiting.result(timeout=4)
            assert (answer.status_code, answer.json()["status"]) == (202, "queued")
            assert not any(lines)
        assert server.wait(timeout=4) == 0
        assert server.stderr
        assert "ERROR" not in server.stderr.read()
