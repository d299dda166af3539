"""When a delivery is tried again."""

import random
from collections.abc import Sequence
from http import HTTPStatus

from schemas.delivery import Failure
from schemas.settings import Settings
from workers.webhooks.sending import Outcome


def pauses(settings: Settings) -> Sequence[float]:
    """Give the pauses between the attempts, in seconds."""
    return [float(pause) for pause in settings.webhook_schedule.split(",")]


def pause(failures: int, outcome: Outcome, settings: Settings) -> float | None:
    """Say how many seconds to wait after a failed attempt; None to give up.

    `Retry-After` is heeded between the pause that is due anyway and twice that; otherwise the pause is
    varied, for consumers that were down not to be met by all at once. One that is overburdened (429, or
    no answer in time) gets `webhook_throttle` seconds at least.

    Args:
        failures: How many attempts have failed, this one included.
        outcome: What came of this one.
        settings: Give the schedule.

    """
    planned = pauses(settings)
    if outcome.status == HTTPStatus.GONE or failures > len(planned):
        return None
    base = planned[failures - 1]
    if outcome.retry_after is not None:
        seconds = min(max(outcome.retry_after, base), 2 * base)
    else:
        seconds = base * random.uniform(1 - settings.webhook_jitter, 1 + settings.webhook_jitter)  # noqa: S311
    if outcome.error is Failure.TIMEOUT or outcome.status == HTTPStatus.TOO_MANY_REQUESTS:
        seconds = max(seconds, settings.webhook_throttle)
    return seconds
