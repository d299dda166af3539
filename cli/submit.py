"""`tocsin submit`: articles to a service that runs."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli import address, articles
from client import Client
from client.calls import RecordFormat
from schemas.batch import Batch
from schemas.errors import TocsinError
from schemas.event_list import View
from schemas.job import Job, JobStatus, Priority
from schemas.settings import Settings

STANDARD_INPUT: Final = Path("-")


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path),
)
@click.option("--wait", is_flag=True, help="Wait until all articles are coded, and print the records.")
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(RecordFormat)),
    default="ndjson",
    show_default=True,
    help="What the records are printed as.",
)
@click.option("--all", "every", is_flag=True, help="Print also the records that ACLED would not code.")
@click.option(
    "--priority",
    type=click.Choice([priority.value for priority in Priority]),
    default=Priority.BULK.value,
    show_default=True,
    help="How urgent it is; the rest waits for what is interactive.",
)
@click.option("--url", help="Where the service is; else TOCSIN_URL says so, or TOCSIN_HOST and TOCSIN_PORT.")
def submit(
    files: tuple[Path, ...], wait: bool, form: RecordFormat, every: bool, priority: str, url: str | None
) -> None:
    """Submit articles to a running service, as one batch.

    Each FILE is plain text, HTML, a JSON object with the fields of a submission, or such objects one a
    line (NDJSON); `-` is standard input. Prints the address of the batch, or with --wait the records.
    TOCSIN_API_KEY is shown where the service asks for a key.

    Exit status: 0 if every article was accepted, and with --wait coded; 1 if one was not; 2 if the
    arguments or settings make no sense.
    """
    settings = Settings.from_environment(os.environ)
    console = Console(stderr=True, highlight=False)
    sources = _Sources(files, console)
    with Client(url or settings.url or address.of(settings), settings.api_key) as client:
        batch = client.submit_batch(sources.lines(), priority=Priority(priority))
        failures = sources.unread + len(batch.rejections)
        for rejection in batch.rejections:
            _tell(console, sources.found[rejection.line - 1], rejection.detail)
        where = f"{client.url}/v1/batches/{batch.id}"
        if not wait:
            sys.stdout.write(f"{where}\n")
            sys.exit(1 if failures else 0)
        console.print(f"{batch.total} articles accepted: {where}", soft_wrap=True)
        batch = _follow(client, batch, console)
        if batch.counts.succeeded < batch.total:
            failures += _tell_failures(client, batch, sources, console)
        for part in client.batch_events(batch.id, form, View.ALL if every else View.DEFAULT):
            sys.stdout.buffer.write(part)
        sys.stdout.flush()
    sys.exit(1 if failures else 0)


class _Sources:
    """The articles of files.

    Attributes:
        found: Where each one was found that was sent, in order.
        unread: How many could not be read.

    """

    def __init__(self, files: tuple[Path, ...], console: Console) -> None:
        self.found: list[str] = []
        self.unread = 0
        self._files = files
        self._console = console

    def lines(self) -> Iterator[bytes]:
        """Read the articles; what cannot be read is told of, and left out."""
        for source in self._sources():
            try:
                line = source.json()
            except TocsinError as error:
                self.unread += 1
                _tell(self._console, source.where, str(error))
                continue
            self.found.append(source.where)
            yield line

    def _sources(self) -> Iterator[articles.Source]:
        for path in self._files:
            if path == STANDARD_INPUT:
                yield from articles.split(sys.stdin.buffer, "standard input")
            else:
                with path.open("rb") as stream:
                    yield from articles.split(stream, str(path))


def _follow(client: Client, batch: Batch, console: Console) -> Batch:
    columns = (TextColumn("Articles coded"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=batch.total)
        for seen in client.follow_batch(batch.id):
            batch = seen
            progress.update(task, completed=batch.total - batch.counts.open)
    return batch


def _tell_failures(client: Client, batch: Batch, sources: _Sources, console: Console) -> int:
    refused = {item.line for item in batch.rejections} | {item.line for item in batch.duplicates}
    accepted = [where for number, where in enumerate(sources.found, start=1) if number not in refused]
    failures = 0
    for where, job in zip(accepted, client.batch_jobs(batch.id), strict=False):
        if job.status is not JobStatus.SUCCEEDED:
            failures += 1
            _tell(console, where, _reason(job))
    return failures


def _reason(job: Job) -> str:
    return job.error.detail if job.error else f"{job.status}."


def _tell(console: Console, where: str, reason: str) -> None:
    console.print(f"{where}: {reason}", markup=False, soft_wrap=True)
