"""The OpenAPI document: what the handlers' signatures do not say by themselves.

A field is described by its Struct's docstring, so that its meaning stands in one place.
"""

import copy
import inspect
import re
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final

import msgspec

from api import examples, filters, messages, problems
from api.access import SCHEME
from schemas import acled, article, batch, delivery, event, event_list, health, job, webhook
from schemas.access import Scope
from schemas.webhook import MessageType

Document = dict[str, Any]

_ETAG: Final = "The same as long as the answer is; for `If-None-Match`."
_IF_NONE_MATCH: Final[Document] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The `ETag` of an answer that you have; as long as it is the answer, you get a bare 304.",
    "schema": {"type": "string"},
    "required": False,
}
_NOT_MODIFIED: Final[Document] = {"description": "Nothing has changed since the answer with this `ETag`."}

HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "submitArticle": {
        "Location": "The address of the job.",
        "Retry-After": "Seconds after which to ask for the job; absent once it is final.",
        "Preference-Applied": "What of `Prefer` was heeded.",
        "Idempotent-Replayed": "`true` if this is the answer to an earlier request with the same key.",
    },
    "createWebhook": {"Location": "The address of the webhook."},
    "submitBatch": {
        "Location": "The address of the batch.",
        "Retry-After": "Seconds after which to ask for the batch; absent if nothing is to be coded.",
        "Idempotent-Replayed": "`true` if this is the answer to an earlier request with the same key.",
    },
    "getBatch": {
        "Retry-After": "Seconds after which to ask again; absent once the batch is completed.",
        "Preference-Applied": "What of `Prefer` was heeded.",
        "ETag": _ETAG,
    },
    "listBatchJobs": {"ETag": _ETAG},
    "getJob": {
        "Retry-After": "Seconds after which to ask again; absent once the job is final.",
        "Preference-Applied": "What of `Prefer` was heeded.",
        "ETag": _ETAG,
    },
    "getEvents": {"ETag": _ETAG},
    "listJobs": {"ETag": _ETAG},
    "listEvents": {"ETag": _ETAG},
}
"""The headers of the answers that are not problems, by operation."""

RATE_LIMITS: Final[Mapping[str, str]] = {
    "RateLimit-Policy": "How many requests a key may make in a window of so many seconds; answers to a key.",
    "RateLimit": "How many are left, and the seconds until all are there again; answers to a key.",
}
"""The headers of draft-ietf-httpapi-ratelimit-headers, which come with what needs a scope."""

REFUSALS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": "That a key is asked for, or what is wrong with this one (RFC 6750)."},
    403: {"WWW-Authenticate": "That the key's scopes do not suffice (RFC 6750)."},
    429: {"Retry-After": "Seconds after which to ask again.", **RATE_LIMITS},
}
"""The headers of the answers to those who may not, or not yet, by status."""

_RECORDS: Final[Document] = {
    "application/json": {"$ref": "#/components/schemas/EventList"},
    "application/geo+json": {"$ref": "#/components/schemas/FeatureCollection"},
}
SCHEMAS: Final[Mapping[str, Document]] = {
    "getEvents": _RECORDS,
    "getBatchEvents": _RECORDS,
    "listEvents": {"application/json": {"$ref": "#/components/schemas/AcledAnswer"}},
    "streamJob": {},
    "streamBatch": {},
    "readMetrics": {},
}
"""What operations answer whose media type decides about it, by media type; all else is text."""
PARAMETERS: Final[Mapping[str, list[Document]]] = {"listEvents": filters.PARAMETERS}
"""The parameters that handlers do not name, by operation."""

CONSTRAINTS: Final[Mapping[str, Document]] = {
    "Article": {
        "oneOf": [
            {"required": ["text"], "properties": {"text": {"type": "string"}}},
            {"required": ["html"], "properties": {"html": {"type": "string"}}},
        ]
    },
}
"""What a Struct's fields have to do with one another."""

BATCH: Final[Mapping[str, Document]] = {
    "application/json": {
        "type": "object",
        "required": ["articles"],
        "properties": {"articles": {"type": "array", "items": {"$ref": "#/components/schemas/Article"}}},
        "additionalProperties": False,
    },
    "application/x-ndjson": {"type": "string"},
}
"""What a batch is sent as; its handler reads the stream, which tells Litestar nothing."""

_MODULES: Final[tuple[ModuleType, ...]] = (
    acled,
    article,
    batch,
    delivery,
    event,
    event_list,
    health,
    job,
    problems,
    webhook,
)
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def complete(document: Document, scopes: Mapping[str, Scope], *, is_open: bool) -> Document:
    """Add examples, headers, media types and descriptions to what Litestar made of the handlers.

    Args:
        document: What Litestar made; it is left as it is.
        scopes: What each operation needs, by its id.
        is_open: Whether everybody may come in as long as there are no keys.

    """
    document = copy.deepcopy(document)
    for operation in _operations(document):
        _complete_operation(operation)
        if scope := scopes.get(operation["operationId"]):
            _protect(operation, scope, is_open=is_open)
    schemas = document["components"]["schemas"]
    for module in _MODULES:
        for name, struct in inspect.getmembers(module, inspect.isclass):
            if name in schemas and issubclass(struct, msgspec.Struct):
                _describe(schemas[name], struct)
    for name, constraint in CONSTRAINTS.items():
        schemas[name] |= constraint
    document["webhooks"] = {kind: {"post": _message(kind)} for kind in messages.MESSAGES}
    return document


def _message(kind: MessageType) -> Document:
    described = messages.MESSAGES[kind]
    schema = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind, "description": "What the message is about."},
            "timestamp": {"type": "string", "format": "date-time", "description": "When that happened."},
            "data": {"$ref": f"#/components/schemas/{described.data}"},
        },
    }
    return {
        "operationId": kind.replace(".", "_"),
        "summary": described.summary,
        "description": described.description,
        "tags": ["Messages"],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in messages.HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": schema, "examples": _named({"message": described.example})}
            },
        },
        "responses": {
            "2XX": {"description": "You have the message; anything else counts as a failure."},
            "410": {"description": "You want nothing more: the webhook is disabled."},
        },
    }


def _operations(document: Document) -> Iterator[Document]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete_operation(operation: Document) -> None:
    name = operation["operationId"]
    if name == "submitBatch":
        content = {media_type: {"schema": schema} for media_type, schema in BATCH.items()}
        operation["requestBody"] = {"required": True, "content": content}
    for media_type, named in examples.BODIES.get(name, {}).items():
        operation["requestBody"]["content"][media_type]["examples"] = _named(named)
    if name in PARAMETERS:
        operation["parameters"] += copy.deepcopy(PARAMETERS[name])
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    for status, response in operation["responses"].items():
        if status.startswith("2") and status != "204":
            _complete_answer(response, name)
        for body in response.get("content", {}).values():
            for example in body.get("examples", {}).values():
                example.pop("id", None)  # Litestar's own; OpenAPI's examples have none.
    if "ETag" in HEADERS.get(name, {}):
        operation.setdefault("parameters", []).append(dict(_IF_NONE_MATCH))
        operation["responses"]["304"] = dict(_NOT_MODIFIED)


def _protect(operation: Document, scope: Scope, *, is_open: bool) -> None:
    """Say what the operation needs, and what is answered to those who do not have it."""
    operation["security"] = [{SCHEME: [scope]}, *([{}] if is_open else [])]
    responses = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = response.get("headers", {}) | _headers(RATE_LIMITS)
    refusals = problems.documented("key_missing", "key_invalid", "scope_missing", "quota_exceeded")
    for refused, specification in refusals.items():
        responses[str(refused)] = {
            "description": specification.description,
            "headers": _headers(REFUSALS[refused]),
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        example.id: {"summary": example.summary, "value": example.value}
                        for example in specification.examples or ()
                    },
                }
            },
        }
    operation["responses"] = dict(sorted(responses.items()))


def _complete_answer(response: Document, operation: str) -> None:
    described = response.pop("content", {}).get("application/json", {}).get("schema")
    if answers := examples.ANSWERS[operation]:
        response["content"] = {
            media_type: {
                "schema": described
                if operation not in SCHEMAS
                else SCHEMAS[operation].get(media_type, {"type": "string"}),
                "examples": _named(named),
            }
            for media_type, named in answers.items()
        }
    response["headers"] = _headers(HEADERS.get(operation, {}))


def _headers(described: Mapping[str, str]) -> Document:
    return {
        header: {"description": description, "schema": {"type": "string"}}
        for header, description in described.items()
    }


def _without_null(schema: Document) -> Document:
    """Leave out that a parameter may be null: it is left out itself then."""
    given = [each for each in schema.get("oneOf", []) if each != {"type": "null"}]
    if len(given) != 1:
        return schema
    return {**given[0], **{name: value for name, value in schema.items() if name != "oneOf"}}


def _named(values: Mapping[str, object]) -> Document:
    return {name: {"value": msgspec.to_builtins(value)} for name, value in values.items()}


def _describe(schema: Document, struct: type[msgspec.Struct]) -> None:
    names = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
    for base in reversed(struct.__mro__[: struct.__mro__.index(msgspec.Struct)]):
        prose, _, attributes = (inspect.getdoc(base) or "").partition("\n\nAttributes:\n")
        schema["description"] = prose
        for name, description in _ATTRIBUTE.findall(attributes):
            schema["properties"][names[name]]["description"] = " ".join(description.split())
