"""The secrets that messages are signed with: derived, never stored.

Each is an HMAC of its name and number under the service's own `TOCSIN_SECRET`. Redis therefore holds
nothing that signs, and a secret is shown when it is made and at no other time. Rotating goes on to the
next number; for a day messages bear the signatures of both.
"""

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from schemas.errors import SecretMissingError
from schemas.settings import Settings, variable

OVERLAP: Final = timedelta(hours=24)
"""How long the secret before is still signed with."""

MOST: Final = 10
"""Rotating more often than this within the overlap retires the oldest early: a header has its limits."""


class Key(msgspec.Struct, frozen=True):
    """One of the secrets of a name: its number, and when it retires, if it is to."""

    number: int
    retires_at: datetime | None = None


FIRST: Final = (Key(1),)


def require(settings: Settings) -> None:
    """Make sure that there is something to derive secrets from.

    Raises:
        SecretMissingError: There is not.

    """
    if not settings.secret:
        raise SecretMissingError(
            f"{variable('secret')} is not set. It is what the secrets of webhooks are derived from: set it, "
            "for API and deliverers alike, to 32 random characters or more."
        )


def secret(settings: Settings, name: str, key: Key) -> str:
    """Derive a secret, as Standard Webhooks writes it: `whsec_` and base64.

    Raises:
        SecretMissingError: There is nothing to derive it from.

    """
    require(settings)
    derived = hmac.digest(
        settings.secret.encode(), f"webhook secret\n{name}\n{key.number}".encode(), "sha256"
    )
    return f"whsec_{base64.b64encode(derived).decode()}"


def current(keys: Iterable[Key], now: datetime) -> list[Key]:
    """Give the keys to sign with, the latest first."""
    kept = [key for key in keys if key.retires_at is None or key.retires_at > now]
    return sorted(kept, key=lambda key: key.number, reverse=True)


def rotated(keys: Iterable[Key], now: datetime) -> tuple[Key, ...]:
    """Add a key; those before it retire when the overlap is over, unless they do sooner."""
    latest, *older = current(keys, now)
    retiring = [Key(latest.number, now + OVERLAP), *older]
    return (Key(latest.number + 1), *retiring[: MOST - 1])
