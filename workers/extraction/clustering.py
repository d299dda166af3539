"""Which records of different articles tell of the same event.

Records are compared by what they say of place, day, type, actors and toll, never by their words: reports of
two attacks may differ in nothing but the town. Each of the five speaks for one event (1), against it (-1),
or says nothing (0), and has a weight; what is different beyond doubt ends the comparison. `docs/clusters.md`
has the table, and how often it is right.

A cluster is called after its first record. A record joins the cluster of the record that it is most like, if
nothing in that cluster contradicts it, and no two records of an article join the same: the coder holds
them for different events. What is part of an event goes with it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple, Self

import msgspec

from schemas.event import Event
from schemas.taxonomy import HAPPENED, Action, EventType, Inter, SubEventType
from workers.extraction.folding import fold

THRESHOLD: Final = 0.52
"""The least score of two records of one event."""
WINDOW: Final = timedelta(days=3)
"""How far apart the days of two records of one event may be at most."""

_PLACE, _DAY, _TYPE, _ACTORS, _TOLL = 0.3, 0.2, 0.15, 0.2, 0.15
"""The weights."""

_SAME_TOWN, _NEXT_TOWN, _SURROUNDINGS = 3.0, 15.0, 30.0
"""Kilometres: between two ideas of where a town is, to the next one, and to what is said to be near it."""
_EARTH: Final = 12_742.0
"""Kilometres through it."""

_PUBLISHED_LATER: Final = (0.8, 0.4, 0.0)
"""What it says if one article names the day and the other was published then, or a day or two later."""
_PUBLISHED: Final = (0.6, 0.2, -0.4)
"""What it says if neither names the day, by how many days lie between their publications."""

_VIOLENCE: Final = frozenset({EventType.BATTLES, EventType.EXPLOSIONS, EventType.VIOLENCE_AGAINST_CIVILIANS})
_DEEDS: Final = frozenset({Action.PROTEST, Action.MOBILIZE, Action.COERCE, Action.ASSAULT})
"""PLOVER's material conflict."""
_DEMONSTRATIONS: Final = frozenset({EventType.PROTESTS, EventType.RIOTS})
_KINDRED: Final = (
    _VIOLENCE,
    _DEMONSTRATIONS,
    frozenset({EventType.RIOTS, EventType.VIOLENCE_AGAINST_CIVILIANS}),
)
"""Event types that one event may have in two reports, which differ in what they tell of it."""
_CROWDS: Final = frozenset({Inter.PROTESTERS, Inter.RIOTERS, Inter.CIVILIANS})
_VAGUE: Final = ("Unidentified", "Protesters (", "Rioters (", "Civilians (")
"""How names begin that say of what kind an actor is, and not who it is."""


Bucket = tuple[int | None, date]
"""A country, by its number (ISO 3166), and a day."""


class Actor(NamedTuple):
    """An actor of a record: its name, if it has one, and what kind it is."""

    name: str | None
    inter: Inter | None


class Profile(msgspec.Struct, frozen=True, array_like=True):
    """What records are compared by.

    Attributes:
        event_id: The record's `event_id_cnty`.
        cluster_id: Its cluster.
        status: `happened`, or what it is instead.
        country: Its number (ISO 3166).
        day: The day of the event.
        is_told: The article says when it was; otherwise it is the day of the publication.
        is_exact_day: The article does not name a longer time than a day.
        location: The place.
        admin1: The province.
        point: Latitude and longitude.
        is_town: The place is a town, not a region.
        is_near: The event was near the place.
        event_type: ACLED's.
        sub_event_type: ACLED's.
        action: PLOVER's.
        actors: The two actors.
        associates: Who was with either of them.
        fatalities: The dead; 0 if there is no report.

    """

    event_id: str
    cluster_id: str
    status: str
    country: int | None
    day: date
    is_told: bool
    is_exact_day: bool
    location: str | None
    admin1: str | None
    point: tuple[float, float] | None
    is_town: bool
    is_near: bool
    event_type: EventType | None
    sub_event_type: SubEventType | None
    action: Action
    actors: tuple[Actor, Actor]
    associates: frozenset[str]
    fatalities: int

    @classmethod
    def of(cls, event: Event) -> Self:
        """Take what counts from a record."""
        has_point = event.latitude is not None and event.longitude is not None
        return cls(
            event_id=event.event_id_cnty,
            cluster_id=event.cluster_id,
            status="happened" if event.status in HAPPENED else event.status.value,
            country=event.iso,
            day=event.event_date,
            is_told=event.evidence.date is not None,
            is_exact_day=event.time_precision == 1 or event.evidence.date is None,
            location=fold(event.location) if event.location else None,
            admin1=event.admin1,
            point=(event.latitude or 0.0, event.longitude or 0.0) if has_point else None,
            is_town=event.geo_precision in {1, 2},
            is_near=event.geo_precision == 2,  # noqa: PLR2004 - ACLED's code
            event_type=event.event_type,
            sub_event_type=event.sub_event_type,
            action=event.action,
            actors=(Actor(event.actor1, event.inter1), Actor(event.actor2, event.inter2)),
            associates=frozenset(
                name
                for names in (event.assoc_actor_1, event.assoc_actor_2)
                for name in (names or "").split("; ")
                if name
            ),
            fatalities=event.fatalities,
        )

    @property
    def is_deed(self) -> bool:
        """Whether it is at a place; of a meeting or a statement, who took part is all there is."""
        return self.event_type is not None or self.action in _DEEDS

    @property
    def is_comparable(self) -> bool:
        """Whether it says enough to be recognised."""
        return self.is_deed or all(actor.name for actor in self.actors)


def assign(events: Sequence[Event], known: Iterable[Profile]) -> list[Event]:
    """Put the records of an article into clusters.

    Args:
        events: The records, each in a cluster of its own.
        known: What is known of the records of other articles, the oldest first.

    """
    clusters: dict[str, list[Profile]] = {}
    for profile in known:
        clusters.setdefault(profile.cluster_id, []).append(profile)
    pairs = [
        (-score, place, at, cluster_id)
        for at, event in enumerate(events)
        if event.part_of is None
        for profile in [Profile.of(event)]
        for place, (cluster_id, members) in enumerate(clusters.items())
        if (score := _likeness(profile, members)) >= THRESHOLD
    ]
    chosen: dict[int, str] = {}
    taken: set[str] = set()
    for _, _, at, cluster_id in sorted(pairs):
        if at not in chosen and cluster_id not in taken:
            chosen[at] = cluster_id
            taken.add(cluster_id)
    ids = {event.event_id_cnty: chosen.get(at, event.event_id_cnty) for at, event in enumerate(events)}
    return [
        msgspec.structs.replace(
            event, cluster_id=ids.get(event.part_of or event.event_id_cnty, event.event_id_cnty)
        )
        for event in events
    ]


def _likeness(profile: Profile, members: Iterable[Profile]) -> float:
    """How well a record fits in a cluster: as well as with the member most like it, if with all."""
    scores = [score(profile, member) for member in members]
    return max(scores) if min(scores) > -1 else -1.0


def score(one: Profile, other: Profile) -> float:
    """How much speaks for two records' being of the same event, at most 1; -1 if they cannot be."""
    if one.event_id == other.event_id:
        return 1.0
    if one.status != other.status or one.country != other.country:
        return -1.0
    if not (one.is_comparable and other.is_comparable):
        return -1.0
    total = 0.0
    for weight, compare in (
        (_PLACE, _place),
        (_DAY, _day),
        (_TYPE, _type),
        (_ACTORS, _actors),
        (_TOLL, _toll),
    ):
        agreement = compare(one, other)
        if agreement is None:
            return -1.0
        total += weight * agreement
    return total


def _place(one: Profile, other: Profile) -> float | None:
    if one.location is None or other.location is None:
        # There may be several attacks in a country on a day; of a meeting, who met is telling enough.
        return -0.2 if one.is_deed or other.is_deed else 0.2
    if one.location == other.location and not (one.admin1 and other.admin1 and one.admin1 != other.admin1):
        return 1.0 if one.is_town is other.is_town else 0.6
    if one.point and other.point and one.is_town and other.is_town:
        distance = _kilometres(one.point, other.point)
        if distance <= _SAME_TOWN:
            return 1.0
        if one.is_near or other.is_near:
            return 0.3 if distance <= _SURROUNDINGS else None
        return -0.2 if distance <= _NEXT_TOWN else None
    if one.admin1 and other.admin1:
        return 0.3 if one.admin1 == other.admin1 else None
    return -0.4


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points by the haversine formula."""
    (north, east), (further_north, further_east) = map(radians, one), map(radians, other)
    half = sin((further_north - north) / 2) ** 2
    half += cos(north) * cos(further_north) * sin((further_east - east) / 2) ** 2
    return _EARTH * asin(sqrt(half))


def _day(one: Profile, other: Profile) -> float | None:
    apart = (other.day - one.day).days
    if not (one.is_exact_day and other.is_exact_day):
        return 0.0 if abs(apart) <= WINDOW.days else None
    if one.is_told and other.is_told:
        if not apart:
            return 1.0
        # The night, or the coder, may have moved it by a day, if the dead are as many.
        return 0.0 if abs(apart) == 1 and one.fatalities == other.fatalities > 1 else None
    if not one.is_told and not other.is_told:
        return _PUBLISHED[abs(apart)] if abs(apart) < len(_PUBLISHED) else None
    late = apart if one.is_told else -apart
    return _PUBLISHED_LATER[late] if 0 <= late < len(_PUBLISHED_LATER) else None


def _type(one: Profile, other: Profile) -> float | None:
    if one.event_type is None or other.event_type is None:
        if one.action is not other.action:
            return None
        return 1.0 if one.event_type is other.event_type else 0.2
    if one.sub_event_type is other.sub_event_type:
        return 1.0
    if one.event_type is other.event_type:
        return None if one.event_type is EventType.STRATEGIC_DEVELOPMENTS else 0.6
    both = {one.event_type, other.event_type}
    return 0.2 if any(both <= kindred for kindred in _KINDRED) else None


def _actors(one: Profile, other: Profile) -> float | None:
    if not (one.is_deed or other.is_deed):
        return 1.0 if set(one.actors) == set(other.actors) else None
    first, second = one.actors
    ways = [_actor(first, there) + _actor(second, here) for there, here in (other.actors, other.actors[::-1])]
    if _DEMONSTRATIONS.issuperset({one.event_type, other.event_type}) and one.associates and other.associates:
        # Teachers' protest and farmers' protest.
        return 1.0 if one.associates & other.associates else -1.0
    return max(ways) / 2


def _actor(one: Actor, other: Actor) -> float:
    if one.name is None or other.name is None:
        return 0.0
    if one.name == other.name:
        return 0.3 if one.name.startswith(_VAGUE) else 1.0
    crowds = (one.inter in _CROWDS) + (other.inter in _CROWDS)
    if crowds:
        return 0.2 if crowds > 1 else -0.8
    if one.name.startswith(_VAGUE) or other.name.startswith(_VAGUE):
        return 0.0
    # Soldiers and police of one state are taken for each other.
    return -0.2 if one.inter is other.inter and one.inter in {Inter.STATE, Inter.EXTERNAL} else -1.0


def _toll(one: Profile, other: Profile) -> float:
    low, high = sorted((one.fatalities, other.fatalities))
    if not low:
        return 0.0
    if low == high:
        return 1.0
    # It rises from report to report, but seldom to many times as many.
    return 0.5 if 2 * low >= high else 0.0 if 4 * low >= high else -1.0


class Clusters:
    """The clusters of the articles of one run, which sees them one after the other."""

    def __init__(self) -> None:
        self._known: dict[Bucket, list[Profile]] = {}

    def add(self, events: Sequence[Event]) -> list[Event]:
        """Put the records of the next article into clusters."""
        near = [profile for bucket in buckets(events) for profile in self._known.get(bucket, ())]
        assigned = assign(events, near)
        for bucket, profiles in by_bucket(assigned).items():
            self._known.setdefault(bucket, []).extend(profiles)
        return assigned


def by_bucket(events: Iterable[Event]) -> dict[Bucket, list[Profile]]:
    """Sort what records are compared by into the countries and days that it is found under."""
    sorted_: dict[Bucket, list[Profile]] = {}
    for profile in (Profile.of(event) for event in events if event.part_of is None):
        if profile.is_comparable:
            sorted_.setdefault((profile.country, profile.day), []).append(profile)
    return sorted_


def buckets(events: Iterable[Event]) -> list[Bucket]:
    """Name the countries and days under which there may be records of the same events as these."""
    first, last = date.min.toordinal(), date.max.toordinal()
    near = {
        (country, date.fromordinal(ordinal))
        for country, day in by_bucket(events)
        for ordinal in range(
            max(first, day.toordinal() - WINDOW.days), min(last, day.toordinal() + WINDOW.days) + 1
        )
    }
    return sorted(near, key=lambda bucket: (bucket[1], bucket[0] or -1))
