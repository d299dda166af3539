"""Write into treebank sentences what newspapers have and treebanks lack, for the tokenizer to learn from.

A treebank is whole sentences, one after another. A newspaper has datelines before its first sentence,
headlines and items of lists without a full stop, quotations of several sentences in « », “ ” and " ", titles
and initials whose full stop ends nothing, dashes - such as these - in its sentences, names from all over
the world, in which no sentence ends though the next one begins with a capital as well, and now and then no
space between two of them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from training import treebank
from training.treebank import Sentence

_ENDS = frozenset(".!?…")
_CLOSING = frozenset("\"'»”)")
_QUOTES = frozenset("\"'«»“”‘’")

# Of sentences, so many get what the name says.
_DATELINE = 0.04
_QUOTED = 0.06
_BULLET = 0.03
_WITHOUT_FULL_STOP = 0.07
_TITLE = 0.05
_INITIAL = 0.04
_NUMBER = 0.04
_NAME = 0.3  # Of the names, another stands in their place.
_DASH = 0.10  # Of those with a comma.
_OTHER_QUOTES = 0.5  # Of those that have quotation marks get others.
# What follows a sentence: a space but for these.
_PARAGRAPH = 0.08
_BREAK_WITHOUT_END = 0.1  # After those that end without . ! ? …, as headlines do.
_NO_SPACE = 0.02
_SHORTEST = 3


class Habits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the newspapers of a language write; the notation is told in `newspapers.toml`."""

    datelines: tuple[str, ...]
    agencies: tuple[str, ...]
    months: tuple[str, ...]
    quotes: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    numbers: tuple[str, ...]
    initials: tuple[str, ...]
    bullets: tuple[str, ...]


@cache
def habits() -> dict[str, Habits]:
    """All that `newspapers.toml` tells, by ISO 639-1 code."""
    return msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=dict[str, Habits])


@dataclass(frozen=True)
class Token:
    """A token, the words that it stands for (itself, if it is one), its UPOS, and whether a space follows."""

    form: str
    words: tuple[str, ...]
    upos: str
    spaced: bool


def tokens(sentence: Sentence) -> list[Token]:
    """What of a sentence the tokenizer learns."""
    found: list[Token] = []
    words = {row[0]: row for row in sentence.words}
    covered = 0
    for row in sentence.rows:
        spaced = "SpaceAfter=No" not in row[treebank.MISC].split("|")
        first, _, last = row[0].partition("-")
        if last:
            covered = int(last)
            parts = [words[str(number)] for number in range(int(first), covered + 1)]
            forms = tuple(part[treebank.FORM] for part in parts)
            found.append(Token(row[treebank.FORM], forms, parts[-1][treebank.UPOS], spaced))
        elif row[0].isdigit() and int(first) > covered:
            found.append(Token(row[treebank.FORM], (row[treebank.FORM],), row[treebank.UPOS], spaced))
    return found


def sentence_of(found: list[Token]) -> Sentence:
    """Tokens as a sentence in which nothing but the tokens is told."""
    rows = []
    number = 1
    for token in found:
        misc = "_" if token.spaced else "SpaceAfter=No"
        if len(token.words) > 1:
            rows.append([f"{number}-{number + len(token.words) - 1}", token.form, *"_______", misc])
            misc = "_"
        for word in token.words:
            rows.append([str(number), word, *"_______", misc])
            number += 1
    return Sentence([], rows)


class Writer:
    """Writes sentences as newspapers would; what it does to which is up to `randomness` alone."""

    def __init__(
        self, language: str, places: list[str], names: list[tuple[str, ...]], randomness: random.Random
    ) -> None:
        self._habits = habits()[language]
        self._places = places
        self._names = names
        self._random = randomness

    def write(self, sentences: list[Sentence]) -> Iterator[tuple[Sentence, str]]:
        """Each sentence and the white space that follows it."""
        items = [self._happens(_BULLET) for _ in sentences]
        for sentence, item, item_next in zip(sentences, items, [*items[1:], False], strict=True):
            found = tokens(sentence)
            self._rename(found)
            self._requote(found)
            self._abbreviate(found)
            self._dash(found)
            if item:
                found[:0] = _read(self._random.choice(self._habits.bullets))
            elif self._happens(_DATELINE):
                found[:0] = self._dateline()
            else:
                found = self._quoted(found)
            if (item or self._happens(_WITHOUT_FULL_STOP)) and len(found) > _SHORTEST:
                if found[-1].form in _ENDS:
                    found.pop()
            after = self._after(found)
            yield sentence_of(found), "\n\n" if item or item_next else after

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _after(self, found: list[Token]) -> str:
        ended = found[-1].form[-1] in _ENDS | _CLOSING
        if self._happens(_PARAGRAPH if ended else _BREAK_WITHOUT_END):
            return "\n\n"
        return "" if ended and self._happens(_NO_SPACE) else " "

    def _dateline(self) -> list[Token]:
        place = self._random.choice(self._places)
        return _read(
            self._random.choice(self._habits.datelines).format(
                place=place,
                PLACE=place.upper(),
                agency=self._random.choice(self._habits.agencies),
                day=self._random.randint(1, 31),
                month=self._random.choice(self._habits.months),
                year=self._random.randint(1990, 2030),
            )
        )

    def _rename(self, found: list[Token]) -> None:
        """Put other names where names are."""
        for first, last in reversed(_names(found)):
            if self._names and self._happens(_NAME):
                name = self._random.choice(self._names)
                found[first:last] = [
                    *(Token(form, (form,), "PROPN", spaced=True) for form in name[:-1]),
                    Token(name[-1], (name[-1],), "PROPN", found[last - 1].spaced),
                ]

    def _dash(self, found: list[Token]) -> None:
        """Make a comma a dash between spaces, which ends nothing, though one begins an item of a list."""
        commas = [
            number
            for number in range(1, len(found) - 1)
            if found[number].form == "," and found[number].spaced and not found[number - 1].spaced
        ]
        if commas and self._happens(_DASH):
            number = self._random.choice(commas)
            dash = self._random.choice("-–—")
            before = found[number - 1]
            found[number - 1] = Token(before.form, before.words, before.upos, spaced=True)
            found[number] = Token(dash, (dash,), "PUNCT", spaced=True)

    def _requote(self, found: list[Token]) -> None:
        """Give a sentence with a pair of quotation marks those of another style."""
        marks = [number for number, token in enumerate(found) if token.form in _QUOTES - {"'", "’"}]
        if len(marks) != 2 or not self._happens(_OTHER_QUOTES):  # noqa: PLR2004 - a pair
            return
        opening, closing = marks
        before, after = self._random.choice(self._habits.quotes)
        mark, *glued = before.split()
        found[opening] = Token(mark, (mark,), "PUNCT", not glued)
        mark = after.removeprefix("~")
        found[closing] = Token(mark, (mark,), "PUNCT", found[closing].spaced)
        inner = found[closing - 1]
        if closing - 1 > opening:
            found[closing - 1] = Token(inner.form, inner.words, inner.upos, not after.startswith("~"))

    def _quoted(self, found: list[Token]) -> list[Token]:
        """Make a sentence the whole of a quotation, its beginning or its end."""
        plain = found[-1].form in _ENDS and not any(token.form in _QUOTES for token in found)
        if not plain or not self._happens(_QUOTED):
            return found
        before, after = self._random.choice(self._habits.quotes)
        part = self._random.choice(("whole", "beginning", "end"))
        opening = _read(before) if part != "end" else []
        closing = _read(after) if part != "beginning" else []
        last = found[-1]
        if closing:
            found[-1] = Token(last.form, last.words, last.upos, not after.startswith("~"))
        return [*opening, *found, *closing]

    def _abbreviate(self, found: list[Token]) -> None:
        """Put a title before a name, an initial into it, and an abbreviation before a number."""
        for number in range(len(found) - 1, -1, -1):
            token = found[number]
            before = found[number - 1] if number else None
            after = found[number + 1] if number + 1 < len(found) else None
            if before and not before.spaced:
                continue
            if token.upos == "PROPN" and token.form.isalpha() and after and after.upos == "PROPN":
                inside = before is not None and before.upos == "PROPN"
                if not inside and token.spaced and self._happens(_INITIAL):
                    found[number + 1 : number + 1] = _read(self._random.choice(self._habits.initials))
                if not inside and self._happens(_TITLE):
                    found[number:number] = _read(self._random.choice(self._habits.titles))
            elif token.form.isdigit() and self._happens(_NUMBER):
                found[number:number] = _read(self._random.choice(self._habits.numbers))


def _names(found: list[Token]) -> list[tuple[int, int]]:
    """First token of each name, and the token after its last."""
    spans: list[tuple[int, int]] = []
    start = None
    for number, token in enumerate([*found, Token("", (), "X", spaced=False)]):
        is_name = token.upos == "PROPN" and token.form.isalpha() and token.form[0].isupper()
        if start is not None and (not is_name or not found[number - 1].spaced):
            spans.append((start, number))
            start = None
        if is_name and start is None:
            start = number
    return spans


def _read(written: str) -> list[Token]:
    """Tokens in the notation of `newspapers.toml`; a `~` alone at the end glues what follows."""
    pieces = written.split()
    glued = [*(piece.startswith("~") for piece in pieces[1:]), False]
    return [
        Token(form, (form,), "X", not next_glued)
        for piece, next_glued in zip(pieces, glued, strict=True)
        if (form := piece.removeprefix("~"))
    ]
