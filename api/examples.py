"""The examples of the OpenAPI document, made from the very Structs that are sent."""

from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec
from litestar.response import ServerSentEventMessage

from api.formats import Format, view, write
from api.paging import write_token
from schemas.acled import AcledAnswer
from schemas.article import Article, PublicationSource
from schemas.batch import Batch, BatchCounts, Rejection
from schemas.delivery import Attempt, Delivery, DeliveryPage, DeliveryState, Recovered, Recovery, Trigger
from schemas.event import ACLED_COLUMNS, Coder, Event, Evidence, Span
from schemas.event_list import View
from schemas.health import Liveness, Readiness
from schemas.job import Job, JobPage, JobStatus
from schemas.taxonomy import (
    Action,
    DisorderType,
    EventStatus,
    EventType,
    Inter,
    SubEventType,
    interaction,
)
from schemas.webhook import (
    CallbackSecret,
    EventFilter,
    MessageType,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookWithSecret,
)

JOB_ID: Final = "0b6f5d0e-6f1c-4c8e-9d43-5b8f2f6f7a10"
_TITLE: Final = "Des habitants manifestent à Oran"
_SENTENCE: Final = "Des habitants ont manifesté mardi à Oran contre la hausse des prix."
_TEXT: Final = f"{_TITLE}\n\n{_SENTENCE}"


def _span(words: str) -> Span:
    start = _TEXT.index(words, _TEXT.index(_SENTENCE))
    return Span(words, start, start + len(words))


ARTICLE: Final = Article(
    text=_SENTENCE,
    title=_TITLE,
    language="fr",
    published_at="2022-01-05",
    source="Le Courrier",
    url="https://example.org/oran",
    external_id="courrier-4711",
)
PAGE: Final = Article(
    html=f"<html><head><title>{_TITLE}</title></head><body><article><p>{_SENTENCE}</p></article></body></html>",
    external_id="courrier-4711",
)
EVENT: Final = Event(
    event_id_cnty="DZA4c1f0a9e",
    event_date=date(2022, 1, 4),
    year=2022,
    time_precision=1,
    disorder_type=DisorderType.DEMONSTRATIONS,
    event_type=EventType.PROTESTS,
    sub_event_type=SubEventType.PEACEFUL_PROTEST,
    actor1="Protesters (Algeria)",
    assoc_actor_1=None,
    inter1=Inter.PROTESTERS,
    actor2=None,
    assoc_actor_2=None,
    inter2=None,
    interaction=interaction(Inter.PROTESTERS, None),
    civilian_targeting=None,
    iso=12,
    region="Northern Africa",
    country="Algeria",
    admin1="Oran",
    admin2=None,
    admin3=None,
    location="Oran",
    latitude=35.6911,
    longitude=-0.6417,
    geo_precision=1,
    source="Le Courrier",
    source_scale=None,
    notes=_SENTENCE,
    fatalities=0,
    tags=None,
    timestamp=1641387600,
    action=Action.PROTEST,
    mode="demo",
    status=EventStatus.OCCURRED,
    confidence=0.82,
    injuries=None,
    cluster_id="DZA4c1f0a9e",
    language="fr",
    article_id="9f2c51d07be84a36",
    job_id=JOB_ID,
    external_id="courrier-4711",
    url="https://example.org/oran",
    evidence=Evidence(
        sentence=_span(_SENTENCE),
        trigger=_span("manifesté"),
        actor1=_span("Des habitants"),
        location=_span("Oran"),
        date=_span("mardi"),
        reasons={"country": "country_of_location"},
    ),
    coder=Coder(version="0.1.0", models="bundled", lexicon="5d41402abc4b"),
)
QUEUED: Final = Job(
    id=JOB_ID,
    status=JobStatus.QUEUED,
    revision=1,
    created_at=datetime(2022, 1, 5, 13, 0, tzinfo=UTC),
    source="Le Courrier",
    url="https://example.org/oran",
    external_id="courrier-4711",
)
SUCCEEDED: Final = Job(
    id=JOB_ID,
    status=JobStatus.SUCCEEDED,
    revision=3,
    created_at=datetime(2022, 1, 5, 13, 0, 0, tzinfo=UTC),
    started_at=datetime(2022, 1, 5, 13, 0, 1, tzinfo=UTC),
    finished_at=datetime(2022, 1, 5, 13, 0, 3, tzinfo=UTC),
    expires_at=datetime(2022, 1, 12, 13, 0, 3, tzinfo=UTC),
    progress=1.0,
    attempts=1,
    event_count=1,
    article_id="9f2c51d07be84a36",
    language="fr",
    published_at=date(2022, 1, 5),
    published_at_source=PublicationSource.SUBMITTED,
    source="Le Courrier",
    url="https://example.org/oran",
    external_id="courrier-4711",
    title=_TITLE,
    text=_TEXT,
)
WEBHOOK: Final = Webhook(
    id="5d0c6a3e-8e0b-4f6e-9a51-1f1d6c1a7c55",
    url="https://example.org/tocsin",
    types=(MessageType.JOB_SUCCEEDED, MessageType.JOB_FAILED, MessageType.EVENT_CREATED),
    filter=EventFilter(event_types=(EventType.PROTESTS,), countries=("Algeria",), min_confidence=0.5),
    description="The newsroom's map",
    created_at=datetime(2022, 1, 5, 12, 0, tzinfo=UTC),
)
WITH_SECRET: Final = WebhookWithSecret(
    **msgspec.structs.asdict(WEBHOOK),
    secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwl3H4kTTnYrA=",  # noqa: S106 - Nobody's.
)
DELIVERY: Final = Delivery(
    id="msg_2c26b46b68ffc68ff99b453c1d304134",
    type=MessageType.JOB_SUCCEEDED,
    state=DeliveryState.PENDING,
    created_at=datetime(2022, 1, 5, 13, 0, 3, tzinfo=UTC),
    next_attempt_at=datetime(2022, 1, 5, 13, 0, 9, tzinfo=UTC),
    attempts=[
        Attempt(
            started_at=datetime(2022, 1, 5, 13, 0, 3, tzinfo=UTC),
            trigger=Trigger.SCHEDULED,
            status=503,
            error=None,
            duration_ms=84,
            response_excerpt="Down for maintenance",
        )
    ],
)


BATCH_ID: Final = "7c1e0a52-93b1-4f4b-8a55-0f3c7d1f2b60"
BATCH: Final = Batch(
    id=BATCH_ID,
    created_at=datetime(2022, 1, 5, 13, 0, tzinfo=UTC),
    total=2,
    counts=BatchCounts(queued=1, succeeded=1),
    progress=0.5,
    event_count=1,
    rejections=[
        Rejection(
            line=3,
            code="invalid_article",
            detail="One of `text` and `html` is required.",
        )
    ],
)


def _written(form: Format) -> object:
    written = write(view(JOB_ID, [EVENT], View.DEFAULT), form)
    return written.decode() if isinstance(written, bytes) else written


def _stream(name: str, *states: Job | Batch) -> str:
    messages = [
        ServerSentEventMessage(data=msgspec.json.encode(state), event=name, id=state.revision)
        for state in states
    ]
    return b"".join(message.encode() for message in messages).decode()


BODIES: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "submitArticle": {"application/json": {"text": ARTICLE, "html": PAGE}},
    "submitBatch": {
        "application/json": {"list": {"articles": [ARTICLE, PAGE]}},
        "application/x-ndjson": {"lines": msgspec.json.Encoder().encode_lines([ARTICLE, PAGE]).decode()},
    },
    "createWebhook": {
        "application/json": {
            "usual": NewWebhook(url="https://example.org/tocsin"),
            "records": NewWebhook(url=WEBHOOK.url, types=WEBHOOK.types, filter=WEBHOOK.filter),
        }
    },
    "changeWebhook": {"application/json": {"disable": WebhookChange(disabled=True)}},
    "recoverDeliveries": {
        "application/json": {"outage": Recovery(since=datetime(2022, 1, 5, 9, 30, tzinfo=UTC))}
    },
}
"""What is sent, by operation and media type: examples by name."""

METRICS_EXAMPLE: Final = """\
# HELP tocsin_jobs_submitted_total Articles that were accepted.
# TYPE tocsin_jobs_submitted_total counter
tocsin_jobs_submitted_total 4711.0
# HELP tocsin_queue_depth Jobs that wait for a worker.
# TYPE tocsin_queue_depth gauge
tocsin_queue_depth{priority="interactive"} 3.0
"""
ANSWERS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "submitArticle": {"application/json": {"queued": QUEUED, "waited": SUCCEEDED}},
    "streamJob": {"text/event-stream": {"states": _stream("job", QUEUED, SUCCEEDED)}},
    "submitBatch": {"application/json": {"open": BATCH}},
    "getBatch": {"application/json": {"open": BATCH}},
    "streamBatch": {"text/event-stream": {"states": _stream("batch", BATCH)}},
    "deleteBatch": {},
    "listBatchJobs": {
        "application/json": {"last": JobPage(jobs=[msgspec.structs.replace(SUCCEEDED, text=None)])}
    },
    "getBatchEvents": {form.media_type: {"events": _written(form)} for form in Format},
    "getJob": {"application/json": {"queued": QUEUED, "succeeded": SUCCEEDED}},
    "listJobs": {
        "application/json": {
            "page": JobPage(
                jobs=[QUEUED, msgspec.structs.replace(SUCCEEDED, text=None)],
                next_page_token=write_token([1641387600000000, JOB_ID]),
            )
        }
    },
    "listEvents": {
        "application/json": {
            "records": AcledAnswer(
                last_update=3,
                count=1,
                data=[{column: getattr(EVENT, column) for column in ACLED_COLUMNS}],
            )
        },
        "text/csv": {"records": _written(Format.CSV)},
    },
    "deleteJob": {},
    "getEvents": {form.media_type: {"events": _written(form)} for form in Format},
    "createWebhook": {"application/json": {"created": WITH_SECRET}},
    "listWebhooks": {"application/json": {"all": WebhookList(webhooks=[WEBHOOK])}},
    "getWebhook": {"application/json": {"webhook": WEBHOOK}},
    "changeWebhook": {"application/json": {"changed": WEBHOOK}},
    "deleteWebhook": {},
    "rotateWebhookSecret": {"application/json": {"rotated": WITH_SECRET}},
    "pingWebhook": {"application/json": {"delivery": DELIVERY}},
    "listDeliveries": {"application/json": {"page": DeliveryPage(deliveries=[DELIVERY], next=None)}},
    "redeliver": {"application/json": {"delivery": DELIVERY}},
    "recoverDeliveries": {"application/json": {"recovered": Recovered(redelivered=12)}},
    "issueCallbackSecret": {"application/json": {"issued": CallbackSecret(secret=WITH_SECRET.secret)}},
    "readMetrics": {"text/plain": {"some": METRICS_EXAMPLE}},
    "checkLiveness": {"application/json": {"alive": Liveness()}},
    "checkReadiness": {"application/json": {"ready": Readiness(workers=2, languages=("fr",))}},
}
"""What comes back when all is well, by operation and media type: examples by name."""
