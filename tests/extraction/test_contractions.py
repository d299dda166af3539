"""French `des` and `du` are two words or one, as their sentence shows."""

import pytest
from stanza import Pipeline

from schemas.settings import Settings
from workers.extraction import pipeline

SENTENCES = {
    "Les habitants des villages voisins ont fui.": ("des", ["de", "les"]),
    "Des hommes armés ont tué trois civils.": ("Des", ["Des"]),
    "Le chef du village a été enlevé.": ("du", ["de", "le"]),
    "Ils ont incendié des maisons.": ("des", ["des"]),
}


@pytest.fixture(scope="module")
def french() -> Pipeline:
    return pipeline.load("fr", Settings())


@pytest.mark.parametrize("sentence", SENTENCES)
def test_contractions(french: Pipeline, sentence: str) -> None:
    written, words = SENTENCES[sentence]
    (parsed,) = french.process(sentence).sentences
    (token,) = (token for token in parsed.tokens if token.text == written)
    assert [word.text for word in token.words] == words
    assert [word.id for word in parsed.words] == list(range(1, len(parsed.words) + 1))
    assert [token.id[0] for token in parsed.tokens] == [token.words[0].id for token in parsed.tokens]
    assert all(word.deprel for word in parsed.words)
