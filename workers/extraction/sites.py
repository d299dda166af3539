"""Find the names of places in a parsed sentence, known ones and others, and what they are part of.

A name is a place's if the model for entities or the gazetteer says so, if a word of kind stands beside it
("Kafr Shams town", "le quartier de Bab Amr"), or if it is nobody's name, or begins as only places do
("Jabal Badro"), and stands behind a preposition of place or as the object of what is done to places
("stormed Qabasin").
"""

import msgspec

from workers.extraction import grammar
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word

_JOINING = frozenset("-–'’‘ʿʼ")
"""What a piece of a name may begin with that the tokenizer took apart: Dara'a, Al-Bab."""


class Site(msgspec.Struct, frozen=True):
    """A place as a sentence names it.

    Attributes:
        start: Where its name begins.
        end: Where its name ends.
        name: Its name.
        head: The word by which it hangs in the tree: of the name, or of the word of kind beside it.
        noun: The dictionary form of the word of kind, None if there is none.
        surroundings: Words beside it say that a part of it or what lies around it is meant ("rural Damascus",
            "the countryside of Homs", "10 km from Gao").

    """

    start: int
    end: int
    name: str
    head: Word
    noun: str | None = None
    surroundings: bool = False


def find(sentence: Sentence, words: Grammar) -> list[Site]:
    """The places that `sentence` names, in its order; none overlap."""
    found: list[Site] = []
    taken = -1
    for word in sentence.words:
        if word.index <= taken or not (run := _name(sentence, word, words)):
            continue
        taken = run[-1].index
        if site := _site(sentence, run, words):
            found.append(site)
    return found


def _name(sentence: Sentence, word: Word, words: Grammar) -> list[Word]:
    """The words of the name that begins with `word`; empty if none does."""
    entity = sentence.entity_of(word)
    if entity is not None and entity.kind == "LOC":
        run = [part for part in sentence.words[word.index :] if part.end <= entity.end]
        while (
            len(run) > 1
            and (run[0].upos == "DET" or _kind(run[0], words) or run[0].upos == "ADP")
            # "Port-au-Prince" is one name.
            and not (run[1].text[:1] in _JOINING and run[1].start == run[0].end)
        ):
            run = run[1:]
        while len(run) > 1 and _kind(run[-1], words) and not run[-1].text[:1].isupper():
            run = run[:-1]
        while len(run) > 1 and run[-1].upos in ("PART", "PUNCT", "ADP", "CCONJ"):
            run = run[:-1]
        while len(run) > 1 and not _begins(sentence, run[0]):
            # "le marché de Gao"
            run = run[1:]
        return run if _begins(sentence, run[0]) else []
    if not _begins(sentence, word) or word.upos not in ("PROPN", "NOUN", "X", "ADJ") or _kind(word, words):
        return []
    run = [word]
    for part in sentence.words[word.index + 1 :]:
        known = sentence.entity_of(part)
        joined = part.upos != "PART" and (
            part.start < run[-1].end or (part.start == run[-1].end and part.text[:1] in _JOINING)
        )
        if known is not entity or not (
            joined or (_capital(part) and part.upos in ("PROPN", "NOUN", "X", "ADJ", "NUM"))
        ):
            break
        run.append(part)
    return run


def _site(sentence: Sentence, run: list[Word], words: Grammar) -> Site | None:
    entity = sentence.entity_of(run[0])
    placed = entity is not None and entity.kind == "LOC"
    if entity is not None and entity.actor:
        return None
    if not placed and all(word.upos == "ADJ" for word in run):
        return None
    if _is_clock(sentence, run, words):
        return None
    first, last = run[0].index, run[-1].index
    kind: Word | None = None
    if len(run) > 1 and _kind(run[-1], words):
        kind = run[-1]
    after = sentence.words[last + 1] if last + 1 < len(sentence.words) else None
    if (
        kind is None
        and after is not None
        and _kind(after, words)
        and after.upos in ("NOUN", "PROPN")
        and not (placed and _names_another(sentence, after, words))
    ):
        kind, last = after, after.index
    before = _kind_before(sentence, run[0], words)
    if kind is None and before is not None:
        kind, first = before, before.index
    if kind is None and any(character.isdigit() for word in run for character in word.text):
        # "his Su-22 in the east"
        return None
    if kind is None and not placed:
        if entity is not None and entity.kind not in ("PER", "MISC") and len(run) == 1:
            # "in Logo LGA", but "in NATO"
            return None
        toponym = len(run) > 1 and run[0].text.casefold() in words.anaphora.toponyms
        if not _located(sentence, run, after, words, known=entity is not None and not toponym):
            return None
    if entity is not None and entity.kind in ("DATE", "TIME"):
        return None
    inside = list(sentence.words[first : last + 1])
    head = next((word for word in inside if not first <= word.head <= last), run[-1])
    surroundings = bool(kind and kind.lemma.casefold() in words.anaphora.surroundings) or any(
        # "east Aleppo" is in it, "east of Aleppo" is not.
        word.lemma.casefold() in words.anaphora.surroundings and not _kind(word, words)
        for word in _around(sentence, inside)
    )
    start, end = run[0].start, run[-1].end
    written = run[-1].start + len(run[-1].text)
    if sentence.text[run[-1].start - sentence.start : written - sentence.start] == run[-1].text:
        # The words of "Syria's" have the place of both.
        end = written
    return Site(
        start,
        end,
        sentence.text[start - sentence.start : end - sentence.start],
        head,
        kind.lemma.casefold() if kind else None,
        surroundings,
    )


def _capital(word: Word) -> bool:
    """Whether a word begins with a capital, after what stands for an Arabic letter: "‘Arak"."""
    return word.text.lstrip("‘’ʿʼ'")[:1].isupper()


def _begins(sentence: Sentence, word: Word) -> bool:
    """Whether a name may begin with a word: with a capital, or an article written small ("al-Rai")."""
    if _capital(word):
        return True
    after = sentence.words[word.index + 1 : word.index + 3]
    entity = sentence.entity_of(word)
    return (
        word.upos == "PROPN"
        and entity is not None
        and entity.start == word.start
        and len(after) == 2  # noqa: PLR2004 - a hyphen and the rest of the name
        and after[0].text[:1] in _JOINING
        and after[0].start == word.end
        and _capital(after[1])
    )


def _is_clock(sentence: Sentence, run: list[Word], words: Grammar) -> bool:
    """Whether a name says by which clock: "8 P.M. (Damascus time)", "20 heures, heure de Damas"."""
    before = run[0].index - 1
    while before >= 0 and sentence.words[before].lemma.casefold() in words.prepositions.of:
        before -= 1
    near = (*sentence.words[max(before, 0) : before + 1], run[-1], *sentence.words[run[-1].index + 1 :][:1])
    return any(word.lemma.casefold() in words.anaphora.clocks for word in near)


def _names_another(sentence: Sentence, kind: Word, words: Grammar) -> bool:
    """Whether a word of kind belongs to the name after it: "the Cameroon town of Fotokol".

    "Gwoza town of Borno State" and "the Zaynab district of Damascus" are the other way round.
    """
    after = sentence.words[kind.index + 1 : kind.index + 3]
    return (
        kind.lemma.casefold() not in words.anaphora.quarters
        and bool(sentence.children(kind, "det"))
        and len(after) == 2  # noqa: PLR2004 - a preposition and a name
        and after[0].lemma.casefold() in words.prepositions.of
        and after[1].text[:1].isupper()
    )


def _kind(word: Word, words: Grammar) -> bool:
    return (
        word.lemma.casefold() in words.anaphora.place_nouns
        or word.text.casefold() in words.anaphora.place_nouns
    )


def _kind_before(sentence: Sentence, word: Word, words: Grammar) -> Word | None:
    """The word of kind before a name: "the town of Gao", "la ville de Gao", "le quartier Bab Amr"."""
    index = word.index - 1
    while index >= 0 and (
        sentence.words[index].upos == "DET"
        or (
            sentence.words[index].upos == "ADP"
            and sentence.words[index].lemma.casefold() in words.prepositions.of
        )
    ):
        index -= 1
    before = sentence.words[index] if index >= 0 else None
    # "from the town, Smith said": nothing but an article and a preposition may stand between.
    return (
        before if before is not None and before.upos in ("NOUN", "PROPN") and _kind(before, words) else None
    )


def _located(sentence: Sentence, run: list[Word], after: Word | None, words: Grammar, *, known: bool) -> bool:
    """Whether a name stands where a place does, and belongs to no noun that follows it.

    `known` says that the model for entities takes it for something else: only who is said to be in
    somebody, or to shell somebody, means a place.
    """
    if after is not None and after.upos in ("NOUN", "PROPN", "ADJ", "PART") and after.relation != "punct":
        return False
    indexes = {word.index for word in run}
    head = next((word for word in run if word.head not in indexes), run[-1])
    verb = sentence.head(head)
    if (
        verb is not None
        and head.deprel in ("obj", "nsubj:pass")
        and verb.lemma.casefold()
        in (words.verbs.on_places if known else words.verbs.on_places | words.verbs.taking)
    ):
        return True
    if (
        verb is not None
        and _kind(verb, words)
        and (
            head.relation == "appos"
            or not words.quantities.including.isdisjoint(
                case.lemma.casefold() for case in sentence.children(head, "case")
            )
        )
    ):
        # Such as Mardes in "three villages, namely Mardes", "villages including Mardes".
        return True
    index = run[0].index - 1
    if index >= 0 and sentence.words[index].upos == "DET":
        index -= 1
    if known:
        return index >= 0 and sentence.words[index].lemma.casefold() in words.prepositions.inside
    return (
        index >= 0
        and sentence.words[index].lemma.casefold()
        in words.prepositions.place - words.prepositions.by - words.prepositions.of
    )


def _around(sentence: Sentence, inside: list[Word]) -> list[Word]:
    """What describes a place, and what it describes in turn: "rural Damascus", "10 km from Gao"."""
    indexes = {word.index for word in inside}
    found = [
        child
        for word in inside
        for child in sentence.children(word, "amod", "compound", "nmod")
        if child.index not in indexes and child.start < word.start
    ]
    for word in inside:
        above = sentence.head(word)
        if above is not None and above.index not in indexes and word.relation in ("nmod", "compound", "obl"):
            found.append(above)
    return found


def is_named(sentence: Sentence, head: Word, words: Grammar) -> bool:
    """Whether a phrase is one of a place: "Bunagana", "la ville frontalière"."""
    entity = sentence.entity_of(head)
    return (entity is not None and entity.kind == "LOC") or head.lemma.casefold() in (
        words.anaphora.city | words.anaphora.place_nouns
    )


def below(sentence: Sentence, site: Site, other: Site, words: Grammar) -> bool:
    """Whether `other` is what `site` lies in: "the Al-Bayda neighbourhood of Homs", "Saraqib, Idlib"."""
    if site.head.relation in ("compound", "amod") and sentence.head(site.head) is other.head:
        # "the Mali town of Gao" is the other way round.
        return False
    between = [word for word in sentence.words if site.end <= word.start and word.end <= other.start]
    if between and all(
        _kind(word, words)
        or word.upos == "DET"
        or word.text == ","
        or word.lemma.casefold() in words.prepositions.of | words.prepositions.inside
        # "in the occupied West Bank"
        or (word.relation == "amod" and sentence.head(word) is other.head)
        for word in between
    ):
        return True
    if other.head.relation == "conj" and sentence.children(other.head, "cc"):
        # "Mardes and Toro"; without a conjunction, some parses have "Saraqib, Idlib" so.
        return False
    word: Word | None = other.head
    for _ in range(3):
        if word is None or word.relation not in ("nmod", "appos", "flat", "compound", "obl", "conj"):
            return False
        word = sentence.head(word)
        if word is not None and (word is site.head or site.start <= word.start < site.end):
            return True
    return False


def relation_path(sentence: Sentence, word: Word, tops: dict[int, int]) -> list[Word]:
    """`word` and what is above it, up to but without a word of `tops`; empty if there is none above it."""
    path = [word]
    for above in sentence.ancestors(word):
        if above.index in tops:
            return path
        path.append(above)
    return []


def own_preposition(sentence: Sentence, path: list[Word], words: Grammar) -> set[str]:
    """The preposition nearest to the first word of `path`, as the data may write it."""
    for word in path:
        if word.upos in grammar.PREDICATES:
            continue
        spellings, _ = grammar.preposition(sentence, word, words)
        if spellings:
            return spellings
    return set()
