"""Real deliverers and real consumers: who is told what, when again, and when no more."""

import asyncio
import signal
import subprocess
from typing import Any

import anyio
import jsonschema
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from standardwebhooks import WebhookVerificationError

from api.app import create_app
from api.examples import EVENT
from schemas.access import LOCAL
from schemas.delivery import Delivery, DeliveryState, Failure
from schemas.event import Event
from schemas.settings import Settings
from schemas.taxonomy import EventStatus, EventType
from schemas.webhook import EventFilter, MessageType, NewWebhook, WebhookChange
from tests.workers.webhooks.consuming import ACCEPT, consuming
from tests.workers.webhooks.receiving import answering
from tests.workers.webhooks.service import DELIVER, PATIENCE, Service
from workers import metrics, tracing
from workers.tracing import Trace
from workers.webhooks import announcing, callbacks

pytestmark = pytest.mark.anyio

REFUSE = answering("HTTP/1.1 500 Internal Server Error\n\nno")
GONE = answering("HTTP/1.1 410 Gone\n\n")


async def hang(_: asyncio.StreamWriter) -> None:
    await anyio.sleep_forever()


def statuses(delivery: Delivery) -> list[int | Failure | None]:
    return [attempt.status or attempt.error for attempt in delivery.attempts]


async def test_the_end_of_a_job_is_told_and_signed(service: Service) -> None:
    async with consuming() as consumer:
        webhook = service.register(consumer.url)
        succeeded, failed = service.succeed(), service.fail()
        await service.until(lambda: service.is_settled(webhook, 2))
        told = {received.type: received for received in consumer.accepted}
        assert set(told) == {"job.succeeded", "job.failed"}
        for received in consumer.accepted:
            received.verify(webhook.secret)
            assert received.headers["content-type"] == "application/json"
            assert "." not in received.message_id
        assert told["job.succeeded"].message["data"]["id"] == succeeded  # type: ignore[index]
        assert told["job.failed"].message["data"]["id"] == failed  # type: ignore[index]


async def test_a_message_belongs_to_the_request_that_brought_the_article(service: Service) -> None:
    brought = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01")
    async with consuming() as consumer:
        webhook = service.register(consumer.url)
        with tracing.entered(brought):
            service.succeed()
        await service.until(lambda: service.is_settled(webhook, 1))
        [received] = consumer.accepted
        told = Trace.parse(received.headers["traceparent"])
        assert told
        assert told.trace_id == brought.trace_id
        assert told.span_id != brought.span_id
        attempts = metrics.read(service.redis)[metrics.DELIVERY_ATTEMPTS.name]
        assert attempts == {("204", DeliveryState.SUCCEEDED): 1}


async def test_the_records_that_a_webhook_wants_are_told_one_by_one(service: Service) -> None:
    async with consuming() as consumer:
        wanted = EventFilter(event_types=(EventType.PROTESTS,), countries=("Algeria",), min_confidence=0.5)
        webhook = service.webhooks.create(
            NewWebhook(url=consumer.url, types=(MessageType.EVENT_CREATED,), filter=wanted), LOCAL.owner
        )
        others = [
            replace(EVENT, event_type=EventType.RIOTS),
            replace(EVENT, country="Mali"),
            replace(EVENT, confidence=0.4),
            replace(EVENT, status=EventStatus.PLANNED),
            replace(EVENT, event_type=None),
        ]
        service.succeed(EVENT, *others, EVENT)
        await service.until(lambda: service.is_settled(webhook, 2))
        assert consumer.types == ["event.created"] * 2
        assert len({received.message_id for received in consumer.accepted}) == 2


async def test_others_are_not_told(service: Service) -> None:
    async with consuming() as mine, consuming() as theirs:
        webhook = service.register(mine.url)
        service.register(theirs.url, owner="somebody else")
        service.succeed()
        await service.until(lambda: service.is_settled(webhook))
        assert theirs.received == []


async def test_a_callback_comes_to_where_the_submission_says(service: Service) -> None:
    async with consuming(lambda _, attempt: ACCEPT if attempt > 1 else REFUSE) as consumer:
        secret = callbacks.issue_secret(service.redis, service.settings, LOCAL.owner)
        job_id = service.succeed(callback_url=consumer.url)
        await service.until(lambda: consumer.accepted)
        [received] = consumer.accepted
        received.verify(secret)
        assert (received.type, received.message["data"]["id"]) == ("job.succeeded", job_id)  # type: ignore[index]


async def test_a_message_is_sent_until_it_is_accepted(service: Service) -> None:
    redirect = answering("HTTP/1.1 307 Temporary Redirect\nLocation: /elsewhere\n\n")
    plan = {1: REFUSE, 2: redirect, 3: hang}
    async with consuming(lambda _, attempt: plan.get(attempt, ACCEPT)) as consumer:
        webhook = service.register(consumer.url)
        service.succeed()
        await service.until(lambda: service.is_settled(webhook))
        [delivery] = service.log(webhook)
        assert delivery.state is DeliveryState.SUCCEEDED
        assert statuses(delivery) == [500, 307, Failure.TIMEOUT, 204]
        assert delivery.attempts[0].response_excerpt == "no"
        assert {received.message_id for received in consumer.received} == {delivery.id}
        assert len({received.body for received in consumer.received}) == 1
        assert {received.path for received in consumer.received} == {"/hook?a=b"}


async def test_a_message_is_given_up_and_sent_again_on_request(service: Service) -> None:
    recovered = False
    async with consuming(lambda *_: ACCEPT if recovered else REFUSE) as consumer:
        webhook = service.register(consumer.url)
        service.succeed()
        await service.until(lambda: service.is_settled(webhook))
        [delivery] = service.log(webhook)
        assert (delivery.state, statuses(delivery)) == (DeliveryState.FAILED, [500] * 4)
        assert service.webhooks.get(webhook.id, LOCAL.owner).failing_since
        recovered = True
        service.deliveries.redeliver(webhook.id, delivery.id)
        await service.until(lambda: consumer.accepted and service.is_settled(webhook))
        [delivery] = service.log(webhook)
        assert (delivery.state, delivery.attempts[-1].trigger) == (DeliveryState.SUCCEEDED, "manual")
        assert consumer.accepted[0].message_id == delivery.id
        await service.until(lambda: not service.webhooks.get(webhook.id, LOCAL.owner).failing_since)


async def test_a_consumer_that_says_when_is_asked_then(service: Service) -> None:
    later = answering("HTTP/1.1 503 Service Unavailable\nRetry-After: 3600\n\n")
    async with consuming(lambda _, attempt: ACCEPT if attempt > 1 else later) as consumer:
        webhook = service.register(consumer.url)
        service.succeed()
        await service.until(lambda: service.is_settled(webhook))
        first, second = service.log(webhook)[0].attempts
        assert (second.started_at - first.started_at).total_seconds() >= 0.2  # Twice the pause, at most.


async def test_one_that_is_gone_is_disabled_and_the_owner_told(service: Service) -> None:
    async with consuming(lambda *_: GONE) as gone, consuming() as other:
        lost = service.register(gone.url)
        kept = service.register(other.url, MessageType.ENDPOINT_DISABLED)
        service.succeed()
        await service.until(lambda: service.is_settled(kept))
        webhook = service.webhooks.get(lost.id, LOCAL.owner)
        assert (webhook.disabled, webhook.disabled_because) == (True, "gone")
        [told] = other.accepted
        assert (told.type, told.message["data"]["id"]) == ("endpoint.disabled", lost.id)  # type: ignore[index]
        service.succeed()
        await service.until(lambda: not service.redis.exists("tocsin:announcements"))
        assert len(gone.received) == 1
        service.webhooks.change(lost.id, WebhookChange(disabled=False), LOCAL.owner)
        service.succeed()
        await service.until(lambda: len(gone.received) == 2)


async def test_one_that_has_failed_for_too_long_is_disabled(service: Service, hasty: Settings) -> None:
    service.close()
    service.settings = replace(hasty, webhook_disable_days=0.25 / 86400)
    service.start()
    async with consuming(lambda *_: REFUSE) as consumer:
        webhook = service.register(consumer.url)
        for _ in range(3):
            service.succeed()
        await service.until(lambda: service.webhooks.get(webhook.id, LOCAL.owner).disabled)
        assert service.webhooks.get(webhook.id, LOCAL.owner).disabled_because == "failing"
        await service.until(lambda: service.is_settled(webhook, 3))
        assert {delivery.state for delivery in service.log(webhook)} == {DeliveryState.FAILED}


async def test_both_secrets_sign_after_a_rotation(service: Service) -> None:
    async with consuming() as consumer:
        webhook = service.register(consumer.url)
        rotated = service.webhooks.rotate_secret(webhook.id, LOCAL.owner)
        other = service.register(consumer.url, MessageType.JOB_FAILED)
        service.succeed()
        await service.until(lambda: consumer.accepted)
        [received] = consumer.accepted
        received.verify(webhook.secret)
        received.verify(rotated.secret)
        with pytest.raises(WebhookVerificationError):
            received.verify(other.secret)


async def test_what_is_sent_is_what_is_documented(service: Service) -> None:
    with TestClient(create_app(service.settings)) as client:
        document = client.get("/openapi.json").json()
    async with consuming(lambda *_: GONE) as gone, consuming() as consumer:
        webhook = service.register(consumer.url, *(set(MessageType) - {MessageType.PING}))
        service.register(gone.url)
        shown = service.webhooks.get(webhook.id, LOCAL.owner)
        service.deliveries.add([announcing.ping(shown, LOCAL.owner)])
        service.succeed()
        service.fail()
        service.complete_batch()
        # The jobs of the batch and their records are told of, too.
        await service.until(lambda: service.is_settled(webhook, 10))
    assert set(consumer.types) == set(document["webhooks"])
    for received in consumer.accepted:
        described = document["webhooks"][received.type]["post"]["requestBody"]["content"]["application/json"]
        schema = {**described["schema"], "components": document["components"]}
        jsonschema.validate(received.message, schema, cls=jsonschema.Draft202012Validator)
        assert shape(received.message) == shape(described["examples"]["message"]["value"])
        assert len(received.body) < 20_000


def shape(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The names in an object; what the evidence of a record rests on depends on the record."""
    if not isinstance(value, dict):
        return None
    return {name: shape(part) for name, part in value.items()}


async def test_a_thousand_records_do_not_overrun_a_consumer(service: Service) -> None:
    busy = most = 0

    async def slowly(writer: asyncio.StreamWriter) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await anyio.sleep(0.05)
        busy -= 1
        await ACCEPT(writer)

    async with consuming(lambda *_: slowly) as consumer:
        events: list[Event] = [EVENT] * 40
        webhook = service.register(consumer.url, MessageType.EVENT_CREATED)
        service.succeed(*events)
        await service.until(lambda: service.is_settled(webhook, 40))
        assert 1 < most <= service.settings.webhook_endpoint_concurrency


async def test_a_thousand_webhooks_are_served_while_fifty_hang(service: Service, hasty: Settings) -> None:
    service.close()
    service.settings = replace(hasty, webhook_timeout=PATIENCE * 2)
    hanging = {f"/{number}" for number in range(0, 1000, 20)}
    async with consuming(lambda received, _: hang if received.path in hanging else ACCEPT) as consumer:
        for number in range(1000):
            service.register(f"http://127.0.0.1:{consumer.receiver.port}/{number}")
        service.start()
        for round_ in (1, 2):
            service.succeed()
            await service.until(lambda: len(consumer.accepted) == round_ * 950)  # noqa: B023
        # Nobody has waited for those that hang: none of their attempts has come to its end.
        assert len(consumer.received) == 2 * 1000
        assert {received.path for received in consumer.accepted}.isdisjoint(hanging)


async def test_a_deliverer_finishes_what_is_under_way_when_it_is_to_stop(service: Service) -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        await anyio.sleep(0.5)
        await ACCEPT(writer)

    async with consuming(lambda *_: slowly) as consumer:
        webhook = service.register(consumer.url)
        service.succeed()
        await service.until(lambda: consumer.received)
        [deliverer] = service.deliverers
        deliverer.send_signal(signal.SIGTERM)
        await service.until(lambda: deliverer.poll() is not None)
        assert deliverer.returncode == 0
        assert service.is_settled(webhook)


def test_without_a_secret_it_does_not_begin(redis_url: str) -> None:
    deliverer = subprocess.run(
        DELIVER, env={"REDIS_URL": redis_url}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert deliverer.returncode == 1
    assert "TOCSIN_SECRET is not set" in deliverer.stderr


def test_neither_torch_nor_stanza_is_in_the_process() -> None:
    subprocess.run(
        [
            DELIVER[0],
            "-c",
            "import sys, workers.webhooks.delivering; assert not {'torch', 'stanza'} & set(sys.modules)",
        ],
        check=True,
    )
