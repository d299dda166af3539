"""Compare the names of countries and places however they are spelled."""

import re
from typing import Final

from workers.extraction.folding import fold

_APOSTROPHES: Final = re.compile(r"(?<!\b[ldLD])['`´\u2018\u2019\u02bb\u02bc\u02be\u02bf](?=\w)")
"""All but those of an elided article."""

_SAINTS: Final = {"st": "saint", "ste": "sainte"}
_ARTICLES: Final = {"fr": re.compile(r"^(?:l|le|la|les) (?=\S)"), "en": re.compile(r"^the (?=\S)")}
_ARABIC_ARTICLE: Final = re.compile(r"^[ae]l (?=\S)")
_LEADING_ARTICLE: Final = re.compile(r"(?:[Ll]['\u2019]|(?:[Ll]es?|[Ll]a|[Tt]he) )(?=[^a-z]+$)")
_CODE_LENGTH: Final = 4


def key(name: str) -> str:
    """Return what all spellings of a name share: `St. Louis` and `Saint-Louis`, `Alma-Ata` and `ALMA ATA`."""
    words = re.sub(r"[\W_]+", " ", fold(_APOSTROPHES.sub("", name))).split()
    return " ".join(_SAINTS.get(word, word) for word in words)


def keys(name: str, language: str) -> tuple[str, ...]:
    """List the keys to look `name` up with: as it is, then without an article in front (`la Russie`)."""
    whole = key(name)
    articles = _ARTICLES.get(language, _ARABIC_ARTICLE)
    return tuple(dict.fromkeys((whole, articles.sub("", whole), _ARABIC_ARTICLE.sub("", whole))))


def code(name: str) -> str | None:
    """Return the letters of an abbreviation of up to four capitals (`RDC`, `U.S.`), None for other names."""
    letters = "".join(character for character in _LEADING_ARTICLE.sub("", name) if character.isalpha())
    return letters if letters.isupper() and len(letters) <= _CODE_LENGTH else None
