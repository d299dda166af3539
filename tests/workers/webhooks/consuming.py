"""A consumer of webhooks on loopback: what reaches it, and what it answers."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from standardwebhooks import Webhook as Verifier

from tests.workers.webhooks.receiving import Behaviour, Receiver, answering, receiving

ACCEPT = answering("HTTP/1.1 204 No Content\n\n")


class Received(msgspec.Struct, frozen=True):
    """A request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def read(cls, raw: bytes) -> "Received":
        head, _, body = raw.partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)
        }
        return cls(line.split(" ")[1], headers, body)

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, object]:
        message: dict[str, object] = msgspec.json.decode(self.body)
        return message

    @property
    def type(self) -> str:
        return str(self.message["type"])

    def verify(self, secret: str) -> None:
        """Raise unless the message is signed with this secret."""
        Verifier(secret).verify(self.body, self.headers)


Plan = Callable[[Received, int], Behaviour]
"""What to do about a request, the how manieth it is with its id, counted from 1."""


class Consumer:
    """Notes what it receives and what it accepts."""

    def __init__(self, plan: Plan) -> None:
        self.received: list[Received] = []
        self.accepted: list[Received] = []
        self.receiver: Receiver
        self._plan = plan
        self._attempts: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return self.receiver.url

    @property
    def types(self) -> list[str]:
        """The types of what was accepted."""
        return [received.type for received in self.accepted]

    async def behave(self, writer: object) -> None:
        received = Received.read(self.receiver.requests[-1])
        self.received.append(received)
        self._attempts[received.message_id] += 1
        behaviour = self._plan(received, self._attempts[received.message_id])
        await behaviour(writer)  # type: ignore[arg-type]
        if behaviour is ACCEPT:
            self.accepted.append(received)


@asynccontextmanager
async def consuming(plan: Plan = lambda *_: ACCEPT) -> AsyncIterator[Consumer]:
    """Run a consumer."""
    consumer = Consumer(plan)
    async with receiving(consumer.behave) as consumer.receiver:
        yield consumer
