"""How far those who publish news reach: ACLED's `source_scale`, as `knowledge/sources.toml` has it."""

from functools import cache
from typing import Final
from urllib.parse import urlsplit

import msgspec

from workers.extraction import knowledge
from workers.extraction.countries import Country
from workers.extraction.folding import fold
from workers.extraction.knowledge import Words

_FILE: Final = knowledge.FOLDER / "sources.toml"
_SUBNATIONAL, _NATIONAL, _INTERNATIONAL = "Subnational", "National", "International"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    international: Words
    regional: Words
    new_media: Words
    other: Words
    national: dict[str, Words]
    subnational: dict[str, Words]


class Publisher(msgspec.Struct, frozen=True):
    """How far somebody reaches, and from which country (ISO 3166-1 alpha-2) if it is of one."""

    scale: str
    country: str | None = None


def scale(source: str | None, url: str | None, country: Country | None) -> str | None:
    """The scale of a source for an event in `country`; None if that cannot be told.

    The column says how near the source is to the event, so a newspaper of another country is International.
    Of several sources, separated by semicolons, each must be known: `Subnational-International`.

    Args:
        source: Who published the article, as it was submitted.
        url: Where, which tells it if `source` does not.
        country: Where the event was.

    """
    names = [name for name in (source or "").split(";") if name.strip()]
    found = [_scale(publisher(name), country) for name in names]
    if None in found or not found:
        found = [_scale(publisher(urlsplit(url).hostname or ""), country)] if url else []
    known = sorted({each for each in found if each}, key=_ORDER.index)
    return "-".join(known) or None


def publisher(name: str) -> Publisher | None:
    """Who is called `name`, or has a host of that name; None if it is not known."""
    return publishers().get(fold(name).removeprefix("www."))


@cache
def publishers() -> dict[str, Publisher]:
    """Read the file, once a process.

    Raises:
        KnowledgeError: The file does not follow its format.

    """
    file = knowledge.read(_FILE, _File)
    groups = [
        (Publisher(_INTERNATIONAL), file.international),
        (Publisher("Regional"), file.regional),
        (Publisher("New media"), file.new_media),
        (Publisher("Other"), file.other),
        *((Publisher(_NATIONAL, country), names) for country, names in file.national.items()),
        *((Publisher(_SUBNATIONAL, country), names) for country, names in file.subnational.items()),
    ]
    return {fold(name): known for known, names in groups for name in names}


_ORDER: Final = (_SUBNATIONAL, _NATIONAL, "Regional", _INTERNATIONAL, "New media", "Other")
"""From near to far."""


def _scale(known: Publisher | None, country: Country | None) -> str | None:
    if known is None or (known.country and country is None):
        return None
    is_abroad = known.country is not None and country is not None and known.country != country.iso2
    return _INTERNATIONAL if is_abroad else known.scale
