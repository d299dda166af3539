"""What the tests of webhooks share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from redis import Redis

from schemas.settings import Settings
from tests.workers.webhooks.service import Service


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the service runs on."""
    return "asyncio"


@pytest.fixture
def local() -> Settings:
    """Settings that let webhooks reach a receiver on 127.0.0.1, and nothing else of this machine."""
    return Settings(webhook_allow_http=True, webhook_allow_networks="127.0.0.1/32", webhook_timeout=5.0)


@pytest.fixture
def hasty(local: Settings, redis_url: str) -> Settings:
    """Settings of a service that does within a second what takes others a day."""
    return replace(
        local,
        redis_url=redis_url,
        secret="nobody will ever guess this secret",  # noqa: S106 - a test's
        webhook_timeout=1.0,
        webhook_schedule="0.1,0.1,0.1",
        webhook_throttle=0.2,
    )


@pytest.fixture
def service(redis: Redis, hasty: Settings, tmp_path: Path) -> Iterator[Service]:
    """A service with one deliverer."""
    service = Service(redis, hasty, tmp_path / "deliverer.log")
    try:
        service.start()
        yield service
    finally:
        service.close()
