"""Where the paragraphs of a text end.

Stanza ends a paragraph, and with it a sentence, at an empty line; one line break is a space to it. Many
articles have a paragraph, a headline or an item of a list on each line, others are wrapped at a fixed width.
"""

import re
from bisect import bisect_left
from typing import Final

_BREAK: Final = re.compile(r"(?<!\n)\n(?!\n|$)[^\S\n]*")
_WRAPPED: Final = 100  # Code points: a text with a longer line was not wrapped.
_SHORT: Final = 0.6  # Of the longest line: a shorter one of a wrapped text ends a paragraph.


class Paragraphs:
    """A text with an empty line after each paragraph, and the way back from it.

    `text` is the original where it has no line break that ends a paragraph. A break ends none where a small
    letter follows, nor in a text wrapped at a fixed width, unless it follows a line that is much shorter.
    """

    def __init__(self, original: str) -> None:
        lines = [len(line) for line in original.split("\n")]
        breaks = [found for found in _BREAK.finditer(original) if original[: found.start()].strip()]
        longest = max(lines)
        wrapped = longest <= _WRAPPED and any(_goes_on(original, found.end()) for found in breaks)
        pieces: list[str] = []
        # Where in `text` a line break stands that the original has not.
        self._added: list[int] = []
        done = 0
        for found in breaks:
            if _goes_on(original, found.end()):
                continue
            line = found.start() - original.rfind("\n", 0, found.start()) - 1
            if wrapped and line >= _SHORT * longest:
                continue
            after = found.start() + 1
            self._added.append(after + len(self._added))
            pieces.append(original[done:after])
            done = after
        self.text = "\n".join([*pieces, original[done:]])

    def original(self, offset: int) -> int:
        """Where in the original the code point at `offset` of `text` stands."""
        return offset - bisect_left(self._added, offset)


def _goes_on(text: str, start: int) -> bool:
    return text[start : start + 1].islower()
