"""The service as Prometheus sees it."""

from collections.abc import Iterator
from itertools import accumulate
from math import inf
from typing import Annotated, Final

from anyio.to_thread import run_sync
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import HeaderParameter
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from redis import Redis

from api.access import Needs
from api.problems import documented
from schemas.access import Scope
from workers import metrics, queue
from workers.metrics import Counter, Histogram, Samples

PREFIX: Final = "tocsin_"


class _Service(Collector):
    """All processes of the service together, as they stand in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def collect(self) -> Iterator[Metric]:
        """Read what was counted, and look how things stand."""
        counted = metrics.read(self._redis)
        for counter in metrics.COUNTERS:
            yield _counter(counter, counted.get(counter.name, {}))
        for histogram in metrics.HISTOGRAMS:
            yield _histogram(histogram, counted.get(histogram.name, {}))
        yield from self._state()

    def _state(self) -> Iterator[Metric]:
        state = queue.state(self._redis)
        yield _gauge("workers", "Workers that are alive and have their models.", [], {(): state.workers})
        yield _gauge(
            "jobs",
            "Jobs that are not final.",
            ["status"],
            {("queued",): state.open - state.running, ("running",): state.running},
        )
        depths: Samples = {(waiting.priority,): waiting.depth for waiting in state.waiting}
        yield _gauge("queue_depth", "Jobs that wait for a worker.", ["priority"], depths)
        ages: Samples = {(waiting.priority,): waiting.age for waiting in state.waiting}
        yield _gauge("queue_age_seconds", "How long the next job has waited.", ["priority"], ages)


def _counter(counter: Counter, samples: Samples) -> Metric:
    family = CounterMetricFamily(PREFIX + counter.name, counter.description, labels=counter.labels)
    if not counter.labels:
        samples = {(): 0.0} | dict(samples)
    for values, value in sorted(samples.items()):
        family.add_metric(values, value)
    return family


def _gauge(name: str, description: str, labels: list[str], samples: Samples) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, description, labels=labels)
    for values, value in samples.items():
        family.add_metric(values, value)
    return family


def _histogram(histogram: Histogram, samples: Samples) -> Metric:
    family = HistogramMetricFamily(PREFIX + histogram.name, histogram.description, labels=histogram.labels)
    bounds = [*histogram.bounds, inf]
    for labels in sorted({values[:-1] for values in samples}):
        counts = accumulate(samples.get((*labels, str(bound)), 0.0) for bound in bounds)
        buckets = [
            ("+Inf" if bound == inf else str(bound), count)
            for bound, count in zip(bounds, counts, strict=True)
        ]
        family.add_metric(labels, buckets, samples.get((*labels, metrics.SUM), 0.0))
    return family


@get(
    "/metrics",
    operation_id="readMetrics",
    summary="Measure the service",
    tags=["Health"],
    guards=[Needs(Scope.ADMIN)],
    media_type="text/plain",
    response_description="The metrics, as Prometheus reads them.",
    responses=documented("bad_request", "internal_error", "queue_unavailable"),
)
async def read_metrics(
    redis: NamedDependency[Redis],
    accept: Annotated[
        str | None,
        # OpenAPI tells of this header by the media types of the answer.
        HeaderParameter(name="Accept", include_in_schema=False),
    ] = None,
) -> Response[bytes]:
    """Give what all processes of the service have counted, and how things stand, to Prometheus.

    Jobs submitted and finished, records by type, deliveries, seconds by stage; workers alive, open jobs by
    state, depth and age of the queue. Every API process gives the same answer. In the text format, or as
    OpenMetrics if `Accept` asks for it.
    """
    encode, content_type = choose_encoder(accept or "")
    registry = CollectorRegistry(auto_describe=False)

    def measure() -> bytes:
        registry.register(_Service(redis))
        return encode(registry)

    return Response(await run_sync(measure), media_type=content_type)
