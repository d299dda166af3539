"""How far those who publish news reach."""

from collections import Counter

import pytest

from workers.extraction import knowledge
from workers.extraction.countries import Countries
from workers.extraction.folding import fold
from workers.extraction.sources import _FILE, _File, scale


@pytest.mark.parametrize(
    ("source", "url", "country", "expected"),
    [
        ("AFP", None, "ML", "International"),
        ("Le Monde", None, "FR", "National"),
        ("le monde", None, "FR", "National"),
        ("Le Monde", None, "ML", "International"),
        ("Le Monde", None, None, None),
        ("Ouest-France", None, "FR", "Subnational"),
        ("Radio Okapi", None, "CD", "National"),
        ("Jeune Afrique", None, "SN", "Regional"),
        ("Telegram", None, None, "New media"),
        ("OCHA", None, "SD", "Other"),
        ("Ouest-France; AFP", None, "FR", "Subnational-International"),
        ("Ouest-France; La Gazette inconnue", None, "FR", None),
        ("La Gazette inconnue", None, "FR", None),
        (None, "https://www.ouest-france.fr/bretagne/rennes-35000/manifestation", "FR", "Subnational"),
        ("O.-F.", "https://www.ouest-france.fr/bretagne", "FR", "Subnational"),
        (None, "not an address", "FR", None),
        (None, None, "FR", None),
    ],
)
def test_the_scale_says_how_near_the_source_is(
    source: str | None, url: str | None, country: str | None, expected: str | None
) -> None:
    assert scale(source, url, Countries.load().by_code(country) if country else None) == expected


def test_every_publisher_is_there_once_and_of_a_country_that_exists() -> None:
    file = knowledge.read(_FILE, _File)
    names = [*file.international, *file.regional, *file.new_media, *file.other]
    for countries in (file.national, file.subnational):
        for country, publishers in countries.items():
            assert Countries.load().by_code(country), country
            names += publishers
    assert [name for name, count in Counter(map(fold, names)).items() if count > 1] == []
    assert len(names) > 400
