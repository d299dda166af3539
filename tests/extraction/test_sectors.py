"""Country and sector of actor phrases: names with their years, roles, heads, and what stands behind them."""

from datetime import date

import pytest

from workers.extraction.knowledge.actor_data import ActorData
from workers.extraction.sectors import ActorCoder, Code, Sector

DAY = date(2022, 5, 1)


@pytest.mark.parametrize(
    ("language", "phrase", "country", "sector"),
    [
        ("en", "Malian soldiers", "MLI", "MIL"),
        ("en", "the Kenyan ambassador to Somalia", "KEN", "GOV"),
        ("en", "a former White House official", "USA", "ELI"),
        ("en", "Marseille police", "FRA", "COP"),
        ("en", "Boko Haram fighters", "NGA", "REB"),
        ("en", "the leader of the farmers' union", None, "AGR"),
        ("en", "President Emmanuel Macron", "FRA", "GOV"),
        ("en", "Macron", "FRA", "GOV"),
        ("en", "Senegal", "SEN", None),
        ("en", "Moscow", "RUS", "GOV"),
        ("en", "Transnistria", "MDA", "PRE"),
        ("en", "yesterday", None, "JNK"),
        ("en", "they", None, "UNK"),
        ("en", "U.S. troops", "USA", "MIL"),
        ("fr", "l'armée malienne", "MLI", "MIL"),
        ("fr", "le ministre ukrainien de la Défense", "UKR", "GOV"),
        ("fr", "des hommes armés", None, "UAF"),
        ("fr", "l'ancien président ivoirien", "CIV", "ELI"),
        ("fr", "les étudiants de Dakar", "SEN", "EDU"),
        ("fr", "le GSIM", "MLI", "REB"),
        ("fr", "l'ambassadeur de France auprès des Nations unies", "FRA", "GOV"),
        ("fr", "Moscou", "RUS", "GOV"),
    ],
)
def test_a_phrase_is_coded(language: str, phrase: str, country: str | None, sector: Sector | None) -> None:
    assert ActorCoder.load(language).code(phrase, DAY) == Code(country, sector)


@pytest.mark.parametrize(
    ("day", "sector"), [(date(2002, 5, 1), "REB"), (date(2022, 5, 1), "GOV"), (date(1998, 5, 1), "GOV")]
)
def test_what_somebody_is_depends_on_the_day(day: date, sector: str) -> None:
    assert ActorCoder.load("en").code("Taliban", day).sector == sector


def test_who_has_left_office_is_of_the_elite() -> None:
    coder = ActorCoder.load("en")
    assert coder.code("Uhuru Kenyatta", date(2022, 5, 1)).sector == "GOV"
    assert coder.code("Uhuru Kenyatta", date(2024, 5, 1)).sector == "ELI"


def test_the_context_tells_the_country_of_a_role_without_one() -> None:
    coder = ActorCoder.load("en")
    assert coder.code("Defense Minister", DAY, "German") == Code("DEU", "GOV")
    assert coder.code("Ghana's army", DAY, "Togo") == Code("GHA", "MIL")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_language_with_sectors_has_nouns_for_actors(language: str) -> None:
    assert ActorData.load(language).kinds
