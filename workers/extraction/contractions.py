"""Tell contractions that are two words from the same letters as one: French `des` is `de les`, or an article.

A tokenizer reads letters and cannot know; the tagger reads words. So it gets a contraction of
`contractions.toml` as one word, which becomes two if the tagger takes it for a preposition. Documents and
processors are Stanza's, which only `pipeline` imports.
"""

# ruff: noqa: ANN401 - Stanza is untyped

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

Parts = tuple[tuple[str, str, str], ...]
"""The words of a contraction: form, UPOS and features, as in CoNLL-U but for empty instead of `_`."""


@cache
def load() -> dict[str, dict[str, Parts]]:
    """All that `contractions.toml` tells: by ISO 639-1 code, by contraction in small letters."""
    path = Path(__file__).with_suffix(".toml")
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, dict[str, Parts]])


class Followed:
    """A processor of Stanza's and what is done to contractions in its documents: `join` or `split`."""

    def __init__(
        self,
        processor: Any,
        then: Callable[[Any, dict[str, Parts]], None],
        contractions: dict[str, Parts],
    ) -> None:
        self._processor = processor
        self._then = then
        self._contractions = contractions

    def process(self, document: Any) -> Any:
        """Process one document, in place."""
        document = self._processor.process(document)
        self._then(document, self._contractions)
        return document


def join(document: Any, contractions: dict[str, Parts]) -> None:
    """Make one word of each contraction that the tokenizer took for several."""

    def whole(token: Any) -> list[dict[str, str | None]]:
        known = len(token.words) > 1 and token.text.lower() in contractions
        return [{"text": token.text}] if known else []

    _reword(document, whole)


def split(document: Any, contractions: dict[str, Parts]) -> None:
    """Make words with tags and features of each contraction that is tagged as a preposition."""

    def parts(token: Any) -> list[dict[str, str | None]]:
        if len(token.words) > 1 or token.words[0].upos != "ADP":
            return []
        known = contractions.get(token.text.lower(), ())
        return [{"text": form, "upos": upos, "feats": feats or None} for form, upos, feats in known]

    _reword(document, parts)


def _reword(document: Any, words_of: Callable[[Any], list[dict[str, str | None]]]) -> None:
    """Give tokens the words that `words_of` says, those that it says nothing of keep theirs."""
    for sentence in document.sentences:
        new = [(token, words) for token in sentence.tokens if (words := words_of(token))]
        for token, words in new:
            word = type(token.words[0])
            token.words = [word(sentence, {"id": 0} | fields) for fields in words]
        if new:
            _renumber(sentence)
    document._count_words()  # noqa: SLF001 - as Stanza's own expansion does


def _renumber(sentence: Any) -> None:
    """Let the sentence have the words of its tokens, numbered from 1."""
    sentence.words = [word for token in sentence.tokens for word in token.words]
    number = 0
    for token in sentence.tokens:
        first = number + 1
        for word in token.words:
            number += 1
            word.id = number
            word.sent = sentence
            word.parent = token
        token.id = (first, number) if number > first else (first,)
        if len(token.words) == 1:
            token.words[0].start_char, token.words[0].end_char = token.start_char, token.end_char
