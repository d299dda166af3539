"""The countries: what they are called, who their people are, which towns speak for their governments."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final, Self

import msgspec

from workers.extraction import knowledge
from workers.extraction.knowledge import Words
from workers.extraction.spelling import code, key, keys

_FILE: Final = knowledge.FOLDER / "countries.toml"

Spellings = dict[str, Words]
"""Spellings by language (ISO 639-1), the usual one first."""


class Country(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A country or territory, as `knowledge/countries.toml` describes it.

    Attributes:
        name: As ACLED writes it.
        numeric: ISO 3166-1 numeric, ACLED's `iso`; 0 for Kosovo.
        region: One of ACLED's regions.
        latitude: Of the middle of the inhabited part, in degrees; for maps, not for events.
        longitude: Likewise.
        governments: When the governments began, `YYYY` or `YYYY-MM`, in order; empty if not known.
        demonyms: Adjectives and names of the people, in all forms.
        capital: The seat of government, and its other and former names.
        yields_to: In a text about one of these countries, the name means a place there.

    """

    name: str
    iso2: str
    iso3: str
    numeric: int
    geonameid: int
    region: str
    latitude: float
    longitude: float
    names: Spellings
    demonyms: Spellings = {}
    capital: Spellings = {}
    governments: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()

    @property
    def since(self) -> int | None:
        """The year in which the present government began."""
        return int(self.governments[-1][:4]) if self.governments else None

    def period(self, day: date) -> str | None:
        """Name the years of the government in office on `day` as ACLED does: `2012-2017`, `2017-`.

        None if it is not known, or if `day` is before the first government known.
        """
        begun = [start for start in self.governments if start <= day.isoformat()]
        if not begun:
            return None
        following = self.governments[len(begun) :]
        return f"{begun[-1][:4]}-{following[0][:4] if following else ''}"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    country: tuple[Country, ...]


class _Index:
    """Which countries a spelling stands for, in the order of the file.

    Abbreviations are told from words by their capitals: `US` is a country, `us` is not.
    """

    def __init__(self) -> None:
        self._countries: dict[str, list[Country]] = {}

    def add(self, spelling: str, country: Country) -> None:
        known = self._countries.setdefault(code(spelling) or key(spelling), [])
        if country not in known:
            known.append(country)

    def find(self, name: str, language: str) -> Sequence[Country]:
        found = (self._countries.get(spelling) for spelling in (code(name) or "", *keys(name, language)))
        return next(filter(None, found), ())


class Countries:
    """All countries, found by code, name, people or capital."""

    def __init__(self, countries: Sequence[Country]) -> None:
        self.all = tuple(countries)
        self._codes: dict[str, Country] = {}
        self._names: dict[str, _Index] = {}
        self._demonyms: dict[str, _Index] = {}
        self._capitals: dict[str, _Index] = {}
        for country in self.all:
            self._codes |= {country.iso2: country, country.iso3: country}
            for indexes, words in (
                (self._names, country.names),
                (self._demonyms, country.demonyms),
                (self._capitals, country.capital),
            ):
                for language, spellings in words.items():
                    for spelling in spellings:
                        indexes.setdefault(language, _Index()).add(spelling, country)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read `knowledge/countries.toml`, once a process.

        Raises:
            KnowledgeError: The file does not follow its format.

        """
        return cls(knowledge.read(_FILE, _File).country)

    def by_code(self, iso: str) -> Country | None:
        """Find the country with this ISO 3166-1 alpha-2 or alpha-3 code."""
        return self._codes.get(iso)

    def by_name(self, name: str, language: str, context: Sequence[str] = ()) -> Country | None:
        """Find the country called `name`.

        Names in the text's language come first; one in another language counts unless it is a capital in
        the text's (`Mexico` in French is the city). A name that two countries share (Congo) is the one
        whose alpha-2 code comes first in `context`, else the first in the file.
        """
        found = _find(self._names, name, language)
        if not found and not _find(self._capitals, name, language):
            found = _find_elsewhere(self._names, name, language)
        return _preferred(found, context)

    def by_demonym(self, word: str, language: str, context: Sequence[str] = ()) -> Country | None:
        """Find the country whose adjective or people `word` is (`kazakhs`, `Russian`), in any form."""
        return _preferred(_find(self._demonyms, word, language), context)

    def by_capital(self, name: str, language: str) -> Country | None:
        """Find the country whose capital, present or former, is called `name`."""
        found = _find(self._capitals, name, language) or _find_elsewhere(self._capitals, name, language)
        return found[0] if found else None


def _find(indexes: dict[str, _Index], name: str, language: str) -> Sequence[Country]:
    index = indexes.get(language)
    return index.find(name, language) if index else ()


def _find_elsewhere(indexes: dict[str, _Index], name: str, language: str) -> Sequence[Country]:
    found = (index.find(name, language) for other, index in indexes.items() if other != language)
    return next(filter(None, found), ())


def _preferred(countries: Sequence[Country], context: Sequence[str]) -> Country | None:
    in_context = [country for code_ in context for country in countries if country.iso2 == code_]
    return next(iter([*in_context, *countries]), None)
