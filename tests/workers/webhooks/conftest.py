"""What the tests of webhooks share."""

import pytest

from schemas.settings import Settings


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that the service runs on."""
    return "asyncio"


@pytest.fixture
def local() -> Settings:
    """Settings that let webhooks reach a receiver on 127.0.0.1, and nothing else of this machine."""
    return Settings(webhook_allow_http=True, webhook_allow_networks="127.0.0.1/32", webhook_timeout=5.0)
