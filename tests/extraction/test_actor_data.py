"""Groups and organisations: the files hold together, and their names are found in a text."""

import pytest

from workers.extraction.countries import Countries
from workers.extraction.knowledge.actor_data import ActorData
from workers.extraction.knowledge.aliases import AliasMatcher


def names(text: str) -> list[str]:
    return [match.named.name for match in AliasMatcher.load("fr").find(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("les ministres de l’OTAN", "NATO: North Atlantic Treaty Organization"),
        ("selon l'Union européenne", "EU: European Union"),
        ("le GSIM a revendiqué", "JNIM: Group for Support of Islam and Muslims"),
    ],
)
def test_a_name_is_found_where_it_stands(text: str, name: str) -> None:
    assert names(text) == [name]


@pytest.mark.parametrize("text", ["il a vu une onule", "la tue-mouche", "un sommet à Dakar"])
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    assert names(text) == []


def test_every_entry_names_countries_that_exist() -> None:
    data = ActorData.load("fr")
    countries = Countries.load()
    for named in (*data.groups, *data.organisations):
        for code in named.countries:
            assert countries.by_code(code), (named.name, code)
