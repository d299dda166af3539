"""Whether two articles are nearly the same words: a reprint, or the same article with corrections.

After Broder, "On the resemblance and containment of documents" (1997): the resemblance of two texts is the
share of their shingles, runs of a few words, that both have. Of each text a sketch is kept, the lowest hashes
of its shingles, by which it is estimated; of short texts the sketch has all, and the figure is exact.

Short reports of different events may share most of their words, so the names and numbers must agree as well:
"Douze soldats tués à Gao" is no reprint of "Trois soldats tués à Mopti".
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from workers.extraction.folding import fold

LEAST: Final = 0.7
"""The least resemblance of words of two texts that are nearly the same."""
LEAST_OF_NAMES: Final = 0.8
"""The least resemblance of their names and numbers."""

_WORDS: Final = re.compile(r"\w+")
_SHINGLE: Final = 3
_SHINGLES: Final = 128
_NAMES: Final = 64
_HANDLES: Final = 4


class Sketch(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a text: the lowest hashes of its shingles, and of its names and numbers, in order."""

    shingles: tuple[int, ...]
    names: tuple[int, ...]

    @property
    def handles(self) -> tuple[int, ...]:
        """What to find it by: of two texts as alike as `LEAST`, 99 in 100 have one in common."""
        return self.shingles[:_HANDLES]


def sketch(text: str) -> Sketch:
    """Make the sketch of a text."""
    words = _WORDS.findall(text)
    plain = [fold(word) for word in words]
    shingles = {" ".join(plain[at : at + _SHINGLE]) for at in range(max(1, len(plain) - _SHINGLE + 1))}
    names = {fold(word) for word in words if word[0].isupper() or word[0].isdigit()}
    return Sketch(_lowest(shingles, _SHINGLES), _lowest(names, _NAMES))


def resemblance(one: Sketch, other: Sketch) -> float:
    """How alike the words of two texts are, from 0 to 1; 0 if their names and numbers are not."""
    if _shared(one.names, other.names, _NAMES) < LEAST_OF_NAMES:
        return 0.0
    return _shared(one.shingles, other.shingles, _SHINGLES)


def _lowest(items: Iterable[str], count: int) -> tuple[int, ...]:
    return tuple(sorted({_hash(item) for item in items})[:count])


def _hash(item: str) -> int:
    """Give 32 bits that are the same in every process."""
    return int.from_bytes(blake2b(item.encode(), digest_size=4).digest(), "big")


def _shared(one: Sequence[int], other: Sequence[int], size: int) -> float:
    """The share of what both have in what either has, of which only the lowest may be known."""
    either = sorted({*one, *other})
    if size in (len(one), len(other)):
        either = either[:size]
    return len(set(one).intersection(other, either)) / len(either) if either else 1.0
