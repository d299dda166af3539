"""The records of all jobs, the way ACLED's API gives its own: its filters, its envelope, a client of it."""

import csv
import io
import time
from datetime import date
from typing import Any

import pytest
from acled import AcledClient
from acled.auth import AuthMethod
from acled.clients.base_http_client import BaseHttpClient
from acled.models.enums import Region
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from redis import Redis
from requests import Session

from api.examples import EVENT
from schemas.access import LOCAL, Scope
from schemas.event import ACLED_COLUMNS
from schemas.settings import Settings
from schemas.taxonomy import Action, DisorderType, EventStatus, EventType, Inter, SubEventType
from tests.api.conftest import Jobs
from workers.keys import KeyStore

Client = TestClient[Litestar]

CLASH = replace(
    EVENT,
    event_id_cnty="MLI1",
    event_date=date(2023, 3, 12),
    year=2023,
    disorder_type=DisorderType.POLITICAL_VIOLENCE,
    event_type=EventType.BATTLES,
    sub_event_type=SubEventType.ARMED_CLASH,
    actor1="Unidentified Armed Group (Mali)",
    inter1=Inter.POLITICAL_MILITIA,
    actor2="Military Forces of Mali (2021-)",
    inter2=Inter.STATE,
    interaction="State forces-Political militia",
    iso=466,
    region="Western Africa",
    country="Mali",
    admin1="Gao",
    location="Gao",
    latitude=16.2717,
    longitude=-0.0447,
    notes="Douze soldats ont été tués à Gao.",
    fatalities=12,
    timestamp=1678700000,
    action=Action.ASSAULT,
)
PROTEST = EVENT
SOMEWHERE = replace(EVENT, event_id_cnty="NER1", event_date=date(2022, 6, 1), country="Niger", admin1=None)
PLANNED = replace(EVENT, event_id_cnty="PLANNED", status=EventStatus.PLANNED)


@pytest.fixture(autouse=True)
def _coded(jobs: Jobs) -> None:
    jobs.succeed(jobs.queue(), PROTEST, PLANNED)
    jobs.succeed(jobs.queue(), CLASH)
    jobs.succeed(jobs.queue(), PROTEST, SOMEWHERE)
    jobs.queue()
    jobs.fail(jobs.queue(), "There is no article in it.")


def found(client: Client, query: str) -> list[str]:
    answer = client.get(f"/v1/events?{query}")
    assert answer.status_code == 200, answer.text
    return [row["event_id_cnty"] for row in answer.json()["data"]]


def test_the_envelope_is_acleds(client: Client) -> None:
    answer = client.get("/v1/events").json()
    assert list(answer) == [
        "status",
        "success",
        "last_update",
        "count",
        "messages",
        "data",
        "filename",
        "data_query_restrictions",
    ]
    assert (answer["status"], answer["success"], answer["count"], answer["messages"]) == (200, True, 3, [])
    assert answer["last_update"] == int(time.time() - CLASH.timestamp) // 3600
    for row in answer["data"]:
        assert list(row) == list(ACLED_COLUMNS)


def test_an_article_counts_once_and_the_latest_day_comes_first(client: Client) -> None:
    assert found(client, "") == ["MLI1", "NER1", EVENT.event_id_cnty]
    assert found(client, "include=all") == ["MLI1", "NER1", "PLANNED", EVENT.event_id_cnty]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("country=Mali", "MLI1"),
        ("country=mal", ""),
        ("country=mal&country_where=like", "MLI1"),
        ("country=Mali:OR:country=Niger", "MLI1 NER1"),
        ("country=Mali%3AOR%3Acountry%3DNiger&year=2022", "NER1"),
        ("inter1=1:OR:inter2=1", "MLI1"),
        ("event_date=2023-03-12", "MLI1"),
        ("event_date=2022-06-01|2023-03-12&event_date_where=BETWEEN", "MLI1 NER1"),
        ("event_date=2022-06-01&event_date_where=>", "MLI1"),
        ("event_date=2022&event_date_where=LIKE&country=Niger", "NER1"),
        ("year=2023", "MLI1"),
        ("fatalities=0&fatalities_where=>", "MLI1"),
        ("fatalities=12&fatalities_where=<=&country=Mali", "MLI1"),
        ("fatalities=12&fatalities_where=<&country=Mali", ""),
        ("latitude=16.2717", "MLI1"),
        ("latitude=16|17&latitude_where=BETWEEN", "MLI1"),
        ("event_type=Battles", "MLI1"),
        ("event_type=battle", "MLI1"),
        ("sub_event_type=Armed%20clash", "MLI1"),
        ("notes=douze%25gao", "MLI1"),
        ("notes=gao%25douze", ""),
        ("actor2=military%20forces", "MLI1"),
        ("admin1=Gao", "MLI1"),
        ("region=1", "MLI1"),
        ("region=Western%20Africa", "MLI1"),
        ("interaction=13", "MLI1"),
        ("interaction=60&country=Niger", "NER1"),
        ("inter2=0&country=Niger", "NER1"),
        ("inter1=Political%20militia", "MLI1"),
        ("timestamp=1678700000", "MLI1"),
        ("timestamp=2023-03-01", "MLI1"),
        ("iso=466", "MLI1"),
        ("action=ASSAULT", "MLI1"),
        ("confidence=0.9&confidence_where=>", ""),
        ("cluster_id=MLI1", "MLI1"),
        ("country_where=LIKE&year=2023", "MLI1"),
    ],
)
def test_filters_are_acleds(client: Client, query: str, expected: str) -> None:
    assert found(client, query) == expected.split()


def test_pages_and_fields_are_as_asked_for(client: Client) -> None:
    assert found(client, "limit=2") == ["MLI1", "NER1"]
    assert found(client, "limit=2&page=2") == [EVENT.event_id_cnty]
    assert found(client, "limit=2&page=3") == []
    assert len(found(client, "limit=0")) == 3
    answer = client.get("/v1/events?country=Mali&fields=country|fatalities|status|evidence").json()
    [row] = answer["data"]
    assert list(row) == ["country", "fatalities", "status", "evidence"]
    assert (row["country"], row["fatalities"], row["status"]) == ("Mali", 12, "occurred")


def test_actors_may_be_numbers(client: Client) -> None:
    clash, somewhere, _ = client.get("/v1/events?inter_num=1").json()["data"]
    assert [clash[name] for name in ("inter1", "inter2", "interaction")] == [3, 1, 13]
    assert [somewhere[name] for name in ("inter1", "inter2", "interaction")] == [6, 0, 60]


def test_csv_has_the_fields_as_columns(client: Client) -> None:
    answer = client.get("/v1/events?_format=csv&country=Mali&fields=event_date|country|evidence")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, row = csv.reader(io.StringIO(answer.text, newline=""))
    assert header == ["event_date", "country", "evidence"]
    assert row[:2] == ["2023-03-12", "Mali"]
    assert row[2].startswith('{"sentence":')


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("county=Mali", "county"),
        ("year=soon", "year"),
        ("event_date=12.3.2023", "event_date"),
        ("event_date=2023-03-12&event_date_where=BETWEEN", "event_date"),
        ("event_date=2023-03-12&event_date_where=NEAR", "event_date_where"),
        ("country=Mali:OR:Niger", "country"),
        ("fields=country|colour", "fields"),
        ("limit=-1", "limit"),
        ("page=0", "page"),
        ("_format=xml", "_format"),
        ("export_type=monadic", "export_type"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(client: Client, query: str, parameter: str) -> None:
    answer = client.get(f"/v1/events?{query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_request")
    assert answer.json()["errors"][0]["parameter"] == parameter


class ApiKey(AuthMethod):  # type: ignore[misc]  # The package has no types.
    """Shows a Tocsin key; the package lets its users bring their own way to be let in."""

    def __init__(self, key: str) -> None:
        self._key = key

    def authenticate(self, session: Session, params: dict[str, Any]) -> dict[str, Any]:
        session.headers["Authorization"] = f"Bearer {self._key}"
        return params

    def refresh_if_needed(self, session: Session) -> None: ...

    def force_refresh(self, session: Session) -> None: ...

    def is_authenticated(self) -> bool:
        return True


def test_a_client_of_acled_reads_tocsin(
    server: str, redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseHttpClient, "BASE_URL", f"{server}/api")
    _, key = KeyStore(redis, settings).create("reader", LOCAL.owner, {Scope.READ})
    with AcledClient(auth_method=ApiKey(key)) as acled:
        events = acled.get_data()
        assert [event["event_id_cnty"] for event in events] == ["MLI1", "NER1", EVENT.event_id_cnty]
        clash = events[0]
        assert clash["event_date"] == date(2023, 3, 12)
        assert (clash["latitude"], clash["fatalities"], clash["country"]) == (16.2717, 12, "Mali")
        assert int(clash["timestamp"].timestamp()) == CLASH.timestamp

        [clash] = acled.get_data(
            event_date="2023-01-01|2023-12-31",
            region=Region.WESTERN_AFRICA,
            event_type="Battles",
            fields="event_date|inter1|inter2|interaction",
            limit=10,
            page=1,
            query_params={"event_date_where": "BETWEEN", "inter_num": 1},
        )
        assert clash == {"event_date": date(2023, 3, 12), "inter1": 3, "inter2": 1, "interaction": 13}
        assert acled.get_data(country="Chad") == []
