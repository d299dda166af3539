"""What the API needs of the queue: an address that is one, and to know whether anybody works."""

import subprocess
import sys

import pytest
from redis import Redis

from schemas.errors import SettingsError
from schemas.settings import Settings
from workers import queue


@pytest.mark.parametrize(
    ("redis_url", "says"),
    [(None, "REDIS_URL is not set"), ("localhost:6379", "REDIS_URL='localhost:6379'")],
)
def test_an_address_that_is_none_is_refused(redis_url: str | None, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        queue.connect(Settings(redis_url=redis_url))


def test_nobody_works_on_an_empty_redis(redis: Redis) -> None:
    assert queue.ready_workers(redis) == 0


def test_stopping_what_does_not_run_does_nothing(redis: Redis) -> None:
    queue.stop(redis, "no-such-job")

    assert redis.keys() == []


def test_queue_and_store_load_no_models() -> None:
    program = "import sys, workers.store; sys.exit(bool({'torch', 'stanza'} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
