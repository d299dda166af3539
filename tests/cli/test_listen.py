"""`tocsin listen`, and messages good and bad."""

import http.client
import re
import signal
import time

import anyio
import pytest

from schemas.settings import Settings
from tests.cli.running import Running, Start
from workers.webhooks import signatures
from workers.webhooks.sending import Sender

BODY = '{"type": "job.succeeded", "data": {"place": "Gao", "title": "[bold]Marché"}}'.encode()


@pytest.fixture
def secret() -> str:
    return signatures.new_secret()


def listening(start: Start, *arguments: str) -> tuple[Running, int]:
    receiver = start("listen", "--port", "0", *arguments)
    receiver.wait_for("until Ctrl-C")
    address = re.search(r"http://127\.0\.0\.1:(\d+)/", receiver.output)
    assert address
    return receiver, int(address[1])


def post(port: int, headers: dict[str, str], body: bytes = BODY) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_tocsin_sends_is_shown_and_verified(start: Start, secret: str) -> None:
    receiver, port = listening(start, "--secret", secret)
    settings = Settings(webhook_allow_http=True, webhook_allow_networks="127.0.0.0/8")
    headers = signatures.headers([secret], "msg_1", int(time.time()), BODY)
    for _ in range(2):
        outcome = anyio.run(Sender(settings).post, f"http://127.0.0.1:{port}/hook", headers, BODY)
        assert outcome.status == 204
    first, second = receiver.output.split("job.succeeded  msg_1")[1:]
    assert first.startswith('  signature valid\n{\n  "type": "job.succeeded",\n')
    assert '"title": "[bold]Marché"' in first
    assert second.startswith("  signature valid  duplicate\n")
    receiver.process.send_signal(signal.SIGINT)
    assert receiver.wait() == 0


def test_what_is_not_to_be_believed(start: Start, secret: str) -> None:
    receiver, port = listening(start, "--secret", secret)
    now = int(time.time())
    post(port, signatures.headers([signatures.new_secret()], "msg_wrong", now, BODY))
    post(port, signatures.headers([secret], "msg_changed", now, BODY), BODY + b" ")
    post(port, signatures.headers([secret], "msg_old", now - 3600, BODY))
    post(port, {}, b"no JSON [red]\x1b[31m")
    shown = receiver.output
    assert "msg_wrong  signature wrong\n" in shown
    assert "msg_changed  signature wrong\n" in shown
    assert re.search(r"msg_old  signature valid, but outdated by 36\d\d s\n", shown)
    assert "?  without id  not signed\nno JSON [red]\N{REPLACEMENT CHARACTER}[31m\n" in shown


def test_answers_as_it_is_told_and_needs_no_secret(start: Start) -> None:
    receiver, port = listening(start, "--answer", "503")
    assert post(port, {"webhook-id": "msg_1"}) == 503
    assert "signatures are not verified" in receiver.output
    assert "msg_1  not verified\n" in receiver.output


def test_a_secret_that_is_none_and_a_port_that_is_taken(start: Start, secret: str) -> None:
    refused = start("listen", "--secret", "hunter2")
    assert refused.wait() == 1
    assert refused.output == "tocsin: A secret begins with `whsec_`.\n"
    _, port = listening(start, "--secret", secret)
    refused = start("listen", "--port", str(port))
    assert refused.wait() == 2
    assert "Address already in use" in refused.output
