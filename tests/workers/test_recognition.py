"""Articles and events that were seen before, across jobs, on a real Valkey; no worker runs here."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from msgspec.structs import replace
from redis import Redis

from api.examples import EVENT
from cli.run import EXAMPLE
from schemas.access import LOCAL
from schemas.article import Article, Extraction, PublicationSource
from schemas.event import Event
from schemas.job import Job, Priority
from schemas.settings import Settings
from workers import recognition
from workers.batches import BatchStore, Line
from workers.store import Attempt, JobStore

TEXT = EXAMPLE.read_text(encoding="utf-8")
CORRECTED = TEXT.replace("Kazakhstan", "Kazakstan", 1) + "\n\nCet article a été corrigé à 14 h."
SHORT = "Dimanche, douze soldats ont été tués dans une attaque contre leur poste à Gao, dans le nord du Mali."
OTHER = SHORT.replace("Gao", "Mopti")


@pytest.fixture
def store(redis: Redis, settings: Settings) -> JobStore:
    return JobStore(redis, settings)


def begin(store: JobStore, text: str, owner: str) -> Attempt:
    attempt = store.begin(store.create(Article(text=text), owner).id)
    assert attempt
    return attempt


def extraction(text: str, *events: Event) -> Extraction:
    return Extraction(
        article_id=str(hash(text)),
        title=None,
        language="fr",
        published_at=date(2022, 1, 6),
        published_at_source=PublicationSource.SUBMITTED,
        text=text,
        events=list(events),
        warnings=[],
    )


def code(store: JobStore, text: str, *events: Event, owner: str = LOCAL.owner) -> Job:
    """Submit an article and record what comes of it, as a worker does."""
    attempt = begin(store, text, owner)
    assert store.succeed(attempt, extraction(text, *events))
    return store.get(attempt.job_id, owner)


def report(number: int, **fields: object) -> Event:
    """A record of the example's protest, of another article."""
    event_id = f"DZA{number}"
    return replace(EVENT, event_id_cnty=event_id, cluster_id=event_id, **fields)


def clusters(store: JobStore, job: Job, owner: str = LOCAL.owner) -> list[str]:
    return [event.cluster_id for event in store.events(job.id, owner)]


def test_an_article_sent_again_with_corrections_is_recognised_and_coded(store: JobStore) -> None:
    first = code(store, TEXT, report(1))
    again = code(store, CORRECTED, report(2))
    assert (first.duplicate_of, first.similarity) == (None, None)
    assert again.duplicate_of == first.id
    assert again.similarity is not None
    assert 0.9 < again.similarity < 1
    assert again.event_count == 1
    assert code(store, TEXT).duplicate_of == first.id
    assert code(store, TEXT).similarity == 1.0


def test_reports_that_differ_in_the_town_are_not_taken_for_one(store: JobStore) -> None:
    code(store, SHORT)
    assert code(store, OTHER).duplicate_of is None


def test_what_others_submitted_is_not_compared(store: JobStore) -> None:
    mine = code(store, TEXT, report(1))
    theirs = code(store, TEXT, report(2), owner="someone else")
    assert theirs.duplicate_of is None
    assert clusters(store, theirs, "someone else") == ["DZA2"]
    assert clusters(store, mine) == ["DZA1"]
    assert code(store, TEXT, owner="someone else").duplicate_of == theirs.id


def test_what_is_forgotten_is_not_compared_and_leaves_no_trace(store: JobStore, redis: Redis) -> None:
    first = code(store, TEXT, report(1))
    second = code(store, CORRECTED, report(2))
    store.delete(first.id, LOCAL.owner)
    third = code(store, TEXT, report(3))
    assert third.duplicate_of == second.id
    assert clusters(store, second) == clusters(store, third) == ["DZA1"]

    for job in (second, third):
        store.delete(job.id, LOCAL.owner)
    assert redis.keys("tocsin:*") == [b"tocsin:metrics"]


def test_reports_of_an_event_share_its_id_and_others_have_their_own(store: JobStore) -> None:
    first = code(store, "Des habitants ont manifesté mardi à Oran.", report(1))
    second = code(
        store,
        "A Oran, la hausse des prix a fait descendre des gens dans la rue mardi.",
        report(2, assoc_actor_1="Labor Group (Algeria)"),
        report(3, event_date=date(2022, 1, 5)),
        report(4, location="Tlemcen", admin1="Tlemcen", latitude=34.8783, longitude=-1.315),
    )
    assert clusters(store, first) == ["DZA1"]
    assert clusters(store, second) == ["DZA1", "DZA3", "DZA4"]


def test_all_is_kept_as_long_as_the_job(store: JobStore, redis: Redis) -> None:
    job = code(store, TEXT, report(1))
    retention = timedelta(days=7).total_seconds()
    keys = [key for kind in ("sketch", "handle", "happened") for key in redis.keys(f"tocsin:{kind}:*")]
    assert len(keys) == 1 + 4 + 1
    for key in keys:
        assert retention - 5 <= redis.ttl(key) <= retention
    text = b"".join(redis.dump(key) or b"" for key in keys)
    assert b"Kazakhstan" not in text
    assert job.expires_at is not None


def test_a_record_whose_job_expired_is_not_joined(store: JobStore, redis: Redis, settings: Settings) -> None:
    brief = JobStore(redis, replace(settings, retention_days=2 / 86_400))
    expiring = code(brief, "Le premier article.", report(1))
    elsewhere = report(2, location="Tlemcen", admin1="Tlemcen", latitude=34.8783, longitude=-1.315)
    kept = code(store, "Le deuxième article.", elsewhere)  # Of the same country and day: one key for both.
    deadline = time.monotonic() + 10
    while redis.exists(f"tocsin:job:{expiring.id}") and time.monotonic() < deadline:
        time.sleep(0.05)
    third = code(store, "Le troisième article.", report(3))
    assert clusters(store, third) == ["DZA3"]
    noted = redis.hkeys("tocsin:happened:local:12:2022-01-04")
    assert sorted(noted) == sorted([kept.id.encode(), third.id.encode()])


def test_two_workers_that_end_at_the_same_time_see_each_other(store: JobStore) -> None:
    for round_ in range(10):
        attempts = [begin(store, TEXT, LOCAL.owner) for _ in range(4)]
        barrier = Barrier(len(attempts))
        place = {"location": f"Town {round_}", "latitude": 30.0 + round_, "longitude": 3.0, "admin1": None}

        def end(number: int, round_: int = round_, place: dict[str, object] = place) -> Job:
            attempt = attempts[number]  # noqa: B023 - the threads end within the round
            barrier.wait()  # noqa: B023
            found = extraction(f"{TEXT} {round_}", report(10 * round_ + number, **place))
            assert store.succeed(attempt, found)
            return store.get(attempt.job_id, LOCAL.owner)

        with ThreadPoolExecutor(len(attempts)) as threads:
            jobs = list(threads.map(end, range(len(attempts))))
        assert len({cluster for job in jobs for cluster in clusters(store, job)}) == 1
        if not round_:
            first = [job.id for job in jobs if job.duplicate_of is None]
            assert len(first) == 1
            assert {job.duplicate_of for job in jobs} == {None, first[0]}
        for job in jobs:
            store.delete(job.id, LOCAL.owner)


def test_duplicates_within_a_batch_are_recognised_and_go_with_it(
    store: JobStore, redis: Redis, settings: Settings
) -> None:
    batches = BatchStore(redis, settings)
    reception = batches.receive(LOCAL.owner, Priority.BULK)
    reception.add([Line(1, b'{"text": "Bonjour."}'), Line(2, b'{"text": "Bonjour !"}')])
    batch = reception.complete(None)
    first, second = batches.job_ids(batch.id, LOCAL.owner)
    for job_id in (first, second):
        attempt = store.begin(job_id)
        assert attempt
        store.succeed(attempt, extraction(TEXT, report(1)))
    assert [job.duplicate_of for job in batches.jobs(batch.id, LOCAL.owner, 0, 2)[0]] == [None, first]

    batches.delete(batch.id, LOCAL.owner)
    assert not [key for kind in ("sketch", "handle", "happened") for key in redis.keys(f"tocsin:{kind}:*")]


def test_a_phrase_that_all_articles_have_does_not_add_up(store: JobStore, redis: Redis) -> None:
    phrase = "Abonnez-vous ici"
    for number in range(recognition.MOST_WITH_A_HANDLE + 5):
        code(store, f"{phrase} {number}")
    longest = max(redis.hlen(key) for key in redis.keys("tocsin:handle:*"))
    assert longest == recognition.MOST_WITH_A_HANDLE
