"""Webhooks over HTTP: registering, changing, trying out, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from redis import Redis

from api.app import create_app
from schemas.settings import Settings
from tests.api.conftest import Webhooks
from workers.webhooks.sending import Outcome

Client = TestClient[Litestar]
URL = "https://example.org/hook"


def test_a_webhook_is_registered_and_its_secret_shown_once(client: Client) -> None:
    answer = client.post("/v1/webhooks", json={"url": URL})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/webhooks/{made['id']}"
    assert made.pop("secret").startswith("whsec_")
    assert made["types"] == ["job.succeeded", "job.failed", "batch.completed", "endpoint.disabled"]
    assert (made["disabled"], made["failing_since"]) == (False, None)
    assert client.get(answer.headers["Location"]).json() == made
    assert client.get("/v1/webhooks").json() == {"webhooks": [made]}


def test_no_secret_is_in_redis(client: Client, redis: Redis) -> None:
    secret = client.post("/v1/webhooks", json={"url": URL}).json()["secret"]
    kept = b"".join(redis.dump(key) or b"" for key in redis.scan_iter())
    assert secret.removeprefix("whsec_").encode() not in kept


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({}, "", "url"),
        ({"url": "https://10.0.0.1/"}, "/url", "not in a public network"),
        ({"url": "http://example.org/"}, "/url", "https"),
        ({"url": URL, "types": []}, "/types", "one type at least"),
        ({"url": URL, "types": ["ping"]}, "/types", "when you ask for it"),
        ({"url": URL, "types": ["job.done"]}, "/types/0", "job.done"),
        ({"url": URL, "filter": {"min_confidence": 2}}, "/filter/min_confidence", "<= 1"),
        ({"url": URL, "filter": {"event_types": ["Protest"]}}, "/filter/event_types/0", "Protest"),
        ({"url": URL, "colour": "red"}, "", "colour"),
    ],
)
def test_what_cannot_be_had_is_refused(
    client: Client, redis: Redis, body: dict[str, object], pointer: str, says: str
) -> None:
    answer = client.post("/v1/webhooks", json=body)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/invalid_webhook")
    assert problem["errors"][0]["pointer"] == pointer
    assert says in problem["detail"]
    assert redis.keys() == []


def test_what_is_not_json_is_refused(client: Client) -> None:
    answer = client.post("/v1/webhooks", content=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed_json")


def test_a_change_leaves_the_rest(client: Client) -> None:
    made = client.post("/v1/webhooks", json={"url": URL, "description": "mine"}).json()
    address = f"/v1/webhooks/{made['id']}"
    change = {"types": ["event.created"], "filter": {"countries": ["Mali"]}}
    changed = client.patch(address, json=change).json()
    assert (changed["url"], changed["description"], changed["types"]) == (URL, "mine", ["event.created"])
    assert changed["filter"]["countries"] == ["Mali"]
    disabled = client.patch(address, json={"disabled": True}).json()
    assert (disabled["disabled"], disabled["disabled_because"]) == (True, "requested")
    enabled = client.patch(address, json={"disabled": False}).json()
    assert enabled == changed
    assert client.patch(address, json={"url": "https://127.0.0.1/"}).status_code == 422
    assert client.get(address).json() == changed


def test_a_webhook_is_forgotten_with_its_deliveries(client: Client, redis: Redis) -> None:
    made = client.post("/v1/webhooks", json={"url": URL}).json()
    address = f"/v1/webhooks/{made['id']}"
    assert client.post(f"{address}/ping").status_code == 202
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert redis.keys() == []


def test_a_secret_can_be_rotated(client: Client) -> None:
    made = client.post("/v1/webhooks", json={"url": URL}).json()
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate-secret").json()
    assert rotated["secret"] not in {None, made["secret"]}
    assert {**rotated, "secret": made["secret"]} == made


def test_the_deliveries_come_page_by_page(client: Client, webhooks: Webhooks) -> None:
    webhook = webhooks.register()
    pings = [webhooks.ping(webhook.id).id for _ in range(5)]
    address = f"/v1/webhooks/{webhook.id}/deliveries"
    first = client.get(address, params={"limit": 3}).json()
    assert [made["id"] for made in first["deliveries"]] == pings[:1:-1]
    assert first["next"] == pings[2]
    second = client.get(address, params={"limit": 3, "starting_after": first["next"]}).json()
    assert [made["id"] for made in second["deliveries"]] == pings[1::-1]
    assert second["next"] is None
    unknown = client.get(address, params={"starting_after": "msg_0"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/delivery_not_found")
    assert client.get(address, params={"limit": 0}).status_code == 400


def test_what_has_failed_is_delivered_again_on_request(client: Client, webhooks: Webhooks) -> None:
    webhook = webhooks.register()
    began = datetime.now(UTC)
    made = [webhooks.ping(webhook.id).id for _ in range(3)]
    for delivery_id in made[:2]:
        _fail(webhooks, delivery_id)
    address = f"/v1/webhooks/{webhook.id}"
    again = client.post(f"{address}/deliveries/{made[0]}/redeliver")
    assert again.status_code == 202
    assert (again.json()["id"], again.json()["state"]) == (made[0], "pending")
    assert len(again.json()["attempts"]) == 1
    too_late = {"since": (datetime.now(UTC) + timedelta(minutes=1)).isoformat()}
    assert client.post(f"{address}/recover", json=too_late).json() == {"redelivered": 0}
    recovered = client.post(f"{address}/recover", json={"since": began.isoformat()})
    assert (recovered.status_code, recovered.json()) == (202, {"redelivered": 1})
    log = client.get(f"{address}/deliveries").json()["deliveries"]
    assert {delivery["state"] for delivery in log} == {"pending"}
    assert client.post(f"{address}/recover", json={"since": "2022-01-05T09:30:00"}).status_code == 422


def test_nothing_is_sent_to_a_disabled_webhook(client: Client, webhooks: Webhooks) -> None:
    webhook = webhooks.register()
    ping = webhooks.ping(webhook.id)
    address = f"/v1/webhooks/{webhook.id}"
    client.patch(address, json={"disabled": True})
    for operation in ("ping", f"deliveries/{ping.id}/redeliver"):
        answer = client.post(f"{address}/{operation}")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/webhook_disabled")


def test_a_callback_address_is_checked_before_anything_is_queued(client: Client, redis: Redis) -> None:
    for url in ("https://192.168.1.1/", "ftp://example.org/", "https://user@example.org/"):
        answer = client.post("/v1/articles", json={"text": "Bonjour.", "callback_url": url})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/callback_url"
    assert redis.keys() == []
    assert client.post("/v1/articles", json={"text": "Bonjour.", "callback_url": URL}).status_code == 202


def test_a_secret_for_callbacks_is_issued_anew_each_time(client: Client) -> None:
    issued = [client.post("/v1/callback-secret").json()["secret"] for _ in range(2)]
    assert issued[0] != issued[1]
    assert all(secret.startswith("whsec_") for secret in issued)


def test_without_a_secret_of_its_own_the_service_has_no_webhooks(redis: Redis, settings: Settings) -> None:
    with TestClient(create_app(replace(settings, secret=""))) as client:
        for answer in (
            client.post("/v1/webhooks", json={"url": URL}),
            client.post("/v1/articles", json={"text": "Bonjour.", "callback_url": URL}),
            client.post("/v1/callback-secret"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/webhooks_unavailable")
            assert "TOCSIN_SECRET" in answer.json()["detail"]
        assert redis.keys() == []
        assert client.post("/v1/articles", json={"text": "Bonjour."}).status_code == 202


def _fail(webhooks: Webhooks, delivery_id: str) -> None:
    """Have a delivery fail until it is given up."""
    entry = webhooks.deliveries.find(delivery_id)
    assert entry
    webhooks.deliveries.record(entry, datetime.now(UTC), Outcome(status=410, duration_ms=3))
    failed = webhooks.deliveries.find(delivery_id)
    assert failed
    assert failed.delivery.next_attempt_at is None
