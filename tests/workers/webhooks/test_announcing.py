"""From what happened to deliveries, without a deliverer."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from schemas.access import LOCAL
from schemas.article import Article
from schemas.settings import Settings
from tests.workers.webhooks.service import Service
from workers.webhooks.announcements import ANNOUNCEMENTS
from workers.webhooks.announcing import Announcer

URL = "http://127.0.0.1:1/hook"


@pytest.fixture
def idle(redis: Redis, hasty: Settings, tmp_path: Path) -> Iterator[Service]:
    """A service without deliverers."""
    service = Service(redis, hasty, tmp_path / "deliverer.log")
    yield service
    service.close()


def announce(service: Service) -> None:
    Announcer(service.redis, service.settings).announce()


def test_what_is_announced_twice_is_delivered_once(idle: Service) -> None:
    webhook = idle.register(URL)
    job_id = idle.succeed(callback_url=URL)
    announce(idle)
    idle.redis.zadd(ANNOUNCEMENTS, {f"job:{job_id}": time.time()})
    announce(idle)
    assert len(idle.log(webhook)) == 1
    assert len(idle.redis.keys("tocsin:delivery:*")) == 2
    assert not idle.redis.exists(ANNOUNCEMENTS)


def test_nothing_is_told_of_a_job_that_was_cancelled_or_forgotten(idle: Service) -> None:
    webhook = idle.register(URL)
    cancelled = idle.jobs.create(Article(text="Bonjour.", callback_url=URL), LOCAL.owner).id
    idle.jobs.delete(cancelled, LOCAL.owner)
    idle.jobs.delete(idle.succeed(callback_url=URL), LOCAL.owner)
    announce(idle)
    assert idle.log(webhook) == []
    assert not idle.redis.exists(ANNOUNCEMENTS)


def test_what_cannot_be_announced_holds_up_nothing(idle: Service, caplog: pytest.LogCaptureFixture) -> None:
    webhook = idle.register(URL)
    idle.redis.zadd(ANNOUNCEMENTS, {"riddle:1": time.time() - 1})
    idle.succeed()
    announce(idle)
    assert len(idle.log(webhook)) == 1
    assert "riddle:1 cannot be announced" in caplog.text
    assert (idle.redis.zscore(ANNOUNCEMENTS, "riddle:1") or 0) > time.time()


def test_notes_that_nobody_reads_do_not_pile_up(idle: Service) -> None:
    idle.redis.zadd(ANNOUNCEMENTS, {"job:old": time.time() - idle.settings.retention_days * 86400 - 1})
    idle.succeed()
    assert idle.redis.zcard(ANNOUNCEMENTS) == 1
    assert idle.redis.zscore(ANNOUNCEMENTS, "job:old") is None
