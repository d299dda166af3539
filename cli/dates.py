"""`tocsin dates`: the days that expressions mean, asked on their own."""

from datetime import date

import msgspec
import rich_click as click

from cli.questions import answer_all, require
from workers.extraction.dates import DateResolver


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str
    language: str
    reference: date


class _Answer(msgspec.Struct, frozen=True):
    id: str
    date: date | None
    precision: str | None


@click.command()
def dates() -> None:
    """Work out the days that sentences tell, without coding them.

    Reads one JSON object a line from standard input, `{"id", "text", "language", "reference"}`: a sentence
    or an expression, and the day it was written (YYYY-MM-DD). Writes for each `{"id", "date", "precision"}`:
    the first day told, null if there is none, and `day`, `week`, `month` or `year`.
    """
    answer_all(_Question, _answer)


def _answer(question: _Question) -> _Answer:
    require(question.language, "dates.toml", "date words")
    resolver = DateResolver.load(question.language)
    found = resolver.find(question.text, question.reference)
    if not found:
        return _Answer(question.id, None, None)
    told = resolver.resolve(found[0], question.reference, future=resolver.in_future(question.text))
    return _Answer(question.id, told.date, told.precision)
