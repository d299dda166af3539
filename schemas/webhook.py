"""Webhooks: where a consumer is told what happens, what it is told, and how the telling went."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from schemas.article import Label
from schemas.event import Event
from schemas.taxonomy import EventType


class MessageType(StrEnum):
    """What a message is about."""

    JOB_SUCCEEDED = "job.succeeded"
    JOB_FAILED = "job.failed"
    BATCH_COMPLETED = "batch.completed"
    EVENT_CREATED = "event.created"
    ENDPOINT_DISABLED = "endpoint.disabled"
    PING = "ping"


ON_REQUEST: Final = frozenset({MessageType.PING})
"""Sent when somebody asks for it; there is nothing to subscribe to."""

USUAL: Final = (
    MessageType.JOB_SUCCEEDED,
    MessageType.JOB_FAILED,
    MessageType.BATCH_COMPLETED,
    MessageType.ENDPOINT_DISABLED,
)
"""What a webhook that names no types is told: everything but the single records."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a delivery, as Standard Webhooks has it.

    Attributes:
        type: What it is about.
        timestamp: When that happened; the header `webhook-timestamp` has the time of the attempt.
        data: The thing that it happened to.

    """

    type: MessageType
    timestamp: datetime
    data: Any


class EventFilter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records are told of; what is left empty excludes none.

    Attributes:
        event_types: ACLED's event types.
        countries: Countries, in English, as records have them.
        min_confidence: The least `confidence`.

    """

    event_types: tuple[EventType, ...] = ()
    countries: tuple[str, ...] = ()
    min_confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0

    def accepts(self, event: Event) -> bool:
        """Whether a record is to be told of."""
        return (
            (not self.event_types or event.event_type in self.event_types)
            and (not self.countries or event.country in self.countries)
            and event.confidence >= self.min_confidence
        )


class NewWebhook(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A webhook as it is registered.

    Attributes:
        url: Where messages are POSTed to.
        types: What it is told about; everything but `event.created` when absent.
        filter: Which records `event.created` is sent for, of those that ACLED would code.
        description: Your own note.
        disabled: Whether to send nothing for now.

    """

    url: Label
    types: tuple[MessageType, ...] = USUAL
    filter: EventFilter = EventFilter()
    description: Label = ""
    disabled: bool = False


class WebhookChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a webhook; what is absent stays.

    Attributes:
        url: Where messages are POSTed to, those that wait for another attempt included.
        types: What it is told about.
        filter: Which records `event.created` is sent for; replaced as a whole.
        description: Your own note.
        disabled: Whether to send nothing; `false` enables a webhook that failures had disabled.

    """

    url: Label | msgspec.UnsetType = msgspec.UNSET
    types: tuple[MessageType, ...] | msgspec.UnsetType = msgspec.UNSET
    filter: EventFilter | msgspec.UnsetType = msgspec.UNSET
    description: Label | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class DisabledReason(StrEnum):
    """Why a webhook is sent nothing."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


class Webhook(msgspec.Struct, kw_only=True):
    """A webhook: an address that is told what happens.

    Attributes:
        id: The webhook's identifier.
        url: Where messages are POSTed to.
        types: What it is told about.
        filter: Which records `event.created` is sent for, of those that ACLED would code.
        description: Your own note.
        created_at: When it was registered.
        disabled: Whether nothing is sent.
        disabled_at: Since when nothing is sent.
        disabled_because: `requested`; `gone`, for it answered 410; or `failing`, for it had accepted
            nothing for days.
        failing_since: Since when every attempt has failed; null if the last one was accepted.

    """

    id: str
    url: str
    types: tuple[MessageType, ...]
    filter: EventFilter
    description: str
    created_at: datetime
    disabled: bool = False
    disabled_at: datetime | None = None
    disabled_because: DisabledReason | None = None
    failing_since: datetime | None = None


class WebhookWithSecret(Webhook, kw_only=True):
    """A webhook and the secret that its messages are signed with, which is shown this once.

    Attributes:
        secret: Verifies the header `webhook-signature`, with any library for Standard Webhooks.

    """

    secret: str


class WebhookList(msgspec.Struct, frozen=True, kw_only=True):
    """All webhooks of an owner.

    Attributes:
        webhooks: The webhooks, in the order of their registration.

    """

    webhooks: list[Webhook]


class CallbackSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What messages to a `callback_url` are signed with; shown this once.

    Attributes:
        secret: Verifies the header `webhook-signature`, with any library for Standard Webhooks.

    """

    secret: str
