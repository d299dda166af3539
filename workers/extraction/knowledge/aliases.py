"""Find named groups and organisations in running text.

Aliases are compared word by word; accents, hyphens and apostrophes do not matter. A word that the alias has
in capitals must be in capitals in the text, one with a capital initial must have at least that, and any other
may be written anyhow: `FARC` is not "farc", `Otan` is "OTAN" or "Otan", `houthis` is "Houthis" or "houthis".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Self

import msgspec

from workers.extraction.folding import fold
from workers.extraction.knowledge.actor_data import ActorData, Named

_WORD: Final = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
"""Letters and digits with their combining accents; an elided article is a word of its own."""

_GAP: Final = re.compile(r"[ \t\n\u00a0\u202f]+|\s?[-\u2010-\u2013/'\u2018\u2019\u02bb\u02bc`]\s?")
"""What may stand between the words of an alias."""


_LONG: Final = 4
"""A name of so many words is no phrase by chance."""


class AliasMatch(msgspec.Struct, frozen=True):
    """An alias as it stands in a text, from code point `start` to `end`."""

    named: Named
    start: int
    end: int


class _Word(msgspec.Struct, frozen=True):
    folded: str
    text: str
    start: int
    end: int

    def spells(self, alias: "_Word") -> bool:
        """Whether this word of a text is that of an alias, with its capitals."""
        if alias.text == alias.text.upper():
            return self.text == self.text.upper()
        return self.text[0].isupper() or not alias.text[0].isupper()


class _Node(msgspec.Struct):
    """Aliases by their words: those that end here, and what they may go on with."""

    ending: list[tuple[tuple[_Word, ...], Named]] = []
    following: dict[str, "_Node"] = {}


class AliasMatcher:
    """Finds the names that one language has for groups and organisations."""

    def __init__(self, aliases: dict[str, Named]) -> None:
        self._root = _Node()
        for alias, named in aliases.items():
            words = tuple(_words(alias))
            node = self._root
            for word in words:
                node = node.following.setdefault(word.folded, _Node())
            node.ending.append((words, named))

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """A matcher for the aliases of `language`.

        Raises:
            KnowledgeError: A file or an entry is not as its format demands.

        """
        return cls(ActorData.load(language).aliases)

    def find(self, text: str) -> Iterator[AliasMatch]:
        """The names in `text` in their order, the longest where several begin at a word; none overlap."""
        words = list(_words(text))
        position = 0
        while position < len(words):
            length, named = self._longest(text, words, position)
            if named is None:
                position += 1
                continue
            yield AliasMatch(named, words[position].start, words[position + length - 1].end)
            position += length

    def _longest(self, text: str, words: list[_Word], position: int) -> tuple[int, Named | None]:
        found: tuple[int, Named | None] = (0, None)
        node = self._root
        for index in range(position, len(words)):
            if index > position and not _GAP.fullmatch(text, words[index - 1].end, words[index].start):
                break
            if (following := node.following.get(words[index].folded)) is None:
                break
            node = following
            written = words[position : index + 1]
            for alias, named in node.ending:
                first = 1 if _known_by_the_rest(alias) else 0
                if all(word.spells(part) for word, part in zip(written[first:], alias[first:], strict=True)):
                    found = (len(written), named)
        return found


def _known_by_the_rest(alias: tuple[_Word, ...]) -> bool:
    """Whether a name is one though its first word is small: "l'armée de l'Arakan"."""
    return len(alias) >= _LONG or any(word.text[:1].isupper() for word in alias[2:])


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        yield _Word(fold(match.group()), match.group(), match.start(), match.end())
