"""`tocsin actors`: whom the words for an actor mean, asked on their own."""

import datetime as dt

import msgspec
import rich_click as click

from cli.questions import answer_all, require
from workers.extraction.sectors import ActorCoder


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str
    language: str
    context: str | None = None
    date: dt.date | None = None


class _Answer(msgspec.Struct, frozen=True):
    id: str
    country: str | None
    sector: str | None


@click.command()
def actors() -> None:
    """Tell the country and the sector of society of actor phrases.

    Reads one JSON object a line from standard input, `{"id", "text", "language", "context", "date"}`: an
    actor phrase, perhaps a country that it was said about, and a day (today if there is none). Writes for
    each `{"id", "country", "sector"}`: ISO 3166-1 alpha-3 (UNO, EUR and IGO for bodies of several states)
    and PLOVER's sector, null where there is none.
    """
    answer_all(_Question, _answer)


def _answer(question: _Question) -> _Answer:
    require(question.language, "sectors.toml", "words for actors")
    day = question.date or dt.datetime.now(dt.UTC).date()
    code = ActorCoder.load(question.language).code(question.text, day, question.context)
    return _Answer(question.id, code.country, code.sector)
