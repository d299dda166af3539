"""How French and English say when, and the days that this means."""

from datetime import date
from pathlib import Path

import pytest

from schemas.errors import KnowledgeError
from workers.extraction import knowledge
from workers.extraction.dates import DateResolver, DateVocabulary, Form

THURSDAY = date(2022, 1, 6)
LANGUAGES = ("fr", "en")


def found(text: str, reference: date = THURSDAY, language: str = "fr") -> list[tuple[str, str]]:
    """The expressions of `text` and the days that they are filed under."""
    return [
        (text[expression.start : expression.end], expression.date.isoformat())
        for expression in DateResolver.load(language).find(text, reference)
    ]


@pytest.mark.parametrize(
    ("language", "said", "day", "form"),
    [
        pytest.param(language, said, day, form, id=f"{language}: {said}")
        for language in LANGUAGES
        for form in DateVocabulary.load(language).form
        for said, day in form.examples.items()
    ],
)
def test_the_examples_of_the_data_hold(language: str, said: str, day: date, form: Form) -> None:
    (expression,) = DateResolver.load(language).find(f"« {said} »", THURSDAY)
    assert (expression.start, expression.end) == (2, 2 + len(said))
    assert expression.date == day
    assert expression.form is form
    assert expression.first <= expression.date <= expression.last


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Les ministres tiendront demain, vendredi 7 janvier, une réunion.",
            [("demain", "2022-01-07"), ("vendredi 7 janvier", "2022-01-07")],
        ),
        ("Une manifestation le 16 décembre dans tout le pays.", [("16 décembre", "2021-12-16")]),
        (
            "L’attaque a eu lieu dans la nuit de mardi à mercredi.",
            [("nuit de mardi à mercredi", "2022-01-04")],
        ),
        ("Ils ont été tués, a dit l’armée.", []),
        ("La sonde s’est posée sur la planète Mars en avril.", [("en avril", "2021-04-15")]),
        ("Le Mouvement du 23 mars (M23) a pris la ville.", []),
        ("Rue du 4 septembre, la foule a crié.", []),
        ("Chaque lundi, ils marchent.", []),
        ("À la veille du scrutin, à ce jour, le lendemain de l’attaque.", []),
        (
            "Trois jours après la mort du président, lundi 3 personnes ont été tuées.",
            [("lundi", "2022-01-03")],
        ),
        ("La version 10.6.1.2022 a été lue 40 % de 44 ans, soit 3/4 et 16 h 30.", []),
        ("Le 31 février, rien.", []),
        (
            "Le 6\u202fjanvier\u00a02020, aujourd’hui.",
            [("6\u202fjanvier\u00a02020", "2020-01-06"), ("aujourd’hui", "2022-01-06")],
        ),
    ],
)
def test_only_what_tells_a_date_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("said", "reference", "day"),
    [
        ("le 7 janvier", date(2022, 1, 6), "2022-01-07"),
        ("le 7 janvier", date(2022, 1, 8), "2022-01-07"),
        ("le 31 décembre", date(2022, 1, 6), "2021-12-31"),
        ("le 29 février", date(2022, 1, 6), "2020-02-29"),
        ("mardi 22 mars", date(2016, 5, 26), "2016-03-22"),
        ("mercredi 29 février", date(2013, 1, 1), "2012-02-29"),
        # A Monday that was a Tuesday: the date is believed, the weekday is not.
        ("lundi 4 janvier", date(2022, 1, 6), "2021-01-04"),
        ("lundi 4 janvier 2022", date(2022, 1, 6), "2022-01-04"),
    ],
)
def test_the_year_that_is_not_said(said: str, reference: date, day: str) -> None:
    ((_, chosen),) = found(said, reference)
    assert chosen == day


@pytest.mark.parametrize(
    ("said", "past", "future"),
    [
        ("mardi", date(2022, 1, 4), date(2022, 1, 11)),
        ("jeudi", date(2022, 1, 6), date(2022, 1, 6)),
        ("le 20 juin", date(2021, 6, 20), date(2022, 6, 20)),
        ("le 5 janvier", date(2022, 1, 5), date(2022, 1, 5)),
        ("en mars", date(2021, 3, 16), date(2022, 3, 16)),
        ("hier", date(2022, 1, 5), date(2022, 1, 5)),
    ],
)
def test_tense_decides_what_words_leave_open(said: str, past: date, future: date) -> None:
    resolver = DateResolver.load("fr")
    (expression,) = resolver.find(said, THURSDAY)
    assert expression.date == past
    assert resolver.resolve(expression, THURSDAY, future=True).date == future


def test_the_day_before_counts_from_the_day_spoken_of() -> None:
    resolver = DateResolver.load("fr")
    dated, before = resolver.find("Le 16 décembre, la foule a marché ; la veille, elle campait.", THURSDAY)
    assert (dated.relative_to, before.relative_to) == ("publication", "context")
    assert resolver.resolve(before, dated.date).date == date(2021, 12, 15)


def test_what_goes_on_since_a_day_lasts_until_publication() -> None:
    (expression,) = DateResolver.load("fr").find("Ils bloquent la route depuis lundi soir.", THURSDAY)
    assert expression.since
    assert (expression.first, expression.last) == (date(2022, 1, 3), THURSDAY)


@pytest.mark.parametrize(
    ("said", "precision"),
    [
        ("mardi", 1),
        ("dans la nuit de mardi à mercredi", 1),
        ("le week-end dernier", 2),
        ("du 3 au 5 janvier", 2),
        ("il y a quelques jours", 2),
        ("il y a trois semaines", 2),
        ("en décembre", 3),
        ("début janvier", 3),
        ("il y a un mois", 3),
        ("en 2019", None),
        ("il y a dix ans", None),
    ],
)
def test_precision_is_acleds(said: str, precision: int | None) -> None:
    resolver = DateResolver.load("fr")
    (expression,) = resolver.find(said, THURSDAY)
    assert resolver.time_precision(expression) == precision


@pytest.mark.parametrize(
    ("said", "day"),
    [("6/1/2022", "2022-06-01"), ("20/12/2021", "2021-12-20"), ("Friday the 31st", "2021-12-31")],
)
def test_english_puts_the_month_first_where_it_can(said: str, day: str) -> None:
    assert found(said, language="en") == [(said, day)]


@pytest.mark.parametrize("far", ["il y a 999 ans", "dans 900 ans", "le 1er janvier 1800"])
def test_the_far_end_of_the_calendar_does_no_harm(far: str) -> None:
    assert len(found(far, date(9500, 1, 1))) <= 1
    assert len(found(far, date(500, 1, 1))) <= 1


def test_an_unknown_slot_is_reported_with_file_and_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fr"
    folder.mkdir()
    data = (knowledge.FOLDER / "fr" / "dates.toml").read_text().replace("en {month}", "en {moon}")
    (folder / "dates.toml").write_text(data)
    monkeypatch.setattr(knowledge, "FOLDER", tmp_path)
    with pytest.raises(KnowledgeError, match=r"fr/dates\.toml, 'en \{moon\}'"):
        DateVocabulary.load.__wrapped__(DateVocabulary, "fr")
