"""`tocsin extract`: the extraction without a server."""

import os
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cli import articles
from schemas.article import Article, ExtractLine
from schemas.errors import ExtractionError, InvalidArticleError, MalformedArticleError, TocsinError
from schemas.settings import Settings
from workers.extraction import clustering, submission

if TYPE_CHECKING:
    from workers.extraction.extractor import Extractor

STANDARD_INPUT: Final = Path("-")


@click.command()
@click.argument(
    "files",
    metavar="[FILE...]",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path),
)
def extract(files: tuple[Path, ...]) -> None:
    """Code articles in this process; needs neither API nor Redis.

    Each FILE is plain text, HTML, a JSON object with the fields of a submission, or such objects one a
    line (NDJSON); name and content tell which. Standard input is read for `-` and when there is no FILE.

    Writes one line of JSON for each article, in the order of the input, as soon as it is coded: what was
    read out of the article, and all its records, also those of what did not happen or is outside ACLED's
    scope. The line of an article that cannot be coded says why in `error`.

    Exit status: 0 if every article was coded, 1 if one was not, 2 if nothing could be begun.
    """
    from workers.extraction.extractor import Extractor  # noqa: PLC0415 - `tocsin --help` need not wait

    settings = Settings.from_environment(os.environ)
    paths = files or (STANDARD_INPUT,)
    if STANDARD_INPUT in paths and sys.stdin.isatty():
        sys.stderr.write("Reading an article from the keyboard; end it with Ctrl-D.\n")
    console = Console(stderr=True)
    failures = 0
    coder = _Coder(Extractor(settings), settings, console)
    with _progress(console) as progress:
        task = progress.add_task("", total=_size(paths), articles=0)
        for count, source in enumerate(_sources(paths, progress, task), start=1):
            line = coder.code(source)
            failures += line.error is not None
            sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
            sys.stdout.flush()
            progress.update(task, articles=count)
    sys.exit(1 if failures else 0)


class _Coder:
    """Turns sources into lines; nothing that is wrong with one article keeps it from the next."""

    def __init__(self, extractor: "Extractor", settings: Settings, console: Console) -> None:
        self._extractor = extractor
        self._settings = settings
        self._console = console
        self._clusters = clustering.Clusters()

    def code(self, source: articles.Source) -> ExtractLine:
        article = Article()
        now = datetime.now(UTC)
        try:
            article = source.article()
            submission.check(article, self._settings, now.date())
            coded = self._extractor.extract(article, now)
        except InvalidArticleError as error:
            return _failure(article, source, f"{error.pointer}: {error}".removeprefix(": "))
        except (ExtractionError, MalformedArticleError) as error:
            return _failure(article, source, str(error))
        except TocsinError:
            raise  # Models or knowledge are missing: no article can be coded.
        except Exception as error:  # noqa: BLE001 - a mistake of ours, which must not cost the articles after it
            self._console.print(traceback.format_exc(), markup=False, highlight=False)
            return _failure(article, source, f"Internal error: {error!r}")
        for warning in coded.warnings:
            self._console.print(f"{source.where}: {warning}", markup=False, highlight=False)
        return ExtractLine(
            external_id=article.external_id,
            article_id=coded.article_id,
            language=coded.language,
            published_at=coded.published_at,
            text=coded.text,
            events=self._clusters.add(coded.events),
            error=None,
        )


def _failure(article: Article, source: articles.Source, reason: str) -> ExtractLine:
    return ExtractLine(
        external_id=article.external_id,
        article_id=None,
        language=None,
        published_at=None,
        text=None,
        events=[],
        error=f"{source.where}: {reason}",
    )


def _sources(paths: tuple[Path, ...], progress: Progress, task: TaskID) -> Iterator[articles.Source]:
    for path in paths:
        if path == STANDARD_INPUT:
            yield from articles.split(sys.stdin.buffer, "standard input")
        else:
            with progress.open(path, "rb", total=_size(paths), task_id=task) as stream:
                yield from articles.split(stream, str(path))


def _progress(console: Console) -> Progress:
    """A bar on standard error, and none where that is not a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[articles]} articles coded"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # Else the records would go where the bar goes.
        transient=True,
    )


def _size(paths: tuple[Path, ...]) -> int | None:
    """Bytes to read, if that can be known."""
    return None if STANDARD_INPUT in paths else sum(path.stat().st_size for path in paths)
