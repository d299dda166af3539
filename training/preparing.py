"""Turn treebanks and entity lists into the files that Stanza's training programs read."""

import json
import random
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path

from stanza.utils.datasets import prepare_tokenizer_data

from training import lexicon, newspapers, treebank, vectors
from training.recipes import Recipe
from training.treebank import Sentence
from workers.extraction import contractions

DEV_SENTENCES = 300
"""Of the development set, for choosing the best step: the rest would cost more time than it is worth."""


COPIES = 3
"""Of each sentence for the tokenizer, with something else of what newspapers write in each."""


def prepare(recipe: Recipe, language: str, data: Path, work: Path, seed: int, sentences: int | None) -> None:
    """Write into `work` what training reads; from the first `sentences` of each file only, if given.

    What further treebanks teach the tagger, it forgets where it is otherwise in the first ones: it goes on
    with those alone. Of the further sentences only those have a place whose relations the first ones have,
    too. The text for the tokenizer runs most sentences together, as a paragraph of a newspaper does, and has
    what `newspapers` writes into them.
    """
    randomness = random.Random(seed)  # noqa: S311 - nothing secret about it

    def read(*names: str) -> list[Sentence]:
        found = treebank.read(data / name for name in names)
        return [treebank.reduced(sentence) for sentence in islice(found, sentences)]

    train = read(*recipe.treebanks)
    relations = {row[treebank.DEPREL] for sentence in train for row in sentence.words}
    further = [
        sentence
        for sentence in read(*recipe.further)
        if relations.issuperset(row[treebank.DEPREL] for row in sentence.words)
    ]
    dev = read(recipe.dev)
    few = list(dev)
    randomness.shuffle(few)
    few = few[:DEV_SENTENCES]
    treebank.write(train, work / "train.conllu")
    treebank.write(further, work / "train-further.conllu")
    treebank.write(treebank.vocabulary(train), work / "train-words.conllu")
    seen = {row[treebank.FORM].lower() for sentence in (*train, *dev) for row in sentence.words}
    vectors.write(data / recipe.vectors, seen, work / vectors.VECTORS)
    known = vectors.words_of(work / vectors.VECTORS)
    lemmas = lexicon.read(recipe.lexicon, known) if sentences is None else ()
    treebank.write(treebank.further(treebank.vocabulary(train), lemmas), work / "further-words.conllu")
    treebank.write(dev, work / "dev.conllu")
    treebank.write(few, work / "dev-few.conllu")
    treebank.write(read(recipe.test), work / "test.conllu")
    ambiguous = contractions.load().get(language, {})
    for sentences_of, name in (
        ([*train, *further], "train-tagger.conllu"),
        (train, "train-tagger-annealed.conllu"),
        (few, "dev-tagger.conllu"),
    ):
        treebank.write((treebank.joined(sentence, ambiguous) for sentence in sentences_of), work / name)
    entities = {
        part: list(islice(read_entities(data / f"{recipe.entities}.{part}.bio"), sentences))
        for part in ("train", "dev", "test")
    }
    for part, read_part in entities.items():
        (work / f"entities-{part}.json").write_text(
            json.dumps([[{"text": word, "ner": tag} for word, tag in words] for words in read_part])
        )
    writer = newspapers.Writer(language, _places(entities["train"]), _names(entities["train"]), randomness)
    written = [sentence for _ in range(COPIES) for sentence in writer.write(train)]
    write_tokens(written, work / "tokens-train")
    write_tokens([(sentence, " ") for sentence in dev], work / "tokens-dev")


def read_entities(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield sentences of (word, BIO tag); the address that stands above an article is none.

    An entity that lacks its B- (words are missing in the data here and there) begins at its first I-.
    """
    sentence: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").split("\n"), ""]:
        if line.strip():
            word, _, tag = line.rpartition("\t")
            before = sentence[-1][1] if sentence else "O"
            if tag.startswith("I-") and tag[2:] != before[2:]:
                tag = f"B-{tag[2:]}"
            sentence.append((word, tag))
        elif sentence:
            if len(sentence) > 1 or not sentence[0][0].startswith("http"):
                yield sentence
            sentence = []


def spans(tags: list[str]) -> set[tuple[int, int, str]]:
    """First token, token after the last, and kind of the entities that BIO or BIOES tags tell."""
    spans: set[tuple[int, int, str]] = set()
    start, kind = 0, ""
    for number, tag in enumerate([*tags, "O"]):
        position, _, this = tag.partition("-")
        goes_on = position in {"I", "E"} and this == kind
        if kind and not goes_on:
            spans.add((start, number, kind))
            kind = ""
        if position != "O" and not goes_on:
            start, kind = number, this
    return spans


def _places(entities: list[list[tuple[str, str]]]) -> list[str]:
    """The names of places that are one word."""
    return sorted(
        {
            name[0]
            for name, kind in _entities(entities)
            if len(name) == 1 and kind in {"LOC", "Location"} and name[0].isalpha()
        }
    )


def _names(entities: list[list[tuple[str, str]]]) -> list[tuple[str, ...]]:
    """The names of several words that all begin with a capital; a space stands between such words."""
    return sorted(
        {
            name
            for name, _ in _entities(entities)
            if len(name) > 1 and all(part.isalpha() and part[0].isupper() for part in name)
        }
    )


def _entities(sentences: list[list[tuple[str, str]]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The words and the kind of each entity."""
    for words in sentences:
        for start, end, kind in spans([tag for _, tag in words]):
            yield tuple(word for word, _ in words[start:end]), kind


def write_tokens(sentences: list[tuple[Sentence, str]], stem: Path) -> None:
    """Write text, CoNLL-U, labels and multi-word tokens of the tokenizer's data."""
    text = "".join(sentence.text + after for sentence, after in sentences)
    stem.with_suffix(".txt").write_text(text.strip() + "\n", encoding="utf-8")
    treebank.write((sentence for sentence, _ in sentences), stem.with_suffix(".conllu"))
    files = [str(stem.with_suffix(suffix)) for suffix in (".txt", ".conllu", ".labels", ".mwt.json")]
    with redirect_stdout(StringIO()):
        prepare_tokenizer_data.main([files[0], files[1], "-o", files[2], "-m", files[3]])
