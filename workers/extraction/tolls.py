"""Count the dead and the hurt that an article reports for an event, by ACLED's rules.

Reported in the clause of the event, or in a sentence after it that reports no other. Vague numbers are
ACLED's: dozens are 12, hundreds 100, "several" 3. A number that says less than is known ("au moins") is
taken as it stands.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from workers.extraction import grammar
from workers.extraction.knowledge import Grammar, Quantities
from workers.extraction.parsing import Sentence, Word

_FOUR, _SCORE, _HUNDRED, _THOUSAND = 4, 20, 100, 1000
"""What number words are put together by."""


class Toll(msgspec.Struct, frozen=True):
    """How many died and how many were hurt; None where nothing is said.

    Attributes:
        dead: The dead.
        injured: The hurt.
        exact: The dead are counted in numbers, not in "dozens" or "a hundred or so".
        start: Where the dead are counted.
        end: One past that.

    """

    dead: int | None = None
    injured: int | None = None
    exact: bool = False
    start: int | None = None
    end: int | None = None

    def updated(self, other: "Toll") -> "Toll":
        """With what `other` tells more, or more exactly, of the same event."""
        better = other if self.dead is None or (other.exact and not self.exact) else self
        return Toll(
            better.dead,
            self.injured if self.injured is not None else other.injured,
            better.exact,
            better.start,
            better.end,
        )


class _Number(msgspec.Struct, frozen=True):
    """How many, and whether that is a number (`exact`), or no more than a grammatical number (`implied`).

    `words` are the indexes of the words that it is written in.
    """

    value: int
    exact: bool = True
    implied: bool = False
    words: range = range(0)


_Counted = list[tuple[_Number, Word]]


def count(
    sentence: Sentence, words: Grammar, is_thing: Callable[[Sentence, Word], bool] = lambda *_: False
) -> tuple[Toll, list[Word]]:
    """The toll that a sentence reports, and the words that it counts.

    `is_thing` tells words for what is no victim: "abattre un drone" kills nobody.
    """
    quantities = words.quantities
    dead = _count(sentence, words, quantities.dead_nouns, quantities.dead_verbs, die=True)
    dead = [(number, word) for number, word in dead if not is_thing(sentence, word)]
    injured = _count(sentence, words, quantities.injured_nouns, quantities.injured_verbs)
    toll = Toll(
        _total(sentence, dead),
        _total(sentence, injured),
        all(number.exact for number, _ in dead),
        min((word.start for _, word in dead), default=None),
        max((word.end for _, word in dead), default=None),
    )
    return toll, [word for _, word in dead + injured]


def _count(
    sentence: Sentence, words: Grammar, nouns: frozenset[str], verbs: frozenset[str], *, die: bool = False
) -> _Counted:
    counted: dict[int, tuple[_Number, Word]] = {}
    for word in sentence.words:
        lemma, form = word.lemma.casefold(), word.text.casefold()
        if word.upos == "VERB" and lemma in verbs:
            victims = list(_victims(sentence, word, words))
            alone = True
        elif lemma in nouns or (form in nouns and word.upos != "VERB"):
            verb = _of_result(sentence, word, words)
            victims = list(_victims(sentence, verb, words) if verb else _named(sentence, word, words))
            alone = verb is not None
        elif die:
            victims = list(_lost(sentence, word, words))
            alone = True
        else:
            continue
        for victim in victims:
            number = _number(sentence, victim, words, singular=alone)
            if number and victim.index not in counted and not _is_part(sentence, victim, words):
                counted[victim.index] = (number, victim)
    return [
        (number, victim)
        for number, victim in counted.values()
        # "One hundred and twenty people" are no hundred besides.
        if not any(victim.index in other.words for other, word in counted.values() if word is not victim)
    ]


def _of_result(sentence: Sentence, word: Word, words: Grammar) -> Word | None:
    """The verb that `word` tells the result of: "shot a vendor dead"."""
    verb = sentence.head(word)
    if word.upos != "ADJ" or verb is None or verb.upos != "VERB" or _number(sentence, word, words):
        return None
    others = [child for child in sentence.children(verb, "obj") if child is not word]
    return verb if others or grammar.is_passive(sentence, verb, words) else None


def _victims(sentence: Sentence, verb: Word, words: Grammar) -> Iterator[Word]:
    """Who suffers the verb: its objects, or the subject of a passive or of a verb of dying."""
    objects = [
        child
        for child in (sentence.children(verb, "obj") or grammar.approximate(sentence, verb, words))
        if child.upos != "ADJ" or sentence.children(child, "det", "nummod")
    ]
    if objects:
        for child in objects:
            yield from grammar.conjuncts(sentence, grammar.measured(sentence, child, words))
    elif others := [child for child in sentence.children(verb, "amod") if sentence.children(child, "nummod")]:
        # "65 personnes sont mortes, et 300 autres blessées": `autres` is not their subject by every parse,
        yield from others
    elif sentence.children(verb, "nummod"):
        # and by some the number is the participle's.
        yield verb
    elif verb.lemma.casefold() in words.verbs.unaccusative | words.verbs.dying or grammar.is_passive(
        sentence, verb, words
    ):
        for subject in grammar.subjects(sentence, verb):
            if subject.index > verb.index and any(
                below.upos == "VERB" and below.deprel == "acl" for below in sentence.children(subject, "acl")
            ):
                # "Two were killed and four others wounded": these are another verb's.
                continue
            yield grammar.measured(sentence, subject, words)


def _named(sentence: Sentence, noun: Word, words: Grammar) -> Iterator[Word]:
    """Who the noun or adjective counts: "dix morts", "dix sont morts", "la mort de dix soldats"."""
    told = _number(sentence, noun, words)
    above = sentence.head(noun)
    if noun.upos == "ADJ" and noun.relation == "amod" and above is not None and above.upos == "NOUN":
        # "left four people dead"
        yield above
        return
    subjects = sentence.children(noun, "nsubj") if sentence.children(noun, "cop", "aux") else ()
    if subjects and not (told and told.exact):
        for subject in subjects:
            yield from grammar.conjuncts(sentence, subject)
        return
    complements = [
        part
        for child in sentence.children(noun, "nmod")
        if grammar.preposition(sentence, child, words)[0] & words.prepositions.of
        for part in grammar.conjuncts(sentence, child)
    ]
    if noun.feats.get("Number") != "Plur" and told is None:
        yield from (part for part in complements if _number(sentence, part, words))
    else:
        yield noun


def _lost(sentence: Sentence, verb: Word, words: Grammar) -> Iterator[Word]:
    """Who dies in a phrase: "ont trouvé la mort", "a coûté la vie à dix soldats"."""
    lemma = verb.lemma.casefold()
    quantities = words.quantities
    lost = {child.lemma.casefold() for child in sentence.children(verb, "obj")}
    if quantities.losing.get(lemma) in lost:
        yield from grammar.subjects(sentence, verb)
    elif quantities.costing.get(lemma) in lost:
        for child in sentence.children(verb, "obl", "iobj"):
            yield from grammar.conjuncts(sentence, child)


def _is_part(sentence: Sentence, victim: Word, words: Grammar) -> bool:
    """Whether others that are counted include them ("dont trois enfants"), or they are a date, not people."""
    entity = sentence.entity_of(victim)
    if entity is not None and entity.kind in ("DATE", "TIME"):
        return True
    first = grammar.phrase(sentence, victim)[0].index
    before = sentence.words[max(first - 2, 0) : first]
    return any(
        word.lemma.casefold() in words.quantities.including
        # "parmi lesquelles une fillette", "among them a girl"
        and (word is before[-1] or before[-1].upos == "PRON")
        for word in before
    )


def _number(sentence: Sentence, word: Word, words: Grammar, *, singular: bool = False) -> _Number | None:
    """The number that a noun phrase has: `douze soldats`, `des dizaines de morts`, `une centaine`.

    An indefinite plural is several; with `singular`, a noun or name that has no number is one.
    """
    quantities = words.quantities
    if any(child.lemma.casefold() in words.verbs.negation for child in sentence.children(word, "det")):
        # "no fewer than ten people"
        numbers = (_number(sentence, child, words) for child in sentence.children(word, "nmod"))
        return next((number for number in numbers if number), None)
    candidates = [word, *sentence.children(word, "nummod", "det", "nmod", "amod")]
    above = sentence.head(word)
    if above is not None and above.upos in ("NOUN", "NUM") and word.relation == "nmod":
        candidates.append(above)
    first = grammar.phrase(sentence, word)[0]
    if first.upos == "NUM" and first not in candidates and _starts_with_digits(first):
        # What a phrase begins with counts its head, whatever the parser hangs it on: "13 al-Shabab fighters".
        candidates.append(first)
    for candidate in candidates:
        lemma, form = candidate.lemma.casefold(), candidate.text.casefold()
        if candidate.relation != "nmod" and (spoken := _spoken(sentence, candidate, quantities)):
            return spoken
        if candidate.feats.get("Number") == "Plur" or lemma not in quantities.numbers:
            for spelling in (lemma, form):
                if spelling in quantities.vague:
                    return _Number(quantities.vague[spelling], exact=False)
        if candidate is word and lemma not in quantities.numbers and word.upos != "NUM":
            continue
        if candidate.relation != "nmod" and (digits := _digits(sentence, candidate)) is not None:
            return _Number(digits)
        for spelling in (form, lemma):
            if spelling in quantities.numbers and (candidate.upos != "DET" or spelling == form):
                return _Number(quantities.numbers[spelling], exact=candidate.upos != "NOUN")
    if word.feats.get("Number") == "Plur":
        if grammar.points_back(sentence, word, words):
            return None
        return _Number(quantities.vague.get("plusieurs", 3), exact=False)
    if singular and word.upos in ("NOUN", "PROPN"):
        return _Number(1, implied=True)
    return None


def _starts_with_digits(word: Word) -> bool:
    return word.text[:1].isdigit()


def _spoken(sentence: Sentence, word: Word, quantities: Quantities) -> _Number | None:
    """A number of several words around `word`: `vingt-neuf`, "one hundred and twenty", `deux cent trente`."""

    def parts(other: Word) -> list[int]:
        """What the pieces of a word are worth; nothing if it is no number."""
        pieces = [piece for piece in re.split(r"[-‐]", other.text.casefold()) if piece]
        found = [
            quantities.numbers.get(piece) or quantities.numbers.get(piece.removesuffix("s"))
            for piece in pieces
            if piece not in quantities.joints
        ]
        return [value for value in found if value] if found and all(found) else []

    if not _counts(word) or not parts(word):
        return None
    inside = [word.index]
    for step in (-1, 1):
        index = word.index + step
        while 0 <= index < len(sentence.words):
            other = sentence.words[index]
            if _counts(other) and parts(other):
                inside.append(index)
            elif other.text != "-" and other.text.casefold() not in quantities.joints:
                break
            index += step
    if len(inside) == 1 and len(parts(word)) == 1:
        return None
    total = current = 0
    for index in sorted(inside):
        for value in parts(sentence.words[index]):
            if value == _THOUSAND:
                total, current = total + max(current, 1) * value, 0
            elif value == _HUNDRED or (
                sentence.words[index].text.casefold().removesuffix("s") in quantities.vague and current
            ):
                current = max(current, 1) * value
            elif value == _SCORE and current % _HUNDRED == _FOUR:
                # "quatre-vingt"
                current += _FOUR * _SCORE - _FOUR
            else:
                current += value
    return _Number(total + current, words=range(min(inside), max(inside) + 1))


def _counts(word: Word) -> bool:
    """Whether it may be one of the words of a number: not an article, as in "une soixantaine"."""
    return word.upos != "DET" or "-" in word.text


def _digits(sentence: Sentence, word: Word) -> int | None:
    """Digits, in groups of three perhaps: `1 200`, `12.000`."""
    text = word.text
    following = word.index + 1
    while following < len(sentence.words) and re.fullmatch(r"\d{3}", sentence.words[following].text):
        text += sentence.words[following].text
        following += 1
    text = re.sub(r"[\s.,](?=\d{3}\b)", "", text)
    return int(text) if re.fullmatch(r"\d{1,7}", text) else None


def _total(sentence: Sentence, counted: _Counted) -> int | None:
    """All that are counted; who has no number only beside others who have one, or where nobody has."""
    together = {
        grammar.first_conjunct(sentence, word).index for number, word in counted if not number.implied
    }
    told = [
        number.value
        for number, word in counted
        if not together or grammar.first_conjunct(sentence, word).index in together
    ]
    return sum(told) if told else None
