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
    """Words of the article, found in the job's `text`.

    Attributes:
        text: The words.
        start: Where they begin, counted in Unicode code points.
        end: Where they end: the first code point after them.

    """

    text: str
    start: int
    end: int


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What in the article each field rests on.

    Attributes:
        sentence: The sentence that tells of the event.
        trigger: The word that names it.
        actor1: The words for the first actor.
        actor2: The words for the second actor.
        location: The words for the place.
        date: The words for the time.
        fatalities: The words for the dead.
        reasons: Why a field has its value where no words say so: its name and a word such as
            `publication_date`, `dateline`, `document_focus` or `country_of_actor`.
        mentions: Further words that tell of the same event, here or in other sentences.

    """

    sentence: Span
    trigger: Span
    actor1: Span | None = None
    actor2: Span | None = None
    location: Span | None = None
    date: Span | None = None
    fatalities: Span | None = None
    reasons: dict[str, str] = {}
    mentions: tuple[Span, ...] = ()


class Coder(msgspec.Struct, frozen=True):
    """What produced a record, enough to reproduce it.

    Attributes:
        version: The version of Tocsin.
        models: The name of the language models.
        lexicon: The fingerprint of the lexicon.

    """

    version: str
    models: str
    lexicon: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One record. The first 31 fields are an ACLED export's columns, in its order.

    An unknown value is null. The three type fields are null for what ACLED does not code (a meeting,
    a statement); `action` says what it is then.

    Attributes:
        event_id_cnty: Identifier of the record, the same whenever the same article is coded.
        event_date: The day of the event.
        year: The year of the event.
        time_precision: How exact the day is: 1 the day, 2 the week, 3 the month.
        disorder_type: The coarsest of ACLED's levels.
        event_type: ACLED's event type.
        sub_event_type: ACLED's sub-event type.
        actor1: The first actor, named as ACLED does.
        assoc_actor_1: Who acted with or belongs to the first actor, separated by semicolons.
        inter1: What kind of actor the first is.
        actor2: The second actor, or whom it befell.
        assoc_actor_2: Who acted with or belongs to the second actor, separated by semicolons.
        inter2: What kind of actor the second is.
        interaction: Both kinds, joined by a hyphen; or the one, and `only`.
        civilian_targeting: `Civilian targeting` where civilians were the main target.
        iso: ISO 3166 numeric code of the country.
        region: The region of the world, as ACLED divides it.
        country: The country of the event.
        admin1: The largest administrative division.
        admin2: The second largest administrative division.
        admin3: The third largest administrative division.
        location: The place of the event.
        latitude: Degrees north (WGS 84).
        longitude: Degrees east (WGS 84).
        geo_precision: How exact the place is: 1 the place itself, 2 its surroundings, 3 its region.
        source: Who published the article.
        source_scale: How near the source is to the event, for sources that are known: `Subnational`,
            `National`, `Regional`, `International`, `New media`, `Other`, or several of these, joined by
            hyphens.
        notes: What happened, in the article's words.
        fatalities: People reported dead; 0 when there is no report.
        tags: Further marks, separated by semicolons.
        timestamp: When the record was made, in Unix seconds.
        action: What it is in PLOVER 2.0.
        mode: PLOVER's mode of it, where there is one.
        status: Whether the article says that it happened.
        confidence: How likely the record is to be right, from 0 to 1.
        injuries: People reported hurt.
        cluster_id: The event that it tells of. Records of different articles that have the same tell of the
            same event; it is the `event_id_cnty` of the first of them. It depends on what else was coded,
            as no other field does.
        language: ISO 639-1 code of the article's language.
        article_id: Identifier of the article's content.
        job_id: The job that coded the article.
        external_id: As submitted.
        url: As submitted.
        part_of: The record of the event that this one is a part of: what is told of it in a further clause
            of the same sentence ("..., killing eight"). ACLED codes the whole, once; the part has no type.
        evidence: What in the article each field rests on.
        coder: What produced the record.

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
    cluster_id: str
    language: str
    article_id: str
    job_id: str | None
    external_id: str | None
    url: str | None
    part_of: str | None = None
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
