"""Which articles are nearly the same words."""

import pytest

from cli.run import EXAMPLE
from workers.extraction.resemblance import LEAST, resemblance, sketch

ARTICLE = EXAMPLE.read_text(encoding="utf-8")
SHORT = "Dimanche, douze soldats ont été tués dans une attaque contre leur poste à Gao, dans le nord du Mali."


def alike(one: str, other: str) -> float:
    return resemblance(sketch(one), sketch(other))


@pytest.mark.parametrize(
    "other",
    [
        ARTICLE,
        ARTICLE.upper().lower().replace("’", "'"),
        ARTICLE + "\n\nToute reproduction est interdite sans l'accord de la rédaction.",
        ARTICLE.replace("Kazakhstan", "KAZAKHSTAN"),
        ARTICLE.replace(" des ", " de ", 3),
        ARTICLE[: len(ARTICLE) * 9 // 10],
    ],
)
def test_a_reprint_is_recognised(other: str) -> None:
    if other.islower():
        # Names are told by their capitals.
        assert alike(ARTICLE.lower(), other) >= LEAST
    else:
        assert alike(ARTICLE, other) >= LEAST


@pytest.mark.parametrize(
    "other",
    [
        SHORT.replace("Gao", "Mopti"),
        SHORT.replace("douze", "trois").replace("Dimanche", "Mardi"),
        SHORT.replace("douze", "trois").replace("Gao", "Mopti"),
        "Des manifestants ont défilé dimanche à Bamako, dans le sud du Mali, contre la hausse des prix.",
    ],
)
def test_a_short_report_of_something_else_is_not_a_reprint(other: str) -> None:
    assert alike(SHORT, other) < LEAST


def test_a_long_report_on_the_same_lines_about_another_town_is_not_a_reprint() -> None:
    frame = (
        "{who} a publié mardi son bulletin hebdomadaire. Au cours de la semaine écoulée, {n} incidents ont "
        "été signalés dans la région de {where}, dont {m} enlèvements sur la route de {road}. Les "
        "humanitaires ont dû suspendre leurs mouvements, et les écoles du chef-lieu sont restées fermées. "
        "Le gouverneur a promis des renforts et appelé la population à signaler toute présence suspecte."
    )
    one = frame.format(who="L’OCHA", n=14, where="Tillabéri", m=3, road="Torodi")
    other = frame.format(who="L’OCHA", n=9, where="Diffa", m=1, road="Nguigmi")
    assert alike(one, other) == 0.0


def test_the_figure_of_short_texts_is_exact() -> None:
    assert alike("un deux trois quatre", "un deux trois cinq") == pytest.approx(1 / 3)
    assert alike("un", "un") == 1.0
    assert alike("", "un") == 0.0
