"""What can be asked of the service, and what its answers mean: all that needs no network."""

from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2
import msgspec

from client.errors import RefusedError, UnreachableError
from schemas.article import Article
from schemas.batch import Batch
from schemas.event_list import EventList, View
from schemas.job import Job, JobPage, Priority

RecordFormat = Literal["json", "ndjson", "csv", "geojson"]
"""What records are streamed as."""

TIMEOUT: Final = 30.0
"""Seconds that the service may be silent, besides those that it was asked to hold the answer."""
ATTEMPTS: Final = 4
LONGEST_PAUSE: Final = 30.0
POLL_SECONDS: Final = 0.5
"""Between two looks at a batch."""
HELD_SECONDS: Final = 20
"""How long a look at a job is held while nothing becomes of it."""
BUSY: Final = frozenset({429, 503})

T = TypeVar("T")


class _Problem(msgspec.Struct):
    title: str = ""
    detail: str = ""
    type: str = "about:blank"


class Call(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request.

    Attributes:
        kind: What the body of the answer is.
        held: Seconds that the answer may be held.
        attempts: How often it is made while the service is busy or does not answer.

    """

    method: str
    path: str
    kind: type[T]
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    held: float = 0.0
    attempts: int = ATTEMPTS

    @property
    def arguments(self) -> dict[str, Any]:
        """The request as httpx2 takes it."""
        return {
            "method": self.method,
            "url": self.path,
            "params": dict(self.query),
            "headers": dict(self.headers),
            "content": self.content,
            "timeout": TIMEOUT + self.held,
        }

    def read(self, response: httpx2.Response) -> T:
        """Read the answer.

        Raises:
            RefusedError: It is a problem.

        """
        require(response.status_code, response.content)
        return msgspec.json.decode(response.content or b"null", type=self.kind)


def options(key: str | None) -> dict[str, Any]:
    """Say how an httpx2 client is made that shows an API key."""
    return {"headers": {"Authorization": f"Bearer {key}"} if key else {}, "timeout": TIMEOUT}


def require(status: int, body: bytes) -> None:
    """Make an error of an answer that is one.

    Raises:
        RefusedError: It is a problem.

    """
    if status < httpx2.codes.BAD_REQUEST:
        return
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        problem = _Problem(title=f"The answer has status {status}, and is none of Tocsin's.")
    raise RefusedError(problem.detail or problem.title, status, problem.type)


def pause(response: httpx2.Response, attempt: int, call: Call[Any]) -> float | None:
    """Seconds after which to ask again a service that is busy; None if the answer is to be taken."""
    if response.status_code not in BUSY or attempt >= call.attempts:
        return None
    told = response.headers.get("Retry-After", "1")
    return min(float(told) if told.isdecimal() else 1.0, LONGEST_PAUSE)


def pause_after(error: httpx2.TransportError, attempt: int, call: Call[Any]) -> float:
    """Seconds after which to try again to reach the service.

    Raises:
        UnreachableError: There were attempts enough.

    """
    if attempt >= call.attempts:
        raise unreachable(error) from error
    return min(0.25 * 2.0**attempt, LONGEST_PAUSE)


def unreachable(error: httpx2.TransportError) -> UnreachableError:
    """Say that the service does not answer."""
    return UnreachableError(f"Tocsin does not answer: {str(error) or type(error).__name__}.")


def readiness() -> Call[Any]:
    """Ask whether the service is able to work."""
    return Call(method="GET", path="/health/ready", kind=object, attempts=1)


def submit(article: Article, wait: int | None, priority: Priority, key: str | None) -> Call[Job]:
    """Submit an article; always with an idempotency key, so that the call can be repeated."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": _idempotency(key), **_prefer(wait)}
    return Call(
        method="POST",
        path="/v1/articles",
        kind=Job,
        query={"priority": priority},
        headers=headers,
        content=msgspec.json.encode(article),
        held=wait or 0,
    )


def batch_arguments(priority: Priority, key: str | None) -> dict[str, Any]:
    """Say how a batch is posted, but for its lines; these can be sent only once."""
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": _idempotency(key)}
    return {"method": "POST", "url": "/v1/batches", "params": {"priority": priority}, "headers": headers}


def line(article: Article | bytes) -> bytes:
    """Write an article as a line of a batch; bytes are taken for JSON."""
    raw = article if isinstance(article, bytes) else msgspec.json.encode(article)
    return raw.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def job(job_id: str, wait: int | None) -> Call[Job]:
    """See how a job is doing, or wait for it."""
    return Call(method="GET", path=f"/v1/jobs/{_id(job_id)}", kind=Job, headers=_prefer(wait), held=wait or 0)


def events(job_id: str, include: View) -> Call[EventList]:
    """Fetch the records of a job."""
    return Call(
        method="GET", path=f"/v1/jobs/{_id(job_id)}/events", kind=EventList, query={"include": include}
    )


def batch(batch_id: str) -> Call[Batch]:
    """See how a batch is doing."""
    return Call(method="GET", path=f"/v1/batches/{_id(batch_id)}", kind=Batch)


def batch_jobs(batch_id: str, token: str | None) -> Call[JobPage]:
    """List some jobs of a batch."""
    query = {"page_size": "1000"} | ({"page_token": token} if token else {})
    return Call(method="GET", path=f"/v1/batches/{_id(batch_id)}/jobs", kind=JobPage, query=query)


def batch_events(batch_id: str, form: RecordFormat, include: View) -> dict[str, Any]:
    """Say how the records of a batch are streamed."""
    return {
        "method": "GET",
        "url": f"/v1/batches/{_id(batch_id)}/events",
        "params": {"format": form, "include": include},
    }


def delete(collection: Literal["jobs", "batches"], resource_id: str) -> Call[None]:
    """Cancel or forget a job or a batch."""
    return Call(method="DELETE", path=f"/v1/{collection}/{_id(resource_id)}", kind=type(None))


def _id(resource_id: str) -> str:
    return quote(resource_id, safe="")


def _idempotency(key: str | None) -> str:
    return f'"{key or uuid4()}"'


def _prefer(wait: int | None) -> dict[str, str]:
    return {"Prefer": f"wait={wait}"} if wait else {}
