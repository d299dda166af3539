"""One attempt to tell an endpoint something.

A connection for each attempt, none is kept: a receiver that closed an idle one would make the next
attempt fail that could not be told from a refusal.
"""

import email.utils
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

import anyio
import httpcore2
import msgspec

from schemas.delivery import Failure
from schemas.errors import RefusedTargetError
from schemas.settings import Settings
from workers.webhooks.targets import GuardedBackend, Resolver, Target, check, resolve

EXCERPT_BYTES: Final = 4096
EXCERPT_SECONDS: Final = 2.0
"""How long the body of an answer is waited for: its status, which is known by then, decides."""

_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",  # The excerpt is to be read, and nothing to be unpacked.
    "User-Agent": f"Tocsin/{version('tocsin')}",
    "Connection": "close",
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt.

    Attributes:
        status: The HTTP status that was answered; None if none was.
        error: Why there is no status.
        detail: The same in words.
        duration_ms: Milliseconds until the answer, or until there was none.
        response_excerpt: How the answer's body begins.
        retry_after: Seconds after which the receiver asks to be told again.

    """

    status: int | None = None
    error: Failure | None = None
    detail: str = ""
    duration_ms: int
    response_excerpt: str = ""
    retry_after: float | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the receiver has taken the message: a redirect is not followed, and has not."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - what 2xx means


class _Answer(msgspec.Struct):
    """What has been received so far."""

    status: int | None = None
    retry_after: float | None = None
    body: bytearray = msgspec.field(default_factory=bytearray)


class Sender:
    """Sends messages to endpoints; one for a process, for any number of attempts at a time.

    Follows no redirect, keeps no cookie, and heeds no proxy that the environment names.
    """

    def __init__(self, settings: Settings, resolver: Resolver = resolve) -> None:
        self._settings = settings
        self._backend = GuardedBackend(settings, resolver)
        self._tls = httpcore2.default_ssl_context()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Make one attempt, within `webhook_timeout` seconds whatever the receiver does.

        Never raises for anything that the receiver, its address or the network between does.
        """
        answer = _Answer()
        failure: Failure | None = None
        detail = ""
        began = time.monotonic()
        try:
            target = check(url, self._settings)
            with anyio.move_on_after(self._settings.webhook_timeout):
                await self._exchange(target, headers, body, answer)
            if answer.status is None:
                failure = Failure.TIMEOUT
                detail = f"There was no answer within {self._settings.webhook_timeout:g} s."
        except RefusedTargetError as error:
            failure, detail = Failure.REFUSED_TARGET, str(error)
        except socket.gaierror as error:
            failure, detail = Failure.DNS, error.strerror or "The name cannot be looked up."
        except (httpcore2.NetworkError, httpcore2.RemoteProtocolError, httpcore2.TimeoutException) as error:
            # Once there is a status, an answer that is cut off or goes wrong changes nothing.
            if answer.status is None:
                failure, detail = _failure(error), str(error) or "The connection was refused or cut."
        return Outcome(
            status=answer.status,
            error=failure,
            detail=detail,
            duration_ms=round((time.monotonic() - began) * 1000),
            response_excerpt=answer.body.decode(errors="replace"),
            retry_after=answer.retry_after,
        )

    async def _exchange(
        self, target: Target, headers: Mapping[str, str], body: bytes, answer: _Answer
    ) -> None:
        """Send the message and note what is answered as it comes."""
        # Given in parts: what was checked is not read once more, perhaps differently.
        url = httpcore2.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        sent = list({**_HEADERS, **headers, "Host": target.authority}.items())
        connection = httpcore2.AsyncHTTPConnection(
            origin=url.origin, ssl_context=self._tls, network_backend=self._backend
        )
        async with connection, connection.stream("POST", url, headers=sent, content=body) as response:
            answer.status = response.status
            answer.retry_after = _retry_after(response.headers)
            with anyio.move_on_after(EXCERPT_SECONDS):
                async for chunk in response.aiter_stream():
                    answer.body += chunk[: EXCERPT_BYTES - len(answer.body)]
                    if len(answer.body) >= EXCERPT_BYTES:
                        break


def _failure(error: Exception) -> Failure:
    if isinstance(error, httpcore2.TimeoutException):
        return Failure.TIMEOUT
    if isinstance(error.__cause__, ssl.SSLError):
        return Failure.TLS
    # httpcore says so, too, of a receiver that hangs up; then it has no cause.
    if isinstance(error, httpcore2.RemoteProtocolError) and error.__cause__:
        return Failure.PROTOCOL
    return Failure.CONNECTION


def _retry_after(headers: list[tuple[bytes, bytes]]) -> float | None:
    """Read `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3); None if it is neither."""
    given = next((value.decode("latin-1") for name, value in headers if name.lower() == b"retry-after"), "")
    if given.isascii() and given.isdecimal():
        return float(given)
    try:
        moment = email.utils.parsedate_to_datetime(given)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
