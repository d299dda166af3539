"""The records of a job in the shapes that they are handed out in."""

from enum import StrEnum

import msgspec

from schemas.event import Event


class View(StrEnum):
    """Which records are shown."""

    DEFAULT = "default"
    ALL = "all"


class EventListMeta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a list of records shows, and what it leaves out.

    Attributes:
        job_id: The job that the records are of, if they are a job's.
        batch_id: The batch that the records are of, if they are a batch's.
        include: The view: `default` for what ACLED would code, `all` for every record.
        total: How many records there are.
        returned: How many of them are in this list.
        withheld: How many were left out, by reason: `out_of_scope` for what ACLED has no type for,
            else the status (`planned`, `threatened`, `denied`, `hypothetical`).

    """

    job_id: str | None = None
    batch_id: str | None = None
    include: View
    total: int
    returned: int
    withheld: dict[str, int]


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    """The records of a job.

    Attributes:
        events: The records, in the order of the article.
        meta: What the list shows and what it leaves out.

    """

    events: list[Event]
    meta: EventListMeta


class Point(msgspec.Struct, frozen=True, tag="Point"):
    """A GeoJSON point.

    Attributes:
        coordinates: Longitude and latitude (WGS 84), in this order.

    """

    coordinates: tuple[float, float]


class Feature(msgspec.Struct, frozen=True, kw_only=True, tag="Feature"):
    """A record as a GeoJSON feature (RFC 7946).

    Attributes:
        id: The record's `event_id_cnty`.
        geometry: Where it happened, or null where that is not known.
        properties: The record.

    """

    id: str
    geometry: Point | None
    properties: Event


class FeatureCollection(msgspec.Struct, frozen=True, kw_only=True, tag="FeatureCollection"):
    """The records of a job as GeoJSON.

    Attributes:
        features: The records, in the order of the article.
        meta: What the list shows and what it leaves out.

    """

    features: list[Feature]
    meta: EventListMeta
