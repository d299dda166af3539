"""Read, reduce and write treebanks in CoNLL-U.

A sentence is kept as its comment lines and its rows of ten columns, multi-word ranges included.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FORM, LEMMA, UPOS, XPOS, FEATS, HEAD, DEPREL, DEPS, MISC = range(1, 10)

FEATURES = frozenset({
    "VerbForm", "Voice", "Tense", "Mood", "Polarity", "Number", "Person", "PronType", "NumType",
})  # fmt: skip
"""The features that the event coder reads. Others cost time: the tagger has a classifier for each."""


@dataclass
class Sentence:
    """One sentence of a treebank."""

    comments: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    @property
    def sent_id(self) -> str:
        """The sentence's name in its treebank, empty if it has none."""
        for comment in self.comments:
            if comment.startswith("# sent_id = "):
                return comment.removeprefix("# sent_id = ")
        return ""

    @property
    def words(self) -> list[list[str]]:
        """The rows of syntactic words: neither multi-word ranges nor empty nodes."""
        return [row for row in self.rows if row[0].isdigit()]

    @property
    def text(self) -> str:
        """The sentence as its tokens and SpaceAfter=No spell it, without a space at its end."""
        pieces: list[str] = []
        covered = 0
        for row in self.rows:
            if "." in row[0]:
                continue
            if "-" in row[0]:
                covered = int(row[0].split("-")[1])
            elif int(row[0]) <= covered:
                continue
            pieces.append(row[FORM] + ("" if "SpaceAfter=No" in row[MISC].split("|") else " "))
        return "".join(pieces).strip()

    def __str__(self) -> str:
        """The sentence in CoNLL-U, the empty line after it included."""
        return "\n".join([*self.comments, *("\t".join(row) for row in self.rows)]) + "\n\n"


def read(paths: Iterable[Path]) -> Iterator[Sentence]:
    """Yield the sentences of CoNLL-U files in order."""
    for path in paths:
        sentence = Sentence()
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                stripped = line.rstrip("\n")
                if stripped.startswith("#"):
                    sentence.comments.append(stripped)
                elif stripped:
                    sentence.rows.append(stripped.split("\t"))
                elif sentence.rows:
                    yield sentence
                    sentence = Sentence()
        if sentence.rows:
            yield sentence


def write(sentences: Iterable[Sentence], path: Path) -> None:
    """Write sentences as one CoNLL-U file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(str, sentences))


def reduced(sentence: Sentence) -> Sentence:
    """Leave what is trained on: no empty nodes, no XPOS, no enhanced dependencies, only `FEATURES`."""
    rows = []
    for row in sentence.rows:
        if "." in row[0]:
            continue
        kept = list(row)
        kept[XPOS] = kept[DEPS] = "_"
        feats = [feat for feat in row[FEATS].split("|") if feat.split("=")[0] in FEATURES]
        kept[FEATS] = "|".join(feats) or "_"
        rows.append(kept)
    return Sentence(list(sentence.comments), rows)


def contracted(sentence: Sentence, contractions: Collection[str]) -> dict[str, list[str] | None]:
    """The words of `contractions` (in small letters) by number: for the first the range's row, else None."""
    found: dict[str, list[str] | None] = {}
    for row in sentence.rows:
        first, _, last = row[0].partition("-")
        if last and row[FORM].lower() in contractions:
            found[first] = row
            found |= {str(number): None for number in range(int(first) + 1, int(last) + 1)}
    return found


def joined(sentence: Sentence, contractions: Collection[str]) -> Sentence:
    """Make one word of each of `contractions`, tagged as its first: what the tagger reads.

    It reads no multi-word tokens, which are left out, and no tree: each word hangs on the one before, since
    Stanza's programs want one.
    """
    inside = contracted(sentence, contractions)
    words = [(row, whole) for row in sentence.words if (whole := inside.get(row[0], row)) is not None]
    rows = [
        [
            *(str(number), whole[FORM], *row[LEMMA:HEAD]),
            *(str(number - 1), "dep" if number > 1 else "root", "_", "_"),
        ]
        for number, (row, whole) in enumerate(words, start=1)
    ]
    return Sentence(list(sentence.comments), rows)


def vocabulary(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """The words of `sentences` with their tags and lemmas, fewer times each: what a lemmatizer learns from.

    It looks at one word at a time, so that a hundred occurrences of `the` teach no more than a few. Of n
    there remain as many as n has binary digits; the commonest come first, so that ties go to them.
    """
    counts = Counter((row[FORM], row[UPOS], row[LEMMA]) for sentence in sentences for row in sentence.words)
    for (form, upos, lemma), count in counts.most_common():
        for _ in range(count.bit_length()):
            yield word(form, upos, lemma)


def word(form: str, upos: str, lemma: str) -> Sentence:
    """A sentence of one word."""
    return Sentence([], [["1", form, lemma, upos, "_", "_", "0", "root", "_", "_"]])


def further(known: Iterable[Sentence], lexicon: Iterable[Sentence]) -> Iterator[Sentence]:
    """Words for the dictionary of a lemmatizer alone, each once.

    These are what a lexicon has that is not known, and all words in small letters as they stand at the
    beginning of a sentence.
    """
    seen: set[tuple[str, str]] = set()
    small: list[list[str]] = []
    for sentence in known:
        for row in sentence.words:
            if (row[FORM], row[UPOS]) not in seen:
                seen.add((row[FORM], row[UPOS]))
                small.append(row)
    for sentence in lexicon:
        for row in sentence.words:
            if (row[FORM], row[UPOS]) not in seen:
                seen.add((row[FORM], row[UPOS]))
                small.append(row)
                yield sentence
    for row in small:
        capital = row[FORM].capitalize()
        if row[FORM].islower() and (capital, row[UPOS]) not in seen:
            yield word(capital, row[UPOS], row[LEMMA])
