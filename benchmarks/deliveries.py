"""How soon webhooks are told of a job that ends: all of them, and the others of some that hang.

    python -m benchmarks.deliveries [--webhooks 1000] [--hanging 50] [--jobs 5]

Starts a Redis, one deliverer, and a consumer that answers at once, or never for a webhook that hangs. One job
after the other ends; the time of each message counts from the end of its job until it has arrived. The
consumer shares the machine, and takes about as much of it as the deliverer does.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import rich_click as click
from rich.console import Console
from rich.table import Table

from cli import redis_server
from cli.processes import Child
from schemas.access import LOCAL
from schemas.article import Article, Extraction, PublicationSource
from schemas.settings import Settings, variable
from schemas.webhook import NewWebhook
from workers import queue
from workers.store import JobStore
from workers.webhooks.endpoints import WebhookStore

START_SECONDS: Final = 60.0
ENVIRONMENT: Final = {
    variable("secret"): "measured, and told to nobody else",
    variable("webhook_allow_http"): "true",
    variable("webhook_allow_networks"): "127.0.0.1/32",
    variable("webhook_timeout"): "600",
}


class _Consumer:
    """Notes when messages arrive; hangs where the path says so."""

    def __init__(self) -> None:
        self.arrived: list[float] = []
        self._expected = 0
        self._told = asyncio.Event()

    def expect(self, messages: int) -> asyncio.Event:
        """Begin to note anew; what is returned is set when as many have arrived."""
        self.arrived = []
        self._expected = messages
        self._told = asyncio.Event()
        return self._told

    async def receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"POST /hang"):
                await reader.read()  # Until the deliverer gives up.
                return
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            self.arrived.append(time.perf_counter())
            if len(self.arrived) == self._expected:
                self._told.set()
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
            writer.close()


async def _measure(webhooks: int, hanging: int, jobs: int) -> list[float]:
    """Return the seconds that each message took to those who answer."""
    consumer = _Consumer()
    server = await asyncio.start_server(consumer.receive, "127.0.0.1", 0, backlog=webhooks)
    port = server.sockets[0].getsockname()[1]
    taken: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="tocsin-") as folder,
        redis_server.reached(Settings(data_dir=folder)) as redis_url,
    ):
        environment = ENVIRONMENT | {"REDIS_URL": redis_url}
        settings = Settings.from_environment(environment)
        with queue.connect(settings) as redis, _delivering(environment, Path(folder) / "deliverer.log"):
            store = WebhookStore(redis, settings)
            for number in range(webhooks):
                path = "hang" if number < hanging else "answer"
                store.create(NewWebhook(url=f"http://127.0.0.1:{port}/{path}/{number}"), LOCAL.owner)
            for _ in range(jobs):
                told = consumer.expect(webhooks - hanging)
                _end_a_job(JobStore(redis, settings))
                ended = time.perf_counter()
                await told.wait()
                taken += (arrived - ended for arrived in consumer.arrived)
    server.close()
    return taken


@contextmanager
def _delivering(environment: dict[str, str], log: Path) -> Iterator[None]:
    """Run a deliverer."""
    command = [sys.executable, "-P", "-m", "cli", "deliver"]
    deliverer = Child("deliverer", command, log, environment=os.environ | environment)
    try:
        deadline = time.monotonic() + START_SECONDS
        while "Ready" not in log.read_text(encoding="utf-8"):
            if not deliverer.is_alive or time.monotonic() > deadline:
                raise click.ClickException(deliverer.last_words)
            time.sleep(0.05)
        yield
    finally:
        deliverer.kill()


def _end_a_job(store: JobStore) -> None:
    job = store.create(Article(text="Des habitants ont manifesté."), LOCAL.owner)
    attempt = store.begin(job.id)
    if attempt is None:
        raise click.ClickException("The job could not be begun.")
    extraction = Extraction(
        article_id="",
        title=None,
        language="fr",
        published_at=datetime.now(UTC).date(),
        published_at_source=PublicationSource.SUBMISSION_TIME,
        text="Des habitants ont manifesté.",
        events=[],
        warnings=[],
    )
    store.succeed(attempt, extraction)


@click.command()
@click.option("--webhooks", default=1000, show_default=True, help="How many webhooks there are.")
@click.option("--hanging", default=50, show_default=True, help="How many of them hang.")
@click.option("--jobs", default=5, show_default=True, help="How many jobs end, one after the other.")
def main(webhooks: int, hanging: int, jobs: int) -> None:
    """Measure, and print a table."""
    table = Table(title=f"{webhooks} webhooks told of {jobs} jobs, seconds until a message has arrived")
    for column in ("", "p50", "p99", "last"):
        table.add_column(column, justify="left" if not column else "right")
    for count in (0, hanging):
        taken = asyncio.run(_measure(webhooks, count, jobs))
        figures = (_percentile(taken, 50), _percentile(taken, 99), max(taken))
        table.add_row(f"{count} hang", *(f"{figure:.2f}" for figure in figures))
    console = Console()
    console.print(table)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    console.print(f"{os.cpu_count()} cores, load {load} (1, 5, 15 minutes)")


def _percentile(seconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    main()
