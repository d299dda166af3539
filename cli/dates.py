"""`tocsin dates`: the days that expressions mean, asked on their own."""

import sys
from datetime import date

import msgspec
import rich_click as click

from schemas.errors import InvalidArticleError
from workers.extraction.dates import DateResolver
from workers.extraction.knowledge import FOLDER


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
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            try:
                question = msgspec.json.decode(line, type=_Question)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InvalidArticleError(f"Line {number}: {error}.", "") from error
            sys.stdout.write(msgspec.json.encode(_answer(question)).decode() + "\n")


def _answer(question: _Question) -> _Answer:
    if not (FOLDER / question.language / "dates.toml").is_file():
        raise InvalidArticleError(f"There are no date words for the language `{question.language}`.", "")
    resolver = DateResolver.load(question.language)
    found = resolver.find(question.text, question.reference)
    if not found:
        return _Answer(question.id, None, None)
    told = resolver.resolve(found[0], question.reference, future=resolver.in_future(question.text))
    return _Answer(question.id, told.date, told.precision)
