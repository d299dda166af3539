"""What is noted of every request: the trace that it belongs to, what was answered, and how long it took."""

import logging
from time import perf_counter
from typing import Final

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

from workers import tracing
from workers.tracing import Trace, Tracer

QUIET: Final = ("/health/", "/metrics")
"""What is asked for all the time, and only logged for debugging."""

logger = logging.getLogger(__name__)


async def traced(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send, tracer: Tracer) -> None:
    """Have `app` answer a request, in the trace that its `traceparent` names or in a new one."""
    began = perf_counter()
    method, status = scope["method"], 500
    path = scope["raw_path"].decode("ascii", "replace")
    with (
        tracer.span(method, Trace.parse(Headers.from_scope(scope).get("traceparent"))) as trace,
        tracing.entered(trace),
    ):

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders.from_message(message)
                headers["traceparent"] = trace.header
                headers["X-Request-Id"] = trace.trace_id
            await send(message)

        try:
            await app(scope, receive, tell)
        finally:
            route = scope.get("path_template", "")
            tracer.describe(
                f"{method} {route}".rstrip(),
                http_request_method=method,
                http_route=route,
                http_response_status_code=status,
            )
            logger.log(
                logging.DEBUG if path.startswith(QUIET) else logging.INFO,
                "Answered",
                extra={
                    "method": method,
                    "path": path,
                    "status": status,
                    "milliseconds": round((perf_counter() - began) * 1000, 1),
                },
            )
