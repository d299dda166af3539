"""NDJSON in, NDJSON out: how the commands answer that ask a part of the extraction on its own."""

import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

from schemas.errors import InvalidArticleError
from workers.extraction.knowledge import FOLDER

Question = TypeVar("Question", bound=msgspec.Struct)


def answer_all(kind: type[Question], answer: Callable[[Question], msgspec.Struct]) -> None:
    """Answer every line of standard input on standard output.

    Raises:
        InvalidArticleError: A line is no question of this kind.

    """
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            try:
                question = msgspec.json.decode(line, type=kind)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InvalidArticleError(f"Line {number}: {error}.", "") from error
            sys.stdout.write(msgspec.json.encode(answer(question)).decode() + "\n")


def require(language: str, file: str, what: str) -> None:
    """See to it that there are words for a language.

    Raises:
        InvalidArticleError: There are none.

    """
    if not (FOLDER / language / file).is_file():
        raise InvalidArticleError(f"There are no {what} for the language `{language}`.", "")
