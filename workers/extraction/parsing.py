"""Parse a text with Stanza into sentences, words and entities of our own.

The rest of the extraction sees only the Structs here, never Stanza's objects. Offsets count code points
of the text that was parsed. torch and stanza are imported when a parser is made, not before.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import msgspec

from schemas.settings import Settings
from workers.extraction import datelines, pipeline
from workers.extraction.knowledge import Lexicon
from workers.extraction.paragraphs import Paragraphs

_ENTITY_KINDS = {
    "Date": "DATE",
    "Facility": "LOC",
    "Location": "LOC",
    "Money": "MISC",
    "Misc": "MISC",
    "Miscellaneous": "MISC",
    "NORP": "MISC",
    "Organization": "ORG",
    "Person": "PER",
    "Product": "MISC",
    "GPE": "LOC",
    "PERSON": "PER",
    "FAC": "LOC",
}
"""What the models of a language call an entity, and what we call it."""


_NAMES = frozenset({"NOUN", "PROPN"})


class Word(msgspec.Struct, frozen=True):
    """A syntactic word (French `du` is two, at the same offsets).

    Attributes:
        index: Position in the sentence, from 0.
        text: As written.
        lemma: Dictionary form, as the lemmatizer gives it.
        upos: Universal part of speech (`NOUN`, `PROPN`, `VERB`, ...).
        feats: Universal features (`{"Number": "Plur"}`).
        head: Index of the governor, -1 for the root.
        deprel: Universal relation with subtype (`nsubj:pass`).
        start: First code point.
        end: One past the last code point.

    """

    index: int
    text: str
    lemma: str
    upos: str
    feats: dict[str, str]
    head: int
    deprel: str
    start: int
    end: int

    @property
    def relation(self) -> str:
        """The universal relation without its subtype."""
        return self.deprel.partition(":")[0]


class Entity(msgspec.Struct, frozen=True):
    """A named entity: `kind` is PER, LOC, ORG, MISC, DATE, TIME or what the models know beside these.

    `actor` says that the lists of actors have its name.
    """

    text: str
    kind: str
    start: int
    end: int
    actor: bool = False


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two stretches of a text, by start and end, have a code point in common."""
    return one[0] < other[1] and other[0] < one[1]


class Sentence(msgspec.Struct, frozen=True, dict=True):
    """A parsed sentence; `words` form a tree, `entities` are in order."""

    index: int
    text: str
    start: int
    end: int
    words: tuple[Word, ...]
    entities: tuple[Entity, ...]

    @cached_property
    def _children(self) -> tuple[tuple[Word, ...], ...]:
        below: list[list[Word]] = [[] for _ in self.words]
        for word in self.words:
            if word.head >= 0:
                below[word.head].append(word)
        return tuple(map(tuple, below))

    def children(self, word: Word, *relations: str) -> tuple[Word, ...]:
        """The dependents of `word`, in order; with `relations`, those with one of these, subtype or not."""
        dependents = self._children[word.index]
        if not relations:
            return dependents
        return tuple(
            child for child in dependents if child.deprel in relations or child.relation in relations
        )

    def head(self, word: Word) -> Word | None:
        """The governor of `word`, None for the root."""
        return self.words[word.head] if word.head >= 0 else None

    def ancestors(self, word: Word) -> Iterator[Word]:
        """The governors of `word`, nearest first; bounded, should a parse ever have a cycle."""
        above = self.head(word)
        for _ in self.words:
            if above is None:
                return
            yield above
            above = self.head(above)

    def subtree(self, word: Word) -> list[Word]:
        """`word` and all below it, in order of the text."""
        found = {word.index}
        stack = [word]
        while stack:
            for child in self._children[stack.pop().index]:
                if child.index not in found:
                    found.add(child.index)
                    stack.append(child)
        return [self.words[index] for index in sorted(found)]

    def entity_of(self, word: Word) -> Entity | None:
        """The entity that covers `word`, if one does."""
        for entity in self.entities:
            if entity.start <= word.start and word.end <= entity.end:
                return entity
        return None


class Parse(msgspec.Struct, frozen=True):
    """A parsed text; `skipped` counts the words of each sentence that was too long to parse."""

    sentences: tuple[Sentence, ...]
    skipped: tuple[int, ...]


class Parser:
    """Stanza's pipeline for one language, with the lexicon's corrections of what the models get wrong."""

    def __init__(self, lexicon: Lexicon, settings: Settings) -> None:
        self._lexicon = lexicon
        self._pipeline = pipeline.load(lexicon.language, settings)
        self._longest = settings.max_sentence_words
        done = [name for name in ("tokenize", "mwt") if name in self._pipeline.processors]
        self._first = ",".join(done)
        self._rest = [name for name in self._pipeline.processors if name not in done]

    def parse(
        self,
        text: str,
        progress: Callable[[float], None] = lambda _: None,
    ) -> Parse:
        """Parse `text`, reporting the share that is done.

        The dependency parser takes most of the time, so it reads only sentences with a word that may tell
        of an event; the words of the others depend on nothing. Its cost grows with the square of a
        sentence's length, so sentences longer than the limit are left out, and counted.
        """
        paragraphs = Paragraphs(datelines.set_apart(text))
        document = self._pipeline.process(paragraphs.text, processors=self._first)
        lengths = [len(sentence.words) for sentence in document.sentences]
        _keep(
            document,
            [
                sentence
                for sentence, length in zip(document.sentences, lengths, strict=True)
                if length <= self._longest
            ],
        )
        for done, processor in enumerate(self._rest, start=1):
            everything = document.sentences
            if processor == "depparse":
                for sentence in everything:
                    self._correct(sentence)
                _keep(document, [sentence for sentence in everything if self._may_tell(sentence)])
            if document.sentences:
                self._pipeline.process(document, processors=processor)
            _keep(document, everything)
            progress(done / len(self._rest))
        return Parse(
            tuple(
                self._sentence(index, sentence, text, paragraphs.original)
                for index, sentence in enumerate(document.sentences)
            ),
            tuple(length for length in lengths if length > self._longest),
        )

    def _sentence(
        self,
        index: int,
        parsed: Any,  # noqa: ANN401 - stanza is untyped
        text: str,
        original: Callable[[int], int],
    ) -> Sentence:
        start, end = original(parsed.tokens[0].start_char), original(parsed.tokens[-1].end_char)
        return Sentence(
            index=index,
            text=text[start:end],
            start=start,
            end=end,
            words=_untangled(
                [self._word(word, token, original) for token in parsed.tokens for word in token.words]
            ),
            entities=tuple(
                Entity(text[begin:finish], _ENTITY_KINDS.get(entity.type, entity.type), begin, finish)
                for entity in parsed.ents
                for begin, finish in [(original(entity.start_char), original(entity.end_char))]
            ),
        )

    def _correct(self, sentence: Any) -> None:  # noqa: ANN401 - stanza is untyped
        """Put right what the parser would otherwise build on."""
        for word in sentence.words:
            if (correction := self._lexicon.correct(word.text)) is None:
                word.lemma = self._lexicon.lemma(word.text, word.lemma or word.text, word.upos or "X")
                continue
            word.lemma = correction.lemma
            if correction.upos:
                word.upos = correction.upos
            if correction.tense:
                feats = [pair for pair in (word.feats or "").split("|") if pair and "Tense=" not in pair]
                word.feats = "|".join(sorted([*feats, f"Tense={correction.tense}"]))

    def _may_tell(self, sentence: Any) -> bool:  # noqa: ANN401 - stanza is untyped
        return any(
            spelling.casefold() in self._lexicon.telling
            for word in sentence.words
            for spelling in (word.text, word.lemma or "")
        )

    @staticmethod
    def _word(word: Any, token: Any, original: Callable[[int], int]) -> Word:  # noqa: ANN401 - untyped
        feats = dict(pair.split("=", 1) for pair in (word.feats or "").split("|") if pair)
        return Word(
            index=word.id - 1,
            text=word.text,
            lemma=word.lemma or word.text,
            upos=word.upos or "X",
            feats=feats,
            head=(word.head or 0) - 1,
            deprel=word.deprel or "dep",
            start=original(token.start_char),
            end=original(token.end_char),
        )


def _untangled(words: list[Word]) -> tuple[Word, ...]:
    """Put right what no tree of Universal Dependencies has.

    A preposition belongs to the noun that it stands before: "in Lagos on Monday" is not "in Monday". Where
    its governor hangs on a word between the two, the tree crosses itself there (it is not projective), and
    that word is what the preposition belongs to.

    What has a conjunction is coordinated: in "Mali, Niger and Chad agreed", Chad is no second subject, but
    stands beside the first.

    A clause has one subject: of two, what a colon sets off is what the headline is about, as in "Congo: Goma
    falls to rebels".
    """
    untangled: list[Word] = []
    coordinated = {word.head for word in words if word.relation == "cc" and word.index < word.head}
    for word in words:
        governor = word.head
        if word.relation == "nsubj" and _is_topic(word, words):
            untangled.append(msgspec.structs.replace(word, deprel="parataxis"))
            continue
        if word.index in coordinated and word.relation in ("nsubj", "obj"):
            siblings = [
                other
                for other in untangled
                if other.head == word.head and other.deprel == word.deprel and other.upos in _NAMES
            ]
            if siblings and word.upos in _NAMES:
                untangled.append(msgspec.structs.replace(word, head=siblings[0].index, deprel="conj"))
                continue
        while word.relation == "case" and word.index < words[governor].head < governor:
            governor = words[governor].head
        untangled.append(word if governor == word.head else msgspec.structs.replace(word, head=governor))
    return tuple(untangled)


def _is_topic(subject: Word, words: list[Word]) -> bool:
    """Whether another subject of the same verb stands behind a colon, between it and the verb."""
    colons = [word.index for word in words[subject.index : max(subject.head, 0)] if word.text == ":"]
    return bool(colons) and any(
        other.head == subject.head and other.relation == "nsubj" for other in words[colons[0] : subject.head]
    )


def _keep(document: Any, sentences: list[Any]) -> None:  # noqa: ANN401 - stanza is untyped
    """Make `sentences` all that `document` has; Stanza counts its words, and checks them."""
    document.sentences = sentences
    document.num_words = sum(len(sentence.words) for sentence in sentences)
    document.num_tokens = sum(len(sentence.tokens) for sentence in sentences)
