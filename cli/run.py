"""`tocsin run`: everything on this machine, and an article through it."""

import os
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from secrets import token_urlsafe
from typing import Final, Self

import rich_click as click
from msgspec.structs import replace
from rich.console import Console

from cli import address, articles, redis_server, table
from cli.processes import POLL, RESTARTS, Child, InterruptedRunError, Interruption, Keeper, ServiceError
from cli.serve import require_free_port
from client import Client, RefusedError
from schemas.article import Article
from schemas.errors import MalformedArticleError, TocsinError
from schemas.event_list import View
from schemas.job import JobStatus
from schemas.settings import Settings, variable
from workers import queue
from workers.keys import KeyStore

EXAMPLE: Final = Path(__file__).parents[1] / "examples" / "article-fr.txt"
LENT: Final = timedelta(days=1)
"""How long the key for the article may be used, should this process not come to revoke it."""

READY_SECONDS: Final = 180.0
"""How long the models may take to load, on a machine that is busy with other things."""
LOCAL_WEBHOOKS: Final = {
    variable("webhook_allow_http"): "true",
    variable("webhook_allow_networks"): "127.0.0.0/8,::1/128",
}
"""Lets webhooks reach a receiver on this machine (`tocsin listen`), unless the environment says otherwise."""


@click.command()
@click.argument(
    "article",
    required=False,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--once", is_flag=True, help="Stop after printing; exit 0 only if records came back.")
def run(article: Path | None, once: bool) -> None:
    """Start all of Tocsin on this machine and code ARTICLE, or an example.

    Starts a Redis (unless REDIS_URL names one), the API, a deliverer of webhooks, and a worker for each
    core; submits the article as any client would, prints its records, and serves until Ctrl-C. ARTICLE is
    plain text, HTML, or a JSON object with the fields of a submission.
    """
    settings = Settings.from_environment(os.environ)
    path = article or EXAMPLE
    submitted = _read(path)
    console = Console(highlight=False)
    interruption = Interruption()
    interruption.install()
    with Service(settings, interruption, console) as service:
        try:
            service.start()
            has_records = service.code(submitted, path)
            if once:
                sys.exit(0 if has_records else 1)
            service.serve()
        except InterruptedRunError as stopped:
            console.print("\nStopping. Ctrl-C again stops at once; nothing that was submitted is lost.")
            sys.exit(0 if service.is_serving else stopped.exit_status)


class Service:
    """All processes of `tocsin run`; as a context, it leaves none of them behind."""

    def __init__(self, settings: Settings, interruption: Interruption, console: Console) -> None:
        self.is_serving = False
        self._is_up = False
        self._settings = settings
        self._interruption = interruption
        self._console = console
        self._data = Path(settings.data_dir)
        self._logs = self._data / "logs"
        self._keeper = Keeper()
        self._exits = ExitStack()
        self._client = self._exits.enter_context(Client(address.of(settings)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._exits:
            self._keeper.stop(hurry=lambda: self._interruption.insists)

    def start(self) -> None:
        """Start everything, and wait until it works.

        Raises:
            SettingsError: The API cannot listen where it should.
            ServiceError: Something did not start, or did not stay.
            InterruptedRunError: A signal came first.

        """
        self._console.print(f"Tocsin {version('tocsin')}", style="bold")
        require_free_port(self._settings)
        lock = self._exits.enter_context(redis_server.locked(self._data))
        self._logs.mkdir(exist_ok=True)
        for log in self._logs.glob("*.log"):
            log.unlink()
        url = self._redis(lock)
        environment = self._environment() | {"REDIS_URL": url}
        self._settings = replace(self._settings, redis_url=url)
        self._keeper.need(self._child("api", "serve", environment))
        self._keeper.renew(partial(self._child, "deliverer", "deliver", environment))
        workers = self._settings.workers or os.cpu_count() or 1
        for number in range(1, workers + 1):
            self._keeper.renew(partial(self._child, f"worker-{number}", "worker", environment))
        began = time.monotonic()
        with self._console.status(f"Starting the API and {_count(workers, 'worker')}: loading models …"):
            while not self._client.is_ready():
                if time.monotonic() - began > READY_SECONDS:
                    raise ServiceError(
                        f"No worker was ready after {READY_SECONDS:.0f} s; see the logs in {self._logs}."
                    )
                self._wait()
        self._is_up = True
        self._report("API", f"{self._client.url}, ready after {time.monotonic() - began:.1f} s")
        self._report("Workers", f"{workers}, each with the models in memory")

    def code(self, article: Article, path: Path) -> bool:
        """Have `article` coded and print what comes of it; whether there are records.

        Raises:
            ServiceError: Something did not stay up.
            InterruptedRunError: A signal came first.

        """
        with (
            queue.connect(self._settings) as redis,
            KeyStore(redis, self._settings).lent("run", LENT) as key,
            Client(self._client.url, key) as client,
        ):
            return self._code(client, article, path)

    def _code(self, client: Client, article: Article, path: Path) -> bool:
        began = time.monotonic()
        try:
            job = client.submit(article)
        except RefusedError as error:
            self._console.print(f"\n{path} was not accepted: {error}", style="red", markup=False)
            return False
        with self._console.status(f"Coding {path} …"):
            while not job.status.is_final:
                self._wait()
                job = client.job(job.id)
        if job.status is not JobStatus.SUCCEEDED:
            reason = job.error.detail if job.error else job.status.value
            self._console.print(f"\n{path} was not coded: {reason}", style="red", markup=False)
            return False
        events = client.events(job.id, View.ALL)
        self._report(
            "Article", f"{path}, {_count(len(events), 'record')} in {time.monotonic() - began:.1f} s"
        )
        self._console.print("", table.render(events), sep="\n")
        return bool(events)

    def serve(self) -> None:
        """Print the addresses and serve.

        Raises:
            ServiceError: Something did not stay up.
            InterruptedRunError: A signal came: the way that this ends.

        """
        self.is_serving = True
        self._console.print()
        self._report("Submit to", f"{self._client.url}/v1/articles")
        self._report("Documentation", f"{self._client.url}/docs")
        self._report("Logs", str(self._logs))
        self._console.print("Serving until Ctrl-C.", style="bold")
        while True:
            self._wait()

    def _environment(self) -> dict[str, str]:
        """Give the settings of the children: ours, and what they need for webhooks to work."""
        path = self._data / "secret"
        if not (self._settings.secret or path.exists()):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
                made.write(token_urlsafe())
        secret = self._settings.secret or path.read_text(encoding="ascii")
        return LOCAL_WEBHOOKS | os.environ | {variable("secret"): secret}

    def _redis(self, lock: int) -> str:
        """Find or start a Redis, and return its URL."""
        if self._settings.redis_url:
            redis_server.require(self._settings.redis_url)
            self._report("Redis", "the one that REDIS_URL names")
            return self._settings.redis_url
        program, name = redis_server.find()
        runtime = self._exits.enter_context(redis_server.runtime_folder())
        data = self._data / "redis"
        server, url = redis_server.start(program, data, runtime, self._logs / "redis.log", lock)
        self._keeper.need(server)
        redis_server.wait_for(server, url, self._check)
        (self._data / redis_server.ADDRESS).write_text(url, encoding="utf-8")
        self._report("Redis", f"{name}, data in {data}")
        return url

    def _child(self, name: str, subcommand: str, environment: dict[str, str]) -> Child:
        command = [sys.executable, "-P", "-m", "cli", subcommand]
        return Child(name, command, self._logs / f"{name}.log", environment=environment)

    def _wait(self) -> None:
        self._check()
        time.sleep(POLL)

    def _check(self) -> None:
        self._interruption.check()
        # A worker that cannot even begin will not at the second try.
        self._keeper.check(restarts=RESTARTS if self._is_up else 0)

    def _report(self, heading: str, text: str) -> None:
        self._console.print(f"[green]{heading:<14}[/]", end="")
        self._console.print(text, markup=False, soft_wrap=True)


def _read(path: Path) -> Article:
    with path.open("rb") as stream:
        sources = articles.split(stream, str(path))
        source = next(sources, None)
        if source is None or next(sources, None) is not None:
            raise MalformedArticleError(f"{path} is not one article; `tocsin extract` takes many.")
    try:
        return source.article()
    except TocsinError as error:
        raise MalformedArticleError(f"{source.where}: {error}") from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
