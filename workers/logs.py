"""What is logged, and how it is written: for people, or as JSON, a line each.

Every line has a time, a level and who speaks; and, where it belongs to one, a request (`request_id`) and a
job (`job_id`). No line quotes an article.
"""

import logging
import sys
import traceback
from typing import Final, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import ExcInfo, Processor

from schemas.settings import Settings

FIELDS: Final = frozenset({"method", "path", "status", "milliseconds"})
"""What a message may carry beside its text, as `extra`; nothing else gets into a line by accident."""


def configure(settings: Settings) -> None:
    """Have everything that this process logs written to standard error as the settings say."""
    written = logging.StreamHandler(sys.stderr)
    written.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(FIELDS),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *_renderers(as_json=settings.log_format == "json"),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [written]
    root.setLevel(settings.log_level)


def _renderers(*, as_json: bool) -> list[Processor]:
    if as_json:
        return [
            structlog.processors.ExceptionRenderer(_without_messages),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_print)]


def _without_messages(exc_info: ExcInfo) -> str:
    """Show where an exception came from, and of what type it is.

    Its message may quote what it is about, and that may be an article.
    """
    parts: list[str] = []
    seen: set[int] = set()
    error: BaseException | None = exc_info[1]
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        where = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{where}{_name(type(error))}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nwhich came of:\n\n".join(parts)


def _print(stream: TextIO, exc_info: ExcInfo) -> None:
    stream.write(_without_messages(exc_info))


def _name(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
