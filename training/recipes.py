"""What a language's models are made from, as `recipes.toml` tells it."""

from pathlib import Path

import msgspec


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set, its licence, and the beginnings of `sent_id` by which its sentences are known."""

    name: str
    licence: str
    prefixes: tuple[str, ...] = ()


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a language's data are, below the data folder, and how good its models should be.

    `further` are treebanks that the tagger and the parser learn from besides `treebanks`: their text is not
    what newspapers write, or not set as theirs is. `entities` names `{entities}.train.bio`, `.dev.bio` and
    `.test.bio`. `bars` are F1 in percent, `published` those of Stanza's official packages, by data set.
    `beside` is a spaCy package to time, too, `lexicon` the package that `lexicon.py` takes lemmas from,
    `vectors` what `vectors.py` reads.
    """

    name: str
    treebanks: tuple[str, ...]
    dev: str
    test: str
    entities: str
    vectors: str
    lexicon: str
    bars: dict[str, float]
    sources: tuple[Source, ...]
    others: tuple[Source, ...] = ()
    further: tuple[str, ...] = ()
    published: dict[str, dict[str, float]] = {}
    beside: str = ""

    def source(self, sent_id: str) -> Source | None:
        """The treebank that a sentence is from."""
        return next((source for source in self.sources if sent_id.startswith(source.prefixes)), None)


def load() -> dict[str, Recipe]:
    """All recipes by ISO 639-1 code."""
    return msgspec.toml.decode(Path(__file__).with_name("recipes.toml").read_bytes(), type=dict[str, Recipe])
