"""Who is asking, what they may do, and how often."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class Scope(StrEnum):
    """What an API key allows.

    `admin` is for the running of the service; it includes neither of the others.
    """

    SUBMIT = "submit"
    READ = "read"
    ADMIN = "admin"


class Caller(msgspec.Struct, frozen=True):
    """Whoever makes a request.

    Attributes:
        owner: Whose jobs, batches and webhooks they see; what others own does not exist for them.
        scopes: What they may do.
        key_id: The API key that they showed; None where none is asked for.

    """

    owner: str
    scopes: frozenset[Scope]
    key_id: str | None = None


LOCAL: Final = Caller(owner="local", scopes=frozenset(Scope))
"""Everybody, on a service that asks nobody who they are."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without its secret: nobody can be shown that again.

    Times are UTC.

    Attributes:
        id: The key's identifier; it is part of the secret and stays when the secret is changed.
        owner: Whose jobs, batches and webhooks the key opens.
        name: What people call it.
        scopes: What it allows.
        created_at: When it was made.
        expires_at: When it ceases to be accepted; None for never.
        last_used_at: When it last opened something, to the minute; None for never.

    """

    id: str
    owner: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class Quota(msgspec.Struct, frozen=True):
    """How often something may be asked for with one key.

    Attributes:
        name: What it is called in the `RateLimit` headers.
        requests: How many requests in a window.
        window: The window, in seconds.

    """

    name: str
    requests: int
    window: int = 60


class Allowance(msgspec.Struct, frozen=True):
    """What a key has left of a quota.

    Attributes:
        quota: The quota.
        remaining: How many requests may follow at once.
        reset: Seconds until the whole quota is there again.
        retry_after: Seconds after which a request will be answered that was not; 0 if this one is.

    """

    quota: Quota
    remaining: int
    reset: int
    retry_after: int = 0


class Admission(msgspec.Struct, frozen=True):
    """A request that is let in, unless its allowance is used up.

    Attributes:
        caller: Who makes it.
        allowance: What is left to them; None where nothing is counted.

    """

    caller: Caller
    allowance: Allowance | None = None
