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

from api import examples, problems
from schemas import article, event, event_list, health, job

Document = dict[str, Any]

HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "submitArticle": {
        "Location": "The address of the job.",
        "Retry-After": "Seconds after which to ask for the job; absent once it is final.",
        "Preference-Applied": "What of `Prefer` was heeded.",
        "Idempotent-Replayed": "`true` if this is the answer to an earlier request with the same key.",
    },
    "getJob": {"Retry-After": "Seconds after which to ask again; absent once the job is final."},
}
"""The headers of the answers that are not problems, by operation."""

SCHEMAS: Final[Mapping[str, Document]] = {
    "application/json": {"$ref": "#/components/schemas/EventList"},
    "application/geo+json": {"$ref": "#/components/schemas/FeatureCollection"},
}
"""What the formats of the records hold; the others are text."""

_MODULES: Final[tuple[ModuleType, ...]] = (article, event, event_list, health, job, problems)
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def complete(document: Document) -> Document:
    """Add examples, headers, media types and descriptions to what Litestar made of the handlers."""
    document = copy.deepcopy(document)
    for operation in _operations(document):
        _complete_operation(operation)
    schemas = document["components"]["schemas"]
    for module in _MODULES:
        for name, struct in inspect.getmembers(module, inspect.isclass):
            if name in schemas and issubclass(struct, msgspec.Struct):
                _describe(schemas[name], struct)
    return document


def _operations(document: Document) -> Iterator[Document]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete_operation(operation: Document) -> None:
    name = operation["operationId"]
    if "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["examples"] = _named(examples.BODIES[name])
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            _complete_answer(response, name)


def _complete_answer(response: Document, operation: str) -> None:
    described = response.pop("content", {}).get("application/json", {}).get("schema")
    if answers := examples.ANSWERS[operation]:
        response["content"] = {
            media_type: {
                "schema": described
                if operation != "getEvents"
                else SCHEMAS.get(media_type, {"type": "string"}),
                "examples": _named(named),
            }
            for media_type, named in answers.items()
        }
    response["headers"] = {
        header: {"description": description, "schema": {"type": "string"}}
        for header, description in HEADERS.get(operation, {}).items()
    }


def _named(values: Mapping[str, object]) -> Document:
    return {name: {"value": msgspec.to_builtins(value)} for name, value in values.items()}


def _describe(schema: Document, struct: type[msgspec.Struct]) -> None:
    docstring = inspect.getdoc(struct) or ""
    prose, _, attributes = docstring.partition("\n\nAttributes:\n")
    schema["description"] = prose
    for name, description in _ATTRIBUTE.findall(attributes):
        schema["properties"][name]["description"] = " ".join(description.split())
