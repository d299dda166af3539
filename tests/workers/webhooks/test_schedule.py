"""When a delivery is tried again: the standard schedule, and what a consumer can do about it."""

import pytest
from msgspec.structs import replace

from schemas.delivery import Failure
from schemas.settings import Settings
from workers.webhooks.schedule import pause
from workers.webhooks.sending import Outcome

SETTINGS = Settings()
STEADY = replace(SETTINGS, webhook_jitter=0.0)
REFUSED = Outcome(status=500, duration_ms=1)


def test_the_pauses_grow_and_then_there_are_none() -> None:
    pauses = [pause(failures, REFUSED, STEADY) for failures in range(1, 9)]
    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 36000, None]


def test_the_pauses_vary_by_a_fifth() -> None:
    pauses = [pause(3, REFUSED, SETTINGS) or 0 for _ in range(500)]
    assert 1440 <= min(pauses) < 1500
    assert 2100 < max(pauses) <= 2160


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (Outcome(status=503, retry_after=0.0, duration_ms=1), 300),
        (Outcome(status=503, retry_after=400.0, duration_ms=1), 400),
        (Outcome(status=503, retry_after=86400.0, duration_ms=1), 600),
        (Outcome(status=429, duration_ms=1), 300),
        (Outcome(error=Failure.CONNECTION, duration_ms=1), 300),
        (Outcome(status=302, duration_ms=1), 300),
        (Outcome(status=410, duration_ms=1), None),
    ],
)
def test_what_the_consumer_says_counts_within_bounds(outcome: Outcome, seconds: float | None) -> None:
    assert pause(2, outcome, STEADY) == seconds


@pytest.mark.parametrize(
    "outcome", [Outcome(status=429, duration_ms=1), Outcome(error=Failure.TIMEOUT, duration_ms=1)]
)
def test_one_that_is_overburdened_is_left_alone_for_a_minute(outcome: Outcome) -> None:
    assert pause(1, outcome, STEADY) == 60
