"""API keys and their quotas in Redis."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from msgspec.structs import replace
from redis import Redis

from schemas.access import LOCAL, Caller, Scope
from schemas.errors import KeyInvalidError, KeyNotFoundError, ScopeMissingError
from schemas.settings import Settings
from workers.keys import KeyStore


@pytest.fixture
def keys(redis: Redis, settings: Settings) -> KeyStore:
    return KeyStore(redis, settings)


def _everything(redis: Redis) -> bytes:
    """Everything that Redis holds."""
    return b"".join(as_bytes(part) for key in redis.scan_iter() for part in (key, redis.dump(key) or b""))


def as_bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def test_a_key_says_whose_it_is_and_when_it_was_used(keys: KeyStore) -> None:
    key, token = keys.create("press review", "newsroom", {Scope.READ})
    assert keys.list() == [key]
    caller = keys.admit(token, Scope.READ).caller
    assert caller == Caller("newsroom", frozenset({Scope.READ}), key.id)
    [used] = keys.list()
    assert used.last_used_at is not None
    with pytest.raises(ScopeMissingError):
        keys.admit(token, Scope.SUBMIT)


def test_the_secret_is_not_kept(keys: KeyStore, redis: Redis) -> None:
    key, token = keys.create("first", "newsroom", {Scope.READ})
    keys.admit(token, Scope.READ)
    rotated = keys.rotate(key.id, timedelta(hours=1))
    held = _everything(redis)
    assert key.id.encode() in held
    for shown in (token, rotated):
        assert shown.rpartition("_")[2][:16].encode() not in held


def test_a_rotated_key_is_the_same_key_with_another_secret(keys: KeyStore) -> None:
    key, old = keys.create("first", "newsroom", {Scope.READ})
    new = keys.rotate(key.id)
    with pytest.raises(KeyInvalidError):
        keys.admit(old, Scope.READ)
    assert keys.admit(new, Scope.READ).caller.key_id == key.id
    assert [(listed.id, listed.name) for listed in keys.list()] == [(key.id, "first")]


def test_while_rotations_overlap_both_secrets_are_accepted(keys: KeyStore, redis: Redis) -> None:
    key, old = keys.create("first", "newsroom", {Scope.READ})
    new = keys.rotate(key.id, timedelta(seconds=0.3))
    for token in (old, new):
        assert keys.admit(token, Scope.READ).caller.owner == "newsroom"
    deadline = time.monotonic() + 5
    while redis.exists(f"tocsin:key:{key.id}:previous"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(KeyInvalidError):
        keys.admit(old, Scope.READ)
    assert keys.admit(new, Scope.READ).caller.owner == "newsroom"


def test_what_does_not_exist_cannot_be_changed(keys: KeyStore) -> None:
    with pytest.raises(KeyNotFoundError):
        keys.rotate("0123456789ab")
    with pytest.raises(KeyNotFoundError):
        keys.revoke("0123456789ab")
    assert not keys.exist()


def test_a_lent_key_is_gone_in_the_end(keys: KeyStore) -> None:
    with keys.lent("run", timedelta(hours=1)) as token:
        assert token is None
    keys.create("first", "newsroom", {Scope.READ})
    with keys.lent("run", timedelta(hours=1)) as token:
        assert keys.admit(token, Scope.SUBMIT).caller.owner == LOCAL.owner
    assert [key.name for key in keys.list()] == ["first"]


def test_a_wrong_secret_costs_its_key_nothing(keys: KeyStore) -> None:
    _, token = keys.create("first", "newsroom", {Scope.READ})
    before = keys.admit(token, Scope.READ).allowance
    with pytest.raises(KeyInvalidError):
        keys.admit(token[:-4] + "aaaa", Scope.READ)
    after = keys.admit(token, Scope.READ).allowance
    assert before
    assert after
    assert before.remaining - after.remaining <= 1


def test_a_quota_comes_back_bit_by_bit(redis: Redis, settings: Settings) -> None:
    keys = KeyStore(redis, replace(settings, reads_per_minute=300))
    _, token = keys.create("first", "newsroom", {Scope.READ})
    allowances = [keys.admit(token, Scope.READ).allowance for _ in range(310)]
    refused = [allowance for allowance in allowances if allowance and allowance.retry_after]
    assert refused
    assert {allowance.retry_after for allowance in refused} == {1}
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        allowance = keys.admit(token, Scope.READ).allowance
        if allowance and not allowance.retry_after:
            break
    assert allowance
    assert (allowance.remaining, allowance.retry_after) == (0, 0)


HASTY = """
import sys
from workers.keys import KeyStore
from workers.queue import connect
from schemas.access import Scope
from schemas.settings import Settings
settings = Settings(redis_url=sys.argv[1], submissions_per_minute=60)
keys = KeyStore(connect(settings), settings)
print(sum(not keys.admit(sys.argv[2], Scope.SUBMIT).allowance.retry_after for _ in range(50)))
"""


def test_a_quota_holds_across_processes(redis: Redis, redis_url: str, keys: KeyStore) -> None:
    _, token = keys.create("hasty", "newsroom", {Scope.SUBMIT})
    began = time.monotonic()
    command = [sys.executable, "-W", "error", "-c", HASTY, redis_url, token]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answered = sum(int(process.communicate()[0]) for process in processes)
    # A request a second comes back.
    assert 60 <= answered <= 60 + (time.monotonic() - began)
    assert redis.exists(f"tocsin:quota:{token.split('_')[1]}:submit")
