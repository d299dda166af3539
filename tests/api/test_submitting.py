"""Submitting an article: what is taken in, and what is refused before anything is queued."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from redis import Redis

from schemas.settings import Settings
from workers.extraction import languages

Client = TestClient[Litestar]
JSON = {"Content-Type": "application/json"}
TODAY = datetime.now(UTC).date()


def assert_nothing_was_queued(redis: Redis) -> None:
    assert redis.keys("*") == []


def test_an_article_becomes_a_queued_job(client: Client) -> None:
    answer = client.post("/v1/articles", json={"text": "Bonjour.", "external_id": "a-1", "source": "AFP"})
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/jobs/{job['id']}"
    assert int(answer.headers["Retry-After"]) > 0
    assert (job["status"], job["external_id"], job["source"]) == ("queued", "a-1", "AFP")
    assert client.get(answer.headers["Location"]).json() == job


def test_html_is_taken_too(client: Client) -> None:
    assert client.post("/v1/articles", json={"html": "<p>Bonjour.</p>"}).status_code == 202


def test_all_fields_are_taken(client: Client, settings: Settings) -> None:
    article = {
        "text": "👩‍👩‍👧 \u202bשלום\u202c e\u0301te\u0301",  # noqa: RUF001 - Hebrew on purpose.
        "title": "Bonjour",
        "language": languages.supported(settings)[0],
        "published_at": (TODAY + timedelta(days=1)).isoformat(),
        "source": "AFP",
        "url": "https://example.org/",
        "external_id": "a-1",
    }
    assert client.post("/v1/articles", json=article).status_code == 202


@pytest.mark.parametrize("declared", ["application/json", 'Application/JSON; charset="UTF-8"'])
def test_json_in_utf_8_is_read(client: Client, declared: str) -> None:
    answer = client.post("/v1/articles", content=b'{"text": "a"}', headers={"Content-Type": declared})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("article", "pointer", "says"),
    [
        ({}, "", "One of `text` and `html` is required"),
        ({"text": "a", "html": "<p>a</p>"}, "/html", "not both"),
        ({"text": ""}, "/text", "not a word"),
        ({"text": " \n\u200b\ufeff…"}, "/text", "not a word"),
        ({"html": " "}, "/html", "not a word"),
        ({"text": 5}, "/text", "got int"),
        ({"text": "a", "title": ["b"]}, "/title", "got array"),
        ({"text": "a", "webhook_url": "https://example.org"}, "/webhook_url", "not a field"),
        ({"text": "a", "a/b": 1}, "/a~1b", "not a field"),
        ([], "", "got array"),
        ({"text": "a", "language": "xx"}, "/language", "the languages are"),
        ({"text": "a", "language": "FR"}, "/language", "the languages are"),
        ({"text": "a", "published_at": "6.1.2022"}, "/published_at", "ISO 8601"),
        ({"text": "a", "published_at": "2022-02-30"}, "/published_at", "ISO 8601"),
        (
            {"text": "a", "published_at": (TODAY + timedelta(days=2)).isoformat()},
            "/published_at",
            "in the future",
        ),
        ({"text": "a\0b"}, "/text", "Character 1 is U+0000"),
        ({"text": "a", "source": "\0"}, "/source", "Character 0 is U+0000"),
        ({"text": "PK\x03\x04\x14\x08\ufffd\ufffd"}, "/text", "binary data"),
        ({"text": "a", "external_id": "x" * 2001}, "/external_id", "2000"),
        ({"text": "a" * 200_001}, "/text", "200,001 characters"),
    ],
)
def test_what_is_not_an_article_is_refused(
    client: Client, redis: Redis, article: object, pointer: str, says: str
) -> None:
    answer = client.post("/v1/articles", json=article)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/invalid_article")
    [error] = problem["errors"]
    assert error["pointer"] == pointer
    assert says in error["detail"]
    assert problem["detail"] == error["detail"]
    assert_nothing_was_queued(redis)


def test_an_unsupported_language_is_answered_with_those_that_are(client: Client, settings: Settings) -> None:
    problem = client.post("/v1/articles", json={"text": "a", "language": "tlh"}).json()
    for language in languages.supported(settings):
        assert language in problem["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"Bonjour", "byte 0"),
        (b'{"text": "a"} b', "byte 15"),
        (b'{"text": "\xe9t\xe9"}', "byte 10 (0xe9)"),
        (b'{"text": "\\ud800 lone"}', "surrogate"),
        (b'{"text": "a\nb"}', "byte 11"),
        (b"\x1f\x8b\x08\x00", "byte 1 (0x8b)"),
        (b'{"text": "a"', "truncated"),
    ],
)
def test_what_is_not_json_is_refused_where_it_ceases_to_be(
    client: Client, redis: Redis, body: bytes, says: str
) -> None:
    answer = client.post("/v1/articles", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed_json")
    assert says in answer.json()["detail"]
    assert_nothing_was_queued(redis)


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "multipart/form-data; boundary=x",
        "",
    ],
)
def test_another_content_type_is_refused(client: Client, redis: Redis, declared: str) -> None:
    answer = client.post("/v1/articles", content=b'{"text": "a"}', headers={"Content-Type": declared})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported_media_type")
    assert "application/json" in answer.json()["detail"]
    assert_nothing_was_queued(redis)


@pytest.mark.parametrize("declares_its_length", [True, False])
def test_a_body_over_the_limit_is_refused(
    client: Client, redis: Redis, settings: Settings, declares_its_length: bool
) -> None:
    body = msgspec.json.encode({"html": "a" * settings.max_body_bytes})
    content = body if declares_its_length else iter([body])
    answer = client.post("/v1/articles", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body_too_large")
    assert f"{settings.max_body_bytes:,}" in answer.json()["detail"]
    assert_nothing_was_queued(redis)
