"""Places in a text without a parse: what is one, what is not, and which of several is meant."""

import pytest

from workers.extraction.toponyms import ToponymFinder


def places(language: str, text: str) -> list[tuple[str, str | None]]:
    return [
        (text[toponym.start : toponym.end], toponym.place.country)
        for toponym in ToponymFinder.load(language).find(text)
    ]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Gunmen attacked a village near Mopti in central Mali.", [("Mopti", "ML"), ("Mali", "ML")]),
        ("en", "Talks were held in Geneva, Illinois.", [("Geneva, Illinois", "US")]),
        ("en", "Talks were held in Geneva.", [("Geneva", "CH")]),
        ("en", "Fighting went on in Darfur and around Lake Chad.", [("Darfur", "SD"), ("Lake Chad", None)]),
        ("en", "Oxford University is closed.", [("Oxford", "GB")]),
        ("fr", "Des heurts ont éclaté à Brest.", [("Brest", "FR")]),
        ("fr", "En Biélorussie, des heurts ont éclaté à Brest.", [("Biélorussie", "BY"), ("Brest", "BY")]),
        ("fr", "Des tirs à Saint-Denis, près de Paris", [("Saint-Denis", "FR"), ("Paris", "FR")]),
        (
            "fr",
            "Le M23 a pris Bunagana, au Nord-Kivu, en RDC",
            [("Bunagana", "CD"), ("Nord-Kivu", "CD"), ("RDC", "CD")],
        ),
    ],
)
def test_places_are_found(language: str, text: str, expected: list[tuple[str, str | None]]) -> None:
    assert places(language, text) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "President Obama said so."),
        ("en", "Taliban and Russian fighters met Mr. Lavrov of the White House."),
        ("fr", "Le président Macron et les Congolais ont écouté le général Paris."),
    ],
)
def test_people_and_peoples_are_no_places(language: str, text: str) -> None:
    assert places(language, text) == []
