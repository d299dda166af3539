"""Signatures of webhooks, after Standard Webhooks 1.0 (https://www.standardwebhooks.com).

What is signed is `ID.TIMESTAMP.BODY`, with HMAC-SHA256 and a secret that only Tocsin and the endpoint
know. Any library for Standard Webhooks verifies it.
"""

import base64
import binascii
import hashlib
import hmac
import secrets as randomness
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from schemas.errors import InvalidSecretError

PREFIX: Final = "whsec_"
NEW_KEY_BYTES: Final = 32
KEY_BYTES: Final = range(24, 65)
"""How long a key may be that somebody else made."""

TOLERANCE_SECONDS: Final = 300
"""How far the clocks of sender and receiver may differ; what is older may be a replay."""

ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
SIGNATURE_HEADER: Final = "webhook-signature"
_VERSION: Final = "v1,"


class Verdict(StrEnum):
    """What a receiver may think of a message."""

    VALID = "valid"
    UNSIGNED = "unsigned"
    """Id, timestamp or signature is missing, or the timestamp is none."""
    INVALID = "invalid"
    """No signature is by any of the secrets over exactly this message."""
    OUTDATED = "outdated"
    """The signature is valid, but from another time than now."""


def new_secret() -> str:
    """Make a secret for an endpoint."""
    return PREFIX + base64.b64encode(randomness.token_bytes(NEW_KEY_BYTES)).decode()


def key(secret: str) -> bytes:
    """Read the key of a secret, as it is shown to people: `whsec_` and 24 to 64 bytes in base64.

    Raises:
        InvalidSecretError: It is none. The message does not repeat it.

    """
    if not secret.startswith(PREFIX):
        raise InvalidSecretError(f"A secret begins with `{PREFIX}`.")
    try:
        decoded = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise InvalidSecretError(f"What follows `{PREFIX}` in a secret is base64; this is not.") from error
    if len(decoded) not in KEY_BYTES:
        raise InvalidSecretError(
            f"A secret has {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes in base64; this one has {len(decoded)}."
        )
    return decoded


def headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Make the headers that prove where a message comes from.

    Args:
        secrets: The endpoint's secrets: one, or more while the old one still counts; each signs.
        message_id: The same for every attempt to deliver the message; without a dot.
        timestamp: When this attempt is made, in Unix seconds.
        body: What is sent, byte for byte.

    Raises:
        InvalidSecretError: A secret is none.

    """
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(
            _signature(secret, message_id, str(timestamp), body) for secret in secrets
        ),
    }


def verify(secrets: Sequence[str], received: Mapping[str, str], body: bytes, now: float) -> Verdict:
    """Judge a message as its receiver should.

    Args:
        secrets: The secrets that the receiver knows.
        received: The headers, by their names in lower case.
        body: What was received, byte for byte.
        now: The receiver's time, in Unix seconds.

    Raises:
        InvalidSecretError: A secret is none.

    """
    message_id = received.get(ID_HEADER)
    timestamp = received.get(TIMESTAMP_HEADER, "")
    claimed = received.get(SIGNATURE_HEADER, "").split()
    if not message_id or not claimed or not (timestamp.isascii() and timestamp.isdecimal()):
        return Verdict.UNSIGNED
    expected = [_signature(secret, message_id, timestamp, body).encode() for secret in secrets]
    # All are compared, each in constant time, so that the time taken tells nothing.
    matches = [hmac.compare_digest(known, given.encode()) for known in expected for given in claimed]
    if not any(matches):
        return Verdict.INVALID
    return Verdict.OUTDATED if abs(now - int(timestamp)) > TOLERANCE_SECONDS else Verdict.VALID


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return _VERSION + base64.b64encode(hmac.digest(key(secret), signed, hashlib.sha256)).decode()
