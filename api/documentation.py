"""The pages for people: the reference at `/docs`, and what the address of a problem type explains.

They are made from the OpenAPI document, as plain HTML without scripts, and load nothing.
"""

import re
from importlib.metadata import version
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader
from litestar import MediaType, Request, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, License, Tag
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup, escape

from api import access
from api.openapi import Document, complete
from api.problems import KINDS, TYPE_BASE

_CODE: Final = re.compile(r"`([^`]+)`")


def _inline(text: str) -> Markup:
    """Mark up code between backquotes."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before.


def _prose(text: str) -> Markup:
    """Mark up paragraphs."""
    return Markup("").join(Markup("<p>{}</p>").format(_inline(part)) for part in text.split("\n\n"))


def _example(value: object) -> str:
    """Show text as it is, and everything else as JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value)).decode()


def _type(schema: Document) -> Markup:
    """Name the type of a field, with a link where it is described further."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    if alternatives := schema.get("oneOf"):
        return Markup(" or ").join(map(_type, alternatives))
    if schema.get("type") == "array" and "items" in schema:
        return Markup("list of {}").format(_type(schema["items"]))
    return escape(schema.get("format") or schema.get("const") or schema.get("type", "any"))


_PAGES: Final = Environment(
    loader=PackageLoader("api"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters |= {"prose": _prose, "inline": _inline, "example": _example, "type": _type}


def _completed(request: Request[Any, Any, Any], document: Document) -> Document:
    is_open = request.app.state.settings.is_loopback
    return complete(document, access.scopes(request.app), is_open=is_open)


class _Reference(OpenAPIRenderPlugin):
    """The reference: operations by subject, then what they send and return."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        return _PAGES.get_template("reference.html").render(api=_completed(request, openapi_schema)).encode()


class _Document(JsonRenderPlugin):
    """The OpenAPI document itself."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Document) -> bytes:
        return self.render_json(request, _completed(request, openapi_schema))


def _only_known(request: Request[Any, Any, Any]) -> None:
    """Keep Litestar from answering unknown addresses below `/docs` with a page of its own."""
    if request.url.path not in {"/docs", "/docs/openapi.json"}:
        raise NotFoundException


def openapi_config() -> OpenAPIConfig:
    """Say what the document is about, and where it is shown."""
    return OpenAPIConfig(
        title="Tocsin",
        version=version("tocsin"),
        summary="News articles in, ACLED-style conflict event records out.",
        description=(
            "Submit an article, follow its job, fetch the records. Every error is a problem document "
            "(`application/problem+json`, RFC 9457) whose `type` is an address that explains it."
        ),
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        tags=[
            Tag(name="Articles", description="What goes in."),
            Tag(name="Batches", description="Many articles at a time."),
            Tag(name="Jobs", description="What becomes of it."),
            Tag(name="Events", description="What has been found, in all articles."),
            Tag(name="Webhooks", description="Who is told of it, without asking."),
            Tag(
                name="Messages",
                description="What webhooks are sent, signed after Standard Webhooks 1.0: verify each "
                "with any library for it.",
            ),
            Tag(name="Health", description="Whether the service is able to work."),
        ],
        components=Components(security_schemes={**access.SECURITY_SCHEMES}),
        use_handler_docstrings=True,
        render_plugins=[_Reference(path="/"), _Document(path="/openapi.json")],
        openapi_router=Router(
            "/docs", route_handlers=[], include_in_schema=False, before_request=_only_known
        ),
    )


@get("/", include_in_schema=False, sync_to_thread=False)
def show_index() -> Redirect:
    """Lead to the documentation."""
    return Redirect("/docs")


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def find_document() -> Redirect:
    """Lead to the OpenAPI document from where programs look for it."""
    return Redirect("/docs/openapi.json")


@get(TYPE_BASE + "{code:str}", media_type=MediaType.HTML, include_in_schema=False, sync_to_thread=False)
def explain_problem(code: FromPath[str]) -> str:
    """Explain a type of problem."""
    if code not in KINDS:
        raise NotFoundException
    return _PAGES.get_template("problem.html").render(code=code, kind=KINDS[code])
