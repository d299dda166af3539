"""What the OpenAPI document says of the messages that webhooks are sent, with an example of each."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from api.examples import BATCH, EVENT, SUCCEEDED, WEBHOOK
from schemas.batch import BatchCounts, BatchStatus
from schemas.job import JobError, JobStatus
from schemas.webhook import DisabledReason, Message, MessageType


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A type of message.

    Attributes:
        summary: What it tells, in a few words.
        description: When it is sent.
        data: The schema of its `data`.
        example: One of its kind.

    """

    summary: str
    description: str
    data: str
    example: Message


HEADERS: Final[Mapping[str, str]] = {
    "webhook-id": "Identifies the message; the same at every attempt, so that you can ignore what you have.",
    "webhook-timestamp": "When this attempt was made, in Unix seconds.",
    "webhook-signature": "One or more of `v1,` and a signature over `id.timestamp.body` (HMAC-SHA256, "
    "base64), separated by spaces; one that you can verify is enough.",
}
"""The headers of Standard Webhooks."""

_FAILED: Final = replace(
    SUCCEEDED,
    status=JobStatus.FAILED,
    progress=0.0,
    error=JobError("no_text", "There is no article in the page."),
    event_count=None,
    article_id=None,
    language=None,
    published_at=None,
    published_at_source=None,
    title=None,
    text=None,
)
_COMPLETED: Final = replace(
    BATCH,
    status=BatchStatus.COMPLETED,
    finished_at=datetime(2022, 1, 5, 13, 0, 3, tzinfo=UTC),
    expires_at=datetime(2022, 1, 12, 13, 0, 3, tzinfo=UTC),
    counts=BatchCounts(succeeded=1, failed=1),
    progress=1.0,
    rejections=[],
)
_DISABLED: Final = replace(
    WEBHOOK,
    disabled=True,
    disabled_at=datetime(2022, 1, 10, 12, 30, tzinfo=UTC),
    disabled_because=DisabledReason.FAILING,
    failing_since=datetime(2022, 1, 5, 12, 30, tzinfo=UTC),
)


def _at_the_end(kind: MessageType, data: object) -> Message:
    return Message(type=kind, timestamp=datetime(2022, 1, 5, 13, 0, 3, tzinfo=UTC), data=data)


MESSAGES: Final[Mapping[MessageType, Description]] = {
    MessageType.JOB_SUCCEEDED: Description(
        summary="An article was coded",
        description="A job has succeeded; its records are to be fetched. The job's `text` is left out. Sent "
        "to webhooks that name the type, and to the job's `callback_url`.",
        data="Job",
        example=_at_the_end(MessageType.JOB_SUCCEEDED, replace(SUCCEEDED, text=None)),
    ),
    MessageType.JOB_FAILED: Description(
        summary="An article was not coded",
        description="A job has failed; its `error` says why. Sent to webhooks that name the type, and to the "
        "job's `callback_url`. Nothing is sent for a job that you cancel.",
        data="Job",
        example=_at_the_end(MessageType.JOB_FAILED, _FAILED),
    ),
    MessageType.BATCH_COMPLETED: Description(
        summary="A batch is through",
        description="The last job of a batch has become final. The lists of what was not accepted, or was "
        "known already, are left out.",
        data="Batch",
        example=_at_the_end(MessageType.BATCH_COMPLETED, _COMPLETED),
    ),
    MessageType.EVENT_CREATED: Description(
        summary="There is a new record",
        description="A job has succeeded, and this is one of the records that ACLED would code. Sent to "
        "webhooks that name the type and whose `filter` lets the record through.",
        data="Event",
        example=_at_the_end(MessageType.EVENT_CREATED, EVENT),
    ),
    MessageType.ENDPOINT_DISABLED: Description(
        summary="A webhook was disabled",
        description="Another webhook of yours has answered 410, or accepted nothing for days, and is sent "
        "nothing more until you enable it.",
        data="Webhook",
        example=Message(
            type=MessageType.ENDPOINT_DISABLED,
            timestamp=datetime(2022, 1, 10, 12, 30, tzinfo=UTC),
            data=_DISABLED,
        ),
    ),
    MessageType.PING: Description(
        summary="Somebody tries the webhook out",
        description="Sent when it is asked for, whatever types the webhook names; there is nothing to do.",
        data="Webhook",
        example=Message(
            type=MessageType.PING, timestamp=datetime(2022, 1, 5, 12, 1, tzinfo=UTC), data=WEBHOOK
        ),
    ),
}
"""The types of messages."""
