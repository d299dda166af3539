"""What the tokenizer learns from reads like newspapers, and says truly where tokens and sentences end."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from training import newspapers, preparing, recipes, treebank
from training.newspapers import Writer
from training.treebank import Sentence

TEXTS = {
    "fr": [
        'Le maire de Lyon , Jean Martin , a dit : " Nous irons au marché . "',
        "Les 12 ouvriers de l'usine sont partis , hier soir , vers la gare .",
        "Un titre sans point",
    ],
    "en": [
        'The mayor of Lagos , John Martin , said : " We will go to the market . "',
        "The 12 workers of the factory left for the station , yesterday evening .",
        "A headline without an end",
    ],
}
NAMES = {"Jean", "John", "Martin", "Lyon", "Lagos"}


def treebank_of(language: str, copies: int = 2_000) -> list[Sentence]:
    found = []
    for text in TEXTS[language] * copies:
        words = text.split()
        rows = []
        for number, (word, after) in enumerate(pairwise([*words, ""]), start=1):
            upos = "PROPN" if word in NAMES else "NOUN"
            glued = after in {",", ".", ""}
            misc = "SpaceAfter=No" if glued else "_"
            rows.append([str(number), word, "_", upos, "_", "_", "0", "root", "_", misc])
        found.append(Sentence([], rows))
    return found


def written(language: str, seed: int = 1) -> list[tuple[Sentence, str]]:
    writer = Writer(
        language,
        ["Gao", "Mopti"],
        [("Ousmane", "Sow")],
        random.Random(seed),  # noqa: S311 - no secret
    )
    return list(writer.write(treebank_of(language)))


@pytest.mark.parametrize("language", recipes.load())
def test_newspapers_of_every_language_are_known_and_written_alike_each_time(language: str) -> None:
    assert [(str(one), after) for one, after in written(language)] == [
        (str(one), after) for one, after in written(language)
    ]
    assert [one.text for one, _ in written(language)] != [one.text for one, _ in written(language, seed=2)]


@pytest.mark.parametrize(
    ("language", "pieces"),
    [
        (
            "fr",
            (
                "GAO, ",
                ") -",
                "« Les 12 ouvriers",
                ".”",
                " Dr Jean",
                " P. Martin",
                "Ousmane Sow",
                "p. 12",
                "• Un",
                " – hier soir",
            ),
        ),
        (
            "en",
            (
                "GAO (",
                ") —",
                "“The 12 workers",
                ".”",
                " Capt. John",
                " J. Martin",
                "Ousmane Sow",
                "p. 12",
                "• A",
                " — yesterday",
            ),
        ),
    ],
)
def test_sentences_get_what_newspapers_write(language: str, pieces: tuple[str, ...]) -> None:
    text = "".join(sentence.text + after for sentence, after in written(language))
    for piece in pieces:
        assert piece in text


def test_most_sentences_follow_on_a_space_and_items_stand_alone() -> None:
    found = written("fr")
    after = [white for _, white in found]
    assert after.count(" ") > 0.7 * len(found)
    assert 0 < after.count("") < 0.05 * len(found)
    for (_, before), (item, white) in pairwise(found):
        if item.text.startswith("•"):
            assert (before, white) == ("\n\n", "\n\n")


def test_the_labels_tell_each_token_and_sentence(tmp_path: Path) -> None:
    found = written("en")
    preparing.write_tokens(found, tmp_path / "tokens")
    text = (tmp_path / "tokens.txt").read_text().strip()
    labels = (tmp_path / "tokens.labels").read_text()
    assert len(text.replace("\n\n", "")) == len(labels.replace("\n", ""))
    assert labels.count("2") == len(found)
    assert labels.count("1") + labels.count("2") == sum(len(newspapers.tokens(one)) for one, _ in found)


def test_words_of_a_token_stay_together() -> None:
    rows = [
        ["1-2", "du", "_", "_", "_", "_", "_", "_", "_", "_"],
        ["1", "de", "de", "ADP", "_", "_", "3", "case", "_", "_"],
        ["2", "le", "le", "DET", "_", "_", "3", "det", "_", "_"],
        ["3", "marché", "marché", "NOUN", "_", "_", "0", "root", "_", "SpaceAfter=No"],
    ]
    tokens = newspapers.tokens(Sentence([], rows))
    assert [(token.form, token.words, token.spaced) for token in tokens] == [
        ("du", ("de", "le"), True),
        ("marché", ("marché",), False),
    ]
    again = newspapers.sentence_of(tokens)
    assert [row[0] for row in again.rows] == ["1-2", "1", "2", "3"]
    assert [row[treebank.FORM] for row in again.words] == ["de", "le", "marché"]


def test_an_entity_begins_though_its_beginning_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "some.bio"
    path.write_text("the\tO\nand\tI-Organization\nVoice\tI-Organization\nin\tO\nGao\tI-Location\n")
    (words,) = preparing.read_entities(path)
    assert [tag for _, tag in words] == ["O", "B-Organization", "I-Organization", "O", "B-Location"]
