"""Headlines, lists and lines that are paragraphs end sentences; wrapped lines do not."""

import pytest

from schemas.settings import Settings
from workers.extraction.knowledge import Lexicon
from workers.extraction.paragraphs import Paragraphs
from workers.extraction.parsing import Parser

LONG = (
    "Plusieurs milliers de personnes ont manifesté samedi à Bamako, à Gao et à Mopti contre la vie chère. "
    * 2
)
WRAPPED = (
    "Police said that unidentified men\nthrew a bomb at the house of Mayor\nJuan Perez in San Salvador today."
)


@pytest.mark.parametrize(
    ("original", "text"),
    [
        ("", ""),
        ("Une ligne.\n", "Une ligne.\n"),
        ("Mali : 12 morts à Gao\nUne attaque a eu lieu.", "Mali : 12 morts à Gao\n\nUne attaque a eu lieu."),
        (
            "20 mars 2016 . –\n  Un avion s'écrase.\n\nFin.",
            "20 mars 2016 . –\n\n  Un avion s'écrase.\n\nFin.",
        ),
        ("Bilan :\n- dix morts\n- un blessé", "Bilan :\n\n- dix morts\n\n- un blessé"),
        (f"{LONG}\net le calme est revenu.", f"{LONG}\net le calme est revenu."),
        (f"{LONG}\n“Assez”, dit-on.", f"{LONG}\n\n“Assez”, dit-on."),
        (f"{WRAPPED}\nEnd of report\n{WRAPPED}", f"{WRAPPED}\nEnd of report\n\n{WRAPPED}"),
    ],
)
def test_a_line_is_a_paragraph_unless_it_was_wrapped(original: str, text: str) -> None:
    found = Paragraphs(original)
    assert found.text == text
    for offset, letter in enumerate(text):
        where = found.original(offset)
        assert original[where : where + 1] == letter or (letter == "\n" and original[where - 1] == "\n")


def test_sentences_end_with_lines_and_keep_their_offsets() -> None:
    text = "Mali : 12 morts à Gao\nUne bombe a explosé à Gao samedi\nL'armée a tué un homme à Mopti."
    parse = Parser(Lexicon.load("fr"), Settings()).parse(text)
    assert [sentence.text for sentence in parse.sentences] == text.split("\n")
    for sentence in parse.sentences:
        for word in sentence.words:
            assert text[word.start : word.end].startswith(word.text[:1])
        for entity in sentence.entities:
            assert text[entity.start : entity.end] == entity.text
    assert "Mopti" in {entity.text for entity in parse.sentences[2].entities}
