"""Find the names of groups and organisations in a text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Self

import msgspec

from workers.extraction.knowledge.actor_data import ActorData, Named

_ACRONYM: Final = 5
"""Names of at most so many letters, all capitals, are matched with their case: `ELN` is no `eln`."""


class Match(msgspec.Struct, frozen=True):
    """A name in a text, and what it names."""

    start: int
    end: int
    named: Named


class AliasMatcher:
    """Finds aliases on word boundaries, the longest first; elision (`l'OTAN`) is a boundary."""

    def __init__(self, aliases: dict[str, Named]) -> None:
        self._acronyms = {alias: named for alias, named in aliases.items() if _is_acronym(alias)}
        self._names = {_plain(alias): named for alias, named in aliases.items() if not _is_acronym(alias)}
        self._patterns = (_pattern(self._acronyms), _pattern(self._names))

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """The matcher of all names that texts in `language` use."""
        return cls(ActorData.load(language).aliases)

    def find(self, text: str) -> list[Match]:
        """The names in `text`, in order, none within another."""
        found: list[Match] = []
        for match in sorted(self._matches(text), key=lambda match: match.start - match.end):
            if all(other.end <= match.start or match.end <= other.start for other in found):
                found.append(match)
        return sorted(found, key=lambda match: match.start)

    def _matches(self, text: str) -> Iterator[Match]:
        acronyms, names = self._patterns
        for match in acronyms.finditer(text):
            yield Match(match.start(), match.end(), self._acronyms[match[0]])
        plain = _plain(text)
        if len(plain) == len(text):
            for match in names.finditer(plain):
                yield Match(match.start(), match.end(), self._names[match[0]])


def _is_acronym(alias: str) -> bool:
    return len(alias) <= _ACRONYM and alias.isupper()


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")


def _pattern(names: dict[str, Named]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)")
