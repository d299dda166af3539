"""What becomes of a job when something goes wrong that nobody foresaw."""

from pathlib import Path

import msgspec
import pytest
from redis import Redis

from schemas.access import LOCAL
from schemas.article import Article
from schemas.errors import ModelError
from schemas.job import JobStatus
from schemas.settings import Settings
from workers.extraction.extractor import Extractor
from workers.jobs import Coder
from workers.store import JobStore


def test_an_unexpected_error_is_tried_again_until_the_attempts_are_used_up(
    redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    without_models = msgspec.structs.replace(settings, models="stanza", models_dir=str(tmp_path))
    store = JobStore(redis, settings)
    coder = Coder(store, Extractor(without_models))
    job_id = store.create(Article(text="Des manifestants défilent à Paris.", language="fr"), LOCAL.owner).id

    for attempt in (1, 2):
        with pytest.raises(ModelError):
            coder.code(job_id)
        job = store.get(job_id, LOCAL.owner)
        assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, attempt, None)
    coder.code(job_id)

    job = store.get(job_id, LOCAL.owner)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 3)
    assert job.error is not None
    assert job.error.code == "models_unavailable"
    assert "tocsin models fetch fr" in job.error.detail

    coder.code(job_id)
    assert store.get(job_id, LOCAL.owner) == job


def test_reports_of_one_event_in_different_words_share_a_cluster_of_their_owner(
    redis: Redis, settings: Settings
) -> None:
    store = JobStore(redis, settings)
    coder = Coder(store, Extractor(settings))

    def cluster(text: str, published_at: str, owner: str = LOCAL.owner) -> str:
        article = Article(text=text, published_at=published_at, language="fr")
        job_id = store.create(article, owner).id
        coder.code(job_id)
        (event,) = (each for each in store.events(job_id, owner) if each.withheld_because is None)
        return event.cluster_id

    first = cluster("Sept gendarmes ont été tués dimanche par des assaillants à Dori.", "2023-03-13")
    dated = "Le 12 mars 2023, des assaillants ont tué {} gendarmes à {}, au Burkina Faso."
    assert cluster(dated.format("neuf", "Dori"), "2023-03-14") == first
    assert cluster(dated.format("neuf", "Djibo"), "2023-03-14") != first
    assert cluster(dated.format("neuf", "Dori"), "2023-03-14", "someone else") != first
