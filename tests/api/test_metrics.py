"""What Prometheus is told."""

from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families

from api.examples import EVENT
from tests.api.conftest import Jobs

Client = TestClient[Litestar]


def measure(client: Client) -> dict[str, float]:
    """Read all samples, by name and labels as they are written."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        sample.name
        + "".join(f" {label}={value}" for label, value in sorted(sample.labels.items())): sample.value
        for family in families(answer.text)
        for sample in family.samples
    }


def test_before_anything_happened(client: Client) -> None:
    samples = measure(client)
    assert samples["tocsin_jobs_submitted_total"] == 0
    assert samples["tocsin_workers"] == 0
    assert samples["tocsin_jobs status=queued"] == 0
    assert samples["tocsin_queue_depth priority=interactive"] == 0
    assert samples["tocsin_queue_age_seconds priority=interactive"] == 0


def test_jobs_are_counted_by_what_becomes_of_them(client: Client, jobs: Jobs) -> None:
    queued = [jobs.queue() for _ in range(5)]
    assert client.delete(f"/v1/jobs/{queued[0]}").status_code == 204
    jobs.fail(queued[1], "There is no article.")
    jobs.succeed(queued[2], EVENT, EVENT)
    samples = measure(client)
    assert samples["tocsin_jobs_submitted_total"] == 5
    assert samples["tocsin_jobs_finished_total error= status=cancelled"] == 1
    assert samples["tocsin_jobs_finished_total error=no_text status=failed"] == 1
    assert samples["tocsin_jobs_finished_total error= status=succeeded"] == 1
    assert samples["tocsin_records_total event_type=Protests status=occurred"] == 2
    assert samples["tocsin_jobs status=queued"] == 2
    # No worker has taken them off the queue.
    assert samples["tocsin_queue_depth priority=interactive"] == 5
    assert 0 < samples["tocsin_queue_age_seconds priority=interactive"] < 60


def test_seconds_are_counted_by_stage(client: Client, jobs: Jobs) -> None:
    store = jobs.store
    for _ in range(2):
        attempt = jobs.begin(jobs.queue())
        assert store.succeed(attempt, jobs.extraction(), {"parsing": 0.3, "coding": 4000.0})
    samples = measure(client)
    assert samples["tocsin_stage_seconds_count stage=waiting"] == 2
    assert samples["tocsin_stage_seconds_bucket le=0.25 stage=parsing"] == 0
    assert samples["tocsin_stage_seconds_bucket le=0.5 stage=parsing"] == 2
    assert samples["tocsin_stage_seconds_bucket le=+Inf stage=parsing"] == 2
    assert samples["tocsin_stage_seconds_sum stage=parsing"] == 0.6
    assert samples["tocsin_stage_seconds_bucket le=1800.0 stage=coding"] == 0
    assert samples["tocsin_stage_seconds_count stage=coding"] == 2
    # What an attempt finds that is not the current one, nobody will look at.
    assert not store.succeed(attempt, jobs.extraction(), {"parsing": 0.3})
    assert measure(client)["tocsin_stage_seconds_count stage=parsing"] == 2


def test_openmetrics_is_given_to_those_who_ask(client: Client, jobs: Jobs) -> None:
    jobs.succeed(jobs.queue())
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert "tocsin_records" in {family.name for family in open_families(answer.text)}  # type: ignore[no-untyped-call]
