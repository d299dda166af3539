"""The deliveries in Redis: what is to be sent where, when it is due, and what came of it.

- `tocsin:delivery:ID` holds an `Entry` as JSON; once the delivery is accepted or given up, it expires when
  the retention is over.
- `tocsin:due` is a sorted set of targets by the time at which the next delivery to each is due. A
  target is a webhook, or the origin that callbacks of an owner go to.
- `tocsin:due:TARGET` is a sorted set of the pending deliveries to a target by the time at which each is due.
- `tocsin:leased:TARGET` is a sorted set of those under way by the time at which their lease ends.
- `tocsin:log:TARGET` is a sorted set of the deliveries to a target by the time of their creation.

A delivery that is claimed is due again when its lease ends: if the process that claimed it has died,
another one finds it. Since there is a queue a target, and a limit to how many of one are under way, a
target that hangs with thousands of deliveries holds up nobody but itself.

Times are Unix times. The scripts name keys that they are not given: the deliveries need one Redis, not a
Redis Cluster.
"""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from schemas.delivery import Attempt, Delivery, DeliveryPage, DeliveryState, Trigger
from schemas.errors import DeliveryNotFoundError
from schemas.settings import Settings
from schemas.webhook import Message
from workers import metrics
from workers.tracing import Trace
from workers.webhooks import schedule
from workers.webhooks.replies import as_texts
from workers.webhooks.sending import Outcome

DUE: Final = "tocsin:due"
MOST_ATTEMPTS: Final = 50
"""How many attempts the log keeps of a delivery that is made again and again."""

# Every script that changes the queue of a target says then when to look at it next.
_PLAN: Final = """
local function plan(target, now, most)
    local leased = 'tocsin:leased:' .. target
    local first
    if redis.call('ZCARD', leased) >= most then
        first = redis.call('ZRANGE', leased, 0, 0, 'WITHSCORES')
    else
        first = redis.call('ZRANGE', 'tocsin:due:' .. target, 0, 0, 'WITHSCORES')
    end
    if first[2] then
        -- One that is overdue queues up behind those that have waited longer.
        redis.call('ZADD', KEYS[1], math.max(tonumber(first[2]), now), target)
    else
        redis.call('ZREM', KEYS[1], target)
    end
end
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""

ADD: Final = (
    _PLAN
    + """
-- Record a delivery and queue it, unless it is known.
-- KEYS[1] tocsin:due
-- KEYS[2] tocsin:delivery:ID
-- ARGV[1] target
-- ARGV[2] id
-- ARGV[3] the entry
-- ARGV[4] when it was created
-- ARGV[5] for how many seconds the log is kept
-- ARGV[6] how many of a target may be under way
if redis.call('SET', KEYS[2], ARGV[3], 'NX') then
    redis.call('ZADD', 'tocsin:due:' .. ARGV[1], ARGV[4], ARGV[2])
    redis.call('ZADD', 'tocsin:log:' .. ARGV[1], ARGV[4], ARGV[2])
    redis.call('ZREMRANGEBYSCORE', 'tocsin:log:' .. ARGV[1], '-inf', ARGV[4] - ARGV[5])
    redis.call('EXPIRE', 'tocsin:log:' .. ARGV[1], ARGV[5])
    plan(ARGV[1], now, tonumber(ARGV[6]))
end
"""
)

CLAIM: Final = (
    _PLAN
    + """
-- Take the delivery that is due longest of each target that is due, one each, and lease them.
-- KEYS[1] tocsin:due
-- ARGV[1] how many at most
-- ARGV[2] seconds that the lease lasts
-- ARGV[3] how many of a target may be under way
-- Returns their ids.
local claimed = {}
for _, target in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
    local due, leased = 'tocsin:due:' .. target, 'tocsin:leased:' .. target
    redis.call('ZREMRANGEBYSCORE', leased, '-inf', now)
    if redis.call('ZCARD', leased) < tonumber(ARGV[3]) then
        local id = redis.call('ZRANGE', due, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
        if id then
            redis.call('ZADD', due, now + ARGV[2], id)
            redis.call('ZADD', leased, now + ARGV[2], id)
            claimed[#claimed + 1] = id
        end
    end
    plan(target, now, tonumber(ARGV[3]))
end
return claimed
"""
)

SETTLE: Final = (
    _PLAN
    + """
-- End the lease of a delivery; queue it for its next attempt, or take it out of the queue.
-- KEYS[1] tocsin:due
-- ARGV[1] target
-- ARGV[2] id
-- ARGV[3] when its next attempt is due, or nothing
-- ARGV[4] how many of a target may be under way
redis.call('ZREM', 'tocsin:leased:' .. ARGV[1], ARGV[2])
if ARGV[3] == '' then
    redis.call('ZREM', 'tocsin:due:' .. ARGV[1], ARGV[2])
else
    redis.call('ZADD', 'tocsin:due:' .. ARGV[1], ARGV[3], ARGV[2])
end
plan(ARGV[1], now, tonumber(ARGV[4]))
"""
)

_encoder = msgspec.json.Encoder()


class Entry(msgspec.Struct, kw_only=True):
    """What is kept of a delivery: what the owner of its target sees, and what is needed to make it.

    Attributes:
        owner: Whose it is.
        target: The webhook's id, or `callback_target`.
        callback_url: Where it goes, unless to a webhook.
        body: What is sent, to the letter: signatures are over this.
        failures: Failed attempts since it was queued, or queued again on request.
        trigger: Why the next attempt is made.
        trace: The request that it goes back to.
        delivery: What the log shows.

    """

    owner: str
    target: str
    callback_url: str | None = None
    body: str
    failures: int = 0
    trigger: Trigger = Trigger.SCHEDULED
    trace: Trace | None = None
    delivery: Delivery


_decoder = msgspec.json.Decoder(Entry)


def delivery(
    message: Message,
    subject: str,
    owner: str,
    target: str,
    callback_url: str | None = None,
    trace: Trace | None = None,
) -> Entry:
    """Make the delivery of a message to a target.

    The id follows from what it is about and whom it goes to, so that who makes it twice makes one.

    Args:
        message: What is sent.
        subject: What it is about: names the thing that happened, once and for all.
        owner: Whose it is.
        target: Whom it goes to.
        callback_url: Where it goes, unless to a webhook.
        trace: The request that it goes back to.

    """
    digest = sha256("\n".join((message.type, subject, target, callback_url or "")).encode()).hexdigest()
    now = datetime.now(UTC)
    return Entry(
        owner=owner,
        target=target,
        callback_url=callback_url,
        body=_encoder.encode(message).decode(),
        trace=trace,
        delivery=Delivery(
            id=f"msg_{digest[:32]}",
            type=message.type,
            state=DeliveryState.PENDING,
            created_at=now,
            next_attempt_at=now,
        ),
    )


def callback_target(owner: str, url: str) -> str:
    """Name the target that a callback belongs to: all of an owner's to one origin wait for each other."""
    parts = urlsplit(url)
    origin = f"{owner}\n{parts.scheme}\n{parts.netloc}"
    return f"callback_{sha256(origin.encode()).hexdigest()[:32]}"


class DeliveryStore:
    """All deliveries; cheap to make, safe to share between threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings

    # For whoever has something to tell

    def add(self, entries: Iterable[Entry]) -> None:
        """Queue deliveries that are not known yet, to be made at once."""
        # Every delivery is given up within twice the schedule, and kept for the retention from then on.
        kept = self._retention().total_seconds() + 2 * sum(schedule.pauses(self._settings))
        with self._redis.pipeline(transaction=False) as pipeline:
            for entry in entries:
                pipeline.eval(
                    ADD,
                    2,
                    DUE,
                    _delivery_key(entry.delivery.id),
                    entry.target,
                    entry.delivery.id,
                    _encoder.encode(entry),
                    str(entry.delivery.created_at.timestamp()),
                    str(math.ceil(kept)),
                    str(self._settings.webhook_endpoint_concurrency),
                )
            pipeline.execute()

    # For the API

    def page(self, target: str, limit: int, starting_after: str | None = None) -> DeliveryPage:
        """Give deliveries to a target, the latest first.

        Args:
            target: Whom they go to.
            limit: How many.
            starting_after: The delivery that comes before them.

        Raises:
            DeliveryNotFoundError: There is no delivery `starting_after`, or no longer.

        """
        start = 0
        if starting_after is not None:
            rank = self._redis.zrevrank(_log_key(target), starting_after)
            if not isinstance(rank, int):  # It is None, then; with scores, it would be a list.
                raise _not_found(starting_after)
            start = rank + 1
        # One more than is shown, to see whether there are more.
        ids = as_texts(self._redis.zrevrange(_log_key(target), start, start + limit))
        shown = ids[:limit]
        return DeliveryPage(
            deliveries=[entry.delivery for entry in self._read(shown)],
            next=shown[-1] if len(ids) > limit else None,
        )

    def redeliver(self, target: str, delivery_id: str) -> Delivery:
        """Make a delivery at once and, if need be, by its whole schedule: once more, under the same id.

        Raises:
            DeliveryNotFoundError: There is none with this id to this target, or no longer.

        """

        def renew(entry: Entry, _: Pipeline) -> None:
            if entry.target != target:
                raise _not_found(delivery_id)
            entry.failures = 0
            entry.trigger = Trigger.MANUAL
            entry.delivery.state = DeliveryState.PENDING
            entry.delivery.next_attempt_at = datetime.now(UTC)

        changed = self._change(delivery_id, renew)
        if changed is None:
            raise _not_found(delivery_id)
        return changed.delivery

    def recover(self, target: str, since: datetime) -> int:
        """Make all deliveries to a target again that were created since then and have failed; how many."""
        created = as_texts(self._redis.zrangebyscore(_log_key(target), since.timestamp(), "+inf"))
        failed = [
            entry.delivery.id for entry in self._read(created) if entry.delivery.state is DeliveryState.FAILED
        ]
        for delivery_id in failed:
            self.redeliver(target, delivery_id)
        return len(failed)

    def forget(self, target: str) -> None:
        """Forget all deliveries to a target; those under way may still arrive."""
        ids = as_texts(self._redis.zrange(_log_key(target), 0, -1))
        with self._redis.pipeline() as pipeline:
            if ids:
                pipeline.unlink(*map(_delivery_key, ids))
            pipeline.delete(_due_key(target), _leased_key(target), _log_key(target))
            pipeline.zrem(DUE, target)
            pipeline.execute()

    # For the deliverers

    def claim(self, limit: int) -> list[str]:
        """Lease deliveries that are due, one of a target at most; gives their ids.

        The lease is twice as long as an attempt may take.
        """
        claimed = self._redis.eval(
            CLAIM,
            1,
            DUE,
            str(limit),
            str(2 * self._settings.webhook_timeout),
            str(self._settings.webhook_endpoint_concurrency),
        )
        return as_texts(claimed)

    def find(self, delivery_id: str) -> Entry | None:
        """Give what is kept of a delivery; None if it was forgotten."""
        return next(iter(self._read([delivery_id])), None)

    def record(self, claimed: Entry, started_at: datetime, outcome: Outcome) -> Delivery | None:
        """Record what came of an attempt, and when to make the next; None if it was forgotten meanwhile."""

        def add(entry: Entry, pipeline: Pipeline) -> None:
            entry.trigger = Trigger.SCHEDULED
            seconds = None
            if outcome.is_accepted:
                entry.delivery.state = DeliveryState.SUCCEEDED
            else:
                entry.failures += 1
                seconds = schedule.pause(entry.failures, outcome, self._settings)
                if seconds is None:
                    entry.delivery.state = DeliveryState.FAILED
            entry.delivery.next_attempt_at = (
                None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
            )
            attempt = Attempt(
                started_at=started_at,
                trigger=claimed.trigger,
                status=outcome.status,
                error=outcome.error,
                duration_ms=outcome.duration_ms,
                response_excerpt=outcome.response_excerpt,
            )
            entry.delivery.attempts = [*entry.delivery.attempts, attempt][-MOST_ATTEMPTS:]
            outcome_name = str(outcome.status or outcome.error)
            metrics.DELIVERY_ATTEMPTS.count(pipeline, outcome_name, entry.delivery.state)

        changed = self._change(claimed.delivery.id, add)
        return None if changed is None else changed.delivery

    def give_up(self, delivery_id: str) -> None:
        """Record that a delivery is not to be made: its webhook is disabled."""

        def fail(entry: Entry, _: Pipeline) -> None:
            entry.delivery.state = DeliveryState.FAILED
            entry.delivery.next_attempt_at = None

        self._change(delivery_id, fail)

    def _read(self, ids: list[str]) -> list[Entry]:
        found = self._redis.mget([_delivery_key(delivery_id) for delivery_id in ids]) if ids else []
        return [_decoder.decode(encoded) for encoded in found if encoded is not None]

    def _change(self, delivery_id: str, change: Callable[[Entry, Pipeline], None]) -> Entry | None:
        """Let `change` alter a delivery as it stands, anew until nothing came in between, and queue it so.

        Returns None if the delivery is not known, or no longer.
        """
        key = _delivery_key(delivery_id)
        with self._redis.pipeline() as pipeline:
            while True:
                pipeline.watch(key)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
                encoded = pipeline.get(key)
                if encoded is None:
                    return None
                entry = _decoder.decode(encoded)
                pipeline.multi()
                change(entry, pipeline)
                due = entry.delivery.next_attempt_at
                pipeline.set(key, _encoder.encode(entry), ex=None if due else self._retention())
                pipeline.eval(
                    SETTLE,
                    1,
                    DUE,
                    entry.target,
                    delivery_id,
                    str(due.timestamp()) if due else "",
                    str(self._settings.webhook_endpoint_concurrency),
                )
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return entry

    def _retention(self) -> timedelta:
        return timedelta(days=self._settings.retention_days)


def _not_found(delivery_id: str) -> DeliveryNotFoundError:
    return DeliveryNotFoundError(f"There is no delivery {delivery_id} to this webhook, or no longer.")


def _delivery_key(delivery_id: str) -> str:
    return f"tocsin:delivery:{delivery_id}"


def _due_key(target: str) -> str:
    return f"{DUE}:{target}"


def _leased_key(target: str) -> str:
    return f"tocsin:leased:{target}"


def _log_key(target: str) -> str:
    return f"tocsin:log:{target}"
