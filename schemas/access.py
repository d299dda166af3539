"""Who is asking, and what they may do."""

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
