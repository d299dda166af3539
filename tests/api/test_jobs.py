"""Following a job, cancelling and forgetting it."""

from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace

from api.examples import EVENT
from schemas.event import ACLED_COLUMNS
from tests.api.conftest import Jobs

Client = TestClient[Litestar]


def test_a_job_is_shown_whatever_became_of_it(client: Client, jobs: Jobs) -> None:
    job_id = jobs.queue()
    answer = client.get(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")
    assert int(answer.headers["Retry-After"]) > 0

    jobs.succeed(job_id)
    answer = client.get(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert "Retry-After" not in answer.headers
    assert answer.json()["event_count"] == 1
    assert answer.json()["text"]


def test_an_article_and_an_event_that_were_seen_before_are_named(client: Client, jobs: Jobs) -> None:
    first = jobs.succeed(jobs.queue())
    corrected = replace(EVENT, event_id_cnty="DZA2", cluster_id="DZA2", fatalities=1)
    second = jobs.succeed(jobs.queue(), corrected)
    shown = client.get(f"/v1/jobs/{second}").json()
    assert (shown["duplicate_of"], shown["similarity"]) == (first, 1.0)
    for form in ("json", "ndjson", "geojson"):
        answer = client.get(f"/v1/jobs/{second}/events", params={"format": form})
        assert f'"cluster_id":"{EVENT.event_id_cnty}"' in answer.text
    header = client.get(f"/v1/jobs/{second}/events", params={"format": "csv"}).text.splitlines()[0]
    assert header.split(",") == list(ACLED_COLUMNS)
    found = client.get("/v1/events", params={"cluster_id": EVENT.event_id_cnty, "fields": "event_id_cnty"})
    assert {row["event_id_cnty"] for row in found.json()["data"]} == {EVENT.event_id_cnty, "DZA2"}


def test_a_failed_job_says_why(client: Client, jobs: Jobs) -> None:
    job_id = jobs.fail(jobs.queue(), "There is no article in the page.")
    answer = client.get(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["status"]) == (200, "failed")
    assert answer.json()["error"] == {"code": "no_text", "detail": "There is no article in the page."}


def test_deleting_an_open_job_cancels_it(client: Client, jobs: Jobs) -> None:
    job_id = jobs.queue()
    answer = client.delete(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "cancelled"


def test_deleting_a_final_job_forgets_it(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue())
    assert client.delete(f"/v1/jobs/{job_id}").status_code == 204
    assert client.get(f"/v1/jobs/{job_id}").status_code == 404
    assert client.get(f"/v1/jobs/{job_id}/events").status_code == 404
    assert client.delete(f"/v1/jobs/{job_id}").status_code == 404


def test_a_job_that_never_was_is_not_found(client: Client) -> None:
    for path in ("/v1/jobs/never", "/v1/jobs/never/events", "/v1/jobs/%2A%0A"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/job_not_found")
