"""The grammar that all languages share: what Universal Dependencies say about clauses and phrases.

Everything here works on relations and features of Universal Dependencies 2; the few words that it needs
(prepositions by class, negations) come from a language's `grammar.toml`.
"""

from collections.abc import Iterator

from schemas.event import Span
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word

PREDICATES = frozenset({"VERB", "AUX"})
NOMINALS = frozenset({"NOUN", "PROPN", "PRON", "NUM", "ADJ"})
SUBJECTS = ("nsubj", "csubj")
OBLIQUES = ("obl", "nmod", "advmod")
COMPLEMENTS = ("obj", "iobj", "xcomp")
"""Relations of the noun that a light verb lends its subject to; "launched an offensive" may be `xcomp`."""
CLAUSES = frozenset({"acl", "advcl", "ccomp", "csubj", "parataxis"})
"""Relations that begin a clause of their own; `xcomp` shares its subject and is left out."""


def is_passive(sentence: Sentence, verb: Word, words: Grammar) -> bool:
    """Whether what looks like the verb's subject is its patient.

    The relation and the auxiliary decide; `Voice=Pass` alone only where neither is there (a participle).
    Verbs that have no passive (`unaccusative`) are active whatever the parse says.
    """
    if verb.lemma.casefold() in words.verbs.unaccusative or is_reflexive(sentence, verb, words):
        return False
    if verb.deprel == "aux:caus":
        # Who makes something explode does it.
        return False
    helpers = sentence.children(verb, "aux")
    known = words.verbs.passive_auxiliaries
    if known and helpers and not any(aux.lemma.casefold() in known for aux in helpers):
        # "has appealed" is active, whatever its subject was taken for.
        return False
    if any(child.deprel in ("nsubj:pass", "csubj:pass", "aux:pass") for child in sentence.children(verb)):
        return True
    if (
        verb.feats.get("VerbForm") == "Part"
        and verb.feats.get("Tense") == "Past"
        and any(
            aux.lemma.casefold() in words.verbs.passive_auxiliaries for aux in sentence.children(verb, "aux")
        )
    ):
        return True
    if sentence.children(verb, "aux", "nsubj"):
        return False
    return verb.feats.get("Voice") == "Pass" or (
        verb.feats.get("VerbForm") == "Part" and verb.feats.get("Tense") != "Pres"
    )


def is_reflexive(sentence: Sentence, verb: Word, words: Grammar) -> bool:
    """Whether the verb has a reflexive pronoun: "se sont retrouvées", "blew himself up"."""
    reflexive = words.pronouns.reflexive_lemmas
    return any(
        child.upos == "PRON" and child.lemma.casefold() in reflexive
        for child in sentence.children(verb, "expl", "obj", "iobj", "obl")
    )


def conjuncts(sentence: Sentence, word: Word) -> list[Word]:
    """`word` and what is coordinated with it; not what has a preposition that `word` has not."""
    own = _prepositions(sentence, word)
    found = [word]
    for part in found:
        # Some hang the third on the second.
        found += [
            child
            for child in sentence.children(part, "conj")
            if child not in found
            and child.upos not in PREDICATES
            and (_prepositions(sentence, child) <= own or is_partitive(sentence, child))
        ]
    return found


def _prepositions(sentence: Sentence, word: Word) -> set[str]:
    """What stands before `word`; the "'s" of "Russia and Turkey's ministers" does not."""
    return {case.lemma for case in sentence.children(word, "case") if case.upos != "PART"}


def is_partitive(sentence: Sentence, word: Word) -> bool:
    """Whether what looks like a preposition of `word` may be an article: French "des", taken for "de les"."""
    cases = sentence.children(word, "case")
    return len(cases) == 1 and any(
        determiner.start == cases[0].start for determiner in sentence.children(word, "det")
    )


def measured(sentence: Sentence, word: Word, words: Grammar) -> Word:
    """Whom an adverb of quantity counts, else `word`: "plus de cinquante soldats"."""
    if word.upos in NOMINALS or word.lemma.casefold() not in words.quantities.approximate:
        return word
    counted = (
        child
        for child in sentence.children(word, "obl", "nmod")
        if sentence.children(child, "nummod", "nmod")
    )
    return next(counted, word)


def approximate(sentence: Sentence, verb: Word, words: Grammar) -> tuple[Word, ...]:
    """What looks like an oblique of the verb, but is its object: "killed around 30 villagers".

    The preposition stands before the number and says how exact it is.
    """
    found: list[Word] = []
    for child in sentence.children(verb, "obl"):
        entity = sentence.entity_of(child)
        if child.index < verb.index or (entity is not None and entity.kind in ("DATE", "TIME")):
            continue
        for number in sentence.children(child, "nummod")[:1]:
            before = sentence.words[verb.index + 1 : number.index]
            if before and _spelt(sentence, before[0], before[-1]) in words.quantities.approximate:
                found.append(child)
    return tuple(found)


def objects(sentence: Sentence, verb: Word, words: Grammar) -> list[Word]:
    """The heads of the verb's objects, with a partitive one that the parse has for an oblique."""
    own = (
        sentence.children(verb, "obj", "iobj")
        or tuple(child for child in sentence.children(verb, "obl:arg") if is_partitive(sentence, child))
        or approximate(sentence, verb, words)
    )
    return [
        part
        for child in own
        if child.upos != "PRON" or child.feats.get("PronType") == "Rel" or is_anaphor(child)
        if (meant := antecedent(sentence, measured(sentence, child, words)))
        for part in conjuncts(sentence, meant)
    ]


def first_conjunct(sentence: Sentence, word: Word) -> Word:
    """The word that `word` is coordinated with, or itself."""
    while word.relation == "conj" and (head := sentence.head(word)) is not None:
        word = head
    return word


def outermost(sentence: Sentence, noun: Word, words: Grammar) -> Word:
    """The head of the phrase that a noun is the content of: "a series of attacks", "une vague d'attaques"."""
    noun = first_conjunct(sentence, noun)
    while (above := sentence.head(noun)) is not None and above.lemma.casefold() in words.nouns.transparent:
        noun = first_conjunct(sentence, above)
    return noun


def subjects(sentence: Sentence, verb: Word) -> list[Word]:
    """The heads of the verb's subject, found by control and coordination where it has none of its own."""
    seen: set[int] = set()
    while verb.index not in seen:
        seen.add(verb.index)
        if own := sentence.children(verb, *SUBJECTS):
            return [
                part
                for subject in own
                if (meant := antecedent(sentence, subject))
                for part in conjuncts(sentence, meant)
            ]
        above = sentence.head(verb)
        if above is None:
            return []
        if verb.relation == "xcomp" and (
            controllers := [child for child in sentence.children(above, "obj") if child.index < verb.index]
        ):
            # "urged Bree to help", "ordered nine men jailed": the object does it, or suffers it.
            return [
                part
                for controller in controllers
                if (meant := antecedent(sentence, controller))
                for part in conjuncts(sentence, meant)
            ]
        if verb.relation in ("xcomp", "conj", "advcl", "cop", "aux") and above.upos in PREDICATES:
            # "a commencé à manifester", "est arrivé et a tiré", "pour protester".
            verb = above
        elif verb.relation == "acl" and above.upos in NOMINALS and not sentence.children(verb, "obj"):
            return conjuncts(sentence, above)
        elif verb.deprel == "acl:relcl":
            return []
        elif verb.relation == "acl":
            return conjuncts(sentence, above)
        else:
            return []
    return []


def antecedent(sentence: Sentence, word: Word) -> Word | None:
    """What a relative pronoun stands for; any other word is itself.

    A personal pronoun of the third person is left to `coreference`; others stand for nobody who acts.
    """
    if word.upos != "PRON" or is_anaphor(word):
        return word
    if word.feats.get("PronType") == "Rel":
        for above in sentence.ancestors(word):
            if above.relation == "acl":
                return sentence.head(above)
    return None


def is_anaphor(word: Word) -> bool:
    """Whether it is a pronoun that stands for somebody named elsewhere."""
    return (
        word.upos == "PRON"
        and word.feats.get("PronType") == "Prs"
        and word.feats.get("Person") == "3"
        and word.feats.get("Reflex") != "Yes"
        and word.relation != "expl"
    )


def preposition(sentence: Sentence, word: Word, words: Grammar) -> tuple[set[str], Word | None]:
    """How the phrase of `word` is attached, as the data may write it, and what it is attached to.

    A preposition of several words ("en raison de", "au cours de", "près de") is often parsed as a noun or
    adverb with a complement of its own; it is recognised by its spelling before the last of its words, and
    the governor is then that of the whole.
    """
    cases = sentence.children(word, "case", "mark")
    above = sentence.head(word)
    if not cases or word.deprel == "nmod:poss":
        # The "'s" of an owner is no preposition.
        return set(), above
    spellings = {" ".join(case.lemma.casefold() for case in cases)}
    spellings |= {
        _spelt(sentence, case, max([case, *sentence.children(case, "fixed")], key=_position))
        for case in cases
    }
    before = _plain(sentence.text[: cases[0].start - sentence.start]).rstrip()
    for compound in words.prepositions.compounds:
        stem, _, last = compound.rpartition(" ")
        if last in spellings and before.endswith(stem) and not before[: -len(stem)][-1:].isalnum():
            first = sentence.start + len(before) - len(stem)
            while above is not None and first <= above.start < cases[0].start:
                above = sentence.head(above)
            return {compound}, above
    return spellings, above


def _position(word: Word) -> int:
    return word.index


def _spelt(sentence: Sentence, first: Word, last: Word) -> str:
    return _plain(sentence.text[first.start - sentence.start : last.end - sentence.start])


def _plain(text: str) -> str:
    return text.casefold().replace("’", "'")


def phrase(sentence: Sentence, head: Word) -> list[Word]:
    """The noun phrase of `head`: its dependents without clauses, coordination, prepositions, punctuation."""
    found: list[Word] = []

    def visit(word: Word, depth: int) -> None:
        found.append(word)
        for child in sentence.children(word):
            if child.relation in CLAUSES and not _is_bare_participle(sentence, child, word):
                continue
            if child.relation in ("conj", "cc", "punct", "parataxis", "cop"):
                continue
            if depth == 0 and child.relation in ("case", "mark", "nsubj", "aux", "advmod"):
                continue
            if depth < 8:  # noqa: PLR2004 - deeper noun phrases are parses gone wrong
                visit(child, depth + 1)

    visit(head, 0)
    return sorted(found, key=lambda word: word.index)


def _is_bare_participle(sentence: Sentence, word: Word, noun: Word) -> bool:
    """Whether a participle that parsers have for a clause only describes: "des hommes armés"."""
    return (
        word.relation == "acl"
        and word.index == noun.index + 1
        and word.feats.get("VerbForm") == "Part"
        and not sentence.children(word)
    )


def phrase_span(sentence: Sentence, head: Word, words: list[Word] | None = None) -> tuple[int, int]:
    """Start and end of the contiguous run of the noun phrase around its head.

    What is coordinated below the head belongs to it: "the leaders of France, Germany and Britain".
    """
    words = words or phrase(sentence, head)
    indexes = {word.index for word in words}
    for word in words:
        if word is not head:
            for other in conjuncts(sentence, word)[1:]:
                indexes |= {part.index for part in sentence.subtree(other)}
    first = last = head.index
    while first - 1 in indexes or (first - 2 in indexes and sentence.words[first - 1].upos == "PUNCT"):
        first -= 1
    while last + 1 in indexes or (last + 2 in indexes and sentence.words[last + 1].upos == "PUNCT"):
        last += 1
    return sentence.words[first].start, sentence.words[last].end


def coordination_span(sentence: Sentence, first: Word) -> tuple[int, int]:
    """Start and end of all that is coordinated with `first`: "lawmakers and officials in Mali and Niger"."""
    words = [word for part in conjuncts(sentence, first) for word in phrase(sentence, part)]
    inside = {word.index for word in words}
    for index in range(first.index, max(inside)):
        if index not in inside and sentence.words[index].upos in ("CCONJ", "PUNCT", "ADP"):
            words.append(sentence.words[index])
    return phrase_span(sentence, first, words)


def lemmas(sentence: Sentence, head: Word, *, depth: int = 3) -> Iterator[str]:
    """The lemmas and forms, in lower case, of what depends on `head`, `depth` levels down.

    Of a clause below that tells circumstances, not the purpose, only the verb counts: "when a bus crashed".
    """
    for child in sentence.children(head):
        if child.upos not in ("PUNCT", "DET"):
            yield child.lemma.casefold()
            yield child.text.casefold()
            circumstance = child.relation in ("advcl", "parataxis") and child.feats.get("VerbForm") != "Inf"
            if depth > 1 and not circumstance:
                yield from lemmas(sentence, child, depth=depth - 1)


def is_clause(sentence: Sentence, word: Word) -> bool:
    """Whether what begins like a clause has a verb or a subject: not "dont trois enfants"."""
    return word.upos in PREDICATES or bool(sentence.children(word, "cop", "nsubj", "aux", "mark"))


def clause_head(sentence: Sentence, word: Word) -> Word:
    """The predicate of the clause that `word` stands in, itself if it is one."""
    if word.upos in PREDICATES or sentence.children(word, "cop"):
        return word
    for above in sentence.ancestors(word):
        if above.upos in PREDICATES or sentence.children(above, "cop") or above.relation == "root":
            return above
    return word


def is_simultaneous(sentence: Sentence, clause: Word, words: Grammar) -> bool:
    """Whether a clause says what happened when its main clause did: "in 2013, when rebels took power"."""
    return clause.relation == "advcl" and any(
        child.lemma.casefold() in words.prepositions.simultaneous
        for child in sentence.children(clause, "mark", "advmod")
    )


def points_back(sentence: Sentence, noun: Word, words: Grammar) -> bool:
    """Whether the noun's determiner says that it was spoken of before: "the attack", "ces victimes"."""
    return any(
        _plain(sentence.text[det.start - sentence.start : det.end - sentence.start])
        in words.anaphora.determiners
        for det in sentence.children(noun, "det")
    )


def span(text: str, start: int, end: int) -> Span:
    """The words of `text` from `start` to `end`."""
    return Span(text[start:end], start, end)
