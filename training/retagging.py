"""Give the parser's treebank the tags that it will hear from the tagger, errors included.

A parser that learns from an annotator's tags trusts them more than a tagger deserves. The tagger has learned
from these very sentences, and would tag them as it never tags an article; with its dropout on, as when it
learned, it errs as on new text: of the French words 4 % got a wrong UPOS and 9 % wrong features, against
3.5 and 8 % in the test set.
"""

from collections.abc import Collection
from functools import partial
from itertools import chain
from pathlib import Path

import torch
from stanza.models.common.dropout import WordDropout
from stanza.models.common.pretrain import Pretrain
from stanza.models.common.utils import unsort
from stanza.models.pos.data import Dataset
from stanza.models.pos.trainer import Trainer
from stanza.utils.conll import CoNLL

from training import treebank
from training.processors import MODEL
from training.treebank import Sentence
from training.vectors import VECTORS

COPIES = 3
"""Of each sentence for training, with other errors in each; of the further treebanks' there is one."""

_WORDS = 5_000  # Of a batch, at most.


def retag(work: Path, tagger: str, contractions: Collection[str], seed: int) -> None:
    """Write `train-parser.conllu` and `dev-parser.conllu` with the tags of the model in `work/{tagger}`.

    The development set is tagged as an article is, without dropout. `contractions` are one word for the
    tagger, see `treebank.joined`; their words keep the tags that they have.
    """
    torch.manual_seed(seed)
    vectors = Pretrain(str(work / VECTORS))
    trainer = Trainer(pretrain=vectors, model_file=str(work / tagger / MODEL))
    hear = partial(_tagged, trainer, vectors, contractions=contractions, scratch=work / "heard.conllu")
    few = list(treebank.read([work / "dev-few.conllu"]))
    treebank.write(hear(few), work / "dev-parser.conllu")
    trainer.model.eval = lambda: _with_dropout(trainer.model)
    train = list(treebank.read([work / "train.conllu"]))
    further = list(treebank.read([work / "train-further.conllu"]))
    treebank.write(
        chain(*(hear(train) for _ in range(COPIES)), hear(further) if further else ()),
        work / "train-parser.conllu",
    )


def _with_dropout(model: torch.nn.Module) -> torch.nn.Module:
    """`model` as it learns, but that it hears every word."""
    model.train()
    for part in model.modules():
        if isinstance(part, WordDropout):
            part.eval()
    return model


def _tagged(
    trainer: Trainer,
    vectors: Pretrain,
    sentences: list[Sentence],
    *,
    contractions: Collection[str],
    scratch: Path,
) -> list[Sentence]:
    treebank.write((treebank.joined(sentence, contractions) for sentence in sentences), scratch)
    document = CoNLL.conll2doc(input_file=str(scratch))
    dataset = Dataset(
        document, trainer.args, vectors, vocab=trainer.vocab, evaluation=True, sort_during_eval=True
    )
    tags: list[list[tuple[str, str, str | None]]] = []
    order: list[int] = []
    with torch.no_grad():
        for batch in dataset.to_length_limited_loader(
            batch_size=trainer.args["batch_size"], maximum_tokens=_WORDS
        ):
            order.extend(batch[-1])
            tags.extend(trainer.predict(batch))
    return [
        _with_tags(sentence, found, contractions)
        for sentence, found in zip(sentences, unsort(tags, order), strict=True)
    ]


def _with_tags(
    sentence: Sentence, tags: list[tuple[str, str, str | None]], contractions: Collection[str]
) -> Sentence:
    inside = treebank.contracted(sentence, contractions)
    heard = (row[0] for row in sentence.words if inside.get(row[0], row) is not None)
    told = dict(zip(heard, tags, strict=True))
    rows = [list(row) for row in sentence.rows]
    for row in rows:
        if row[0] in told and row[0] not in inside:
            row[treebank.UPOS], _, feats = told[row[0]]
            row[treebank.FEATS] = feats or "_"
    return Sentence(list(sentence.comments), rows)
