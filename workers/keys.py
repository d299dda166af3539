"""API keys in Redis: who may do what, and how often.

What is shown is `tocsin_ID_SECRET`. The secret is 256 bits of randomness, so that one pass of SHA-256 keeps
it as safe as a slow hash keeps a password: there is nothing to guess. Only its digest is kept:
`tocsin:keys` is the set of all ids, `tocsin:key:ID` a hash with the key, `tocsin:key:ID:previous` the digest
of the secret before the last rotation, until its overlap is over, and `tocsin:quota:ID:NAME` how much of a
quota is used.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from math import ceil
from typing import Any, Final

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT
from rq.utils import as_text

from schemas.access import LOCAL, Admission, Allowance, Caller, Key, Quota, Scope
from schemas.errors import KeyInvalidError, KeyMissingError, KeyNotFoundError, ScopeMissingError
from schemas.settings import Settings

KEYS: Final = "tocsin:keys"

_SECOND: Final = 1_000_000
"""In microseconds, in which the script counts."""

_TOKEN: Final = re.compile(r"tocsin_(?P<id>[0-9a-f]{12})_[\w-]{43}", re.ASCII)

# Looks a key up, notes that it was used, and counts the request, in one round trip.
#
# The quota is kept after the generic cell rate algorithm: all that is stored is the moment at which it will
# be whole again. Every request puts that moment off by the time in which one request comes back, and one
# that would put it off to more than a window from now is refused, and costs nothing. The clock is Redis's,
# the same for all processes.
#
# KEYS[1]: the key's hash, tocsin:key:ID
# KEYS[2]: the digest of its previous secret, tocsin:key:ID:previous
# KEYS[3]: the moment at which the quota is whole, in microseconds, tocsin:quota:ID:NAME
# ARGV[1]: the digest of the secret that was shown. Whether it is right is for the caller to say; here it
#          only keeps those who know no more than an id from using up the quota of its key.
# ARGV[2]: how many requests in a window; 0 for any number
# ARGV[3]: the window in microseconds
# ARGV[4]: seconds that may pass until the use of the key is noted again
# Returns the key's digest, previous digest, owner, scopes and expiry, each nil where there is none; and,
# if the request was counted, how many are left, and in microseconds until the quota is whole and until a
# request that was refused would not be.
_ADMIT: Final = """
local key = redis.call('HMGET', KEYS[1], 'digest', 'owner', 'scopes', 'expires_at', 'last_used_at')
local previous = redis.call('GET', KEYS[2])
local known = {key[1], previous, key[2], key[3], key[4]}
if not key[1] or (ARGV[1] ~= key[1] and ARGV[1] ~= previous) then
    return known
end
local time = redis.call('TIME')
if time[1] - (key[5] or 0) >= tonumber(ARGV[4]) then
    redis.call('HSET', KEYS[1], 'last_used_at', time[1])
end
local requests, window = tonumber(ARGV[2]), tonumber(ARGV[3])
if requests == 0 then
    return known
end
local now = time[1] * 1000000 + time[2]
local interval = math.floor(window / requests)
local whole = math.max(tonumber(redis.call('GET', KEYS[3]) or now), now)
local wait = whole + interval - window - now
if wait > 0 then
    known[6], known[7], known[8] = 0, whole - now, wait
else
    whole = whole + interval
    redis.call('SET', KEYS[3], string.format('%.0f', whole), 'PX', math.ceil((whole - now) / 1000))
    known[6], known[7], known[8] = math.floor((window - (whole - now)) / interval), whole - now, 0
end
return known
"""

_USE_NOTED_SECONDS: Final = 60


class KeyStore:
    """All API keys; safe to share between threads."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings
        self._admit = redis.register_script(_ADMIT)

    # For the API

    def admit(self, token: str | None, scope: Scope) -> Admission:
        """Say who shows `token`, and count the request.

        Args:
            token: What was shown; None for nothing, which is enough on a loopback address while there are
                no keys.
            scope: What the request needs.

        Raises:
            KeyMissingError: Nothing was shown.
            KeyInvalidError: It is not a key, or no longer.
            ScopeMissingError: The key does not allow it.

        """
        if token is None:
            if self._settings.is_loopback and not self.exist():
                return Admission(LOCAL)
            raise KeyMissingError("This service asks for an API key: send `Authorization: Bearer KEY`.")
        if not (shown := _TOKEN.fullmatch(token)):
            raise KeyInvalidError("What was sent is not an API key of this service.")
        key_id, digest, quota = shown["id"], _digest(token), self._quota(scope)
        known: list[Any] = self._admit(
            keys=[_key(key_id), _previous(key_id), f"tocsin:quota:{key_id}:{quota.name}"],
            args=[digest, quota.requests, quota.window * _SECOND, _USE_NOTED_SECONDS],
        )
        current, previous, owner, scopes, expires_at, *counted = known
        # Both are compared, whatever the first says, and byte by byte to the end.
        if not any([compare_digest(digest, as_text(right)) for right in (current, previous) if right]):  # noqa: C419
            raise KeyInvalidError("This API key is not, or no longer, valid.")
        if expires_at and int(expires_at) <= datetime.now(UTC).timestamp():
            raise KeyInvalidError("This API key has expired.")
        caller = Caller(as_text(owner), _scopes(scopes), key_id)
        if scope not in caller.scopes:
            raise ScopeMissingError(f"This API key does not have the scope `{scope}`.")
        return Admission(caller, _allowance(quota, counted) if counted else None)

    def _quota(self, scope: Scope) -> Quota:
        match scope:
            case Scope.SUBMIT:
                return Quota(scope, self._settings.submissions_per_minute)
            case Scope.READ:
                return Quota(scope, self._settings.reads_per_minute)
            case Scope.ADMIN:
                return Quota(scope, 0)

    # For those who run the service

    def exist(self) -> bool:
        """Whether there are any keys, expired ones included."""
        return bool(self._redis.exists(KEYS))

    def create(
        self, name: str, owner: str, scopes: AbstractSet[Scope], expires_at: datetime | None = None
    ) -> tuple[Key, str]:
        """Make a key; returns it with its secret, which cannot be had again."""
        key = Key(
            id=secrets.token_hex(6),
            owner=owner,
            name=name,
            scopes=frozenset(scopes),
            created_at=datetime.now(UTC).replace(microsecond=0),
            expires_at=expires_at,
        )
        token = _token(key.id)
        fields: dict[FieldT, EncodableT] = {
            "owner": key.owner,
            "name": key.name,
            "scopes": " ".join(sorted(key.scopes)),
            "created_at": int(key.created_at.timestamp()),
            "digest": _digest(token),
        }
        if expires_at is not None:
            fields["expires_at"] = int(expires_at.timestamp())
        with self._redis.pipeline() as pipeline:
            pipeline.hset(_key(key.id), mapping=fields)
            pipeline.sadd(KEYS, key.id)
            pipeline.execute()
        return key, token

    def list(self) -> list[Key]:
        """Read all keys, the oldest first."""
        ids = [as_text(key_id) for key_id in self._redis.smembers(KEYS)]
        with self._redis.pipeline(transaction=False) as pipeline:
            for key_id in ids:
                pipeline.hgetall(_key(key_id))
            found = zip(ids, pipeline.execute(), strict=True)
        keys = [_read(key_id, fields) for key_id, fields in found if fields]
        return sorted(keys, key=lambda key: (key.created_at, key.id))

    def rotate(self, key_id: str, overlap: timedelta = timedelta(0)) -> str:
        """Give a key a new secret, and return it; the old one is accepted for `overlap` longer.

        Raises:
            KeyNotFoundError: There is no such key.

        """
        token = _token(key_id)
        milliseconds = overlap // timedelta(milliseconds=1)

        def rotate(pipeline: Pipeline) -> None:
            current = pipeline.hget(_key(key_id), "digest")
            if current is None:
                raise _not_found(key_id)
            pipeline.multi()
            if milliseconds:
                pipeline.set(_previous(key_id), as_text(current), px=milliseconds)
            else:
                pipeline.delete(_previous(key_id))
            pipeline.hset(_key(key_id), "digest", _digest(token))

        self._redis.transaction(rotate, _key(key_id))
        return token

    def revoke(self, key_id: str) -> None:
        """Forget a key, from the next request on; what its owner submitted stays.

        Raises:
            KeyNotFoundError: There is no such key.

        """
        with self._redis.pipeline() as pipeline:
            pipeline.srem(KEYS, key_id)
            pipeline.delete(_key(key_id), _previous(key_id))
            was_there, _ = pipeline.execute()
        if not was_there:
            raise _not_found(key_id)

    @contextmanager
    def lent(self, name: str, lifetime: timedelta) -> Iterator[str | None]:
        """Give a key to submit and read with, to a part of Tocsin itself; None where none is asked for.

        It is revoked in the end, and expires after `lifetime` if that should never come.
        """
        if self._settings.is_loopback and not self.exist():
            yield None
            return
        expires_at = datetime.now(UTC) + lifetime
        key, token = self.create(name, LOCAL.owner, {Scope.SUBMIT, Scope.READ}, expires_at)
        try:
            yield token
        finally:
            with suppress(RedisError):  # It expires.
                self.revoke(key.id)


def _token(key_id: str) -> str:
    return f"tocsin_{key_id}_{secrets.token_urlsafe(32)}"


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _key(key_id: str) -> str:
    return f"tocsin:key:{key_id}"


def _previous(key_id: str) -> str:
    return f"tocsin:key:{key_id}:previous"


def _not_found(key_id: str) -> KeyNotFoundError:
    return KeyNotFoundError(f"There is no key {key_id}; `tocsin keys list` shows those that there are.")


def _scopes(words: bytes | str) -> frozenset[Scope]:
    return frozenset(map(Scope, as_text(words).split()))


def _time(seconds: bytes | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def _read(key_id: str, fields: dict[bytes, bytes]) -> Key:
    return Key(
        id=key_id,
        owner=as_text(fields[b"owner"]),
        name=as_text(fields[b"name"]),
        scopes=_scopes(fields[b"scopes"]),
        created_at=datetime.fromtimestamp(int(fields[b"created_at"]), UTC),
        expires_at=_time(fields.get(b"expires_at")),
        last_used_at=_time(fields.get(b"last_used_at")),
    )


def _allowance(quota: Quota, counted: Sequence[int]) -> Allowance:
    remaining, reset, wait = counted
    return Allowance(quota, remaining, ceil(reset / _SECOND), ceil(wait / _SECOND))
