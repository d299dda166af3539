"""Fetching the records of all jobs, the way that ACLED's API gives its own."""

import time
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api import filters
from api.access import Needs
from api.formats import Format, table
from api.problems import documented
from schemas.access import Caller, Scope
from schemas.acled import AcledAnswer
from schemas.event import ACLED_COLUMNS, Event
from schemas.event_list import View
from workers.listing import Listing

DEFAULT_LIMIT: Final = 5000
"""ACLED's own."""
_NO_FILTERS: Final = frozenset(
    {"limit", "page", "fields", "inter_num", "include", "_format", "key", "email", "export_type"}
)


class ExportFormat(StrEnum):
    """What `?_format=` may say."""

    JSON = "json"
    CSV = "csv"


class ExportType(StrEnum):
    """What `?export_type=` may say."""

    DYADIC = "dyadic"


async def _export_events(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    listing: NamedDependency[Listing],
    limit: Annotated[
        int, QueryParameter(description="How many records there may be on a page; 0 for all.", ge=0)
    ] = DEFAULT_LIMIT,
    page: Annotated[int, QueryParameter(description="Which page, counted from 1.", ge=1)] = 1,
    fields: Annotated[
        str | None,
        QueryParameter(
            description="The fields to give, as `A|B|C`, those that Tocsin adds included; without it, "
            "the 31 of an ACLED export."
        ),
    ] = None,
    inter_num: Annotated[
        int,
        QueryParameter(
            description="1 for `inter1`, `inter2` and `interaction` as ACLED's numbers.", ge=0, le=1
        ),
    ] = 0,
    include: Annotated[
        View,
        QueryParameter(description="`default` for what ACLED would code, `all` for every record."),
    ] = View.DEFAULT,
    _format: Annotated[ExportFormat, QueryParameter(description="The format.")] = ExportFormat.JSON,
    export_type: Annotated[  # noqa: ARG001 - There is but one.
        ExportType, QueryParameter(description="A record an event; ACLED's `monadic` is not offered.")
    ] = ExportType.DYADIC,
    key: Annotated[  # noqa: ARG001 - ACLED's old clients send it.
        str | None,
        QueryParameter(description="Ignored: an address is no place for a secret. Show an API key instead."),
    ] = None,
    email: Annotated[  # noqa: ARG001 - ACLED's old clients send it.
        str | None, QueryParameter(description="Ignored, as `key` is.")
    ] = None,
) -> Response[AcledAnswer | bytes]:
    """Give the records of all articles that are kept, as ACLED's API does: clients of that read these.

    The parameters, what they default to, and the answer are those of `acleddata.com/api/acled/read`, and
    `/api/acled/read` is another name for this. Every field is a parameter that the records' field is
    compared with, and `FIELD_where` says how: `event_date=2024-01-01|2024-01-31` with
    `event_date_where=BETWEEN`. All are to hold; `country=Mali:OR:country=Niger` holds if either does.
    Records come the latest day first. An article that was submitted twice counts once, as it was coded
    last. A parameter that is unknown is refused, for it would silently give more than was asked for.
    """
    wanted = filters.predicate(
        (name, value) for name, value in request.query_params.multi_items() if name not in _NO_FILTERS
    )
    columns = _columns(fields)

    def collect() -> tuple[list[Event], int]:
        latest = 0
        found = []
        for event in listing.events(caller.owner):
            if include is View.ALL or event.withheld_because is None:
                latest = max(latest, event.timestamp)
                if wanted(event):
                    found.append(event)
        found.sort(key=lambda event: (event.event_date, event.event_id_cnty), reverse=True)
        begin = (page - 1) * limit
        return (found[begin : begin + limit] if limit else found), latest

    events, latest = await run_sync(collect)
    rows = [
        {column: _value(event, column, as_code=bool(inter_num)) for column in columns} for event in events
    ]
    if _format is ExportFormat.CSV:
        cells = ([_cell(value) for value in row.values()] for row in rows)
        return Response(table(columns, cells), media_type=Format.CSV.media_type)
    hours = int(time.time() - latest) // 3600 if latest else 0
    return Response(AcledAnswer(last_update=hours, count=len(rows), data=rows))


list_events = get(
    "/v1/events",
    operation_id="listEvents",
    summary="Fetch the records of all jobs",
    tags=["Events"],
    guards=[Needs(Scope.READ)],
    response_description="The records, in the envelope of ACLED's API or as CSV.",
    responses=documented("bad_request", "internal_error", "queue_unavailable"),
)(_export_events)
read_acled = get(
    "/api/acled/read",
    operation_id="readAcled",
    guards=[Needs(Scope.READ)],
    include_in_schema=False,
)(_export_events)


def _columns(fields: str | None) -> tuple[str, ...]:
    if not fields:
        return ACLED_COLUMNS
    columns = tuple(fields.split("|"))
    if unknown := [column for column in columns if column not in Event.__struct_fields__]:
        raise filters.refusal("fields", f"There is no field {unknown[0]!r}")
    return columns


def _value(event: Event, column: str, *, as_code: bool) -> object:
    if as_code and column in {"inter1", "inter2", "interaction"}:
        return filters.code(event, column)
    return getattr(event, column)


def _cell(value: object) -> object:
    """Write what is no plain value as JSON."""
    return msgspec.json.encode(value).decode() if isinstance(value, msgspec.Struct) else value
