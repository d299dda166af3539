"""Following jobs, and fetching their records."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Final

from anyio.to_thread import run_sync
from litestar import Response, delete, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.response import ServerSentEvent
from litestar.status_codes import HTTP_204_NO_CONTENT

from api.access import Needs
from api.following import Followers, retry_after, states, until_final
from api.formats import Format, negotiate, view, write
from api.paging import DEFAULT_SIZE, PageSize, PageToken, limited, read_token, write_token
from api.preferences import Preferences, PreferHeader
from api.problems import documented
from schemas.access import Caller, Scope
from schemas.event_list import EventList, FeatureCollection, View
from schemas.job import Job, JobPage, JobStatus
from schemas.settings import Settings
from workers.listing import JobFilter, Listing, Place
from workers.store import JobStore

Moment = Annotated[datetime | None, QueryParameter(description="A date and time (ISO 8601).")]
LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        description="The `id` that was seen last. That state is not sent again; those that were missed are "
        "made good by the latest.",
    ),
]
ENDED: Final = ResponseSpec(
    None,
    description="The final state is the one that `Last-Event-ID` names; there is nothing to wait for, and a "
    "browser's `EventSource` ceases to connect.",
)
JobId = Annotated[str, PathParameter(description="The job's `id`.")]


@get(
    "/v1/jobs",
    operation_id="listJobs",
    summary="List the jobs",
    tags=["Jobs"],
    guards=[Needs(Scope.READ)],
    response_description="A page of the jobs, the latest first.",
    responses=documented("bad_request", "internal_error", "queue_unavailable"),
)
async def list_jobs(
    caller: NamedDependency[Caller],
    listing: NamedDependency[Listing],
    status: Annotated[JobStatus | None, QueryParameter(description="Where they stand.")] = None,
    language: Annotated[
        str | None, QueryParameter(description="What their articles are in (ISO 639-1); known once coded.")
    ] = None,
    source: Annotated[
        str | None, QueryParameter(description="The `source` that they were submitted with.")
    ] = None,
    created_after: Moment = None,
    created_before: Moment = None,
    finished_after: Moment = None,
    finished_before: Moment = None,
    page_size: PageSize = DEFAULT_SIZE,
    page_token: PageToken = None,
) -> Response[JobPage]:
    """List the jobs that are kept, the latest first, without their `text`.

    All filters are to hold. `..._after` takes in the moment itself, `..._before` does not; one without an
    offset is in UTC. Jobs that are submitted while you turn pages do not shift them.
    """
    wanted = JobFilter(
        status=status,
        language=language,
        source=source,
        created_after=_in_utc(created_after),
        created_before=_in_utc(created_before),
        finished_after=_in_utc(finished_after),
        finished_before=_in_utc(finished_before),
    )
    after = read_token(page_token, Place)
    jobs, place = await run_sync(listing.jobs, caller.owner, wanted, limited(page_size), after)
    return Response(JobPage(jobs=jobs, next_page_token=write_token(place) if place else None))


def _in_utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


@get(
    "/v1/jobs/{job_id:str}",
    operation_id="getJob",
    summary="See how a job is doing",
    tags=["Jobs"],
    guards=[Needs(Scope.READ)],
    response_description="The job, whatever became of it.",
    responses=documented("bad_request", "job_not_found", "internal_error", "queue_unavailable"),
)
async def get_job(
    job_id: JobId,
    caller: NamedDependency[Caller],
    store: NamedDependency[JobStore],
    settings: NamedDependency[Settings],
    followers: NamedDependency[Followers],
    prefer: PreferHeader = None,
) -> Response[Job]:
    """Show a job as long as it exists: until it is forgotten on request or its retention is over."""
    preferences = Preferences.parse(prefer, settings.max_wait)
    read = partial(store.get, job_id, caller.owner)
    job = await run_sync(read)
    if preferences.wait:
        job = await until_final(followers, job, read, preferences.wait)
    return Response(job, headers={**retry_after(job), **preferences.applied})


@get(
    "/v1/jobs/{job_id:str}/stream",
    operation_id="streamJob",
    summary="Watch a job",
    tags=["Jobs"],
    guards=[Needs(Scope.READ)],
    response_description="The job, again whenever it has changed, until it is final.",
    responses={
        HTTP_204_NO_CONTENT: ENDED,
        **documented("bad_request", "job_not_found", "internal_error", "queue_unavailable"),
    },
)
async def stream_job(
    job_id: JobId,
    caller: NamedDependency[Caller],
    store: NamedDependency[JobStore],
    followers: NamedDependency[Followers],
    last_event_id: LastEventId = None,
) -> Response[Any]:
    """Send the job as server-sent events: as it is now, and again whenever it has changed.

    An event is called `job`, its data is what `GET /v1/jobs/{id}` answers, and its id is the job's
    `revision`. The stream ends after the final state. While nothing happens, a comment every 15 seconds
    shows that the connection holds. A stream that ends before the job does is to be opened again, as
    `EventSource` does by itself.
    """
    read = partial(store.get, job_id, caller.owner)
    job = await run_sync(read)
    if job.status.is_final and str(job.revision) == last_event_id:
        return Response(None, status_code=HTTP_204_NO_CONTENT)
    return ServerSentEvent(states(followers, "job", job_id, read, last_event_id))


@delete(
    "/v1/jobs/{job_id:str}",
    operation_id="deleteJob",
    summary="Cancel or forget a job",
    tags=["Jobs"],
    guards=[Needs(Scope.SUBMIT)],
    response_description="An open job is cancelled; a final one is gone, and its records with it.",
    responses=documented("bad_request", "job_not_found", "internal_error", "queue_unavailable"),
)
async def delete_job(
    job_id: JobId, caller: NamedDependency[Caller], store: NamedDependency[JobStore]
) -> None:
    """Cancel a job that is not final yet; forget one that is, together with its records."""
    await run_sync(store.delete, job_id, caller.owner)


@get(
    "/v1/jobs/{job_id:str}/events",
    operation_id="getEvents",
    summary="Fetch the records",
    tags=["Jobs"],
    guards=[Needs(Scope.READ)],
    response_description="The records, in the format asked for.",
    responses=documented(
        "bad_request",
        "job_not_found",
        "not_acceptable",
        "job_not_finished",
        "job_failed",
        "internal_error",
        "queue_unavailable",
    ),
)
async def get_events(
    job_id: JobId,
    caller: NamedDependency[Caller],
    store: NamedDependency[JobStore],
    format: Annotated[  # noqa: A002 - The name on the wire.
        Format | None,
        QueryParameter(description="The format; takes precedence over `Accept`."),
    ] = None,
    include: Annotated[
        View,
        QueryParameter(
            description="`default` for what ACLED would code (events of its types that occurred or "
            "are going on), `all` for every record."
        ),
    ] = View.DEFAULT,
    accept: Annotated[
        str | None,
        # OpenAPI tells of this header by the media types of the answer.
        HeaderParameter(name="Accept", include_in_schema=False),
    ] = None,
) -> Response[EventList | FeatureCollection | bytes]:
    """Give the records of a job that has succeeded.

    By default these are what ACLED would code: records with an `event_type` whose `status` is
    `occurred` or `ongoing`; `meta.withheld` counts the others by reason. They come as JSON, as NDJSON
    (a record a line), as CSV (the 31 columns of an ACLED export with a header, RFC 4180; cells are
    never altered, not even those that a spreadsheet would take for a formula), or as GeoJSON (a
    feature a record, without geometry where the place is not known).
    """
    form = format or negotiate(accept)
    events = view(job_id, await run_sync(store.events, job_id, caller.owner), include)
    return Response(write(events, form), media_type=form.media_type, headers={"Vary": "Accept"})
