"""Fold text, so that spellings of the same name compare equal."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
"""Letters that a plain keyboard writes otherwise and that Unicode does not decompose."""

_SEPARATORS = re.compile(r"[\s\u00ad'\"`´ʹ\u02bb-\u02bf\u02c8\u2018-\u201f«»\u2010-\u2015\u2212-]+")
"""Whitespace, apostrophes, quotation marks and hyphens: written or left out at will in names."""


def fold(text: str) -> str:
    """`text` in lower case, without accents; apostrophes and hyphens are spaces, and spaces single.

    `L’État  islamique` and `l'etat-islamique` are both `l etat islamique`.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", plain).strip()
