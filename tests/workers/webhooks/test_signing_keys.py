"""The secrets of webhooks: derived from the service's own, and replaced one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.errors import SecretMissingError
from schemas.settings import Settings
from workers.webhooks import signatures, signing_keys
from workers.webhooks.signing_keys import Key

SETTINGS = Settings(secret="nobody will ever guess this secret")  # noqa: S106 - a test's
OTHERS = Settings(secret="nobody will ever guess that secret")  # noqa: S106 - a test's
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_a_secret_is_for_one_name_one_number_and_one_service() -> None:
    secrets = {
        signing_keys.secret(settings, name, key)
        for settings in (SETTINGS, OTHERS)
        for name in ("webhook a", "webhook b")
        for key in (Key(1), Key(2))
    }
    assert len(secrets) == 8
    assert {len(signatures.key(secret)) for secret in secrets} == {32}
    assert signing_keys.secret(SETTINGS, "webhook a", Key(1)) in secrets


def test_the_old_secret_counts_for_a_day() -> None:
    rotated = signing_keys.rotated(signing_keys.FIRST, NOW)
    for hours, numbers in ((0, [2, 1]), (23, [2, 1]), (24, [2])):
        current = signing_keys.current(rotated, NOW + timedelta(hours=hours))
        assert [key.number for key in current] == numbers


def test_many_rotations_in_a_day_leave_the_latest() -> None:
    keys: tuple[Key, ...] = signing_keys.FIRST
    for _ in range(20):
        keys = signing_keys.rotated(keys, NOW)
    assert [key.number for key in signing_keys.current(keys, NOW)] == list(range(21, 11, -1))
    assert [key.number for key in signing_keys.current(keys, NOW + timedelta(days=1))] == [21]


def test_there_is_nothing_to_derive_from_an_empty_secret() -> None:
    with pytest.raises(SecretMissingError, match="TOCSIN_SECRET"):
        signing_keys.secret(Settings(), "webhook a", Key(1))
