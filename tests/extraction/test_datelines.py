"""Datelines are set apart from the sentences that they stand before, and nothing moves."""

import pytest

from workers.extraction.datelines import set_apart


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("GAO – Des soldats sont arrivés.", "GAO \n\nDes soldats sont arrivés."),
        ("Gao (AFP) - Des soldats.\n\nKYIV (AP) -- Shells fell.",
         "Gao (AFP) \n\nDes soldats.\n\nKYIV (AP) \n\n\nShells fell."),
        ("Lima, May 3 (EFE) The army left.", "Lima, May 3 (EFE)\nThe army left."),
        ("(AFP) Soldiers left.", "(AFP)\nSoldiers left."),
        ("The People's Army (SPLA) General fled.", "The People's Army (SPLA) General fled."),
        ("Marie – une infirmière – est morte.", "Marie – une infirmière – est morte."),
        ("Il est mort à GAO – on le dit.", "Il est mort à GAO – on le dit."),
    ],
)  # fmt: skip
def test_a_dateline_is_a_paragraph_of_its_own(text: str, apart: str) -> None:
    assert set_apart(text) == apart
    assert len(apart) == len(text)
