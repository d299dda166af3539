"""The deliverer: a process that does nothing but tell consumers what happened.

It is no RQ worker. One of those makes one job at a time, in a process forked for it: fifty consumers that
hang would keep all others waiting. What delivers waits for others nearly all the time; so this is one
event loop with hundreds of attempts under way, and its queue are leases in Redis (`deliveries`), for
several deliverers to share. Neither torch nor stanza is in the process.
"""

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Final, ParamSpec, TypeVar

import msgspec
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from schemas.delivery import DeliveryState
from schemas.errors import QueueUnavailableError
from schemas.settings import Settings
from workers import logs, tracing
from workers.queue import connect
from workers.tracing import Tracer
from workers.webhooks import callbacks, endpoints, signatures, signing_keys
from workers.webhooks.announcing import Announcer
from workers.webhooks.deliveries import DeliveryStore, Entry
from workers.webhooks.endpoints import WebhookStore
from workers.webhooks.sending import Outcome, Sender

POLL_SECONDS: Final = 0.2
"""How often to look for what is new or due, when there is nothing else to do."""

PATIENCE: Final = 1.0
"""Seconds between two questions to a Redis that does not answer."""

DRAIN_SECONDS: Final = 5.0
"""How long attempts may still take when the process is to stop; those given up are made again."""

THREADS: Final = 8
"""How many questions are put to Redis at a time."""

AT_ONCE: Final = 100
"""How many deliveries are claimed at a time."""

UNREACHABLE: Final = (RedisConnectionError, RedisTimeoutError)

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Destination(msgspec.Struct, frozen=True):
    """Where an attempt goes, what it is signed with, and whose record it touches, if it is a webhook's."""

    url: str
    secrets: list[str]
    webhook: endpoints.Entry | None


class Deliverer:
    """Announces and delivers until it is stopped."""

    def __init__(self, redis: Redis, settings: Settings, tracer: Tracer) -> None:
        self._redis = redis
        self._tracer = tracer
        self._settings = settings
        self._announcer = Announcer(redis, settings)
        self._deliveries = DeliveryStore(redis, settings)
        self._webhooks = WebhookStore(redis, settings)
        self._sender = Sender(settings)
        # Threads of its own: Redis is not to wait for whatever else goes on in threads.
        self._threads = ThreadPoolExecutor(THREADS, "redis")
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._room = asyncio.Event()

    def stop(self) -> None:
        """Begin nothing any more; asked again, give up what is under way."""
        if self._stopping.is_set():
            self._abandon()
        self._stopping.set()
        self._room.set()

    async def run(self) -> None:
        """Deliver until `stop` is called.

        Raises:
            Exception: Something unexpected; what is under way is due again when its lease ends.

        """
        try:
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._announce())
                    group.create_task(self._deliver())
            except* UNREACHABLE:
                logger.warning("Stopped without Redis; what was under way is delivered again")
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=DRAIN_SECONDS)
        finally:
            self._abandon()
            await asyncio.gather(*self._under_way, return_exceptions=True)
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _abandon(self) -> None:
        for task in self._under_way:
            task.cancel()

    async def _announce(self) -> None:
        while not self._stopping.is_set():
            if not await self._ask(self._announcer.announce):
                await _pause(self._stopping)

    async def _deliver(self) -> None:
        while not self._stopping.is_set():
            self._room.clear()
            room = min(self._settings.webhook_concurrency - len(self._under_way), AT_ONCE)
            claimed = await self._ask(self._deliveries.claim, room) if room > 0 else []
            for delivery_id in claimed:
                task = asyncio.create_task(self._attempt(delivery_id))
                self._under_way.add(task)
                task.add_done_callback(self._ended)
            if not claimed:
                await _pause(self._room)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._room.set()
        if not task.cancelled() and (error := task.exception()):
            logger.error("An attempt came to an unexpected end; it is made again", exc_info=error)

    async def _attempt(self, delivery_id: str) -> None:
        prepared = await self._ask(self._prepare, delivery_id)
        if prepared is None:
            return
        entry, destination = prepared
        with self._tracer.span("deliver message", entry.trace) as trace, tracing.entered(trace):
            body = entry.body.encode()
            started_at = datetime.now(UTC)
            signed = signatures.headers(destination.secrets, delivery_id, int(time.time()), body)
            headers = {"traceparent": trace.header, **signed}
            outcome = await self._sender.post(destination.url, headers, body)
            await self._ask(self._record, entry, destination, started_at, outcome)

    def _prepare(self, delivery_id: str) -> tuple[Entry, Destination] | None:
        """Find out what is to be sent where; None if nothing is, for the webhook is disabled or gone."""
        entry = self._deliveries.find(delivery_id)
        if entry is None:  # It was forgotten since it was claimed, and is out of the queue.
            return None
        destination = self._destination(entry)
        if destination is None:
            self._deliveries.give_up(delivery_id)
            return None
        return entry, destination

    def _destination(self, entry: Entry) -> Destination | None:
        if entry.callback_url:
            secrets = callbacks.secrets(self._redis, self._settings, entry.owner)
            return Destination(entry.callback_url, secrets, None)
        found = self._webhooks.find(entry.target)
        if found is None or found.webhook.disabled:
            return None
        return Destination(found.webhook.url, self._webhooks.secrets(found), found)

    def _record(self, entry: Entry, destination: Destination, started_at: datetime, outcome: Outcome) -> None:
        delivery = self._deliveries.record(entry, started_at, outcome)
        if destination.webhook and outcome.is_accepted:
            self._webhooks.note_accepted(destination.webhook)
        elif destination.webhook:
            self._webhooks.note_failed(destination.webhook, gone=outcome.status == HTTPStatus.GONE)
        if delivery and delivery.state is not DeliveryState.SUCCEEDED:
            logger.info(
                "Delivery %s: attempt %d failed (%s), %s",
                delivery.id,
                len(delivery.attempts),
                outcome.error or outcome.status,
                f"next at {delivery.next_attempt_at}" if delivery.next_attempt_at else "given up",
            )

    async def _ask(self, question: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Have Redis asked in a thread, as often as it takes until it answers.

        Raises:
            RedisError: It does not, and the process is to stop.

        """
        loop = asyncio.get_running_loop()
        ask = partial(question, *arguments, **named)
        while True:
            try:
                # In a copy of the context, for what is logged there to say to which request it belongs.
                return await loop.run_in_executor(self._threads, copy_context().run, ask)
            except UNREACHABLE as error:
                if self._stopping.is_set():
                    raise
                logger.warning("Redis does not answer: %s", error)
                await _pause(self._stopping, PATIENCE)


async def _pause(sooner: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(sooner.wait(), seconds)


def run(settings: Settings) -> None:
    """Be a deliverer until told to stop: SIGTERM or SIGINT let attempts under way come to their end.

    Raises:
        SettingsError: `REDIS_URL` is missing or not an address.
        SecretMissingError: There is nothing to derive the secrets of webhooks from.
        QueueUnavailableError: Redis does not answer.

    """
    logs.configure(settings)
    signing_keys.require(settings)
    with contextlib.closing(connect(settings)) as redis:
        try:
            redis.ping()
        except RedisError as error:
            raise QueueUnavailableError(f"Redis does not answer: {error}") from error
        asyncio.run(_run(redis, settings))
    logger.info("Stopped as asked")


async def _run(redis: Redis, settings: Settings) -> None:
    tracer = tracing.tracer(settings, "tocsin-deliverer")
    deliverer = Deliverer(redis, settings, tracer)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, deliverer.stop)
    logger.info("Ready to deliver")
    await deliverer.run()
    tracer.flush()
