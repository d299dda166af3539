"""Places and countries are found under the names that newspapers give them, and nothing else is."""

import os
from collections.abc import Sequence
from datetime import date

import pytest

from workers.extraction.countries import Countries
from workers.extraction.gazetteer import DATABASE, Gazetteer, Place, Supplement

MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.fixture(scope="module")
def countries() -> Countries:
    return Countries.load()


def found(place: Place | None) -> tuple[str, str | None, str] | None:
    return (place.name, place.country, place.kind) if place else None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Almaty", ("Almaty", "KZ", "city")),
        ("Janaozen", ("Zhanaozen", "KZ", "city")),
        ("Nur-Sultan", ("Astana", "KZ", "city")),
        ("Kiev", ("Kyiv", "UA", "city")),
        ("Boutcha", ("Bucha", "UA", "city")),
        ("Donetsk", ("Donetsk", "UA", "city")),
        ("oblast de Donetsk", ("Donetsk", "UA", "admin1")),
        ("le Donbass", ("Donbas", "UA", "region")),
        ("la Crimée", ("Crimea", "UA", "admin1")),
        ("Moscou", ("Moscow", "RU", "city")),
        ("la Tchétchénie", ("Chechnya", "RU", "admin1")),
        ("Gao", ("Gao", "ML", "city")),
        ("région de Gao", ("Gao", "ML", "admin1")),
        ("Ogossagou", ("Ogossagou", "ML", "city")),
        ("N\N{RIGHT SINGLE QUOTATION MARK}Djaména", ("N'Djamena", "TD", "city")),
        ("Nord-Kivu", ("North Kivu", "CD", "admin1")),
        ("ville de Goma", ("Goma", "CD", "city")),
        ("El-Facher", ("El Fasher", "SD", "city")),
        ("Darfour", ("Darfur", "SD", "region")),
        ("Cisjordanie", ("West Bank", "PS", "region")),
        ("bande de Gaza", ("Gaza Strip", "PS", "admin1")),
        ("Haut-Karabakh", ("Nagorno-Karabakh", "AZ", "region")),
        ("Alep", ("Aleppo", "SY", "city")),
        ("Tripoli", ("Tripoli", "LY", "city")),
        ("Tripoli (Liban)", ("Tripoli", "LB", "city")),
        ("Londres", ("London", "GB", "city")),
        ("La Haye", ("The Hague", "NL", "city")),
        ("Pékin", ("Beijing", "CN", "city")),
        ("Washington", ("Washington", "US", "city")),
        ("Mexico", ("Mexico City", "MX", "city")),
        ("Géorgie", ("Georgia", "GE", "country")),
        ("Niger", ("Niger", "NE", "country")),
        ("la RDC", ("Democratic Republic of Congo", "CD", "country")),
        ("MALI", ("Mali", "ML", "country")),
        ("Seine-Saint-Denis", ("Seine-Saint-Denis", "FR", "region")),
        ("territoire de Rutshuru", ("Rutshuru", "CD", "region")),
        ("la Maison-Blanche", ("White House", "US", "city")),
        ("mer Noire", ("Black Sea", None, "natural")),
    ],
)
def test_a_french_text_means(gazetteer: Gazetteer, name: str, expected: tuple[str, str | None, str]) -> None:
    assert found(gazetteer.resolve(name, language="fr")) == expected


@pytest.mark.parametrize(
    ("name", "context", "expected"),
    [
        ("Georgia", (), ("Georgia", "GE", "country")),
        ("Georgia", ("US",), ("Georgia", "US", "admin1")),
        ("Georgia", ("US", "GE"), ("Georgia", "GE", "country")),
        ("Niger", ("NG",), ("Niger", "NE", "country")),
        ("Niger State", ("NG",), ("Niger", "NG", "admin1")),
        ("Mexico", (), ("Mexico", "MX", "country")),
        ("Geneva, Illinois", ("CH",), ("Geneva", "US", "city")),
        ("Geneva", (), ("Geneva", "CH", "city")),
        ("Paris", ("US",), ("Paris", "FR", "city")),
        ("Tripoli", ("LB",), ("Tripoli", "LB", "city")),
        ("Saint-Denis", ("FR",), ("Saint-Denis", "FR", "city")),
        ("Saint-Denis", ("RE",), ("Saint-Denis", "RE", "city")),
        ("Kashmir", ("PK",), ("Kashmir", "PK", "region")),
        ("Sahel", (), ("Sahel", None, "region")),
        ("Sahel", ("BF",), ("Sahel", "BF", "admin1")),
        ("Congo", ("CG",), ("Republic of Congo", "CG", "country")),
    ],
)
def test_the_countries_of_the_text_decide_between_namesakes(
    gazetteer: Gazetteer, name: str, context: Sequence[str], expected: tuple[str, str | None, str]
) -> None:
    assert found(gazetteer.resolve(name, language="en", context_countries=context)) == expected


@pytest.mark.parametrize(
    "name", ["Qui n'existe pas", "", "?", "GAO", "l'Est", "le Centre", "région de l'Est", "us", "or"]
)
def test_no_place_is_better_than_a_wrong_one(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.resolve(name, language="fr") is None


def test_a_vague_name_counts_with_its_kind_and_its_country(gazetteer: Gazetteer) -> None:
    place = gazetteer.resolve("région de l'Est", language="fr", context_countries=["BF"])
    assert found(place) == ("Est", "BF", "admin1")


def test_a_village_is_believed_only_where_the_text_is_about_its_country(gazetteer: Gazetteer) -> None:
    village = next(place for place in gazetteer.lookup("Rharous", "fr") if place.country == "ML")
    assert village.population < 5_000
    assert gazetteer.resolve("Rharous", language="fr", context_countries=["FR"]) is None
    assert gazetteer.resolve("Rharous", language="fr", context_countries=["ML"]) == village


def test_a_place_says_where_it_is(gazetteer: Gazetteer) -> None:
    almaty = gazetteer.resolve("Almaty", language="fr")
    assert almaty is not None
    assert (almaty.geonameid, almaty.admin1, almaty.geo_precision) == (1526384, "Almaty", 1)
    assert (almaty.latitude, almaty.longitude) == (43.2525, 76.9115)
    montreuil = gazetteer.resolve("Montreuil", language="fr")
    assert montreuil is not None
    assert (montreuil.admin1, montreuil.admin2) == ("Ile-de-France", "Seine-Saint-Denis")


@pytest.mark.parametrize(
    ("name", "town"),
    [
        ("Nord-Kivu", "Goma"),
        ("Donbass", "Donetsk"),
        ("oblast de Donetsk", "Donetsk"),
        ("Mali", "Bamako"),
        ("Almaty", "Almaty"),
        ("Sahel", None),
    ],
)
def test_a_region_is_represented_by_its_principal_town(
    gazetteer: Gazetteer, name: str, town: str | None
) -> None:
    place = gazetteer.resolve(name, language="fr")
    assert place is not None
    representative = gazetteer.representative(place)
    assert (representative and representative.name) == town


def test_the_capitals_of_all_states_are_in_the_gazetteer(gazetteer: Gazetteer, countries: Countries) -> None:
    missing = [
        (country.iso2, name)
        for country in countries.all
        for language, names in country.capital.items()
        for name in names
        if not any(
            place.country == country.iso2 and place.kind == "city"
            for place in gazetteer.lookup(name, language)
        )
    ]
    assert missing == []


def test_the_supplement_refers_to_places_that_exist(gazetteer: Gazetteer, countries: Countries) -> None:
    supplement = Supplement.load()
    assert [number for number in supplement.spellings if gazetteer.by_id(int(number)) is None] == []
    for place in supplement.place:
        assert place.country is None or countries.by_code(place.country) is not None, place.name
        if place.seat is not None:
            seat = gazetteer.by_id(place.seat)
            assert seat is not None, place.name
            assert seat.country == place.country, place.name


def test_countries_are_whole_and_unique(countries: Countries) -> None:
    for code in ("iso2", "iso3", "numeric", "name"):
        assert len({getattr(country, code) for country in countries.all}) == len(countries.all) == 250
    for country in countries.all:
        assert country.name.isascii()
        assert {"fr", "en"} <= country.names.keys()
        assert list(country.governments) == sorted(country.governments)


@pytest.mark.parametrize(
    ("form", "language", "country"),
    [
        ("kazakhs", "fr", "KAZ"),
        ("Kazakhe", "fr", "KAZ"),
        ("kazakhstanaises", "fr", "KAZ"),
        ("russes", "fr", "RUS"),
        ("biélorusse", "fr", "BLR"),
        ("nigérian", "fr", "NGA"),
        ("nigérienne", "fr", "NER"),
        ("turque", "fr", "TUR"),
        ("Americans", "en", "USA"),
        ("Belarusian", "en", "BLR"),
        ("us", "en", None),
        ("kurde", "fr", None),
    ],
)
def test_people_belong_to_countries(
    countries: Countries, form: str, language: str, country: str | None
) -> None:
    match = countries.by_demonym(form, language)
    assert (match and match.iso3) == country


def test_a_capital_stands_for_its_country(countries: Countries) -> None:
    for name, iso2 in (("Moscou", "RU"), ("Kiev", "UA"), ("Noursoultan", "KZ"), ("Washington", "US")):
        country = countries.by_capital(name, "fr")
        assert country is not None
        assert country.iso2 == iso2
    assert countries.by_capital("Almaty", "fr") is None


@pytest.mark.parametrize(
    ("iso2", "day", "years"),
    [
        ("RU", date(2022, 1, 6), "2000-"),
        ("KZ", date(2022, 1, 6), "2019-"),
        ("FR", date(2016, 7, 14), "2012-2017"),
        ("ML", date(2021, 4, 1), "2020-2021"),
        ("ML", date(1960, 1, 1), None),
        ("LB", date(2022, 1, 6), None),
    ],
)
def test_the_government_of_the_day_has_its_years(
    countries: Countries, iso2: str, day: date, years: str | None
) -> None:
    country = countries.by_code(iso2)
    assert country is not None
    assert country.period(day) == years


def test_a_forked_process_reads_on_its_own(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Almaty", language="fr") is not None
    child = os.fork()
    if child == 0:
        works = found(gazetteer.resolve("Gao", language="fr")) == ("Gao", "ML", "city")
        os._exit(0 if works else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_database_stays_small() -> None:
    assert DATABASE.stat().st_size < 20 * MEBIBYTE
