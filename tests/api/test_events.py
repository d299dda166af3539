"""Fetching the records: views, formats, and jobs that have none."""

import csv
import io
import json

import pytest
from litestar import Litestar
from litestar.exceptions import ClientException
from litestar.testing import TestClient
from msgspec.structs import replace

from api.examples import EVENT
from api.formats import Format, negotiate
from schemas.event import ACLED_COLUMNS
from schemas.taxonomy import Action, EventStatus
from tests.api.conftest import Jobs

Client = TestClient[Litestar]

MEETING = replace(
    EVENT,
    event_id_cnty="MEETING",
    disorder_type=None,
    event_type=None,
    sub_event_type=None,
    action=Action.CONSULT,
    status=EventStatus.PLANNED,
)
TO_COME = replace(EVENT, event_id_cnty="TO-COME", status=EventStatus.PLANNED)
GOING_ON = replace(EVENT, event_id_cnty="GOING-ON", status=EventStatus.ONGOING)
DENIED = replace(EVENT, event_id_cnty="DENIED", status=EventStatus.DENIED)
SOMEWHERE = replace(EVENT, event_id_cnty="SOMEWHERE", latitude=None, longitude=None)


def test_the_default_view_shows_what_acled_would_code_and_counts_the_rest(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue(), EVENT, MEETING, TO_COME, GOING_ON, DENIED, MEETING)
    answer = client.get(f"/v1/jobs/{job_id}/events").json()
    assert [event["event_id_cnty"] for event in answer["events"]] == [EVENT.event_id_cnty, "GOING-ON"]
    assert answer["meta"] == {
        "job_id": job_id,
        "include": "default",
        "total": 6,
        "returned": 2,
        "withheld": {"out_of_scope": 2, "planned": 1, "denied": 1},
    }


def test_all_records_are_shown_on_request(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue(), EVENT, MEETING, TO_COME)
    answer = client.get(f"/v1/jobs/{job_id}/events?include=all").json()
    assert len(answer["events"]) == 3
    assert answer["meta"]["withheld"] == {}
    meeting = answer["events"][1]
    assert meeting["event_type"] is None
    assert list(meeting)[:31] == list(ACLED_COLUMNS)
    assert meeting["evidence"]["trigger"]["text"] == "manifesté"


def test_ndjson_is_a_record_a_line(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue(), EVENT, GOING_ON)
    answer = client.get(f"/v1/jobs/{job_id}/events?format=ndjson")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    lines = answer.text.splitlines()
    assert [json.loads(line)["event_id_cnty"] for line in lines] == [EVENT.event_id_cnty, "GOING-ON"]
    assert answer.text.endswith("\n")


def test_csv_has_the_columns_of_acled_and_leaves_cells_as_they_are(client: Client, jobs: Jobs) -> None:
    notes = '=1+1, "dit-il",\nà Oran'
    job_id = jobs.succeed(jobs.queue(), replace(EVENT, notes=notes), SOMEWHERE)
    answer = client.get(f"/v1/jobs/{job_id}/events?format=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, first, second = csv.reader(io.StringIO(answer.text, newline=""), strict=True)
    assert header == list(ACLED_COLUMNS)
    row = dict(zip(header, first, strict=True))
    assert row["notes"] == notes
    assert (row["event_date"], row["fatalities"], row["actor2"]) == ("2022-01-04", "0", "")
    assert (row["event_type"], row["latitude"]) == ("Protests", "35.6911")
    assert dict(zip(header, second, strict=True))["latitude"] == ""
    assert answer.content.count(b"\r\n") == 3


def test_csv_without_records_is_its_header(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue(), MEETING)
    answer = client.get(f"/v1/jobs/{job_id}/events?format=csv")
    assert answer.text == ",".join(ACLED_COLUMNS) + "\r\n"


def test_geojson_has_a_point_where_there_is_one(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue(), EVENT, SOMEWHERE, MEETING)
    answer = client.get(f"/v1/jobs/{job_id}/events?format=geojson")
    assert answer.headers["Content-Type"] == "application/geo+json"
    collection = answer.json()
    assert collection["type"] == "FeatureCollection"
    oran, somewhere = collection["features"]
    assert oran["type"] == "Feature"
    assert oran["geometry"] == {"type": "Point", "coordinates": [-0.6417, 35.6911]}
    assert oran["properties"]["location"] == "Oran"
    assert somewhere["geometry"] is None
    assert collection["meta"]["withheld"] == {"out_of_scope": 1}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, Format.JSON),
        ("*/*", Format.JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.JSON),
        ("text/csv", Format.CSV),
        ("TEXT/*", Format.CSV),
        ("application/*;q=0.2, text/csv;q=0.5", Format.CSV),
        ("application/json;q=0.1, */*;q=0.5", Format.NDJSON),
        ("application/json;q=0, application/*", Format.NDJSON),
        ("application/geo+json, application/json", Format.JSON),
        ("application/json;q=0.9, application/geo+json", Format.GEOJSON),
        ("application/x-ndjson; charset=utf-8; q=1.000", Format.NDJSON),
    ],
)
def test_the_format_that_is_liked_best_wins(accept: str | None, form: Format) -> None:
    assert negotiate(accept) is form


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "*/*;q=0.0", "json", ","])
def test_what_accepts_no_format_is_refused(accept: str) -> None:
    with pytest.raises(ClientException, match="text/csv"):
        negotiate(accept)


def test_negotiation_shows_in_the_answer(client: Client, jobs: Jobs) -> None:
    path = f"/v1/jobs/{jobs.succeed(jobs.queue())}/events"
    answer = client.get(path, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Vary"] == "Accept"
    answer = client.get(path, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not_acceptable")
    assert client.get(path + "?format=json", headers={"Accept": "image/png"}).status_code == 200


@pytest.mark.parametrize("parameter", ["format", "include"])
def test_an_unknown_value_is_refused_by_name(client: Client, jobs: Jobs, parameter: str) -> None:
    answer = client.get(f"/v1/jobs/{jobs.succeed(jobs.queue())}/events?{parameter}=xml")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_request")
    assert answer.json()["errors"][0]["parameter"] == parameter
    assert "xml" in answer.json()["detail"]


def test_an_open_job_has_no_records_yet(client: Client, jobs: Jobs) -> None:
    job_id = jobs.queue()
    for status in ("queued", "running"):
        answer = client.get(f"/v1/jobs/{job_id}/events")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/job_not_finished")
        assert int(answer.headers["Retry-After"]) > 0
        assert status in answer.json()["detail"]
        if status == "queued":
            jobs.begin(job_id)


def test_a_failed_job_has_no_records_and_says_why(client: Client, jobs: Jobs) -> None:
    job_id = jobs.fail(jobs.queue(), "There is no article in the page.")
    answer = client.get(f"/v1/jobs/{job_id}/events")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/job_failed")
    assert "There is no article in the page." in answer.json()["detail"]
    assert "Retry-After" not in answer.headers


def test_a_cancelled_job_has_no_records(client: Client, jobs: Jobs) -> None:
    job_id = jobs.queue()
    client.delete(f"/v1/jobs/{job_id}")
    answer = client.get(f"/v1/jobs/{job_id}/events")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/job_failed")
    assert "cancelled" in answer.json()["detail"]
