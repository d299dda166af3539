"""Receivers on loopback, as kind or unkind as a test wants them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What a receiver does once it has read a request."""


class Receiver:
    """A receiver that runs, and what has reached it."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.requests: list[bytes] = []
        self.url = f"{scheme}://127.0.0.1:{port}/hook?a=b"


def answering(response: str) -> Behaviour:
    """Answer with this and hang up."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(response.replace("\n", "\r\n").encode())

    return answer


@asynccontextmanager
async def receiving(
    behaviour: Behaviour, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Run a receiver, on a free port unless one is given."""
    connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        connections[task] = writer
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            receiver.requests.append(head + await reader.readexactly(length))
            await behaviour(writer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, port, ssl=tls)
    receiver = Receiver(server.sockets[0].getsockname()[1], "https" if tls else "http")
    try:
        yield receiver
    finally:
        server.close()
        for task, writer in connections.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*connections, return_exceptions=True)
