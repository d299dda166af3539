"""Who may make which request, what others have, and how often."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from redis import Redis

from api.app import create_app
from schemas.access import LOCAL, Scope
from schemas.settings import Settings
from tests.api.conftest import Jobs, Webhooks
from workers.keys import KeyStore

Client = TestClient[Litestar]
Operation = tuple[str, str, dict[str, Any]]
"""Method, path and description of an operation."""

ARTICLE = {"text": "Des habitants ont manifesté."}
EVERYTHING = frozenset(Scope)

MAKE: dict[str, Callable[[Jobs, Webhooks, dict[str, str]], str]] = {
    "job_id": lambda jobs, _webhooks, _ids: jobs.succeed(jobs.queue()),
    "batch_id": lambda jobs, _webhooks, _ids: jobs.batch(),
    "webhook_id": lambda _jobs, webhooks, _ids: webhooks.register().id,
    "delivery_id": lambda _jobs, webhooks, ids: webhooks.ping(ids["webhook_id"]).id,
}
"""Makes, for `LOCAL.owner`, what a path parameter names. A new parameter has to be added here."""


@pytest.fixture
def keys(redis: Redis, settings: Settings) -> KeyStore:
    return KeyStore(redis, settings)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def as_bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def operations(client: Client) -> Iterator[Operation]:
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def ask(client: Client, operation: Operation, ids: dict[str, str], token: str | None = None) -> Response:
    """Make the request of an operation, with the first of its examples."""
    method, path, description = operation
    headers = bearer(token) if token else {}
    content = description.get("requestBody", {}).get("content", {}).get("application/json")
    body = next(iter(content["examples"].values()))["value"] if content else None
    return client.request(method, path.format_map(ids), headers=headers, json=body)


class Anything(dict[str, str]):
    """Ids of what does not exist."""

    def __missing__(self, name: str) -> str:
        return "0b6f5d0e-6f1c-4c8e-9d43-5b8f2f6f7a10"


def test_on_loopback_everybody_may_until_there_is_a_key(client: Client, keys: KeyStore) -> None:
    answer = client.post("/v1/articles", json=ARTICLE)
    assert answer.status_code == 202
    assert "RateLimit" not in answer.headers
    _, token = keys.create("first", LOCAL.owner, EVERYTHING)
    assert client.post("/v1/articles", json=ARTICLE).status_code == 401
    assert client.get(answer.headers["Location"], headers=bearer(token)).status_code == 200


def test_on_another_address_nobody_may_without_a_key(redis: Redis, settings: Settings) -> None:
    assert not redis.keys()
    for host in ("0.0.0.0", "192.0.2.1", "tocsin.example", "::"):  # noqa: S104 - what is asked of
        with TestClient(create_app(replace(settings, host=host))) as client:
            assert client.post("/v1/articles", json=ARTICLE).status_code == 401
            assert client.get("/health/live").status_code == 200


def test_without_a_key_only_health_and_documentation_are_open(client: Client, keys: KeyStore) -> None:
    keys.create("first", "somebody", EVERYTHING)
    for operation in operations(client):
        method, path, description = operation
        answer = ask(client, operation, Anything())
        if path.startswith("/health/"):
            assert "security" not in description
            assert answer.status_code in {200, 503}
            continue
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key_missing"), (method, path)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tocsin"'
        assert {"401", "403", "429"} <= set(description["responses"])
        assert set(description["responses"]["401"]["headers"]) == {"WWW-Authenticate"}
    assert client.get("/docs").status_code == 200
    assert client.get("/problems/key_missing").status_code == 200


def test_each_operation_needs_the_scope_that_its_description_names(client: Client, keys: KeyStore) -> None:
    tokens = {scope: keys.create(scope, "somebody", EVERYTHING - {scope})[1] for scope in Scope}
    only = {scope: keys.create(scope, "somebody", {scope})[1] for scope in Scope}
    needed = set()
    for operation in operations(client):
        if "security" not in operation[2]:
            continue
        [scope] = map(Scope, operation[2]["security"][0]["apiKey"])
        answer = ask(client, operation, Anything(), tokens[scope])
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope_missing"), operation[:2]
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
        assert scope in answer.json()["detail"]
        assert ask(client, operation, Anything(), only[scope]).status_code not in {401, 403}
        needed.add(scope)
    assert needed >= {Scope.SUBMIT, Scope.READ}


def test_what_is_no_key_is_refused(client: Client, keys: KeyStore) -> None:
    key, token = keys.create("first", "somebody", EVERYTHING)
    _, expired = keys.create("old", "somebody", EVERYTHING, datetime.now(UTC) - timedelta(seconds=1))
    revoked, was_one = keys.create("gone", "somebody", EVERYTHING)
    keys.revoke(revoked.id)
    shown: list[str | bytes] = [
        f"Bearer {token[:-1]}{'a' if token[-1] != 'a' else 'b'}",
        f"Bearer {token}a",
        f"Bearer tocsin_{key.id}_",
        f"Bearer {key.id}",
        "Bearer",
        "Bearer \N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"),
        f"Basic {token}",
        token,
        f"Bearer {expired}",
        f"Bearer {was_one}",
    ]
    for authorization in shown:
        answer = client.get("/v1/jobs/x", headers=[(b"Authorization", as_bytes(authorization))])
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/key_invalid"), authorization
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert client.get("/v1/jobs/x", headers={"Authorization": f"bearer {token}"}).status_code == 404


def test_a_key_that_is_shown_is_checked_even_where_none_is_asked_for(client: Client, keys: KeyStore) -> None:
    key, token = keys.create("only", "somebody", EVERYTHING)
    keys.revoke(key.id)
    assert client.get("/v1/jobs/x").status_code == 404
    assert client.get("/v1/jobs/x", headers=bearer(token)).status_code == 401


def test_what_others_have_does_not_exist(
    client: Client, keys: KeyStore, jobs: Jobs, webhooks: Webhooks
) -> None:
    _, mine = keys.create("mine", LOCAL.owner, EVERYTHING)
    _, theirs = keys.create("theirs", "somebody else", EVERYTHING)
    seen = 0
    for operation in operations(client):
        method, path, description = operation
        named = [
            parameter["name"] for parameter in description.get("parameters", []) if parameter["in"] == "path"
        ]
        if not named:
            continue
        ids: dict[str, str] = {}
        for name in sorted(named, reverse=True):  # A webhook is made before its deliveries.
            ids[name] = MAKE[name](jobs, webhooks, ids)
        answer = ask(client, operation, ids, theirs)
        assert (answer.status_code, answer.json()["status"]) == (404, 404), (method, path)
        assert ask(client, operation, ids, mine).status_code < 400, (method, path)
        seen += 1
    assert seen >= 3


def test_every_answer_to_a_key_says_what_is_left(redis: Redis, settings: Settings) -> None:
    limited = replace(settings, submissions_per_minute=2, reads_per_minute=60)
    _, token = KeyStore(redis, limited).create("hasty", "somebody", EVERYTHING)
    with TestClient(create_app(limited)) as client:
        answers = [client.post("/v1/articles", json=ARTICLE, headers=bearer(token)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"submit";q=2;w=60'}
        assert [answer.headers["RateLimit"] for answer in answers] == [
            '"submit";r=1;t=30',
            '"submit";r=0;t=60',
            '"submit";r=0;t=60',
        ]
        refused = answers[-1]
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
        assert refused.json()["violated-policies"] == ["submit"]
        assert 0 < int(refused.headers["Retry-After"]) <= 30
        # Reading is counted for itself, failures too.
        missing = client.get("/v1/jobs/x", headers=bearer(token))
        assert missing.status_code == 404
        assert missing.headers["RateLimit"].startswith('"read";r=59;')
        # And every key for itself.
        _, other = KeyStore(redis, limited).create("other", "somebody", EVERYTHING)
        assert client.post("/v1/articles", json=ARTICLE, headers=bearer(other)).status_code == 202
