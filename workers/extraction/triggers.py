"""Find the words of a sentence that report an event."""

import msgspec

from schemas.taxonomy import Action
from workers.extraction import grammar
from workers.extraction.knowledge import Lexicon, Phrase, Trigger
from workers.extraction.parsing import Sentence, Word

_GAP = 5
"""How many words may stand between a verb and the rest of its phrase: "prennent, hier, en otage"."""


_OBJECTS = ("obj", "nsubj:pass", "iobj", "obl", "nmod", "compound")
_PARTS = ("compound", "nmod", "conj", "amod", "flat", "appos")
"""Relations of what `objects` of a trigger asks for, below its word and below its object."""

_LIGHT = 8
"""How many words a light verb may stand before its noun to be told together with it."""


class Mention(msgspec.Struct, frozen=True):
    """An event as a sentence mentions it.

    Attributes:
        sentence: The sentence.
        word: Head of the words that report it.
        start: Where these words begin.
        end: Where they end.
        indexes: Which they are, without what stands between them: "hacked a farmer to death".
        trigger: The sense that they have.
        predicate: The verb that carries time and manner: the word itself if it is a verb, else a light
            verb or one of happening above it; the noun itself where there is none.
        participles: Light verbs below it that lend it participants, place and day: "l'attaque menée
            lundi par des hommes armés".

    """

    sentence: Sentence
    word: Word
    start: int
    end: int
    indexes: tuple[int, ...]
    trigger: Trigger
    predicate: Word
    participles: tuple[Word, ...]

    @property
    def nominal(self) -> bool:
        """Whether a noun reports it."""
        return self.word.upos not in grammar.PREDICATES


def find(sentence: Sentence, lexicon: Lexicon, context: frozenset[str]) -> list[Mention]:
    """The mentions of `sentence`, in its order; several senses of a word are mentions of their own.

    `context` holds the dictionary forms of this sentence and of those next to it.

    Which sense is meant is decided when the participants are known. A sentence about sport or fiction
    has none.
    """
    setting = lexicon.grammar.setting
    if any(
        word.lemma in setting.sport or word.lemma in setting.fiction
        for word in sentence.words
        if word.upos in ("NOUN", "PROPN")
    ):
        return []
    mentions: list[Mention] = []
    inside: set[int] = set()
    objects: set[int] = set()
    holding: list[set[int]] = []
    for word in sentence.words:
        if word.index in inside or _is_name(sentence, word, lexicon) or _is_kind(sentence, word, lexicon):
            continue
        best = 0
        for found in _phrases(word, lexicon):
            indexes = _match(sentence, word, found, lexicon)
            if not indexes or found.length < best:
                continue
            head = _head(sentence, indexes)
            held = _held(sentence, head, found.trigger.objects)
            if found.trigger.objects and not held:
                continue
            best = found.length
            inside |= set(indexes[1:])
            objects |= held
            if found.trigger.sub_event_type and _only_qualifies(sentence, head, lexicon):
                continue
            if not _fits(sentence, head, found, context, lexicon.grammar.verbs.crashing):
                continue
            start, end = word.start, sentence.words[indexes[-1]].end
            verb = sentence.head(head)
            if verb is not None and verb.lemma.casefold() in found.trigger.by_verb:
                # "une bombe a été larguée": the verb is part of what reports it.
                start, end = min(start, verb.start), max(end, verb.end)
            predicate = _predicate(sentence, head, lexicon)
            if (
                predicate is not head
                and head.relation in grammar.COMPLEMENTS
                and 0 < head.index - predicate.index <= _LIGHT
            ):
                # "launched a new offensive": the light verb is part of what reports it.
                start = min(start, predicate.start)
            holding.append(held)
            mentions.append(
                Mention(
                    sentence,
                    head,
                    start,
                    end,
                    tuple(indexes),
                    found.trigger,
                    predicate,
                    _participles(sentence, head, lexicon),
                )
            )
    coded = {mention.word.index for mention in mentions if mention.nominal and mention.trigger.sub_event_type}
    return [
        mention
        for mention, held in zip(mentions, holding, strict=True)
        if (mention.word.index not in objects or not mention.nominal or mention.trigger.sub_event_type)
        # "signed a ceasefire agreement": the noun says more than the verb with it.
        and not (mention.trigger.sub_event_type and held & coded)
    ]


def _held(sentence: Sentence, word: Word, objects: frozenset[str]) -> set[int]:
    """Indexes of the words of `objects` that `word` has for an object, or that its object is made of.

    "lifted the travel ban", "sanctions were lifted", "suspended deliveries of aid".
    """
    if not objects:
        return set()
    below = sentence.children(word, *_OBJECTS)
    parts = [*below, *(part for child in below for part in sentence.children(child, *_PARTS))]
    return {
        part.index for part in parts if not objects.isdisjoint((part.lemma.casefold(), part.text.casefold()))
    }


def _only_qualifies(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether a noun only says of what kind another is: "riot police", "protest leaders", "bomb squad"."""
    if word.relation != "compound" or (head := sentence.head(word)) is None:
        return False
    known = {head.lemma.casefold(), head.text.casefold()}
    if head.upos not in ("NOUN", "PROPN") or known & lexicon.grammar.nouns.transparent:
        return False
    return not any(len(phrase.words) == 1 for spelling in known for phrase in lexicon.nouns.get(spelling, ()))


def _is_name(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether the capital of a noun makes it a name: "le RAID" is no raid."""
    if not lexicon.grammar.nouns.capitals_are_names or word.upos not in ("NOUN", "PROPN"):
        return False
    if not word.text[:1].isupper() or sentence.text.isupper() or word.index == 0:
        return False
    return sentence.words[word.index - 1].upos != "PUNCT"


def _is_kind(sentence: Sentence, word: Word, lexicon: Lexicon) -> bool:
    """Whether a noun says only of what kind another is: "fusil d'assaut", "avion de combat"."""
    above = sentence.head(word)
    return (
        above is not None
        and word.relation == "nmod"
        and above.lemma.casefold() in lexicon.grammar.nouns.classifying
        and not sentence.children(word, "det", "nummod")
    )


def _fits(
    sentence: Sentence, word: Word, found: Phrase, context: frozenset[str], crashing: frozenset[str]
) -> bool:
    """Whether the words around are such as the sense asks for."""
    trigger = found.trigger
    around = {part for part in grammar.lemmas(sentence, word) if part not in found.words}
    if (governor := sentence.head(word)) is not None and word.relation != "advcl":
        # "sanctions targeting officials", "a rocket launch", but "stormed a camp, killing ten"
        around |= {governor.lemma.casefold(), governor.text.casefold()}
    elif governor is not None and governor.lemma.casefold() in crashing:
        # "The bus overturned, killing ten"
        return trigger.action is not Action.ASSAULT
    if trigger.without & around:
        return False
    if trigger.by_verb:
        above = sentence.head(grammar.first_conjunct(sentence, word))
        verbs = [above] if above is not None else []
        verbs += sentence.children(word, "acl")
        if not any(verb.lemma.casefold() in trigger.by_verb for verb in verbs):
            return False
    return not trigger.with_ or not trigger.with_.isdisjoint(context)


def _head(sentence: Sentence, indexes: list[int]) -> Word:
    """The syntactic head of a phrase: the first word of "prise d'otages", the last of "suicide bombing"."""
    first = sentence.words[indexes[0]]
    if first.upos in grammar.PREDICATES:
        return first
    outside = [sentence.words[index] for index in indexes if sentence.words[index].head not in indexes]
    nominal = [word for word in outside if word.upos in ("NOUN", "PROPN")]
    return (nominal or outside)[-1] if first not in nominal else first


def _phrases(word: Word, lexicon: Lexicon) -> tuple[Phrase, ...]:
    lemma, form = word.lemma.casefold(), word.text.casefold()
    if word.upos == "VERB":
        compounds = (phrase for phrase in lexicon.nouns.get(form, ()) if len(phrase.words) > 1)
        verbs = lexicon.verbs.get(lemma, ())
        if word.relation == "amod":
            # "suspected militants", "a planned visit": said in passing, with nobody to whom it is done.
            verbs = tuple(phrase for phrase in verbs if not phrase.trigger.is_interaction)
        return (*verbs, *compounds)
    if word.upos in ("NOUN", "PROPN", "ADJ"):
        return lexicon.nouns.get(lemma, ()) or lexicon.nouns.get(form, ())
    return ()


def _match(sentence: Sentence, word: Word, wanted: Phrase, lexicon: Lexicon) -> list[int]:
    """Indexes of the words that are the phrase, `word` first; empty if they are not."""
    if word.upos == "VERB":
        # Of "s'est fait exploser" either verb has the pronoun.
        own = sentence.head(word) if word.deprel == "aux:caus" else None
        if wanted.reflexive != any(
            grammar.is_reflexive(sentence, verb, lexicon.grammar) for verb in (word, own) if verb
        ):
            # "s'est manifestée" is no demonstration.
            return []
    indexes = [word.index]
    gap = 0 if word.upos != "VERB" or word.lemma.casefold() != wanted.words[0] else _GAP
    for part in wanted.words[1:]:
        after = sentence.words[indexes[-1] + 1 : indexes[-1] + 2 + gap]
        for candidate in after:
            text = candidate.text.casefold().replace("’", "'")
            if part in (text, candidate.lemma.casefold()) and not (
                len(indexes) + 1 == len(wanted.words) and _belongs_elsewhere(sentence, indexes[-1], candidate)
            ):
                indexes.append(candidate.index)
                break
            if part == _contraction(sentence, candidate):
                indexes += [candidate.index, candidate.index + 1]
                break
            if candidate.upos == "VERB" and candidate.relation != "amod" and gap:
                # "announced that they will extend a curfew": the rest belongs to another verb.
                return []
        else:
            return []
    return indexes


def _contraction(sentence: Sentence, word: Word) -> str | None:
    """What a word and the next are written as together: "du" for "de" and "le", "aux" for "à" and "les"."""
    following = sentence.words[word.index + 1 : word.index + 2]
    if not following or following[0].start != word.start:
        return None
    return sentence.text[word.start - sentence.start : word.end - sentence.start].casefold()


def _belongs_elsewhere(sentence: Sentence, last: int, word: Word) -> bool:
    """Whether what looks like the end of a verb's phrase is a preposition of something else.

    "called on Russia", "called Putin out", but "called Putin on Friday".
    """
    return word.relation in ("case", "mark") and any(
        between.upos in grammar.NOMINALS for between in sentence.words[last + 1 : word.index]
    )


def _predicate(sentence: Sentence, word: Word, lexicon: Lexicon) -> Word:
    if word.upos in grammar.PREDICATES or sentence.children(word, "cop"):
        return word
    verbs = lexicon.grammar.verbs
    above = sentence.head(grammar.outermost(sentence, word, lexicon.grammar))
    if above is not None and above.upos in grammar.PREDICATES:
        lemma = above.lemma.casefold()
        # "avoir lieu" is one verb.
        phrases = {f"{lemma} {child.lemma.casefold()}" for child in sentence.children(above, "obj")}
        if {lemma, *phrases} & (verbs.light | verbs.happening | verbs.continuing | verbs.planning):
            return above
    return word


def _participles(sentence: Sentence, word: Word, lexicon: Lexicon) -> tuple[Word, ...]:
    return tuple(
        child
        for child in sentence.children(word, "acl")
        if child.deprel != "acl:relcl" and child.lemma.casefold() in lexicon.grammar.verbs.light
    )
