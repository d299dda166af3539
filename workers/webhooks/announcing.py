"""Making deliveries of what happened: who is to be told, and in which words."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from msgspec.structs import replace
from redis import Redis
from redis.exceptions import RedisError

from schemas.job import Job, JobStatus
from schemas.settings import Settings
from schemas.webhook import Message, MessageType, Webhook
from workers import tally
from workers.store import JobStore
from workers.webhooks import announcements
from workers.webhooks.deliveries import DeliveryStore, Entry, callback_target, delivery
from workers.webhooks.endpoints import WebhookStore

AT_ONCE: Final = 100
"""How many notes are worked off at a time."""

ENDED: Final = {JobStatus.SUCCEEDED: MessageType.JOB_SUCCEEDED, JobStatus.FAILED: MessageType.JOB_FAILED}
"""What is told of a job's end; nothing of one that its owner has cancelled."""

logger = logging.getLogger(__name__)


def ping(webhook: Webhook, owner: str) -> Entry:
    """Make the delivery that tries out a webhook."""
    message = Message(type=MessageType.PING, timestamp=datetime.now(UTC), data=webhook)
    return delivery(message, str(uuid4()), owner, webhook.id)


class Announcer:
    """Works off the notes of what happened."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._jobs = JobStore(redis, settings)
        self._webhooks = WebhookStore(redis, settings)
        self._deliveries = DeliveryStore(redis, settings)

    def announce(self) -> int:
        """Make the deliveries of the oldest notes; says how many notes there were.

        One that cannot be worked off, through a fault of ours, is put off and holds up no other.
        """
        subjects = announcements.due(self._redis, AT_ONCE)
        for subject in subjects:
            try:
                self._deliveries.add(self._deliveries_of(subject))
            except RedisError:
                raise
            except Exception:
                logger.exception("%s cannot be announced; put off", subject)
                announcements.postpone(self._redis, subject)
            else:
                announcements.done(self._redis, subject)
        return len(subjects)

    def _deliveries_of(self, subject: str) -> Iterator[Entry]:
        kind, _, identifier = subject.partition(":")
        match kind:
            case "job":
                return self._of_job(identifier)
            case "batch":
                return self._of_batch(identifier)
            case "webhook":
                return self._of_disabled_webhook(identifier)
            case _:
                raise ValueError(f"Nothing is known of {kind}.")

    def _of_job(self, job_id: str) -> Iterator[Entry]:
        """Tell of a job that has come to its end, and of its records; of nothing if it was forgotten."""
        outcome = self._jobs.outcome(job_id)
        ended = outcome and _ended(outcome.job)
        if not outcome or not ended:
            return
        if outcome.callback_url:
            target = callback_target(outcome.owner, outcome.callback_url)
            yield delivery(ended, job_id, outcome.owner, target, outcome.callback_url, outcome.trace)
        for webhook in self._enabled(outcome.owner):
            if ended.type in webhook.types:
                yield delivery(ended, job_id, outcome.owner, webhook.id, trace=outcome.trace)
            if MessageType.EVENT_CREATED not in webhook.types:
                continue
            for number, event in enumerate(outcome.events):
                if event.withheld_because is None and webhook.filter.accepts(event):
                    created = Message(type=MessageType.EVENT_CREATED, timestamp=ended.timestamp, data=event)
                    subject = f"{job_id} {number}"
                    yield delivery(created, subject, outcome.owner, webhook.id, trace=outcome.trace)

    def _of_batch(self, batch_id: str) -> Iterator[Entry]:
        """Tell of a batch that is completed; of nothing if it was forgotten."""
        found = tally.find(self._redis, batch_id)
        if found is None or found.batch.finished_at is None:
            return
        message = Message(
            type=MessageType.BATCH_COMPLETED, timestamp=found.batch.finished_at, data=found.batch
        )
        for webhook in self._enabled(found.owner):
            if MessageType.BATCH_COMPLETED in webhook.types:
                yield delivery(message, batch_id, found.owner, webhook.id)

    def _of_disabled_webhook(self, webhook_id: str) -> Iterator[Entry]:
        """Tell an owner's other webhooks of one that was disabled, unless it no longer is."""
        found = self._webhooks.find(webhook_id)
        if found is None or found.webhook.disabled_at is None:
            return
        disabled = found.webhook
        message = Message(
            type=MessageType.ENDPOINT_DISABLED, timestamp=found.webhook.disabled_at, data=disabled
        )
        for webhook in self._enabled(found.owner):
            if MessageType.ENDPOINT_DISABLED in webhook.types:
                yield delivery(message, f"{webhook_id} {disabled.disabled_at}", found.owner, webhook.id)

    def _enabled(self, owner: str) -> list[Webhook]:
        return [webhook for webhook in self._webhooks.all(owner) if not webhook.disabled]


def _ended(job: Job) -> Message | None:
    if job.status not in ENDED or job.finished_at is None:
        return None
    # A message is to be small: the text is had from the job, which it names.
    return Message(type=ENDED[job.status], timestamp=job.finished_at, data=replace(job, text=None))
