"""The real application on a real Valkey, and jobs in every state."""

import time
from collections.abc import Iterator
from datetime import date
from threading import Thread

import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from api.app import create_app
from api.examples import EVENT
from schemas.access import LOCAL
from schemas.article import Article, Extraction, PublicationSource
from schemas.delivery import Delivery
from schemas.event import Event
from schemas.job import JobError, Priority
from schemas.settings import Settings
from schemas.webhook import NewWebhook, WebhookWithSecret
from workers.batches import BatchStore, Line
from workers.store import Attempt, JobStore
from workers.webhooks import announcing
from workers.webhooks.deliveries import DeliveryStore
from workers.webhooks.endpoints import WebhookStore


class Jobs:
    """Makes jobs, and brings them where a worker would."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.store = JobStore(redis, settings)
        self._batches = BatchStore(redis, settings)

    def queue(self) -> str:
        """Submit an article; returns the job's id."""
        return self.store.create(Article(text="Des habitants ont manifesté."), LOCAL.owner).id

    def batch(self) -> str:
        """Submit a batch of one article, and code it; returns the batch's id."""
        reception = self._batches.receive(LOCAL.owner, Priority.BULK)
        reception.add([Line(1, b'{"text": "Bonjour."}')])
        batch_id = reception.complete(None).id
        for job_id in self._batches.job_ids(batch_id, LOCAL.owner):
            self.succeed(job_id)
        return batch_id

    def begin(self, job_id: str) -> Attempt:
        """Begin an attempt."""
        attempt = self.store.begin(job_id)
        assert attempt
        return attempt

    def extraction(self, *events: Event) -> Extraction:
        """Give what comes of an article with these records, or the example's."""
        return Extraction(
            article_id="9f2c51d07be84a36",
            title=None,
            language="fr",
            published_at=date(2022, 1, 5),
            published_at_source=PublicationSource.TEXT,
            text="Des habitants ont manifesté.",
            events=list(events or [EVENT]),
            warnings=[],
        )

    def succeed(self, job_id: str, *events: Event) -> str:
        """Code the article with these records, or the example's."""
        assert self.store.succeed(self.begin(job_id), self.extraction(*events))
        return job_id

    def fail(self, job_id: str, detail: str) -> str:
        """Give up on the article."""
        assert self.store.fail(self.begin(job_id), JobError("no_text", detail))
        return job_id


class Webhooks:
    """Registers webhooks, and sends to them without ever delivering."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._webhooks = WebhookStore(redis, settings)
        self.deliveries = DeliveryStore(redis, settings)

    def register(self) -> WebhookWithSecret:
        """Register a webhook."""
        return self._webhooks.create(NewWebhook(url="https://example.org/hook"), LOCAL.owner)

    def ping(self, webhook_id: str) -> Delivery:
        """Send a ping."""
        entry = announcing.ping(self._webhooks.get(webhook_id, LOCAL.owner), LOCAL.owner)
        self.deliveries.add([entry])
        return entry.delivery


@pytest.fixture
def webhooks(redis: Redis, settings: Settings) -> Webhooks:
    return Webhooks(redis, settings)


@pytest.fixture
def jobs(redis: Redis, settings: Settings) -> Jobs:
    return Jobs(redis, settings)


@pytest.fixture
def client(redis: Redis, settings: Settings) -> Iterator[TestClient[Litestar]]:  # noqa: ARG001 - Valkey is empty.
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def server(redis: Redis, settings: Settings) -> Iterator[str]:  # noqa: ARG001 - Valkey is empty.
    """The address of a real server."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join()
