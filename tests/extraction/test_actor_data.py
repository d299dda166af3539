"""Groups and organisations: the files hold together, and their names are found in a text."""

import pytest

from schemas.errors import KnowledgeError
from workers.extraction.countries import Countries
from workers.extraction.knowledge.actor_data import ActorData, Group, convert
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


ENTRY: dict[str, object] = {
    "name": "Fano",
    "kind": "identity_militia",
    "countries": ["ET"],
    "since": 2018,
    "source": "Wikipedia: Fano (militia)",
}


@pytest.mark.parametrize("field", sorted(ENTRY))
def test_a_group_has_name_kind_country_years_and_source(field: str) -> None:
    assert len(list(convert("groups.toml", [ENTRY], Group))) == 1
    with pytest.raises(KnowledgeError, match=f"missing required field `{field}`"):
        list(convert("groups.toml", [{key: ENTRY[key] for key in ENTRY if key != field}], Group))


def test_groups_are_known_worldwide_in_both_languages() -> None:
    data = ActorData.load("fr")
    assert len(data.groups) >= 300
    assert len({code for group in data.groups for code in group.countries}) >= 80
    for language in ("fr", "en"):
        aliases = ActorData.load(language).aliases
        assert {group.name for group in data.groups} - {named.name for named in aliases.values()} == set()
