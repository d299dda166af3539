"""The records of webhooks in Redis: whose they are, what they want to know, and whether they answer.

`tocsin:webhook:ID` holds an `Entry` as JSON, `tocsin:webhooks:OWNER` is the sorted set of an owner's
webhooks by the time of their registration. Changes are made as `workers.store` makes them.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

import msgspec
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError

from schemas.errors import InvalidWebhookError, RefusedTargetError, WebhookNotFoundError
from schemas.settings import Settings
from schemas.webhook import (
    ON_REQUEST,
    DisabledReason,
    MessageType,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookWithSecret,
)
from workers.webhooks import announcements, signing_keys, targets
from workers.webhooks.replies import as_texts
from workers.webhooks.signing_keys import Key

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


class Entry(msgspec.Struct, kw_only=True):
    """What is kept of a webhook: what its owner sees, and what only Tocsin needs to know."""

    owner: str
    webhook: Webhook
    keys: tuple[Key, ...] = signing_keys.FIRST


_decoder = msgspec.json.Decoder(Entry)


class WebhookStore:
    """The records of all webhooks; cheap to make, safe to share between threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings

    # For the API

    def create(self, new: NewWebhook, owner: str) -> WebhookWithSecret:
        """Register a webhook.

        Raises:
            InvalidWebhookError: It cannot be had like this; nothing may be sent to its URL, for instance.
            SecretMissingError: There is nothing to derive its secret from.

        """
        signing_keys.require(self._settings)
        self._check(new.url, new.types)
        now = _now()
        webhook = Webhook(
            id=str(uuid4()),
            url=new.url,
            types=new.types,
            filter=new.filter,
            description=new.description,
            created_at=now,
        )
        if new.disabled:
            _disable(webhook, DisabledReason.REQUESTED)
        entry = Entry(owner=owner, webhook=webhook)
        with self._redis.pipeline() as pipeline:
            pipeline.set(_webhook_key(webhook.id), _encoder.encode(entry))
            pipeline.zadd(_owner_key(owner), {webhook.id: now.timestamp()})
            pipeline.execute()
        return self._with_secret(entry)

    def all(self, owner: str) -> list[Webhook]:
        """Give all webhooks of an owner, in the order of their registration."""
        return [entry.webhook for entry in self.entries(owner)]

    def get(self, webhook_id: str, owner: str) -> Webhook:
        """Read a webhook.

        Raises:
            WebhookNotFoundError: The owner has none with this id.

        """
        entry = self.find(webhook_id)
        if entry is None or entry.owner != owner:
            raise _not_found(webhook_id)
        return entry.webhook

    def change(self, webhook_id: str, change: WebhookChange, owner: str) -> Webhook:
        """Change what is set in `change`.

        Raises:
            WebhookNotFoundError: The owner has none with this id.
            InvalidWebhookError: It cannot be had like that.

        """
        self.get(webhook_id, owner)
        self._check(change.url, change.types)

        def apply(entry: Entry, pipeline: Pipeline) -> Webhook:
            webhook = _owned(entry, owner)
            for field in ("url", "types", "filter", "description"):
                if (value := getattr(change, field)) is not msgspec.UNSET:
                    setattr(webhook, field, value)
            if change.disabled is True and not webhook.disabled:
                _disable(webhook, DisabledReason.REQUESTED)
            elif change.disabled is False:
                webhook.disabled = False
                webhook.disabled_at = webhook.disabled_because = webhook.failing_since = None
            self._write(entry, pipeline)
            return webhook

        return self._change(webhook_id, apply)

    def rotate_secret(self, webhook_id: str, owner: str) -> WebhookWithSecret:
        """Give the webhook another secret; the one before is signed with, too, for a day.

        Raises:
            WebhookNotFoundError: The owner has none with this id.
            SecretMissingError: There is nothing to derive the secret from.

        """
        signing_keys.require(self._settings)

        def rotate(entry: Entry, pipeline: Pipeline) -> Entry:
            _owned(entry, owner)
            entry.keys = signing_keys.rotated(entry.keys, _now())
            self._write(entry, pipeline)
            return entry

        return self._with_secret(self._change(webhook_id, rotate))

    def delete(self, webhook_id: str, owner: str) -> None:
        """Forget a webhook; what was to be delivered to it is for `DeliveryStore.forget`.

        Raises:
            WebhookNotFoundError: The owner has none with this id.

        """

        def forget(entry: Entry, pipeline: Pipeline) -> None:
            _owned(entry, owner)
            pipeline.delete(_webhook_key(webhook_id))
            pipeline.zrem(_owner_key(owner), webhook_id)

        self._change(webhook_id, forget)

    # For the deliverers

    def entries(self, owner: str) -> list[Entry]:
        """Give what is kept of all webhooks of an owner, in the order of their registration."""
        ids = as_texts(self._redis.zrange(_owner_key(owner), 0, -1))
        found = self._redis.mget([_webhook_key(webhook_id) for webhook_id in ids]) if ids else []
        return [_decoder.decode(encoded) for encoded in found if encoded is not None]

    def find(self, webhook_id: str) -> Entry | None:
        """Give what is kept of a webhook, whoever owns it."""
        encoded = self._redis.get(_webhook_key(webhook_id))
        return None if encoded is None else _decoder.decode(encoded)

    def secrets(self, entry: Entry) -> list[str]:
        """Derive the secrets that messages to a webhook are signed with."""
        name = _secret_name(entry.webhook.id)
        return [
            signing_keys.secret(self._settings, name, key) for key in signing_keys.current(entry.keys, _now())
        ]

    def note_accepted(self, entry: Entry) -> None:
        """Record that a message was accepted, if those before it were not."""

        def clear(entry: Entry, pipeline: Pipeline) -> None:
            entry.webhook.failing_since = None
            self._write(entry, pipeline)

        if entry.webhook.failing_since is not None:
            self._change_if_there(entry.webhook.id, clear)

    def note_failed(self, entry: Entry, *, gone: bool) -> None:
        """Record that a message was not accepted; disable a webhook that is gone, or fails for too long."""
        limit = timedelta(days=self._settings.webhook_disable_days)

        def fail(entry: Entry, pipeline: Pipeline) -> None:
            webhook = entry.webhook
            if webhook.disabled:
                return
            webhook.failing_since = webhook.failing_since or _now()
            if gone or _now() - webhook.failing_since >= limit:
                _disable(webhook, DisabledReason.GONE if gone else DisabledReason.FAILING)
                announcements.announce(f"webhook:{webhook.id}", self._settings, pipeline)
            self._write(entry, pipeline)

        since = entry.webhook.failing_since
        if gone or since is None or _now() - since >= limit:
            self._change_if_there(entry.webhook.id, fail)

    def _check(
        self, url: str | msgspec.UnsetType, types: tuple[MessageType, ...] | msgspec.UnsetType
    ) -> None:
        if isinstance(types, tuple):
            if not types:
                raise InvalidWebhookError("A webhook is told about one type at least.", "/types")
            if wrong := ON_REQUEST.intersection(types):
                raise InvalidWebhookError(f"`{min(wrong)}` is sent when you ask for it.", "/types")
        if isinstance(url, str):
            try:
                targets.check(url, self._settings)
            except RefusedTargetError as error:
                raise InvalidWebhookError(str(error), "/url") from error

    def _with_secret(self, entry: Entry) -> WebhookWithSecret:
        return WebhookWithSecret(**msgspec.structs.asdict(entry.webhook), secret=self.secrets(entry)[0])

    def _write(self, entry: Entry, pipeline: Pipeline) -> None:
        pipeline.set(_webhook_key(entry.webhook.id), _encoder.encode(entry))

    def _change(self, webhook_id: str, change: Callable[[Entry, Pipeline], T]) -> T:
        """Let `change` write for the webhook as it stands, anew until nothing came in between.

        Raises:
            WebhookNotFoundError: There is no such webhook.

        """
        key = _webhook_key(webhook_id)
        with self._redis.pipeline() as pipeline:
            while True:
                pipeline.watch(key)  # type: ignore[no-untyped-call]  # redis-py leaves it so.
                encoded = pipeline.get(key)
                if encoded is None:
                    raise _not_found(webhook_id)
                pipeline.multi()
                result = change(_decoder.decode(encoded), pipeline)
                try:
                    pipeline.execute()
                except WatchError:
                    continue
                return result

    def _change_if_there(self, webhook_id: str, change: Callable[[Entry, Pipeline], None]) -> None:
        try:
            self._change(webhook_id, change)
        except WebhookNotFoundError:
            return


def _disable(webhook: Webhook, reason: DisabledReason) -> None:
    webhook.disabled = True
    webhook.disabled_at = _now()
    webhook.disabled_because = reason


def _owned(entry: Entry, owner: str) -> Webhook:
    if entry.owner != owner:
        raise _not_found(entry.webhook.id)
    return entry.webhook


def _not_found(webhook_id: str) -> WebhookNotFoundError:
    return WebhookNotFoundError(f"There is no webhook {webhook_id}.")


def _secret_name(webhook_id: str) -> str:
    return f"webhook {webhook_id}"


def _now() -> datetime:
    return datetime.now(UTC)


def _webhook_key(webhook_id: str) -> str:
    return f"tocsin:webhook:{webhook_id}"


def _owner_key(owner: str) -> str:
    return f"tocsin:webhooks:{owner}"
