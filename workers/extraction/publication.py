"""Find in an article's text the day that it was published on.

Only what a page says of itself counts: a line such as "Publié le 6.1.2022", or one that begins with a
date as datelines do. A date of the story is never taken.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final

from workers.extraction.dates import DateExpression, DateResolver, DateVocabulary, alternatives

HEAD: Final = 20
"""So many lines at the beginning of an article may say when it was published,"""

FOOT: Final = 5
"""and so many at the end."""

LINE: Final = 200
"""The part of a line that is looked at, in characters."""

_CLOCK: Final = r"\d{1,2}\s?(?:[h:.]\s?\d\d(?::\d\d)?|h)"
_SEPARATOR: Final = r"[|•·–—:.;)-]"


def find(text: str, language: str, latest: date) -> tuple[date, int, int] | None:
    """The day of publication as `text` has it, and where; days after `latest` cannot be and are skipped.

    First publication counts more than a dateline, and both more than an update.
    """
    resolver, wording = DateResolver.load(language), _Wording.load(language)
    best: tuple[int, date, int, int] | None = None
    for offset, line in _lines(text):
        for expression in resolver.find(line, latest):
            if not _is_complete(expression) or expression.date > latest:
                continue
            rank = wording.rank(line[: expression.start], line[expression.end :])
            if rank is not None and (best is None or rank < best[0]):
                best = rank, expression.date, offset + expression.start, offset + expression.end
    return best[1:] if best else None


class _Wording:
    """How a language's pages say when they were published."""

    def __init__(self, vocabulary: DateVocabulary) -> None:
        words = vocabulary.publication
        begin = r"^\W*(?:.{1,60}(?:\s[|•·–—-]|,)\s*)?"
        lead = rf"(?:\s*:)?\s*(?:{alternatives(words.before)})?\s*$"
        self._published = re.compile(rf"{begin}(?:{alternatives(words.published)}){lead}", re.IGNORECASE)
        self._updated = re.compile(rf"{begin}(?:{alternatives(words.updated)}){lead}", re.IGNORECASE)
        self._dateline = re.compile(
            rf"^\W*(?:[^\W\d_][\w'’ ().-]{{1,40}},\s*)?(?:{alternatives(words.before)})?\s*$", re.IGNORECASE
        )
        self._rest = re.compile(rf"(?:[\s,(]|{_CLOCK}|(?:{alternatives(words.after)})(?!\w))*", re.IGNORECASE)
        self._another = re.compile(
            rf"(?:{alternatives(words.published + words.updated + words.authors)})(?!\w)", re.IGNORECASE
        )

    @classmethod
    @lru_cache
    def load(cls, language: str) -> "_Wording":
        return cls(DateVocabulary.load(language))

    def rank(self, before: str, after: str) -> int | None:
        """How much a date between these words counts as that of publication: 0 the most, None not at all."""
        rest = self._rest.match(after)
        remainder = after[rest.end() :] if rest else after
        separated = not remainder or re.match(_SEPARATOR, remainder) is not None
        if not separated and not self._another.match(remainder):
            return None
        if self._published.match(before):
            return 0
        if self._updated.match(before):
            return 2
        return 1 if separated and self._dateline.match(before) else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The first and the last lines that are not empty, each with its offset."""
    filled = [(line.start(), line[0][:LINE]) for line in re.finditer(r"[^\n]*\S[^\n]*", text)]
    yield from filled[:HEAD]
    yield from filled[max(HEAD, len(filled) - FOOT) :]


def _is_complete(expression: DateExpression) -> bool:
    return expression.kind == "date" and bool(expression.slots.keys() & {"year", "shortyear"})
