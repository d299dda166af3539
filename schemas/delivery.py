"""What becomes of a message to an endpoint."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from schemas.webhook import MessageType


class Failure(StrEnum):
    """Why an attempt to deliver a message got no answer."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    """Refused, or cut before there was an answer."""
    TLS = "tls"
    """The certificate is not valid for the name, or what answers does not speak TLS."""
    DNS = "dns"
    """The name has no address."""
    REFUSED_TARGET = "refused_target"
    """The name's addresses are none that may be told."""
    PROTOCOL = "protocol"
    """What was answered is not HTTP."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Trigger(StrEnum):
    """Why an attempt was made."""

    SCHEDULED = "scheduled"
    MANUAL = "manual"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to deliver a message.

    Attributes:
        started_at: When it began.
        trigger: `scheduled`, or `manual` where somebody asked for it.
        status: The HTTP status of the answer; null if there was none.
        error: What kept an answer from coming.
        duration_ms: How long it took, in milliseconds.
        response_excerpt: How the answer's body begins.

    """

    started_at: datetime
    trigger: Trigger
    status: int | None
    error: Failure | None
    duration_ms: int
    response_excerpt: str


class Delivery(msgspec.Struct, kw_only=True):
    """A message on its way to one address.

    Attributes:
        id: The message's identifier, the header `webhook-id` of every attempt: a consumer that has
            seen it can ignore it.
        type: What the message is about.
        state: `pending` until it was accepted or given up.
        created_at: When there was something to tell.
        next_attempt_at: When it is tried next, if it is.
        attempts: The attempts so far, the latest ones if there were very many.

    """

    id: str
    type: MessageType
    state: DeliveryState
    created_at: datetime
    next_attempt_at: datetime | None
    attempts: list[Attempt] = []


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the deliveries to a webhook.

    Attributes:
        deliveries: The deliveries, the latest first.
        next: What to give as `starting_after` for the older ones; null if there are none.

    """

    deliveries: list[Delivery]
    next: str | None


class Recovery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which deliveries are to be tried again.

    Attributes:
        since: The failed ones that were created at this time or later.

    """

    since: Annotated[datetime, msgspec.Meta(tz=True)]


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """What will be tried again.

    Attributes:
        redelivered: How many deliveries.

    """

    redelivered: int
