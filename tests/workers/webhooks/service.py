"""A service with webhooks: jobs that come to their end, and deliverers that a test starts and kills."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import anyio
from redis import Redis

from api.examples import EVENT
from schemas.access import LOCAL
from schemas.article import Article, Extraction, PublicationSource
from schemas.delivery import Delivery, DeliveryState
from schemas.event import Event
from schemas.job import JobError, Priority
from schemas.settings import Settings, variable
from schemas.webhook import MessageType, NewWebhook, WebhookWithSecret
from workers.batches import BatchStore, Line
from workers.store import JobStore
from workers.webhooks.deliveries import DeliveryStore
from workers.webhooks.endpoints import WebhookStore

PATIENCE = 30.0
"""Seconds after which what is waited for is not going to happen."""

DELIVER = (sys.executable, "-P", "-m", "cli", "deliver")


class Service:
    """The stores, and the deliverers that run."""

    def __init__(self, redis: Redis, settings: Settings, log: Path) -> None:
        self.redis = redis
        self.settings = settings
        self.jobs = JobStore(redis, settings)
        self.webhooks = WebhookStore(redis, settings)
        self.deliveries = DeliveryStore(redis, settings)
        self.deliverers: list[subprocess.Popen[bytes]] = []
        self._log = log

    def start(self) -> subprocess.Popen[bytes]:
        """Start a deliverer."""
        given = {
            variable(field): str(value).lower() if isinstance(value, bool) else str(value)
            for field in Settings.__struct_fields__
            if (value := getattr(self.settings, field)) != getattr(Settings(), field)
        }
        with self._log.open("ab") as log:
            deliverer = subprocess.Popen(DELIVER, env=os.environ | given, stderr=log)
        self.deliverers.append(deliverer)
        return deliverer

    @property
    def output(self) -> str:
        """What the deliverers have logged so far."""
        return self._log.read_text(encoding="utf-8")

    def close(self) -> None:
        for deliverer in self.deliverers:
            deliverer.kill()
            deliverer.wait()

    def register(self, url: str, *types: MessageType, owner: str = LOCAL.owner) -> WebhookWithSecret:
        new = NewWebhook(url=url, types=types) if types else NewWebhook(url=url)
        return self.webhooks.create(new, owner)

    def succeed(self, *events: Event, callback_url: str | None = None, owner: str = LOCAL.owner) -> str:
        """Have an article submitted and coded, with these records or the example's; the job's id."""
        job_id = self.jobs.create(Article(text="Bonjour.", callback_url=callback_url), owner).id
        self._code(job_id, list(events or [EVENT]))
        return job_id

    def complete_batch(self) -> str:
        """Have a batch of two articles submitted and coded; the batch's id."""
        batches = BatchStore(self.redis, self.settings)
        reception = batches.receive(LOCAL.owner, Priority.BULK)
        reception.add([Line(number, b'{"text": "Bonjour."}') for number in (1, 2)])
        batch_id = reception.complete(None).id
        for job_id in batches.job_ids(batch_id, LOCAL.owner):
            self._code(job_id, [EVENT])
        return batch_id

    def _code(self, job_id: str, events: list[Event]) -> None:
        attempt = self.jobs.begin(job_id)
        assert attempt
        extraction = Extraction(
            article_id="9f2c51d07be84a36",
            title=None,
            language="fr",
            published_at=date(2022, 1, 5),
            published_at_source=PublicationSource.TEXT,
            text="Bonjour.",
            events=events,
            warnings=[],
        )
        assert self.jobs.succeed(attempt, extraction)

    def fail(self) -> str:
        """Have an article submitted that cannot be coded; the job's id."""
        job_id = self.jobs.create(Article(text="Bonjour."), LOCAL.owner).id
        attempt = self.jobs.begin(job_id)
        assert attempt
        assert self.jobs.fail(attempt, JobError("no_text", "There is no article in it."))
        return job_id

    def log(self, webhook: WebhookWithSecret) -> list[Delivery]:
        """What the webhook was sent, the latest first."""
        return self.deliveries.page(webhook.id, 1000).deliveries

    def is_settled(self, webhook: WebhookWithSecret, count: int = 1) -> bool:
        """Whether the webhook was sent as many messages, and nothing more will happen to any."""
        log = self.log(webhook)
        return len(log) == count and all(made.state is not DeliveryState.PENDING for made in log)

    async def until(self, condition: Callable[[], object], patience: float = PATIENCE) -> None:
        """Wait for something, while receivers go on."""
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, f"It did not happen. The log:\n{self.output[-5000:]}"
            await anyio.sleep(0.02)
