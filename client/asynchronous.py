"""The client for programs that await."""

from collections.abc import AsyncIterator, Iterable
from itertools import count
from typing import Self, TypeVar

import httpx2
import msgspec
from anyio import sleep

from client import calls
from client.calls import Call, RecordFormat
from client.errors import RefusedError, UnreachableError
from schemas.article import Article
from schemas.batch import Batch, BatchStatus
from schemas.event import Event
from schemas.event_list import View
from schemas.job import Job, Priority

T = TypeVar("T")


class AsyncClient:
    """Talks to the service at `url`, showing an API key where it has one.

    A service that is busy or cannot be reached is asked a few times more, in its own time; submissions
    carry an `Idempotency-Key`, so that none is taken twice. Every method may raise `RefusedError` and
    `UnreachableError`.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.AsyncClient(base_url=self.url, **calls.options(key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def is_ready(self) -> bool:
        """Whether the service is up, and a worker, too."""
        try:
            await self._send(calls.readiness())
        except (UnreachableError, RefusedError):
            return False
        return True

    async def submit(
        self,
        article: Article,
        *,
        wait: int | None = None,
        priority: Priority = Priority.INTERACTIVE,
        idempotency_key: str | None = None,
    ) -> Job:
        """Submit an article, and wait for it for so many seconds."""
        return await self._send(calls.submit(article, wait, priority, idempotency_key))

    async def job(self, job_id: str, *, wait: int | None = None) -> Job:
        """See how a job is doing, and wait for it for so many seconds."""
        return await self._send(calls.job(job_id, wait))

    async def finish(self, job_id: str) -> Job:
        """Wait until a job is final, however long that takes."""
        while not (job := await self.job(job_id, wait=calls.HELD_SECONDS)).status.is_final:
            pass
        return job

    async def events(self, job_id: str, include: View = View.DEFAULT) -> list[Event]:
        """Fetch the records of a job that has succeeded."""
        return (await self._send(calls.events(job_id, include))).events

    async def delete_job(self, job_id: str) -> None:
        """Cancel a job, or forget it if it is final."""
        await self._send(calls.delete("jobs", job_id))

    async def submit_batch(
        self,
        articles: Iterable[Article | bytes],
        *,
        priority: Priority = Priority.BULK,
        idempotency_key: str | None = None,
    ) -> Batch:
        """Submit many articles, sent as they come; bytes are taken for the JSON of one.

        If this raises `UnreachableError`, it can be called again with the same articles and key.
        """
        arguments = calls.batch_arguments(priority, idempotency_key)
        try:
            response = await self._http.request(**arguments, content=_lines(articles))
        except httpx2.TransportError as error:
            raise calls.unreachable(error) from error
        calls.require(response.status_code, response.content)
        return msgspec.json.decode(response.content, type=Batch)

    async def batch(self, batch_id: str) -> Batch:
        """See how a batch is doing."""
        return await self._send(calls.batch(batch_id))

    async def follow_batch(self, batch_id: str) -> AsyncIterator[Batch]:
        """Look at a batch again and again, until it is completed."""
        while (batch := await self.batch(batch_id)).status is not BatchStatus.COMPLETED:
            yield batch
            await sleep(calls.POLL_SECONDS)
        yield batch

    async def batch_jobs(self, batch_id: str) -> AsyncIterator[Job]:
        """List the jobs of a batch in the order of their articles, without their text."""
        token = None
        while True:
            page = await self._send(calls.batch_jobs(batch_id, token))
            for job in page.jobs:
                yield job
            if (token := page.next_page_token) is None:
                return

    async def batch_events(
        self, batch_id: str, form: RecordFormat = "ndjson", include: View = View.DEFAULT
    ) -> AsyncIterator[bytes]:
        """Stream the records of a batch so far."""
        try:
            async with self._http.stream(**calls.batch_events(batch_id, form, include)) as response:
                if response.is_error:
                    calls.require(response.status_code, await response.aread())
                async for part in response.aiter_bytes():
                    yield part
        except httpx2.TransportError as error:
            raise calls.unreachable(error) from error

    async def delete_batch(self, batch_id: str) -> None:
        """Cancel what is open of a batch, or forget it if it is completed."""
        await self._send(calls.delete("batches", batch_id))

    async def _send(self, call: Call[T]) -> T:
        for attempt in count(1):
            try:
                response = await self._http.request(**call.arguments)
            except httpx2.TransportError as error:
                pause: float | None = calls.pause_after(error, attempt, call)
            else:
                pause = calls.pause(response, attempt, call)
                if pause is None:
                    return call.read(response)
            await sleep(pause or 0.0)
        raise AssertionError  # The loop ends by itself only.


async def _lines(articles: Iterable[Article | bytes]) -> AsyncIterator[bytes]:
    for article in articles:
        yield calls.line(article)
