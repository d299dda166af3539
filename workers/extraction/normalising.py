"""The text that is analysed, and the way back from it to the text as it was sent.

Models and lexicons expect composed letters, plain spaces and no invisible characters; whoever reads
the records counts in what they sent. `Normalised` keeps both and translates offsets.
"""

import unicodedata
from array import array
from typing import Final

from schemas.event import Span

_LINE_BREAKS: Final = frozenset("\n\r\x85\u2028\u2029")


class Normalised:
    """A text for analysis, made from an original that its spans refer to.

    `text` is NFC; what is invisible (control, zero-width and bidirectional characters, soft hyphens,
    variation selectors) is left out, every sort of space is a space, of line break a newline, and an emoji
    is a space: models take it for a name. Quotation marks, apostrophes and dashes stay as they are.
    """

    def __init__(self, original: str) -> None:
        self.original = original
        letters: list[str] = []
        # Where in the original each code point of `text` begins and ends. A composed letter covers what
        # it was composed of.
        self._starts, self._ends = array("L"), array("L")
        start = 0
        while start < len(original):
            end = _cluster_end(original, start)
            for letter in _cleaned(original[start:end]):
                letters.append(letter)
                self._starts.append(start)
                self._ends.append(end)
            start = end
        self.text = "".join(letters)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original the code points `start` to `end` of `text` stand.

        Invisible characters between them are inside, those before and after outside.
        """
        if start >= end:
            here = self._starts[start] if start < len(self._starts) else len(self.original)
            return here, here
        return self._starts[start], self._ends[end - 1]

    def span(self, start: int, end: int) -> Span:
        """The words of the original that `start` to `end` of `text` stand for."""
        first, last = self.original_span(start, end)
        return Span(self.original[first:last], first, last)


def _cluster_end(text: str, start: int) -> int:
    """The end of the longest stretch from `start` that normalises as a whole: a letter and its accents."""
    end = start + 1
    if text[start] == "\r" and text[end : end + 1] == "\n":
        return end + 1
    while end < len(text) and not text[end].isascii() and _joins(text[start:end], text[end]):
        end += 1
    return end


def _joins(cluster: str, letter: str) -> bool:
    if unicodedata.combining(letter):
        return True
    # Letters that compose without being accents: the parts of a Korean syllable.
    apart = unicodedata.normalize("NFC", cluster) + unicodedata.normalize("NFC", letter)
    return unicodedata.normalize("NFC", cluster + letter) != apart


def _cleaned(cluster: str) -> str:
    if cluster.isascii() and cluster.isprintable():
        return cluster
    if cluster[0] in _LINE_BREAKS:
        return "\n"
    if cluster[0].isspace() or _is_picture(cluster[0]):
        return " "
    return "".join(letter for letter in unicodedata.normalize("NFC", cluster) if not _is_invisible(letter))


def _is_picture(letter: str) -> bool:
    """Whether a letter is of Unicode's blocks of pictographs, which have what is an emoji."""
    return "\u2600" <= letter <= "\u27bf" or "\U0001f000" <= letter <= "\U0001faff"


def _is_invisible(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Cc", "Cf")
        or "\ufe00" <= letter <= "\ufe0f"
        or letter == "\u034f"  # Combining grapheme joiner.
    )
