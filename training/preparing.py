"""Turn treebanks and entity lists into the files that Stanza's training programs read."""

import json
import random
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path

from stanza.utils.datasets import prepare_tokenizer_data

from training import treebank
from training.recipes import Recipe
from training.treebank import Sentence

WRONG_TAGS = 0.05
"""Of the words that the parser learns from; about what the tagger gets wrong."""

DEV_SENTENCES = 300
"""Of the development set, for choosing the best step: the rest would cost more time than it is worth."""

_ENDS = frozenset(".!?…")
_CLOSING = frozenset("\"'»”)")
_WITHOUT_FULL_STOP = 0.08  # Of sentences: turned into a headline or an item of a list.
_BREAK_WITHOUT_END = 0.5  # After sentences that end without . ! ? …, as headlines do.
_PARAGRAPH = 0.15  # Of the other sentences end a paragraph.
_LINE = 0.03  # And so many a line only.
_SHORTEST = 3


def prepare(recipe: Recipe, data: Path, work: Path, seed: int, sentences: int | None) -> None:
    """Write into `work` what training reads; from the first `sentences` of each file only, if given.

    The text for the tokenizer runs most sentences together, breaks paragraphs where newspapers do, and
    leaves out some full stops before a break: headlines, datelines and lists have none, and a treebank,
    which is whole sentences, would not teach that.
    """
    randomness = random.Random(seed)  # noqa: S311 - nothing secret about it

    def read(*names: str) -> list[Sentence]:
        found = treebank.read(data / name for name in names)
        return [treebank.reduced(sentence) for sentence in islice(found, sentences)]

    train = read(*recipe.treebanks)
    dev = read(recipe.dev)
    few = list(dev)
    randomness.shuffle(few)
    few = few[:DEV_SENTENCES]
    treebank.write(train, work / "train.conllu")
    treebank.write(treebank.vocabulary(train), work / "train-words.conllu")
    treebank.write(dev, work / "dev.conllu")
    treebank.write(few, work / "dev-few.conllu")
    treebank.write(read(recipe.test), work / "test.conllu")
    treebank.write(treebank.mistagged(train, WRONG_TAGS, randomness), work / "train-parser.conllu")
    treebank.write(treebank.mistagged(few, WRONG_TAGS, randomness), work / "dev-parser.conllu")
    _tokens(list(_as_in_papers(train, randomness)), work / "tokens-train")
    _tokens([(sentence, " ") for sentence in dev], work / "tokens-dev")
    for part in ("train", "dev", "test"):
        entities = list(islice(read_entities(data / f"{recipe.entities}.{part}.bio"), sentences))
        (work / f"entities-{part}.json").write_text(
            json.dumps([[{"text": word, "ner": tag} for word, tag in words] for words in entities])
        )


def read_entities(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield sentences of (word, BIO tag); the address that stands above an article is none."""
    sentence: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.strip():
            word, _, tag = line.rpartition("\t")
            sentence.append((word, tag))
        elif sentence:
            if len(sentence) > 1 or not sentence[0][0].startswith("http"):
                yield sentence
            sentence = []


def _as_in_papers(sentences: list[Sentence], randomness: random.Random) -> Iterator[tuple[Sentence, str]]:
    """Each sentence, perhaps without its full stop, and the white space that follows it."""
    for sentence in sentences:
        rows = [list(row) for row in sentence.rows]
        last = rows[-1]
        chance = randomness.random()
        after = " "
        if chance < _WITHOUT_FULL_STOP and last[treebank.FORM] in _ENDS and len(rows) > _SHORTEST:
            rows.pop()
            rows[-1][treebank.MISC] = "_"
            after = "\n\n"
        elif (
            last[treebank.FORM][-1] not in _ENDS | _CLOSING and chance < _BREAK_WITHOUT_END
        ) or chance > 1 - _PARAGRAPH:
            after = "\n\n"
        elif chance > 1 - _PARAGRAPH - _LINE:
            after = "\n"
        yield Sentence([], rows), after


def _tokens(sentences: list[tuple[Sentence, str]], stem: Path) -> None:
    """Write text, CoNLL-U, labels and multi-word tokens of the tokenizer's data."""
    text = "".join(sentence.text + after for sentence, after in sentences)
    stem.with_suffix(".txt").write_text(text.strip() + "\n", encoding="utf-8")
    treebank.write((sentence for sentence, _ in sentences), stem.with_suffix(".conllu"))
    files = [str(stem.with_suffix(suffix)) for suffix in (".txt", ".conllu", ".labels", ".mwt.json")]
    with redirect_stdout(StringIO()):
        prepare_tokenizer_data.main([files[0], files[1], "-o", files[2], "-m", files[3]])
