"""Count the dead and the hurt that an article reports for an event, by ACLED's rules.

Reported in the clause of the event, or in a sentence after it that reports no other. Vague numbers are
ACLED's: dozens are 12, hundreds 100, "several" 3. A number that says less than is known ("au moins") is
taken as it stands.
"""

import re

import msgspec

from workers.extraction import grammar
from workers.extraction.knowledge import Grammar, Quantities
from workers.extraction.parsing import Sentence, Word


class Toll(msgspec.Struct, frozen=True):
    """How many died and how many were hurt; None where nothing is said; spans where the dead are counted."""

    dead: int | None = None
    injured: int | None = None
    start: int | None = None
    end: int | None = None


def count(sentence: Sentence, words: Grammar) -> Toll:
    """The toll that a sentence reports."""
    quantities = words.quantities
    dead: list[tuple[int, Word]] = []
    injured: list[tuple[int, Word]] = []
    for word in sentence.words:
        lemma = word.lemma.casefold()
        form = word.text.casefold()
        if lemma in quantities.dead_nouns or (form in quantities.dead_nouns and word.upos != "VERB"):
            _add(dead, sentence, word, quantities)
        elif lemma in quantities.injured_nouns or (form in quantities.injured_nouns and word.upos != "VERB"):
            _add(injured, sentence, word, quantities)
        elif word.upos == "VERB" and lemma in quantities.dead_verbs | quantities.injured_verbs:
            victims = _victims(sentence, word, words)
            counted = dead if lemma in quantities.dead_verbs else injured
            for victim in victims:
                _add(counted, sentence, victim, quantities, singular=True)
    return Toll(
        _total(dead),
        _total(injured),
        min((word.start for _, word in dead), default=None),
        max((word.end for _, word in dead), default=None),
    )


def number(sentence: Sentence, word: Word, quantities: Quantities) -> int | None:
    """The number that a noun phrase has: `douze soldats`, `des dizaines de morts`, `une centaine`."""
    candidates = [word, *sentence.children(word, "nummod", "det", "nmod", "amod")]
    above = sentence.head(word)
    if above is not None and above.upos in ("NOUN", "NUM") and word.relation == "nmod":
        candidates.append(above)
    for candidate in candidates:
        lemma, form = candidate.lemma.casefold(), candidate.text.casefold()
        if candidate.feats.get("Number") == "Plur" or lemma not in quantities.numbers:
            for spelling in (lemma, form):
                if spelling in quantities.vague:
                    return quantities.vague[spelling]
        if candidate is word and lemma not in quantities.numbers:
            continue
        digits = _digits(sentence, candidate)
        if digits is not None:
            return digits
        for spelling in (form, lemma):
            if spelling in quantities.numbers and (candidate.upos != "DET" or spelling == form):
                return quantities.numbers[spelling]
    return None


def _digits(sentence: Sentence, word: Word) -> int | None:
    """Digits, in groups of three perhaps: `1 200`, `12.000`."""
    text = word.text
    following = word.index + 1
    while following < len(sentence.words) and re.fullmatch(r"\d{3}", sentence.words[following].text):
        text += sentence.words[following].text
        following += 1
    text = re.sub(r"[\s.,](?=\d{3}\b)", "", text)
    return int(text) if re.fullmatch(r"\d{1,7}", text) else None


def _victims(sentence: Sentence, verb: Word, words: Grammar) -> list[Word]:
    if objects := sentence.children(verb, "obj"):
        return [part for child in objects for part in grammar.conjuncts(sentence, child)]
    if verb.lemma.casefold() in words.verbs.unaccusative or grammar.is_passive(sentence, verb, words):
        return grammar.subjects(sentence, verb)
    return []


def _add(
    counted: list[tuple[int, Word]],
    sentence: Sentence,
    word: Word,
    quantities: Quantities,
    *,
    singular: bool = False,
) -> None:
    if any(word is known for _, known in counted):
        return
    found = number(sentence, word, quantities)
    if found is None:
        if word.feats.get("Number") == "Plur":
            found = quantities.vague.get("plusieurs", 3)
        elif singular and word.upos in ("NOUN", "PROPN"):
            found = 1
        else:
            return
    counted.append((found, word))


def _total(counted: list[tuple[int, Word]]) -> int | None:
    """Told twice in one sentence, a toll is not added up: the largest part counts where one holds another."""
    return sum(number for number, _ in counted) if counted else None
