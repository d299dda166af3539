"""Requests that carry an `Idempotency-Key`: the first is acted upon, a repetition gets its answer.

After draft-ietf-httpapi-idempotency-key-header. `tocsin:idempotency:HASH` holds what became of the first
request. It is written in the transaction that records what the request made, so that neither is there
without the other; a repetition can therefore come at any time, also after the API died.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Generic, TypeVar
from uuid import uuid4

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from schemas.errors import IdempotencyKeyError, KeyReusedError, RequestInProgressError

LONGEST: Final = 255
LEASE: Final = timedelta(minutes=1)
"""How long the API may be silent about a body that is coming before it is taken for dead."""
PATTERN: Final = r'^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]([ -~]{0,253}[!-~])?)$'
"""What `parse` takes, for those who describe the header."""
_QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
"""A Structured Field string (RFC 9651, section 3.3.3)."""
_PLAIN: Final = re.compile(r"[ -~]+")

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """What a request was answered: `body` is JSON."""

    status: int
    headers: dict[str, str]
    body: msgspec.Raw


class Claim(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request's claim to be the first with its key.

    Attributes:
        key: Where in Redis its answer is kept.
        fingerprint: The hash of its body: another body under the same key is a mistake of the client.
        answer: The answer that follows from what the request makes.
        kept: How long a repetition gets the answer.
        held: How long the answer may be held back; it may yet change while it is.
        lease: What `lease` gave to a request whose body had yet to come.

    """

    key: str
    fingerprint: str
    answer: Callable[[T], Answer]
    kept: timedelta
    held: timedelta = timedelta()
    lease: bytes | None = None

    def watch(self, pipeline: Pipeline) -> None:
        """Watch the key, which must be free, or the request's own lease; it may have ended unnoticed.

        Raises:
            RequestInProgressError: Another request has it.

        """
        pipeline.watch(self.key)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
        if pipeline.get(self.key) not in {None, self.lease}:
            raise in_progress()

    def write(self, made: T, pipeline: Pipeline) -> None:
        """Keep the answer, as part of the transaction that records what the request made.

        The key must be watched, and the transaction given up if it has changed.
        """
        until = _now() + self.held if self.held else None
        kept = _Kept(fingerprint=self.fingerprint, answer=self.answer(made), held_until=until)
        pipeline.set(self.key, _encoder.encode(kept), ex=self.kept)

    def settle(self, made: T, redis: Redis) -> None:
        """Keep the answer that was given in the end, after it was held back."""
        kept = _Kept(fingerprint=self.fingerprint, answer=self.answer(made))
        redis.set(self.key, _encoder.encode(kept), xx=True, keepttl=True)


class _Kept(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is known of the first request: a lease while its body comes, an answer afterwards."""

    lease: str | None = None
    fingerprint: str | None = None
    answer: Answer | None = None
    held_until: datetime | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Kept)


def parse(header: str) -> str:
    """Read the header, a quoted string by the draft, and often sent without quotes.

    Raises:
        IdempotencyKeyError: It is not 1 to 255 printable ASCII characters.

    """
    header = header.strip()
    if quoted := _QUOTED.fullmatch(header):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    else:
        key = header if _PLAIN.fullmatch(header) and not header.startswith('"') else ""
    if not 0 < len(key) <= LONGEST:
        raise IdempotencyKeyError(
            f"An Idempotency-Key is 1 to {LONGEST} printable ASCII characters, quoted or not."
        )
    return key


def redis_key(key: str, owner: str, operation: str) -> str:
    """Name where the answer to a request is kept: the key is its owner's, for one operation."""
    return "tocsin:idempotency:" + sha256(f"{owner}\0{operation}\0{key}".encode()).hexdigest()


def replay(redis: Redis, key: str, fingerprint: str) -> Answer | None:
    """Give the answer to the first request with the key; None if there has not been any.

    Args:
        redis: Where the answers are.
        key: As `redis_key` names it.
        fingerprint: The hash of this request's body.

    Raises:
        KeyReusedError: The first request had another body.
        RequestInProgressError: It is not answered yet.

    """
    encoded = redis.get(key)
    if encoded is None:
        return None
    kept = _decoder.decode(encoded)
    if kept.answer is None:
        raise in_progress()
    if kept.fingerprint != fingerprint:
        raise KeyReusedError("This Idempotency-Key came with another body before.")
    if kept.held_until is not None and kept.held_until > _now():
        raise in_progress()
    return kept.answer


def lease(redis: Redis, key: str) -> bytes | None:
    """Reserve the key for a request whose body is yet to come; None if there is an answer already.

    It is to be renewed at least every `LEASE`, and given up when the request comes to nothing.

    Raises:
        RequestInProgressError: Another request has it.

    """
    reserved = _encoder.encode(_Kept(lease=str(uuid4())))
    if redis.set(key, reserved, nx=True, ex=LEASE):
        return reserved
    encoded = redis.get(key)
    if encoded is None or _decoder.decode(encoded).answer is None:
        raise in_progress()
    return None


def renew(redis: Redis, key: str) -> None:
    """Keep the lease for longer."""
    redis.expire(key, LEASE)


def give_up(redis: Redis, key: str, lease: bytes) -> None:
    """End the lease, if it has not ended by itself."""
    with redis.pipeline() as pipeline, suppress(WatchError):
        pipeline.watch(key)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
        if pipeline.get(key) == lease:
            pipeline.multi()
            pipeline.delete(key)
            pipeline.execute()


def in_progress() -> RequestInProgressError:
    """Make the error that the first request is not answered yet."""
    return RequestInProgressError("The first request with this Idempotency-Key is not answered yet.")


def _now() -> datetime:
    return datetime.now(UTC)
