"""Which records are of the same event: what speaks for it, and what against."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from api.examples import EVENT
from schemas.event import Event, Span
from schemas.taxonomy import Action, EventStatus, Inter, SubEventType
from workers.extraction.clustering import Clusters

JNIM = "JNIM: Group for Support of Islam and Muslims"
UNKNOWN = "Unidentified Armed Group (Mali)"
SOLDIERS = "Military Forces of Mali (2021-)"
_numbers = iter(range(10**6))


def record(**fields: object) -> Event:
    """An attack in Gao on 12 March, but for what is given; `told` if the article names the day."""
    event_id = f"MLI{next(_numbers)}"
    kind = fields.pop("kind", SubEventType.ATTACK)
    assert kind is None or isinstance(kind, SubEventType)
    words = Span("dimanche", 0, 8) if fields.pop("told", True) else None
    attack = {
        "event_id_cnty": event_id,
        "cluster_id": event_id,
        "article_id": event_id,
        "event_date": date(2023, 3, 12),
        "event_type": kind and kind.event_type,
        "sub_event_type": kind,
        "action": Action.ASSAULT,
        "actor1": UNKNOWN,
        "inter1": Inter.POLITICAL_MILITIA,
        "actor2": "Civilians (Mali)",
        "inter2": Inter.CIVILIANS,
        "iso": 466,
        "country": "Mali",
        "admin1": "Gao",
        "location": "Gao",
        "latitude": 16.2717,
        "longitude": -0.0447,
        "fatalities": 12,
    }
    return replace(EVENT, **(attack | fields), evidence=replace(EVENT.evidence, date=words))


def region(name: str, **fields: object) -> dict[str, Any]:
    return {"location": name, "geo_precision": 3, "latitude": 17.0, "longitude": 0.5, "admin1": name} | fields


NOWHERE = dict.fromkeys(("location", "admin1", "latitude", "longitude", "geo_precision"))
MENAKA = {"location": "Menaka", "admin1": "Menaka", "latitude": 15.9182, "longitude": 2.4014}
WABARIA = {"location": "Wabaria", "latitude": 16.2226, "longitude": -0.0719}
PROTEST: dict[str, Any] = {
    "kind": SubEventType.PEACEFUL_PROTEST,
    "action": Action.PROTEST,
    "actor1": "Protesters (Mali)",
    "inter1": Inter.PROTESTERS,
    "actor2": None,
    "inter2": None,
    "fatalities": 0,
}


def joins(*records: Event) -> bool:
    """Whether the last record joins the first one's cluster; each is of an article of its own."""
    clusters = Clusters()
    ids = [clusters.add([each])[0].cluster_id for each in records]
    assert ids[0] == records[0].event_id_cnty
    return ids[-1] == ids[0]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"actor1": JNIM, "inter1": Inter.REBELS},
        {"fatalities": 15},
        {"fatalities": 0},
        {"kind": SubEventType.ARMED_CLASH, "actor2": SOLDIERS, "inter2": Inter.STATE},
        {"kind": SubEventType.REMOTE_EXPLOSIVE, "fatalities": 20},
        {"kind": None},
        {"event_date": date(2023, 3, 13), "told": False, "fatalities": 17},
        {"told": False, "time_precision": 2, "fatalities": 0},
        {"event_date": date(2023, 3, 13)},
        {"time_precision": 2, "event_date": date(2023, 3, 10)},
        {"latitude": 16.27, "longitude": -0.05, "location": "Gao Ville"},
        {**WABARIA, "geo_precision": 2},
        {**WABARIA, "actor1": JNIM, "inter1": Inter.REBELS},
        region("Gao"),
        region("Gao", fatalities=14),
        {**NOWHERE, "actor1": JNIM, "inter1": Inter.REBELS},
        {"status": EventStatus.ONGOING},
    ],
)
def test_reports_of_one_attack_join(other: dict[str, Any]) -> None:
    first = record(actor1=JNIM, inter1=Inter.REBELS) if "actor1" in other else record()
    assert joins(first, record(**other))
    assert joins(record(**other), first)


@pytest.mark.parametrize(
    "other",
    [
        MENAKA,
        WABARIA,
        {**WABARIA, "fatalities": 3},
        region("Menaka"),
        {**NOWHERE},
        {**NOWHERE, "fatalities": 3},
        {"event_date": date(2023, 3, 13), "fatalities": 15},
        {"event_date": date(2023, 3, 14)},
        {"event_date": date(2023, 3, 11), "told": False},
        {"event_date": date(2023, 3, 16), "told": False},
        {"iso": 562, "country": "Niger"},
        {"status": EventStatus.DENIED},
        PROTEST,
        {"kind": SubEventType.ABDUCTION, "fatalities": 0, **MENAKA},
        {"kind": SubEventType.ARRESTS, "action": Action.COERCE},
    ],
)
def test_other_events_stay_apart(other: dict[str, Any]) -> None:
    assert not joins(record(), record(**other))
    assert not joins(record(**other), record())


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ("Teachers (Mali)", "Teachers (Mali); Women (Mali)", True),
        ("Teachers (Mali)", None, True),
        ("Teachers (Mali)", "Farmers (Mali)", False),
    ],
)
def test_who_demonstrated_tells_demonstrations_apart(here: str, there: str | None, expected: bool) -> None:
    one = record(**PROTEST, assoc_actor_1=here)
    assert joins(one, record(**PROTEST, assoc_actor_1=there)) is expected


@pytest.mark.parametrize(
    ("guests", "expected"),
    [
        (("Emmanuel Macron", "Olaf Scholz"), True),
        (("Emmanuel Macron", "Xi Jinping"), False),
        ((None, None), False),
    ],
)
def test_of_meetings_all_that_counts_is_who_met(
    guests: tuple[str | None, str | None], expected: bool
) -> None:
    meeting = {
        "kind": None,
        "action": Action.CONSULT,
        "inter1": None,
        "inter2": None,
        "fatalities": 0,
        **NOWHERE,
    }
    one = record(**meeting, actor1="Olaf Scholz", actor2="Emmanuel Macron")
    assert joins(one, record(**meeting, actor1=guests[0], actor2=guests[1])) is expected


def test_two_records_of_an_article_never_join_each_other_nor_the_same_cluster() -> None:
    clusters = Clusters()
    morning, evening = clusters.add([record(fatalities=12), record(fatalities=3)])
    assert (morning.cluster_id, evening.cluster_id) == (morning.event_id_cnty, evening.event_id_cnty)
    later = clusters.add([record(fatalities=3), record(fatalities=13), record(fatalities=0)])
    assert [event.cluster_id for event in later] == [
        evening.cluster_id,
        morning.cluster_id,
        later[2].event_id_cnty,
    ]


def test_a_record_that_contradicts_one_of_a_cluster_stays_out_of_it() -> None:
    """Else an event would creep from day to day, and from town to town."""
    said: dict[str, Any] = {"actor1": JNIM, "inter1": Inter.REBELS, "fatalities": 0}
    told = record(**said)
    later = [record(**said, told=False, event_date=date(2023, 3, day)) for day in (14, 15)]
    assert joins(told, later[0])
    assert joins(*later)
    assert not joins(told, *later)


def test_an_article_coded_again_gives_its_records_their_clusters_again() -> None:
    clusters = Clusters()
    events = [record(fatalities=12), record(fatalities=3), record(kind=None, actor1=None)]
    assert clusters.add(events) == clusters.add(events) == events


def test_a_part_goes_with_its_whole() -> None:
    clusters = Clusters()
    first = record()
    clusters.add([first])
    whole = record(fatalities=0)
    part = record(kind=None, part_of=whole.event_id_cnty)
    assert [event.cluster_id for event in clusters.add([part, whole])] == [first.event_id_cnty] * 2
