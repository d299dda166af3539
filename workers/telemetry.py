"""OpenTelemetry: spans sent to a collector over OTLP, if the extra `otel` is installed and set.

Where they go, and how many, is for OpenTelemetry's own variables to say (`OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_TRACES_SAMPLER` and so on).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceFlags

from workers.tracing import Trace, Tracer

FLUSH_MILLISECONDS: Final = 2000
"""How long an article's process waits for the collector before it ends."""


class CollectedTracer(Tracer):
    """Sends what happens to a collector, in the background."""

    def __init__(self, service: str) -> None:
        resource = Resource.create({SERVICE_NAME: service, SERVICE_VERSION: version("tocsin")})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("tocsin")

    @contextmanager
    def span(self, name: str, parent: Trace | None) -> Iterator[Trace]:
        """Do something as a part of `parent`, or as the beginning of a trace."""
        # Exceptions may quote the article: their type is all that leaves the house.
        with self._tracer.start_as_current_span(
            name, context=_context(parent), record_exception=False, set_status_on_exception=False
        ) as span:
            context = span.get_span_context()
            try:
                yield Trace(
                    f"{context.trace_id:032x}", f"{context.span_id:016x}", f"{context.trace_flags:02x}"
                )
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def describe(self, name: str, **attributes: str | int) -> None:
        """Say more of what is being done, now that it is known."""
        span = api.get_current_span()
        span.update_name(name)
        span.set_attributes({key.replace("_", "."): value for key, value in attributes.items()})

    def flush(self) -> None:
        """Hand over what is collected, before the process ends."""
        self._provider.force_flush(FLUSH_MILLISECONDS)


def _context(parent: Trace | None) -> Context:
    if parent is None:
        return Context()
    remote = SpanContext(
        int(parent.trace_id, 16),
        int(parent.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(parent.flags, 16)),
    )
    return api.set_span_in_context(NonRecordingSpan(remote), Context())
