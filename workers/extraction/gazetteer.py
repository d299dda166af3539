"""Find places by their names: what they are, where they are, and which of several namesakes is meant.

Towns and provinces come from the database that `tools/build_gazetteer.py` makes, countries from
`knowledge/countries.toml`, and what both lack from `knowledge/places.toml`.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from workers.extraction import knowledge
from workers.extraction.countries import Countries, Country
from workers.extraction.knowledge import Words
from workers.extraction.spelling import code, key, keys

DATABASE: Final = Path(__file__).parent / "data" / "gazetteer.sqlite"

Kind = Literal["city", "admin1", "region", "country", "natural"]

_REGION_WEIGHT: Final = 500_000
"""What a region of `places.toml` counts beside towns, whose weight is their population."""

_NOTABLE: Final = 5_000
"""A place below this weight is believed only in a country that the text is about."""

_WORLD_CITY: Final = 150_000
_NEARER: Final = 4
"""How much more a place in a home of the text's language counts than one abroad."""

_OVERSHADOWS: Final = 30
"""A world city is meant even if a town of a country in the text has its name, but is this much smaller."""

_REMEMBERED: Final = 20_000

_PARTS: Final = re.compile(r"(?P<place>[^,(]+?)\s*[,(]\s*(?P<within>[^,()]+?)\s*\)?\s*")

_TABLES: Final = """
    place
    LEFT JOIN place AS province ON province.id = place.province
    LEFT JOIN place AS district ON district.id = place.district
"""

_Row = tuple[int, int, str, str, int | None, str | None, str | None, float, float, int]
"""A weight, and what `_COLUMNS` names."""

_COLUMNS: Final = """
    place.id, place.name, place.country, place.seat, province.name, district.name,
    place.latitude / 1e4, place.longitude / 1e4, place.population
"""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the map.

    Attributes:
        geonameid: GeoNames' number, None if it has none.
        name: In ASCII, in English where GeoNames has an English name.
        country: ISO 3166-1 alpha-2, None for a place that several countries share.
        admin1: Name of the province.
        admin2: Name of the district.
        latitude: WGS84 degrees, four decimals; of the seat if the place is a province or region, None for
            a place that several countries share.
        longitude: Likewise.
        population: Inhabitants, 0 if not known.
        kind: `city` is any town or village, `admin1` a province; `region` is a district or a region that is
            neither; `natural` is a sea, a river, a mountain.
        seat: GeoNames' number of the principal town of a province or region.

    """

    geonameid: int | None
    name: str
    country: str | None
    admin1: str | None
    admin2: str | None
    latitude: float | None
    longitude: float | None
    population: int
    kind: Kind
    seat: int | None = None

    @property
    def geo_precision(self) -> int:
        """ACLED's precision of an event of which no more than this place is known."""
        return 1 if self.kind == "city" else 3


class _Kinds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    province: Words
    town: Words
    province_after: Words = ()
    town_after: Words = ()


class _Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    names: Words = ()
    kind: Literal["region", "natural", "city"] = "region"
    country: str | None = None
    seat: int | None = None
    admin1: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Supplement(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """What `knowledge/places.toml` says; its format is explained there."""

    vague: frozenset[str]
    never_first: frozenset[str]
    homes: dict[str, Words]
    kinds: dict[str, _Kinds]
    spellings: dict[str, Words]
    place: tuple[_Extra, ...]

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the file, once a process.

        Raises:
            KnowledgeError: The file does not follow its format.

        """
        return knowledge.read(knowledge.FOLDER / "places.toml", cls)

    @cached_property
    def extra(self) -> dict[str, list[_Extra]]:
        """Index the further places by the keys of all their names."""
        found: dict[str, list[_Extra]] = {}
        for place in self.place:
            for name in dict.fromkeys(map(key, (place.name, *place.names))):
                found.setdefault(name, []).append(place)
        return found

    @cached_property
    def towns(self) -> dict[str, list[int]]:
        """Index GeoNames' numbers by the keys of the further spellings."""
        found: dict[str, list[int]] = {}
        for number, names in self.spellings.items():
            for name in names:
                found.setdefault(key(name), []).append(int(number))
        return found

    @cached_property
    def _province(self) -> re.Pattern[str]:
        return _kind_pattern((kinds.province, kinds.province_after) for kinds in self.kinds.values())

    @cached_property
    def _town(self) -> re.Pattern[str]:
        return _kind_pattern((kinds.town, kinds.town_after) for kinds in self.kinds.values())

    def bare(self, name: str) -> tuple[str, frozenset[Kind]]:
        """Take words of kind off a key; return the rest and the kinds that they leave, or all kinds."""
        if match := self._province.fullmatch(name):
            return match[1] or match[2], frozenset({"admin1", "region"})
        if match := self._town.fullmatch(name):
            return match[1] or match[2], frozenset({"city"})
        return name, frozenset({"city", "admin1", "region", "country", "natural"})

    def province(self, name: str) -> str:
        """Return the key under which the database has a province that is called `name`."""
        bare, _ = self.bare(name)
        return f"province {bare}" if bare in self.vague else bare


def _kind_pattern(words: Iterable[tuple[Words, Words]]) -> re.Pattern[str]:
    """Match keys with words of kind: the name behind them is group 1, the one in front of them group 2."""
    before: set[str] = set()
    after: set[str] = set()
    for first, last in words:
        before.update(map(key, first))
        after.update(map(key, last))
    ahead, behind = ("|".join(sorted(some, key=len, reverse=True)) for some in (before, after))
    return re.compile(rf"(?:{ahead}) (?:(?:de la|de l|de|du|des|d) )?(?!of )(.+)|(.+) (?:{behind})")


class _Candidate(msgspec.Struct, frozen=True):
    weight: int
    place: Place


class Gazetteer:
    """The places of the world; reads only, and may be used across a fork."""

    def __init__(self, database: Path, supplement: Supplement, countries: Countries) -> None:
        self._database = database
        self._supplement = supplement
        self._countries = countries
        self._connections: dict[int, sqlite3.Connection] = {}
        # An article says a name again and again.
        self._called = lru_cache(maxsize=_REMEMBERED)(self._looked_up)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Open the gazetteer that comes with Tocsin, once a process."""
        return cls(DATABASE, Supplement.load(), Countries.load())

    def lookup(self, name: str, language: str) -> list[Place]:
        """List all places called `name`, the most plausible first.

        A country comes before its namesakes. `Geneva, Illinois` and `Tripoli (Liban)` are what lies in the
        country or province behind the comma. A word of kind in front (`région de`, `ville de`) leaves only
        places of that kind, if there are any.
        """
        country = self._countries.by_name(name, language)
        found = [_of_country(country)] if country else []
        found += [candidate.place for candidate in self._candidates(name, language)]
        return list(dict.fromkeys(found))

    def never_first(self, word: str) -> bool:
        """Whether a word at the beginning of a sentence is no place, though one bears its name."""
        return key(word) in self._supplement.never_first

    def resolve(self, name: str, *, language: str, context_countries: Sequence[str] = ()) -> Place | None:
        """Choose the place that `name` means in a text about these countries; None if that is not clear.

        Args:
            name: As it stands in the text.
            language: ISO 639-1.
            context_countries: ISO 3166-1 alpha-2, the most important first.

        """
        country = self._countries.by_name(name, language, context_countries)
        if country and not _yields(country, context_countries):
            return _of_country(country)
        homes = self._supplement.homes.get(language, ())
        choices = (_choose(reading, context_countries, homes) for reading in self._readings(name, language))
        return next(filter(None, choices), None)

    def representative(self, place: Place) -> Place | None:
        """Find the town where ACLED would put an event of which only this place is known.

        A province's or region's seat, a country's capital, a town itself; None if there is none.
        """
        if place.kind == "city":
            return place
        if place.seat is not None:
            return self.by_id(place.seat)
        country = self._countries.by_code(place.country or "")
        if place.kind != "country" or country is None:
            return None
        towns = (
            candidate.place
            for spellings in country.capital.values()
            for candidate in self._candidates(spellings[0], "en")
            if candidate.place.country == country.iso2 and candidate.place.kind == "city"
        )
        return next(towns, None)

    def by_id(self, geonameid: int) -> Place | None:
        """Find the town or province with this number."""
        rows = self._rows("SELECT 0, {columns} FROM {tables} WHERE place.id = ?", geonameid)
        return rows[0].place if rows else None

    def _candidates(self, name: str, language: str) -> list[_Candidate]:
        """List towns, provinces and further places called `name`: the likeliest readings first."""
        return [candidate for reading in self._readings(name, language) for candidate in reading]

    def _readings(self, name: str, language: str) -> Iterator[list[_Candidate]]:
        """Yield what `name` may mean: as it is, then without a word of kind, then without an article."""
        if parts := _PARTS.fullmatch(name):
            within = self._within(parts["within"], language)
            for reading in self._readings(parts["place"], language):
                yield [
                    candidate
                    for candidate in reading
                    if {(candidate.place.country, None), (candidate.place.country, candidate.place.admin1)}
                    & within
                ]
        elif not code(name):
            for spelling in keys(name, language):
                yield self._called(spelling)
                bare, kinds = self._supplement.bare(spelling)
                if bare != spelling:
                    called = self._called(self._supplement.province(spelling))
                    yield [candidate for candidate in called if candidate.place.kind in kinds] or called

    def _looked_up(self, spelling: str) -> list[_Candidate]:
        """List what has this key, the heaviest first."""
        extra = [
            _Candidate(_REGION_WEIGHT, self._further(place))
            for place in self._supplement.extra.get(spelling, ())
        ]
        respelled = [
            _Candidate(_respelled_weight(place), place)
            for number in self._supplement.towns.get(spelling, ())
            if (place := self.by_id(number))
        ]
        rows = self._rows(
            "SELECT name.weight, {columns} FROM {tables} JOIN name ON place.id = name.place "
            "WHERE name.key = ? ORDER BY place.id",
            spelling,
        )
        numbers = {candidate.place.geonameid for candidate in respelled}
        others = [candidate for candidate in rows if candidate.place.geonameid not in numbers]
        return sorted([*extra, *respelled, *others], key=lambda candidate: candidate.weight, reverse=True)

    def _within(self, name: str, language: str) -> set[tuple[str | None, str | None]]:
        """Find countries, and provinces with their countries, that are called `name`."""
        country = self._countries.by_name(name, language)
        found: set[tuple[str | None, str | None]] = {(country.iso2, None)} if country else set()
        return found | {
            (candidate.place.country, candidate.place.name)
            for candidate in self._candidates(name, language)
            if candidate.place.kind == "admin1"
        }

    def _further(self, extra: _Extra) -> Place:
        seat = self.by_id(extra.seat) if extra.seat is not None else None
        return Place(
            geonameid=None,
            name=extra.name,
            country=extra.country,
            admin1=seat.admin1 if seat else extra.admin1,
            admin2=None,
            latitude=seat.latitude if seat else extra.latitude,
            longitude=seat.longitude if seat else extra.longitude,
            population=0,
            kind=extra.kind,
            seat=extra.seat,
        )

    def _rows(self, query: str, argument: str | int) -> list[_Candidate]:
        """Run a query whose columns are a weight and those of `_COLUMNS`."""
        statement = query.format(columns=_COLUMNS, tables=_TABLES)
        return [_candidate(row) for row in self._connection.execute(statement, (argument,))]

    @property
    def _connection(self) -> sqlite3.Connection:
        """Open this process's own connection: SQLite's must not be carried over a fork."""
        process = os.getpid()
        if process not in self._connections:
            self._connections[process] = sqlite3.connect(
                f"{self._database.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        return self._connections[process]


def _choose(candidates: Sequence[_Candidate], context: Sequence[str], homes: Sequence[str]) -> Place | None:
    """Choose among namesakes, the heaviest first, in a text about these countries.

    Where nothing else decides, readers think of places in the `homes` of their language.
    """
    if not candidates:
        return None
    heaviest = max(
        candidates,
        key=lambda candidate: candidate.weight * (_NEARER if candidate.place.country in homes else 1),
    )
    known = [candidate for candidate in candidates if candidate.place.country in context]
    if not known:
        return heaviest.place if heaviest.weight >= _NOTABLE else None
    best = min(known, key=lambda candidate: context.index(candidate.place.country or ""))
    overshadowed = heaviest.weight >= max(_WORLD_CITY, _OVERSHADOWS * best.weight)
    return heaviest.place if overshadowed else best.place


def _respelled_weight(place: Place) -> int:
    """Weigh a place under a name that `places.toml` gives it."""
    limit = _REGION_WEIGHT - 1 if place.kind == "admin1" else place.population
    return max(min(place.population, limit), _NOTABLE)


def _candidate(row: _Row) -> _Candidate:
    weight, number, name, country, seat, admin1, admin2, latitude, longitude, population = row
    kind: Kind = "city" if seat is None else "admin1" if admin2 is None else "region"
    return _Candidate(
        weight,
        Place(
            geonameid=number if number > 0 else None,
            name=name,
            country=country,
            admin1=admin1,
            admin2=admin2,
            latitude=latitude,
            longitude=longitude,
            population=population,
            kind=kind,
            seat=seat,
        ),
    )


def _of_country(country: Country) -> Place:
    return Place(
        geonameid=country.geonameid,
        name=country.name,
        country=country.iso2,
        admin1=None,
        admin2=None,
        latitude=country.latitude,
        longitude=country.longitude,
        population=0,
        kind="country",
    )


def _yields(country: Country, context: Sequence[str]) -> bool:
    """Tell whether, in a text about the countries of `context`, this country's name means a place there."""
    return country.iso2 not in context and any(iso in country.yields_to for iso in context)
