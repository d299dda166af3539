"""The OpenAPI document and the page that shows it."""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from schemas.event import Event
from schemas.webhook import MessageType

Client = TestClient[Litestar]
Document = dict[str, Any]


@pytest.fixture
def document(client: Client) -> Document:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    document: Document = answer.json()
    return document


def operations(document: Document) -> Iterator[Document]:
    for methods in document["paths"].values():
        yield from methods.values()


def bodies(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield every body that is described, with its media type."""
    for operation in operations(document):
        for described in (operation.get("requestBody", {}), *operation["responses"].values()):
            yield from described.get("content", {}).items()


def test_it_is_valid(document: Document) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_covers_the_service(document: Document) -> None:
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/v1/articles",
        "/v1/events",
        "/v1/jobs",
        "/v1/batches",
        "/v1/batches/{batch_id}",
        "/v1/batches/{batch_id}/events",
        "/v1/batches/{batch_id}/stream",
        "/v1/batches/{batch_id}/jobs",
        "/v1/jobs/{job_id}",
        "/v1/jobs/{job_id}/events",
        "/v1/jobs/{job_id}/stream",
        "/v1/webhooks",
        "/v1/webhooks/{webhook_id}",
        "/v1/webhooks/{webhook_id}/deliveries",
        "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
        "/v1/webhooks/{webhook_id}/ping",
        "/v1/webhooks/{webhook_id}/recover",
        "/v1/webhooks/{webhook_id}/rotate-secret",
        "/v1/callback-secret",
        "/metrics",
        "/health/live",
        "/health/ready",
    }


def test_every_operation_is_described(document: Document) -> None:
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]
        for parameter in operation.get("parameters", []):
            assert parameter["description"], parameter["name"]
        for response in operation["responses"].values():
            assert response["description"]


def test_every_error_is_a_problem(document: Document) -> None:
    for operation in operations(document):
        errors = {status: response for status, response in operation["responses"].items() if status >= "400"}
        assert "500" in errors
        for status, response in errors.items():
            [(media_type, body)] = response["content"].items()
            assert media_type == "application/problem+json"
            assert body["schema"]["$ref"].endswith("/Problem")
            for example in body["examples"].values():
                assert str(example["value"]["status"]) == status


def test_every_body_has_examples_that_fit_its_schema(document: Document) -> None:
    seen = 0
    for media_type, body in bodies(document):
        assert body["examples"], media_type
        for example in body["examples"].values():
            schema = {**body["schema"], "components": document["components"]}
            jsonschema.validate(example["value"], schema, cls=jsonschema.Draft202012Validator)
            seen += 1
    assert seen > 20


def test_every_message_is_described(document: Document) -> None:
    assert set(document["webhooks"]) == set(MessageType)
    for methods in document["webhooks"].values():
        [operation] = methods.values()
        assert operation["summary"]
        assert operation["description"]
        assert [parameter["name"] for parameter in operation["parameters"]] == [
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        ]
        body = operation["requestBody"]["content"]["application/json"]
        schema = {**body["schema"], "components": document["components"]}
        for example in body["examples"].values():
            jsonschema.validate(example["value"], schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("path", ["/v1/jobs/{job_id}/events", "/v1/batches/{batch_id}/events"])
def test_records_come_in_four_formats(document: Document, path: str) -> None:
    response = document["paths"][path]["get"]["responses"]["200"]
    assert list(response["content"]) == [
        "application/json",
        "application/x-ndjson",
        "text/csv",
        "application/geo+json",
    ]


def test_every_field_is_described(document: Document) -> None:
    schemas = document["components"]["schemas"]
    assert list(schemas["Event"]["properties"]) == list(Event.__struct_fields__)
    for name, schema in schemas.items():
        assert schema.get("description"), name
        for field, described in schema.get("properties", {}).items():
            assert "const" in described or described.get("description"), f"{name}.{field}"


def test_the_page_shows_it_all_and_loads_nothing(client: Client, document: Document) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    for path in document["paths"]:
        assert path in answer.text
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in answer.text
    assert "<script" not in answer.text
    for address in re.findall(r"""(?:src|href|url|@import)\s*[=(]\s*["']?([^"')>\s]+)""", answer.text):
        assert address.startswith(("#", "/", "data:")), address
    for anchor in re.findall(r'href="#([^"]+)"', answer.text):
        assert f'id="{anchor}"' in answer.text


def test_the_root_leads_to_the_page(client: Client) -> None:
    answer = client.get("/")
    assert answer.url.path == "/docs"
