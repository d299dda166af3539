"""The one-off address that a submission may name: whether it may be used, and what it is signed with.

There is one secret for all callbacks of an owner, for a submission is too late to agree on one. Which
number it has stands in `tocsin:callbacks:OWNER`; until an owner has asked for the first, callbacks bear a
signature that nobody can verify.
"""

from datetime import UTC, datetime

import msgspec
from redis import Redis
from redis.exceptions import WatchError

from schemas.article import Article
from schemas.errors import InvalidArticleError, RefusedTargetError
from schemas.settings import Settings
from workers.webhooks import signing_keys, targets
from workers.webhooks.signing_keys import Key

_UNISSUED = (Key(0),)

_decoder = msgspec.json.Decoder(tuple[Key, ...])


def check(article: Article, settings: Settings) -> None:
    """Refuse a submission whose outcome could not be delivered to where it says.

    Raises:
        InvalidArticleError: Nothing may be sent to its `callback_url`.
        SecretMissingError: It has one, and there is nothing to derive secrets from.

    """
    if article.callback_url is None:
        return
    signing_keys.require(settings)
    try:
        targets.check(article.callback_url, settings)
    except RefusedTargetError as error:
        raise InvalidArticleError(str(error), "/callback_url") from error


def issue_secret(redis: Redis, settings: Settings, owner: str) -> str:
    """Give the owner's callbacks a secret; the one before is signed with, too, for a day.

    Raises:
        SecretMissingError: There is nothing to derive it from.

    """
    signing_keys.require(settings)
    with redis.pipeline() as pipeline:
        while True:
            pipeline.watch(_key(owner))  # type: ignore[no-untyped-call]  # redis-py leaves it so.
            issued = signing_keys.rotated(_keys(redis, owner), datetime.now(UTC))
            pipeline.multi()
            pipeline.set(_key(owner), msgspec.json.encode(issued))
            try:
                pipeline.execute()
            except WatchError:
                continue
            return signing_keys.secret(settings, _secret_name(owner), issued[0])


def secrets(redis: Redis, settings: Settings, owner: str) -> list[str]:
    """Derive the secrets that the owner's callbacks are signed with."""
    current = signing_keys.current(_keys(redis, owner), datetime.now(UTC))
    return [signing_keys.secret(settings, _secret_name(owner), key) for key in current]


def _keys(redis: Redis, owner: str) -> tuple[Key, ...]:
    encoded = redis.get(_key(owner))
    return _UNISSUED if encoded is None else _decoder.decode(encoded)


def _secret_name(owner: str) -> str:
    return f"callbacks {owner}"


def _key(owner: str) -> str:
    return f"tocsin:callbacks:{owner}"
