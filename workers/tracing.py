"""What belongs together: the trace that an article leaves in API, worker and webhook.

After W3C Trace Context. A trace's id is also the request's id: the logs name it, and the answer does.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from typing import Final, Self

import msgspec
from structlog.contextvars import bound_contextvars

from schemas.errors import SettingsError
from schemas.settings import Settings, variable

_HEADER: Final = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<rest>-.*)?"
)


class Trace(msgspec.Struct, frozen=True):
    """A place in a trace.

    Attributes:
        trace_id: The trace, in 32 hexadecimal digits.
        span_id: What is being done in it, in 16.
        flags: Whether it is recorded (`01`) or not (`00`).

    """

    trace_id: str
    span_id: str
    flags: str = "00"

    @classmethod
    def parse(cls, header: str | None) -> Self | None:
        """Read a `traceparent`; None if there is none, or it is not one."""
        found = _HEADER.fullmatch(header or "")
        if not found or (found["version"] == "00" and found["rest"]):
            return None
        return cls(found["trace"], found["span"], found["flags"])

    @property
    def header(self) -> str:
        """The trace as a `traceparent`."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


class Tracer:
    """Says where in its trace something happens; this one has nobody collect it."""

    @contextmanager
    def span(self, name: str, parent: Trace | None) -> Iterator[Trace]:
        """Do something as a part of `parent`, or as the beginning of a trace."""
        del name
        yield Trace(
            parent.trace_id if parent else secrets.token_hex(16),
            secrets.token_hex(8),
            parent.flags if parent else "00",
        )

    def describe(self, name: str, **attributes: str | int) -> None:
        """Say more of what is being done, now that it is known."""

    def flush(self) -> None:
        """Hand over what is collected, before the process ends."""


def tracer(settings: Settings, service: str) -> Tracer:
    """Make the tracer of a process.

    Raises:
        SettingsError: Traces are to be collected, and OpenTelemetry is not installed.

    """
    if not settings.otel:
        return Tracer()
    if find_spec("opentelemetry") is None:
        raise SettingsError(
            f"{variable('otel')} needs OpenTelemetry: install Tocsin with the extra `otel`, "
            "as in `pip install -e .[otel]`."
        )
    from workers.telemetry import CollectedTracer  # noqa: PLC0415 - It is an extra.

    return CollectedTracer(service)


current: ContextVar[Trace | None] = ContextVar("current", default=None)
"""Where in its trace this process is."""


@contextmanager
def entered(trace: Trace) -> Iterator[None]:
    """Be in a trace: what is logged meanwhile, and what is submitted, belongs to it."""
    token = current.set(trace)
    try:
        with bound_contextvars(request_id=trace.trace_id):
            yield
    finally:
        current.reset(token)
