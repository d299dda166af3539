"""Lists of jobs."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.api.conftest import Jobs

Client = TestClient[Litestar]


def test_jobs_come_a_page_at_a_time(client: Client, jobs: Jobs) -> None:
    submitted = [jobs.queue() for _ in range(5)]
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        page = client.get(f"/v1/jobs?page_size=2{token}").json()
        seen += [job["id"] for job in page["jobs"]]
        token = page["next_page_token"] and f"&page_token={page['next_page_token']}"
    assert seen == submitted[::-1]


def test_a_list_leaves_the_texts_out(client: Client, jobs: Jobs) -> None:
    job_id = jobs.succeed(jobs.queue())
    [job] = client.get("/v1/jobs").json()["jobs"]
    assert job == client.get(f"/v1/jobs/{job_id}").json() | {"text": None}


def test_filters_choose(client: Client, jobs: Jobs) -> None:
    done, waiting = jobs.succeed(jobs.queue()), jobs.queue()

    def found(**filters: str) -> list[str]:
        answer = client.get("/v1/jobs", params=filters)
        assert answer.status_code == 200
        return [job["id"] for job in answer.json()["jobs"]]

    created = client.get(f"/v1/jobs/{waiting}").json()["created_at"]
    assert found(status="succeeded") == found(language="fr") == [done]
    assert found(status="queued") == found(created_after=created) == [waiting]
    assert found(created_before=created) == found(finished_after="2026-01-01T00:00:00") == [done]
    assert found(source="Le Matin") == found(finished_before="2026-01-01T00:00:00Z") == []


def test_a_page_is_never_larger_than_the_largest(client: Client, jobs: Jobs) -> None:
    jobs.queue()
    for size in ("0", "1000000"):
        assert len(client.get(f"/v1/jobs?page_size={size}").json()["jobs"]) == 1


def test_what_does_not_fit_is_refused_by_name(client: Client) -> None:
    for parameter, value in {
        "page_token": "WzFd",
        "page_size": "-1",
        "status": "done",
        "created_after": "yesterday",
    }.items():
        answer = client.get("/v1/jobs", params={parameter: value})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad_request"), parameter
        assert answer.json()["errors"][0]["parameter"] == parameter
