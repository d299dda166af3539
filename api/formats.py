"""The formats that records are handed out in: choosing one, and writing it."""

import csv
import io
import re
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec
from litestar.exceptions import ClientException
from litestar.status_codes import HTTP_406_NOT_ACCEPTABLE

from schemas.event import ACLED_COLUMNS, Event
from schemas.event_list import (
    EventList,
    EventListMeta,
    Feature,
    FeatureCollection,
    Point,
    View,
)


class Format(StrEnum):
    """What `?format=` may say."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    GEOJSON = "geojson"

    @property
    def media_type(self) -> str:
        """The media type, as `Accept` names it and `Content-Type` gives it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv",
    Format.GEOJSON: "application/geo+json",
}
_QUALITY: Final = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def negotiate(accept: str | None) -> Format:
    """Choose the format that an `Accept` header likes best (RFC 9110, section 12.5.1).

    Raises:
        ClientException: With status 406, if it accepts none.

    """
    if not accept:
        return Format.JSON
    ranges = dict(_range(part) for part in accept.split(","))
    best = max(Format, key=lambda offer: _quality(offer.media_type, ranges))
    if not _quality(best.media_type, ranges):
        *others, last = _MEDIA_TYPES.values()
        raise ClientException(
            f"The records come as {', '.join(others)} or {last}.",
            status_code=HTTP_406_NOT_ACCEPTABLE,
        )
    return best


def _range(part: str) -> tuple[str, float]:
    name = part.partition(";")[0].strip().lower()
    quality = _QUALITY.search(part)
    return name, float(quality[1]) if quality else 1.0


def _quality(media_type: str, ranges: Mapping[str, float]) -> float:
    """How much a media type is liked: what the most specific range that covers it says."""
    covering = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((ranges[name] for name in covering if name in ranges), 0.0)


def view(job_id: str, events: Sequence[Event], include: View) -> EventList:
    """Choose the records that a view shows, and count the others by reason."""
    reasons = [None if include is View.ALL else event.withheld_because for event in events]
    shown = [event for event, reason in zip(events, reasons, strict=True) if reason is None]
    meta = EventListMeta(
        job_id=job_id,
        include=include,
        total=len(events),
        returned=len(shown),
        withheld=dict(Counter(reason for reason in reasons if reason)),
    )
    return EventList(events=shown, meta=meta)


def write(events: EventList, form: Format) -> EventList | FeatureCollection | bytes:
    """Bring a list of records into a format, as far as it is not plain JSON."""
    match form:
        case Format.JSON:
            return events
        case Format.NDJSON:
            return msgspec.json.Encoder().encode_lines(events.events)
        case Format.CSV:
            return _csv(events.events)
        case Format.GEOJSON:
            return _geojson(events)


async def stream(
    pages: AsyncIterable[Sequence[Event]], form: Format, include: View, batch_id: str
) -> AsyncIterator[bytes]:
    """Write the records of a batch in a format, a page at a time.

    Args:
        pages: All records, in groups of any size.
        form: The format.
        include: Which of them are shown.
        batch_id: The batch, which the JSON formats name at the end.

    """
    encoder = msgspec.json.Encoder()
    match form:
        case Format.NDJSON:
            async for events in pages:
                yield encoder.encode_lines(view("", events, include).events)
        case Format.CSV:
            yield _lines([ACLED_COLUMNS])
            async for events in pages:
                yield _lines(map(_row, view("", events, include).events))
        case Format.JSON | Format.GEOJSON:
            is_plain = form is Format.JSON
            yield b'{"events":[' if is_plain else b'{"type":"FeatureCollection","features":['
            total = returned = 0
            withheld: Counter[str] = Counter()
            async for events in pages:
                shown = view("", events, include)
                items = shown.events if is_plain else _geojson(shown).features
                if items:
                    yield b"," * bool(returned) + encoder.encode(items)[1:-1]
                total += shown.meta.total
                returned += shown.meta.returned
                withheld.update(shown.meta.withheld)
            meta = EventListMeta(
                batch_id=batch_id, include=include, total=total, returned=returned, withheld=dict(withheld)
            )
            yield b'],"meta":' + encoder.encode(meta) + b"}"


def _csv(events: Iterable[Event]) -> bytes:
    """Write the columns of an ACLED export; an unknown value is an empty cell.

    Cells stand as they are: nothing is done to those that a spreadsheet would take for a formula.
    """
    return table(ACLED_COLUMNS, map(_row, events))


def _row(event: Event) -> list[object]:
    return [getattr(event, column) for column in ACLED_COLUMNS]


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write CSV with a header (RFC 4180)."""
    return _lines([columns, *rows])


def _lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _geojson(events: EventList) -> FeatureCollection:
    features = [
        Feature(id=event.event_id_cnty, geometry=_geometry(event), properties=event)
        for event in events.events
    ]
    return FeatureCollection(features=features, meta=events.meta)


def _geometry(event: Event) -> Point | None:
    if event.latitude is None or event.longitude is None:
        return None
    return Point((event.longitude, event.latitude))
