"""Signatures, verified by whoever else reads the standard."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from schemas.errors import InvalidSecretError
from workers.webhooks import signatures
from workers.webhooks.signatures import Verdict

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the standard's example
BODY = b'{"test": 2432232314}'
NOW = 1614265330
SIGNED = signatures.headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", NOW, BODY)


def test_the_known_answer() -> None:
    assert SIGNED == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_verifies_while_either_secret_counts() -> None:
    old, new, foreign = (signatures.new_secret() for _ in range(3))
    now = int(datetime.now(UTC).timestamp())
    signed = signatures.headers([new, old], "msg_1", now, BODY)
    assert len(signed["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, signed) == {"test": 2432232314}
        assert signatures.verify([secret], signed, BODY, now) is Verdict.VALID
    with pytest.raises(WebhookVerificationError):
        Webhook(foreign).verify(BODY, signed)
    assert signatures.verify([foreign], signed, BODY, now) is Verdict.INVALID


def test_what_a_stranger_signed_by_the_standard_is_verified() -> None:
    sent = datetime.fromtimestamp(NOW, UTC)
    signed = SIGNED | {"webhook-signature": Webhook(SECRET).sign(SIGNED["webhook-id"], sent, BODY.decode())}
    assert signatures.verify([SECRET], signed, BODY, NOW) is Verdict.VALID


@pytest.mark.parametrize(
    ("changed", "body", "now", "verdict"),
    [
        ({}, BODY, NOW, Verdict.VALID),
        ({}, BODY, NOW + 300, Verdict.VALID),
        ({}, BODY, NOW + 301, Verdict.OUTDATED),
        ({}, BODY, NOW - 301, Verdict.OUTDATED),
        ({}, BODY + b" ", NOW, Verdict.INVALID),
        ({"webhook-id": "msg_other"}, BODY, NOW, Verdict.INVALID),
        ({"webhook-timestamp": "1614265331"}, BODY, NOW, Verdict.INVALID),
        ({"webhook-signature": "v1,é v2,x x"}, BODY, NOW, Verdict.INVALID),
        ({"webhook-signature": "v1a,x " + SIGNED["webhook-signature"]}, BODY, NOW, Verdict.VALID),
        ({"webhook-signature": ""}, BODY, NOW, Verdict.UNSIGNED),
        ({"webhook-timestamp": "now"}, BODY, NOW, Verdict.UNSIGNED),
        ({"webhook-timestamp": "²"}, BODY, NOW, Verdict.UNSIGNED),
        ({"webhook-id": ""}, BODY, NOW, Verdict.UNSIGNED),
    ],
)
def test_a_message_is_valid_only_as_it_was_sent_and_when(
    changed: dict[str, str], body: bytes, now: int, verdict: Verdict
) -> None:
    assert signatures.verify([SECRET], SIGNED | changed, body, now) is verdict


def test_secrets_are_random_and_long_enough() -> None:
    made = {signatures.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(signatures.key(secret)) for secret in made} == {32}


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%%", "whsec_c2hvcnQ="])
def test_what_is_no_secret_is_not_repeated(secret: str) -> None:
    with pytest.raises(InvalidSecretError) as refusal:
        signatures.key(secret)
    assert not secret or secret not in str(refusal.value)
