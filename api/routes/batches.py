"""Taking batches in, following them, and fetching the records of all their articles."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from anyio import CancelScope
from anyio.to_thread import run_sync
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.response import ServerSentEvent, Stream
from litestar.status_codes import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT
from redis import Redis

from api.access import Needs
from api.following import Followers, retry_after, states, until_final
from api.formats import Format, negotiate, stream
from api.lines import grouped
from api.paging import DEFAULT_SIZE, PageSize, PageToken, limited, read_token, write_token
from api.preferences import Preferences, PreferHeader
from api.problems import documented
from api.routes.articles import IdempotencyKey, PriorityParameter, replayed, require_type
from api.routes.jobs import ENDED, LastEventId
from schemas.access import Caller, Scope
from schemas.batch import Batch
from schemas.errors import InvalidBatchError
from schemas.event import Event
from schemas.event_list import View
from schemas.job import JobPage, Priority
from schemas.settings import Settings
from workers import idempotency
from workers.batches import CHUNK, BatchStore, Line
from workers.extraction import submission
from workers.idempotency import Answer, Claim

NDJSON: Final = "application/x-ndjson"
OPERATION: Final = "submitBatch"
PAUSE_SECONDS: Final = 1.0
"""Between two states that a stream tells: a batch changes with each of its jobs."""

Offset = Annotated[int, msgspec.Meta(ge=1)]
BatchId = Annotated[str, PathParameter(description="The batch's `id`.")]


class _Articles(msgspec.Struct, forbid_unknown_fields=True):
    articles: list[msgspec.Raw]


class _Body:
    """A body that is read once, and hashed on the way."""

    def __init__(self, chunks: AsyncIterable[bytes]) -> None:
        self._chunks = chunks
        self._digest = sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self._digest.update(chunk)
            yield chunk

    async def read(self) -> bytes:
        return b"".join([chunk async for chunk in self])

    async def fingerprint(self) -> str:
        """Read what is left, without keeping it."""
        async for _ in self:
            pass
        return self._digest.hexdigest()


def _answer(batch: Batch) -> Answer:
    headers = {"Location": f"/v1/batches/{batch.id}", **retry_after(batch)}
    return Answer(HTTP_202_ACCEPTED, headers, msgspec.Raw(msgspec.json.encode(batch)))


@post(
    "/v1/batches",
    operation_id=OPERATION,
    summary="Submit many articles",
    tags=["Batches"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=HTTP_202_ACCEPTED,
    response_description="The accepted articles wait to be coded; `rejections` lists the others.",
    responses=documented(
        "malformed_json",
        "bad_request",
        "malformed_idempotency_key",
        "request_in_progress",
        "body_too_large",
        "batch_too_large",
        "unsupported_media_type",
        "invalid_batch",
        "idempotency_key_reused",
        "internal_error",
        "queue_unavailable",
        "webhooks_unavailable",
    ),
)
async def submit_batch(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    redis: NamedDependency[Redis],
    batches: NamedDependency[BatchStore],
    settings: NamedDependency[Settings],
    priority: PriorityParameter = Priority.BULK,
    idempotency_key: IdempotencyKey = None,
) -> Response[Batch]:
    """Take in many articles, as a JSON object with a list, or as NDJSON: an article a line.

    Each article is what `POST /v1/articles` takes, and is accepted or rejected on its own; `rejections`
    gives the lines that were not accepted, and why. The accepted ones are taken in together: if there is
    no answer, none of them was. NDJSON is read as it comes and never held as a whole.
    """
    media_type = require_type(request, "application/json", NDJSON)
    body = _Body(request.stream())
    key = lease = None
    if idempotency_key is not None:
        key = idempotency.redis_key(idempotency.parse(idempotency_key), caller.owner, OPERATION)
        lease = await run_sync(idempotency.lease, redis, key)
        if lease is None:
            first = await run_sync(idempotency.replay, redis, key, await body.fingerprint())
            if first is None:
                raise idempotency.in_progress()
            return replayed(first, Batch)
    reception = batches.receive(caller.owner, priority)
    try:
        groups = grouped(body, settings.max_body_bytes) if media_type == NDJSON else _listed(body, settings)
        async for lines in groups:
            await run_sync(reception.add, lines)
            if key is not None:
                await run_sync(idempotency.renew, redis, key)
        claim = None
        if key is not None:
            claim = Claim(
                key=key,
                fingerprint=await body.fingerprint(),
                answer=_answer,
                kept=timedelta(hours=settings.idempotency_hours),
                lease=lease,
            )
        batch = await run_sync(reception.complete, claim)
    except BaseException:
        with CancelScope(shield=True):
            await run_sync(reception.discard)
            if key is not None and lease is not None:
                await run_sync(idempotency.give_up, redis, key, lease)
        raise
    return Response(batch, headers=_answer(batch).headers)


async def _listed(body: _Body, settings: Settings) -> AsyncIterator[list[Line]]:
    """Find the articles in `{"articles": [...]}`."""
    raw = await body.read()
    try:
        articles = msgspec.json.decode(raw, type=_Articles).articles
    except msgspec.ValidationError as error:
        reason = str(error).replace("`", "").partition(" - at ")[0]
        raise InvalidBatchError(f"A batch is an object with a list `articles`: {reason}.") from error
    except msgspec.DecodeError as error:
        raise submission.malformed(error) from error
    lines = [Line(number, bytes(article)) for number, article in enumerate(articles, start=1)]
    for start in range(0, len(lines), CHUNK):
        yield [
            line._replace(raw=None) if len(line.raw or b"") > settings.max_body_bytes else line
            for line in lines[start : start + CHUNK]
        ]


@get(
    "/v1/batches/{batch_id:str}",
    operation_id="getBatch",
    summary="See how a batch is doing",
    tags=["Batches"],
    guards=[Needs(Scope.READ)],
    response_description="The batch.",
    responses=documented("bad_request", "batch_not_found", "internal_error", "queue_unavailable"),
)
async def get_batch(
    batch_id: BatchId,
    caller: NamedDependency[Caller],
    batches: NamedDependency[BatchStore],
    settings: NamedDependency[Settings],
    followers: NamedDependency[Followers],
    prefer: PreferHeader = None,
) -> Response[Batch]:
    """Show a batch: how many of its jobs are in each state, and what was not accepted."""
    preferences = Preferences.parse(prefer, settings.max_wait)
    read = partial(batches.get, batch_id, caller.owner)
    batch = await run_sync(read)
    if preferences.wait:
        batch = await until_final(followers, batch, read, preferences.wait)
    return Response(batch, headers={**retry_after(batch), **preferences.applied})


@get(
    "/v1/batches/{batch_id:str}/stream",
    operation_id="streamBatch",
    summary="Watch a batch",
    tags=["Batches"],
    guards=[Needs(Scope.READ)],
    response_description="The batch, again whenever it has changed, until it is completed.",
    responses={
        HTTP_204_NO_CONTENT: ENDED,
        **documented("bad_request", "batch_not_found", "internal_error", "queue_unavailable"),
    },
)
async def stream_batch(
    batch_id: BatchId,
    caller: NamedDependency[Caller],
    batches: NamedDependency[BatchStore],
    followers: NamedDependency[Followers],
    last_event_id: LastEventId = None,
) -> Response[Any]:
    """Send the batch as server-sent events: as it is now, and as it has become, once a second at most.

    An event is called `batch`, its data is what `GET /v1/batches/{id}` answers but for `rejections` and
    `duplicates`, and its id is the batch's `revision`. Else it is as with the stream of a job.
    """

    def read() -> Batch:
        batch = batches.get(batch_id, caller.owner)
        return msgspec.structs.replace(batch, rejections=[], duplicates=[])

    batch = await run_sync(read)
    if batch.status.is_final and str(batch.revision) == last_event_id:
        return Response(None, status_code=HTTP_204_NO_CONTENT)
    return ServerSentEvent(states(followers, "batch", batch_id, read, last_event_id, PAUSE_SECONDS))


@delete(
    "/v1/batches/{batch_id:str}",
    operation_id="deleteBatch",
    summary="Cancel or forget a batch",
    tags=["Batches"],
    guards=[Needs(Scope.SUBMIT)],
    response_description="The open jobs are cancelled; of a completed batch, all is gone.",
    responses=documented("bad_request", "batch_not_found", "internal_error", "queue_unavailable"),
)
async def delete_batch(
    batch_id: BatchId, caller: NamedDependency[Caller], batches: NamedDependency[BatchStore]
) -> None:
    """Cancel those jobs of a batch that are open, and keep what was coded.

    A batch that is completed is forgotten, with its jobs and their records.
    """
    await run_sync(batches.delete, batch_id, caller.owner)


@get(
    "/v1/batches/{batch_id:str}/jobs",
    operation_id="listBatchJobs",
    summary="List the jobs of a batch",
    tags=["Batches"],
    guards=[Needs(Scope.READ)],
    response_description="A page of jobs.",
    responses=documented("bad_request", "batch_not_found", "internal_error", "queue_unavailable"),
)
async def list_batch_jobs(
    batch_id: BatchId,
    caller: NamedDependency[Caller],
    batches: NamedDependency[BatchStore],
    page_size: PageSize = DEFAULT_SIZE,
    page_token: PageToken = None,
) -> JobPage:
    """List the jobs in the order of their articles, without their `text` and those that were forgotten."""
    offset = read_token(page_token, Offset) or 0
    size = limited(page_size)
    jobs, is_followed = await run_sync(batches.jobs, batch_id, caller.owner, offset, size)
    return JobPage(jobs=jobs, next_page_token=write_token(offset + size) if is_followed else None)


@get(
    "/v1/batches/{batch_id:str}/events",
    operation_id="getBatchEvents",
    summary="Fetch the records of a batch",
    tags=["Batches"],
    guards=[Needs(Scope.READ)],
    response_description="The records so far, in the format asked for.",
    responses=documented(
        "bad_request", "batch_not_found", "not_acceptable", "internal_error", "queue_unavailable"
    ),
)
async def get_batch_events(
    batch_id: BatchId,
    caller: NamedDependency[Caller],
    batches: NamedDependency[BatchStore],
    format: Annotated[  # noqa: A002 - The name on the wire.
        Format | None,
        QueryParameter(description="The format; takes precedence over `Accept`."),
    ] = None,
    include: Annotated[
        View,
        QueryParameter(description="`default` for what ACLED would code, `all` for every record."),
    ] = View.DEFAULT,
    accept: Annotated[str | None, HeaderParameter(name="Accept", include_in_schema=False)] = None,
) -> Stream:
    """Give the records of all jobs that have succeeded so far, article by article, as one stream.

    Formats and views are those of the records of a job. A batch that is not completed gives what there is.
    """
    form = format or negotiate(accept)
    ids = await run_sync(batches.job_ids, batch_id, caller.owner)

    async def pages() -> AsyncIterator[list[Event]]:
        for start in range(0, len(ids), CHUNK):
            yield await run_sync(batches.events, ids[start : start + CHUNK])

    return Stream(
        stream(pages(), form, include, batch_id),
        media_type=form.media_type,
        headers={"Vary": "Accept"},
    )
