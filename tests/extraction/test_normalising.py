"""Offsets in the analysed text lead back to what was sent."""

import unicodedata

import pytest

from workers.extraction.normalising import Normalised

TEXTS = [
    "",
    "Des soldats à Gao.",
    unicodedata.normalize("NFD", "Émeutes à N’Djaména, où l’état d’urgence règne."),
    "😀 Tirs 👨‍👩‍👧 à Gao ❤️ 🇲🇱",
    "\u200fمظاهرة\u200f à \u202bAlmaty\u202c\u2069",  # noqa: RUF001 - Arabic
    "Al\u200bma\u00adty\ufeff a\u0300\u0301 brûlé",
    "6\u202fjanvier\u00a02022\r\nGao\rMopti\u2028Kidal\tet\x00\x07",
    unicodedata.normalize("NFD", "한국 시위") + " Å ﬁ …",
    "\u0301\u0301 \u200b",
]


@pytest.mark.parametrize("original", TEXTS, ids=ascii)
def test_every_span_leads_back_to_the_words_it_stands_for(original: str) -> None:
    normalised = Normalised(original)
    text = normalised.text
    assert unicodedata.is_normalized("NFC", text)
    for start in range(len(text) + 1):
        for end in range(start, len(text) + 1):
            span = normalised.span(start, end)
            assert original[span.start : span.end] == span.text
            # All of a letter and its accents, where the span ends between them.
            assert text[start:end] in Normalised(span.text).text


def test_the_whole_covers_all_that_is_visible() -> None:
    original = "\u200fE\u0301meutes à Almaty\u200f"
    normalised = Normalised(original)
    assert normalised.text == "Émeutes à Almaty"
    assert normalised.span(0, 7).text == "E\u0301meutes"
    assert normalised.original_span(0, len(normalised.text)) == (1, len(original) - 1)


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("Al\u200bma\u00adty", "Almaty"),
        ("6\u202fjanvier\u00a02022\tà\u3000Gao", "6 janvier 2022 à Gao"),
        ("a\r\nb\rc\u2028d\n\ne", "a\nb\nc\nd\n\ne"),
        ("\ufeffL’attaque… « ici »", "L’attaque… « ici »"),
        ("❤\ufe0f\x00", " "),
    ],
)
def test_what_the_models_see(original: str, text: str) -> None:
    assert Normalised(original).text == text
