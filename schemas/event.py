"""An event record: ACLED's 31 columns, what Tocsin adds, and the evidence for both."""

from datetime import date
from typing import Final

import msgspec

from schemas.taxonomy import (
    HAPPENED,
    Action,
    DisorderType,
    EventStatus,
    EventType,
    Inter,
    SubEventType,
)


class Span(msgspec.Struct, frozen=True):
    """Words of the article: `text` stands at `start` to `end`, counted in Unicode code points."""

    text: str
    start: int
    end: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What in the article each field rests on; `reasons` says why where no words do.

    `reasons` maps a field's name to a word such as `publication_date`, `dateline`, `document_focus` or
    `country_of_actor`.
    """

    sentence: Span
    trigger: Span
    actor1: Span | None = None
    actor2: Span | None = None
    location: Span | None = None
    date: Span | None = None
    fatalities: Span | None = None
    reasons: dict[str, str] = {}


class Coder(msgspec.Struct, frozen=True):
    """What produced a record: version of Tocsin, name of the models, fingerprint of the lexicon."""

    version: str
    models: str
    lexicon: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One record. The first 31 fields are an ACLED export's columns, in its order.

    An unknown value is None. The three type fields are None for what ACLED does not code (a meeting,
    a statement); `action` says what it is then.
    """

    event_id_cnty: str
    event_date: date
    year: int
    time_precision: int
    disorder_type: DisorderType | None
    event_type: EventType | None
    sub_event_type: SubEventType | None
    actor1: str | None
    assoc_actor_1: str | None
    inter1: Inter | None
    actor2: str | None
    assoc_actor_2: str | None
    inter2: Inter | None
    interaction: str | None
    civilian_targeting: str | None
    iso: int | None
    region: str | None
    country: str | None
    admin1: str | None
    admin2: str | None
    admin3: str | None
    location: str | None
    latitude: float | None
    longitude: float | None
    geo_precision: int | None
    source: str | None
    source_scale: str | None
    notes: str
    fatalities: int
    tags: str | None
    timestamp: int
    action: Action
    mode: str | None
    status: EventStatus
    confidence: float
    injuries: int | None
    language: str
    article_id: str
    job_id: str | None
    external_id: str | None
    url: str | None
    evidence: Evidence
    coder: Coder

    @property
    def withheld_because(self) -> str | None:
        """Why the default view leaves this record out, or None if it shows it.

        `out_of_scope` if ACLED has no type for it, else the status that keeps it from counting.
        """
        if self.event_type is None:
            return "out_of_scope"
        return None if self.status in HAPPENED else self.status.value


ACLED_COLUMNS: Final[tuple[str, ...]] = Event.__struct_fields__[:31]
"""The columns of an ACLED export, in order; also those of our CSV."""
