"""One attempt, at receivers that do as they please."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
import trustme

from schemas.delivery import Failure
from schemas.settings import Settings
from tests.workers.webhooks.receiving import answering, receiving
from workers.webhooks.sending import EXCERPT_BYTES, EXCERPT_SECONDS, Outcome, Sender
from workers.webhooks.targets import Address

pytestmark = pytest.mark.anyio

BODY = '{"type": "ping", "data": "Gao, März"}'.encode()
OK = "HTTP/1.1 200 OK\nContent-Length: 5\n\nFine."


async def post(url: str, settings: Settings) -> Outcome:
    return await Sender(settings).post(url, {"webhook-id": "msg_1"}, BODY)


async def test_a_message_arrives_as_it_was_sent(local: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving(answering(OK)) as receiver:
        outcome = await post(receiver.url, local)
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    request, *headers = head.decode().split("\r\n")
    named = {name.lower(): value for name, _, value in (header.partition(": ") for header in headers)}
    assert request == "POST /hook?a=b HTTP/1.1"
    assert named.pop("user-agent").startswith("Tocsin/")
    assert named == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "connection": "close",
        "webhook-id": "msg_1",
    }
    assert body == BODY
    assert outcome == Outcome(
        status=200, response_excerpt="Fine.", duration_ms=outcome.duration_ms, retry_after=None
    )
    assert outcome.is_accepted


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(200, True), (204, True), (299, True), (301, False), (404, False), (410, False), (500, False)],
)
async def test_only_2xx_is_accepted(status: int, accepted: bool, local: Settings) -> None:
    async with receiving(answering(f"HTTP/1.1 {status} As It Is\n\n")) as receiver:
        outcome = await post(receiver.url, local)
    assert (outcome.status, outcome.error) == (status, None)
    assert outcome.is_accepted is accepted


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, local: Settings) -> None:
    async with receiving(answering(OK)) as secret:
        redirect = f"HTTP/1.1 {status} Over there\nLocation: {secret.url}\nContent-Length: 0\n\n"
        async with receiving(answering(redirect)) as receiver:
            outcome = await post(receiver.url, local)
    assert outcome.status == status
    assert not secret.requests


async def test_cookies_are_not_kept(local: Settings) -> None:
    cookie = "HTTP/1.1 200 OK\nSet-Cookie: a=b\nContent-Length: 0\n\n"
    sender = Sender(local)
    async with receiving(answering(cookie)) as receiver:
        for _ in range(2):
            await sender.post(receiver.url, {}, BODY)
    assert len(receiver.requests) == 2
    assert b"cookie" not in receiver.requests[1].lower()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("0", 0.0), ("-5", None), ("soon", None), ("", None), ("²", None)],
)
async def test_retry_after_in_seconds(value: str, seconds: float | None, local: Settings) -> None:
    async with receiving(answering(f"HTTP/1.1 503 Later\nRetry-After: {value}\n\n")) as receiver:
        outcome = await post(receiver.url, local)
    assert outcome.retry_after == seconds


async def test_retry_after_a_date(local: Settings) -> None:
    for hours, expected in ((1, 3600), (-1, 0)):
        moment = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
        async with receiving(answering(f"HTTP/1.1 503 Later\nRetry-After: {moment}\n\n")) as receiver:
            outcome = await post(receiver.url, local)
        assert outcome.retry_after == pytest.approx(expected, abs=5)


async def test_a_receiver_that_hangs_is_given_up(local: Settings) -> None:
    async def hang(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with receiving(hang) as receiver:
        outcome = await post(receiver.url, msgspec.structs.replace(local, webhook_timeout=0.5))
    assert (outcome.status, outcome.error) == (None, Failure.TIMEOUT)
    assert outcome.detail == "There was no answer within 0.5 s."
    assert 500 <= outcome.duration_ms < 3000


async def test_a_receiver_that_does_not_even_read_is_given_up(local: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        outcome = await Sender(msgspec.structs.replace(local, webhook_timeout=0.5)).post(
            url, {}, b"x" * 20_000_000
        )
    assert outcome.error is Failure.TIMEOUT


async def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(local: Settings) -> None:
    async def dribble(writer: asyncio.StreamWriter) -> None:
        for byte in OK.replace("\n", "\r\n").encode():
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.1)

    async with receiving(dribble) as receiver:
        outcome = await post(receiver.url, msgspec.structs.replace(local, webhook_timeout=1.0))
    assert (outcome.status, outcome.error) == (None, Failure.TIMEOUT)
    assert outcome.duration_ms < 3000


async def test_a_body_that_comes_byte_by_byte_does_not_undo_the_status(local: Settings) -> None:
    async def dribble(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with receiving(dribble) as receiver:
        outcome = await post(receiver.url, msgspec.structs.replace(local, webhook_timeout=1.0))
        patient = await post(receiver.url, msgspec.structs.replace(local, webhook_timeout=60.0))
    assert (outcome.status, outcome.error) == (200, None)
    assert patient.duration_ms < (EXCERPT_SECONDS + 3) * 1000
    assert set(outcome.response_excerpt) == {"x"}


async def test_a_huge_answer_is_read_to_its_excerpt_only(local: Settings) -> None:
    sent = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"y" * 100_000)
            await writer.drain()
            sent += 100_000

    async with receiving(flood) as receiver:
        outcome = await post(receiver.url, local)
    assert outcome.response_excerpt == "y" * EXCERPT_BYTES
    assert sent < 50_000_000


async def test_headers_without_end_are_refused(local: Settings) -> None:
    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: " + b"y" * 1000 + b"\r\n")
            await writer.drain()

    async with receiving(flood) as receiver:
        outcome = await post(receiver.url, local)
    assert (outcome.status, outcome.error) == (None, Failure.PROTOCOL)


@pytest.mark.parametrize("beginning", ["", "HTTP/1.1 200 O"])
async def test_a_connection_that_is_cut(beginning: str, local: Settings) -> None:
    async with receiving(answering(beginning)) as receiver:
        outcome = await post(receiver.url, local)
    assert (outcome.status, outcome.error) == (None, Failure.CONNECTION)


async def test_a_connection_that_is_cut_after_the_status(local: Settings) -> None:
    async with receiving(answering("HTTP/1.1 202 Taken\nContent-Length: 100\n\nFi")) as receiver:
        outcome = await post(receiver.url, local)
    assert (outcome.status, outcome.error, outcome.response_excerpt) == (202, None, "Fi")


async def test_nobody_listens(local: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = await post(f"http://127.0.0.1:{port}/", local)
    assert (outcome.status, outcome.error) == (None, Failure.CONNECTION)
    assert outcome.detail


async def test_what_is_not_http(local: Settings) -> None:
    async with receiving(answering("220 smtp.example.com ESMTP\n\n")) as receiver:
        outcome = await post(receiver.url, local)
    assert (outcome.status, outcome.error) == (None, Failure.PROTOCOL)


async def test_a_name_that_does_not_exist(local: Settings) -> None:
    outcome = await post("https://receiver.invalid/", local)
    assert (outcome.status, outcome.error) == (None, Failure.DNS)


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example.com"])
async def test_a_certificate_must_be_trusted_and_for_the_host(
    name: str, local: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    async with receiving(answering(OK), tls=tls) as receiver:
        untrusted = await post(receiver.url, local)
        trusted = tmp_path / "authority.pem"
        authority.cert_pem.write_to_path(str(trusted))
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        outcome = await post(receiver.url, local)
    assert (untrusted.status, untrusted.error) == (None, Failure.TLS)
    assert "certificate" in untrusted.detail
    if name == "127.0.0.1":
        assert outcome.is_accepted
        assert len(receiver.requests) == 1
    else:
        assert (outcome.status, outcome.error) == (None, Failure.TLS)
        assert not receiver.requests


async def test_a_receiver_without_tls(local: Settings) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        outcome = await post(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", local)
    assert (outcome.status, outcome.error) == (None, Failure.TLS)


class ChangingResolver:
    """Gives a new answer at every question, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, name: str, port: int) -> Sequence[Address]:
        assert (name, port > 0) == ("rebinding.example.com", True)
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [ip_address(address) for address in answer]


async def test_the_address_that_was_checked_is_the_one_connected_to(local: Settings) -> None:
    resolver = ChangingResolver(["127.0.0.1"], ["127.0.0.2"])
    sender = Sender(local, resolver)
    async with (
        receiving(answering(OK)) as meant,
        receiving(answering(OK), host="127.0.0.2", port=meant.port) as inside,
    ):
        url = f"http://rebinding.example.com:{meant.port}/"
        first = await sender.post(url, {}, BODY)
        assert resolver.asked == 1
        second = await sender.post(url, {}, BODY)
    assert first.is_accepted
    assert f"Host: rebinding.example.com:{meant.port}".encode() in meant.requests[0]
    assert (second.status, second.error) == (None, Failure.REFUSED_TARGET)
    assert (len(meant.requests), inside.requests) == (1, [])


async def test_of_many_addresses_only_the_allowed_are_tried(local: Settings) -> None:
    async with (
        receiving(answering(OK)) as meant,
        receiving(answering(OK), host="127.0.0.2", port=meant.port) as inside,
    ):
        sender = Sender(local, ChangingResolver(["127.0.0.2", "::1", "10.0.0.1", "127.0.0.1"]))
        outcome = await sender.post(f"http://rebinding.example.com:{meant.port}/", {}, BODY)
    assert outcome.is_accepted
    assert (len(meant.requests), inside.requests) == (1, [])


async def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    settings = Settings(webhook_allow_http=True, webhook_allow_networks="127.0.0.0/8", webhook_timeout=4.0)
    async with receiving(answering(OK)) as receiver:
        sender = Sender(settings, ChangingResolver(["127.0.0.9", "127.0.0.1"]))
        outcome = await sender.post(f"http://rebinding.example.com:{receiver.port}/", {}, BODY)
    assert outcome.is_accepted


async def test_a_name_for_this_machine_is_refused_where_loopback_is_not_allowed() -> None:
    settings = Settings(webhook_allow_http=True, webhook_allow_networks="10.0.0.0/8")
    async with receiving(answering(OK)) as receiver:
        outcome = await post(receiver.url.replace("127.0.0.1", "localhost"), settings)
        literal = await post(receiver.url, settings)
    assert outcome.error is Failure.REFUSED_TARGET
    assert literal.error is Failure.REFUSED_TARGET
    assert not receiver.requests


async def test_one_that_hangs_does_not_hold_up_the_others(local: Settings) -> None:
    async def hang(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    sender = Sender(local)
    async with receiving(hang) as hanging, receiving(answering(OK)) as receiver:
        waiting = [asyncio.create_task(sender.post(hanging.url, {}, BODY)) for _ in range(50)]
        began = time.monotonic()
        outcomes = await asyncio.gather(*(sender.post(receiver.url, {}, BODY) for _ in range(50)))
        assert time.monotonic() - began < local.webhook_timeout
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert all(outcome.is_accepted for outcome in outcomes)
