"""Decide whether an event happened, from the grammar around its mention.

What decides is read from the mention upwards: negation and mood of its own verb, then the verbs and nouns
that govern it ("menacer de", "risque de", "appeler à"), up to the border of the relative clause that it
stands in. A verb that only reports ("dire que") decides nothing.
"""

from schemas.taxonomy import EventStatus
from workers.extraction import grammar
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word
from workers.extraction.triggers import Mention

_COMPLEMENTS = frozenset({"obj", "xcomp", "ccomp", "obl:arg", "iobj", "csubj", "nmod"})


def decide(mention: Mention, words: Grammar, *, dated: bool) -> EventStatus | None:
    """The status of the event, or None if the mention only looks back at one (an anniversary).

    `dated` says that the text dates the event: a verb in the present with a date tells a story.
    """
    sentence = mention.sentence
    own = mention.predicate
    if status := _own(sentence, mention, words):
        return status
    below = mention.word
    for above in sentence.ancestors(mention.word):
        lemma = above.lemma.casefold()
        if lemma in mention.trigger.by_verb:
            # "set up a base": the verb is part of what reports it.
            below = above
            continue
        verdict = _governor(
            sentence,
            above,
            below,
            lemma,
            words,
            is_done=mention.trigger.frame == "demonstration" or mention.trigger.mode == "restrict",
        )
        if verdict is not None:
            return verdict
        if lemma in words.setting.anniversary and below.relation == "nmod":
            return None
        if lemma in words.verbs.commemorating and below.relation == "obj":
            return None
        if below.relation in ("obj", "acl") and _is_depicted(sentence, above, below, words):
            return EventStatus.HYPOTHETICAL
        if below.deprel == "acl:relcl" and _is_before_court(sentence, above, words):
            return None
        if above.relation in ("acl", "parataxis", "conj") or below.deprel == "acl:relcl":
            break
        below = above
    if _is_general(sentence, own, words):
        return EventStatus.HYPOTHETICAL
    if own.lemma.casefold() in words.verbs.continuing:
        return EventStatus.ONGOING
    present = own.feats.get("Tense") == "Pres" and own.feats.get("VerbForm") == "Fin"
    auxiliaries = sentence.children(own, "aux")
    if auxiliaries:
        passive = grammar.is_passive(sentence, own, words)
        present = (
            passive
            and all(aux.feats.get("Tense") == "Pres" for aux in auxiliaries)
            and any(aux.deprel == "aux:pass" for aux in auxiliaries)
            and not any(aux.deprel == "aux:tense" for aux in auxiliaries)
        )
    verbal = own.upos in grammar.PREDICATES and not mention.nominal
    return EventStatus.ONGOING if verbal and present and not dated else EventStatus.OCCURRED


def _is_depicted(sentence: Sentence, above: Word, below: Word, words: Grammar) -> bool:
    """Whether a play or a picture shows it: "met en scène un soldat qui tue", "depicts a murder"."""
    verb = sentence.head(above) if below.relation == "acl" else above
    return verb is not None and not words.verbs.depicting.isdisjoint(
        part.lemma.casefold() for part in (verb, *sentence.children(verb, "obl"))
    )


def _is_before_court(sentence: Sentence, whoever: Word, words: Grammar) -> bool:
    """Whether the clause above deals with who did it, as a court does: "the death penalty for a man who"."""
    verb = grammar.clause_head(sentence, whoever)
    told = {
        part.lemma.casefold()
        for child in sentence.children(verb, "nsubj", "obj", "obl")
        for part in (child, *sentence.children(child, "nmod", "compound"))
    }
    return verb is not whoever and (
        verb.lemma.casefold() in words.verbs.accusing or not told.isdisjoint(words.setting.judicial)
    )


def _is_general(sentence: Sentence, verb: Word, words: Grammar) -> bool:
    """Whether it tells what happens whenever something does: "bombs that scatter shells when dropped".

    Headlines tell in the present what happened once.
    """
    above = sentence.head(verb)
    return (
        sentence.index > 0
        and above is not None
        and grammar.is_simultaneous(sentence, verb, words)
        and all(
            any(
                word.feats.get("Tense") == "Pres"
                for word in (part, *sentence.children(part, "aux:pass", "cop"))
            )
            and not sentence.children(part, "aux:tense")
            for part in (verb, above)
        )
    )


def is_intended(mention: Mention, words: Grammar) -> bool:
    """Whether whoever would do it says so: "will meet", "plans to meet", "said that it would meet".

    What somebody else orders, demands or hopes for is planned, but no intention of theirs.
    """
    sentence, verb = mention.sentence, mention.predicate
    if _is_future(sentence, verb, words):
        return True
    below = mention.word
    for above in sentence.ancestors(mention.word):
        if above.upos not in grammar.PREDICATES and not sentence.children(above, "cop"):
            return False
        if below.relation not in ("xcomp", "ccomp", "conj", "obj"):
            return False
        if above.lemma.casefold() in words.verbs.intending and not _has_own_subject(sentence, below):
            return not any(
                child.lemma.casefold() in words.verbs.negation for child in sentence.children(above)
            )
        below = above
    return False


def _is_negated(sentence: Sentence, word: Word, words: Grammar) -> bool:
    return any(child.lemma.casefold() in words.verbs.negation for child in sentence.children(word))


def _has_own_subject(sentence: Sentence, word: Word) -> bool:
    above = sentence.head(word)
    return word.relation == "xcomp" and above is not None and bool(sentence.children(above, "obj", "iobj"))


def _is_future(sentence: Sentence, verb: Word, words: Grammar) -> bool:
    """Whether a verb is in the future, also in that of a past report: "said that it would meet"."""
    finite = [verb, *sentence.children(verb, "aux")]
    helpers = {word.lemma.casefold() for word in finite if word is not verb}
    if any(word.feats.get("Tense") == "Fut" for word in finite) or helpers & words.verbs.future_auxiliaries:
        return True
    if not (
        helpers & words.verbs.past_future_auxiliaries
        or (verb.feats.get("Mood") == "Cnd" and verb.feats.get("VerbForm") == "Fin")
    ):
        return False
    above = sentence.head(grammar.first_conjunct(sentence, verb))
    return above is not None and above.lemma.casefold() in words.verbs.reporting


def _own(sentence: Sentence, mention: Mention, words: Grammar) -> EventStatus | None:
    """What the mention's own verb and adjectives say."""
    verbs = words.verbs
    for part in {mention.word.index: mention.word, mention.predicate.index: mention.predicate}.values():
        near = [
            child
            for child in sentence.children(part)
            # "entered without fighting": what the phrase itself says denies nothing.
            if not (mention.start <= child.start and child.end <= mention.end) or child.relation == "aux"
        ]
        if any(child.lemma.casefold() in words.setting.habitual for child in near):
            return EventStatus.HYPOTHETICAL
        if part is not mention.word and part.lemma.casefold() in words.setting.claim:
            # What nobody claims happened all the same.
            continue
        if any(
            child.lemma.casefold() in verbs.negation
            or (
                # "No weapons were found", "nobody protested"
                child.relation in ("nsubj", "obj")
                # "no fewer than ten"
                and child.lemma.casefold() not in words.quantities.vague
                and any(below.lemma.casefold() in verbs.negation for below in sentence.children(child, "det"))
            )
            or (child.relation == "advmod" and child.lemma.casefold() in verbs.denying)
            for child in near
        ):
            return EventStatus.DENIED
        if part is mention.word and any(child.lemma.casefold() in verbs.hypothetical for child in near):
            return EventStatus.HYPOTHETICAL
        finite = [part, *(child for child in near if child.relation == "aux")]
        helpers = {child.lemma.casefold() for child in near if child.relation == "aux"}
        if _is_future(sentence, part, words):
            return EventStatus.PLANNED
        if helpers & verbs.modal_auxiliaries:
            return EventStatus.HYPOTHETICAL
        conditional = [child for child in finite if child.feats.get("Mood") == "Cnd"]
        if conditional and part in conditional:
            # "aurait attaqué" reports what is said to have happened; "attaquerait" supposes it.
            return EventStatus.HYPOTHETICAL
    announced = mention.word.relation == "nsubj" and _is_announced(sentence, mention.predicate, words)
    if mention.predicate is not mention.word and (mention.word.relation in ("obj", "obl") or announced):
        lemma = mention.predicate.lemma.casefold()
        # "dû à une explosion": of a noun, an obliging verb is no more than the cause.
        if lemma in verbs.planning - verbs.obliging and lemma not in mention.trigger.by_verb:
            return EventStatus.PLANNED
    above = sentence.head(mention.word)
    if above is not None and above.lemma.casefold() in verbs.cancelling:
        passive = mention.word.deprel == "nsubj:pass" or grammar.is_passive(sentence, above, words)
        if mention.word.relation == "obj" or (mention.word.relation == "nsubj" and passive):
            return EventStatus.DENIED
    return None


def _is_announced(sentence: Sentence, verb: Word, words: Grammar) -> bool:
    """Whether a passive in the present tells what is planned: "is scheduled", "est prévue"."""
    return grammar.is_passive(sentence, verb, words) and any(
        aux.feats.get("Tense") == "Pres" for aux in sentence.children(verb, "aux")
    )


def _is_infinitive(sentence: Sentence, word: Word) -> bool:
    """Whether a verb is in the infinitive, in the passive too: "was going to be kidnapped"."""
    return word.feats.get("VerbForm") == "Inf" or any(
        child.deprel == "aux:pass" and child.feats.get("VerbForm") == "Inf"
        for child in sentence.children(word, "aux")
    )


def _governor(
    sentence: Sentence, above: Word, below: Word, lemma: str, words: Grammar, *, is_done: bool
) -> EventStatus | None:
    """What `above` makes of the event that `below` is or holds.

    `is_done` says that the purpose of an act is the act: who takes to the streets "pour protester" protests.
    """
    verbs = words.verbs
    complement = below.deprel in _COMPLEMENTS or below.relation in ("obj", "xcomp", "ccomp")
    if above.upos in grammar.PREDICATES or sentence.children(above, "cop"):
        infinitive = _is_infinitive(sentence, below)
        if lemma in verbs.near_future and infinitive:
            return EventStatus.PLANNED
        if infinitive and any(
            child.lemma.casefold() in verbs.planning for child in sentence.children(above, "obj")
        ):
            # "has plans to deploy soldiers"
            return EventStatus.PLANNED
        # "an operation aimed at murdering"
        infinitive |= below.feats.get("VerbForm") == "Ger" and bool(sentence.children(below, "mark", "case"))
        if lemma in verbs.accusing and below.relation in ("obl", "advcl", "ccomp", "xcomp"):
            marks = {mark.lemma.casefold() for mark in sentence.children(below, "case", "mark")}
            if not marks & (words.prepositions.temporal | words.prepositions.place):
                return EventStatus.HYPOTHETICAL
        if complement or infinitive or below.relation == "obl":
            if lemma in verbs.threatening:
                return EventStatus.THREATENED
            of = grammar.preposition(sentence, below, words)[0] & words.prepositions.of
            if lemma in verbs.warning and (complement or of):
                return EventStatus.HYPOTHETICAL
            if lemma in verbs.denying and complement:
                return EventStatus.DENIED
            if lemma in verbs.planning and (
                infinitive or (complement and not (lemma in verbs.obliging and below.relation == "obl"))
            ):
                return EventStatus.PLANNED
    elif lemma in verbs.accusing and below.relation in ("obl", "nmod", "acl", "advcl"):
        # "found guilty of murdering"
        return EventStatus.HYPOTHETICAL
    elif (lemma in words.setting.habitual and below.relation == "nsubj") or (
        lemma in verbs.hypothetical and below.relation in ("nmod", "acl")
    ):
        return EventStatus.HYPOTHETICAL
    elif lemma in verbs.planning and below.relation == "acl" and _is_infinitive(sentence, below):
        # "no plans to deploy soldiers"
        return EventStatus.PLANNED
    elif lemma in verbs.threatening and below.relation in ("nmod", "acl"):
        return EventStatus.THREATENED
    marks = {mark.lemma.casefold() for mark in sentence.children(below, "mark")}
    if below.relation == "advcl" and marks & verbs.hypothetical:
        return EventStatus.HYPOTHETICAL
    if below.feats.get("VerbForm") == "Inf" and not sentence.children(below, "aux"):
        if marks & verbs.negation:
            return EventStatus.DENIED
        if below.relation in ("advcl", "acl") and marks & words.prepositions.cause and not is_done:
            return EventStatus.PLANNED
    return None
