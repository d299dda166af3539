"""How long a submission takes at a steady rate, and what of it is Litestar's and what RQ's.

    python -m benchmarks.submissions [--rate 200] [--seconds 30]

Starts a Redis that writes to disk as that of `tocsin run` does, and one process of the API with the
settings of the environment; no worker, which would only make the machine less quiet. Requests are begun
when they are due, whatever became of those before, and the time of each counts from then: a service that
falls behind shows it. Beside it stand a bare Litestar handler behind uvicorn, and a bare `Queue.enqueue`.

On a machine that does other things at the same time, these are measured, too. Where `chrt` may be used, as
root on Linux, `chrt -r 5 python -m benchmarks.submissions` goes before them.
"""

import asyncio
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import rich_click as click
from redis import Redis
from rich.console import Console
from rich.table import Table

from cli import redis_server
from cli.processes import Child
from cli.run import EXAMPLE
from schemas.article import Article
from schemas.settings import Settings, variable
from workers import queue

WARM_UP_SECONDS: Final = 3.0
START_SECONDS: Final = 60.0
LIMITS_MS: Final = {50: 5.0, 99: 25.0}
"""What a submission may take, by percentile."""


class _Client:
    """Sends one request again and again, over connections that are kept."""

    def __init__(self, port: int, path: str, body: bytes) -> None:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._request = head.encode() + body
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, due: float) -> float:
        """Wait until `due` on the loop's clock, send, and return the seconds from then to the answer."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(due - loop.time())
        reader, writer = await self._connect()
        writer.write(self._request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 202 "):
            raise click.ClickException(f"The answer was {head.decode()}")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        self._idle.append((reader, writer))
        return loop.time() - due

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # As the server leaves it after some idle seconds.
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def fire(self, rate: float, seconds: float) -> list[float]:
        """Send at a steady rate, and return the seconds that each took."""
        began = asyncio.get_running_loop().time() + 0.1
        return await asyncio.gather(*(self.send(began + n / rate) for n in range(int(rate * seconds))))

    async def measure(self, rate: float, seconds: float) -> list[float]:
        """Warm up, and measure."""
        await self.fire(rate, WARM_UP_SECONDS)
        return await self.fire(rate, seconds)


@click.command()
@click.option("--rate", default=200.0, show_default=True, help="Submissions a second.")
@click.option("--seconds", default=30.0, show_default=True, help="How long each is measured.")
def main(rate: float, seconds: float) -> None:
    """Measure, print a table, and exit 1 if submissions take longer than they may."""
    body = msgspec.json.encode(Article(text=EXAMPLE.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        settings = Settings(data_dir=folder)
        with redis_server.reached(settings) as redis_url:
            environment = os.environ | {"REDIS_URL": redis_url}
            log = Path(folder) / "server.log"
            with _serving(["-m", "benchmarks.bare"], environment, log) as port:
                bare = asyncio.run(_Client(port, "/", body).measure(rate, seconds))
            with _serving(["-P", "-m", "cli", "serve"], environment, log) as port:
                submissions = asyncio.run(_Client(port, "/v1/articles", body).measure(rate, seconds))
            with Redis.from_url(redis_url) as redis:
                enqueued = _enqueue(redis, rate, seconds)
    _print(
        {"bare Litestar handler": bare, "bare RQ enqueue": enqueued, "submission": submissions}, rate, seconds
    )
    if any(_percentile(submissions, percent) > limit for percent, limit in LIMITS_MS.items()):
        sys.exit(1)


@contextmanager
def _serving(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    """Run a server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = Child(
        "server", [sys.executable, *command], log, environment=environment | {variable("port"): str(port)}
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if not server.is_alive or time.monotonic() > deadline:
                    raise click.ClickException(server.last_words) from None
                time.sleep(0.05)
        yield port
    finally:
        server.kill()


def _enqueue(redis: Redis, rate: float, seconds: float) -> list[float]:
    """Enqueue jobs at a steady rate, and return the seconds that each took."""
    jobs = queue.extraction_queue(redis)
    taken = []
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.perf_counter()))
        called = time.perf_counter()
        jobs.enqueue(queue.CODE_ARTICLE, str(number))
        taken.append(time.perf_counter() - called)
    return taken


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1] * 1000


def _print(measured: dict[str, list[float]], rate: float, seconds: float) -> None:
    table = Table(title=f"{rate:g} a second for {seconds:g} s, milliseconds")
    for column in ("", "p50", "p99", "longest"):
        table.add_column(column, justify="left" if not column else "right")
    for name, taken in measured.items():
        figures = (_percentile(taken, 50), _percentile(taken, 99), max(taken) * 1000)
        table.add_row(name, *(f"{figure:.1f}" for figure in figures))
    console = Console()
    console.print(table)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    console.print(f"{os.cpu_count()} cores, load {load} (1, 5, 15 minutes)")


if __name__ == "__main__":
    main()
