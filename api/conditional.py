"""Answers that the client has already need not be sent again (RFC 9110, section 13.1.2)."""

import re
from hashlib import blake2b
from typing import Final

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

_ENTITY_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


class Conditional(ASGIMiddleware):
    """Gives every whole answer to a GET an `ETag`, and 304 instead to a client that shows the same.

    The tag is a digest of the body: what is the same byte for byte has the same, whatever made it.
    Answers that are sent in parts go through untouched.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Hold back the head of the answer until its body is known."""
        head: HTTPResponseStartEvent | None = None

        async def send_conditionally(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and message["status"] == HTTP_200_OK:
                head = message
                return
            if message["type"] == "http.response.body" and head is not None:
                begun, head = head, None
                if not message["more_body"]:
                    headers = MutableScopeHeaders.from_message(begun)
                    headers["ETag"] = tag = f'"{blake2b(message["body"], digest_size=12).hexdigest()}"'
                    if _is_known(tag, Headers.from_scope(scope).get("If-None-Match")):
                        begun["status"] = HTTP_304_NOT_MODIFIED
                        message["body"] = b""
                        for header in ("Content-Length", "Content-Type"):
                            headers.pop(header, None)
                await send(begun)
            await send(message)

        is_get = scope["type"] == ScopeType.HTTP and scope["method"] == "GET"
        await next_app(scope, receive, send_conditionally if is_get else send)


def _is_known(tag: str, if_none_match: str | None) -> bool:
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in _ENTITY_TAG.findall(if_none_match)
