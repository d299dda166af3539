"""Find who takes part in an event, through Universal Dependencies.

A frame (see `knowledge/fr/triggers.toml`) says which grammatical role is which actor; the roles are found
the same way in every language: subject and object, passive and agent, relative clause, participle, control,
light verb and its noun, and the prepositions that a noun's complements have.
"""

import msgspec

from workers.extraction import grammar, sites
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word
from workers.extraction.triggers import Mention

_CLAUSES = ("xcomp", "ccomp", "advcl")
_DOWNWARDS = ("obj", "iobj", "obl", "nmod", "compound", "amod", *_CLAUSES)
"""Relations down which those whom an interaction is with are looked for."""

_FARTHEST = 4
"""How many steps down, a clause counting for two."""


_TOGETHER = 2
"""How far a verb may stand from the one that it is joined to and shares its object with."""


class Participants(msgspec.Struct, frozen=True):
    """The heads of the phrases in each role; a role that nobody fills is empty.

    Attributes:
        agents: Who does it, or moves, demonstrates, takes part.
        patients: To whom it is done.
        adjectives: Adjectives of a reporting noun, which may name a people: "l'offensive russe".
        settings: Where an interaction is set, which may be whom it is with: "arrived in Tripoli".
        aims: What it is aimed at though it takes no part: what a protest is against, where forces are sent.

    """

    agents: tuple[Word, ...] = ()
    patients: tuple[Word, ...] = ()
    adjectives: tuple[Word, ...] = ()
    settings: tuple[Word, ...] = ()
    aims: tuple[Word, ...] = ()

    def is_mutual(self, mention: Mention) -> bool:
        """Whether those who act do it with each other: "France and Japan agreed"."""
        return mention.trigger.frame == "meeting" and any(agent.relation == "conj" for agent in self.agents)


def find(mention: Mention, words: Grammar) -> Participants:
    """Who takes part in the event that `mention` reports."""
    roles = _nominal(mention, words) if mention.nominal else _verbal(mention, words)
    roles = msgspec.structs.replace(
        roles,
        agents=_without_topic(mention.sentence, roles.agents),
        patients=_without_topic(mention.sentence, roles.patients),
    )
    if mention.trigger.frame == "demonstration":
        against = words.prepositions.cause | (words.prepositions.against if mention.nominal else frozenset())
        aims = [*(() if mention.nominal else roles.patients), *_complements(mention, words, against)]
        return msgspec.structs.replace(roles, patients=(), aims=tuple(_unique(aims)))
    if mention.trigger.is_interaction:
        partners, settings = _interlocutors(mention, roles, words)
        return msgspec.structs.replace(roles, patients=tuple(_unique(partners)), settings=tuple(settings))
    if mention.trigger.frame == "movement":
        roles = msgspec.structs.replace(roles, aims=tuple(_destinations(mention, roles, words)))
        if not mention.nominal:
            # "entered the town": where it moves is not what moves.
            into = mention.word.lemma.casefold() in words.verbs.on_places
            moved = tuple(
                head
                for head in roles.patients
                if not into
                and not sites.is_named(mention.sentence, head, words)
                # "a fait défection": what the phrase itself says moves nowhere.
                and head.index not in mention.indexes
            )
            roles = msgspec.structs.replace(roles, patients=moved)
        if roles.patients:
            # What moves is the object where there is one; who sends it stands second.
            return msgspec.structs.replace(roles, agents=roles.patients, patients=roles.agents)
    return roles


def _complements(mention: Mention, words: Grammar, wanted: frozenset[str]) -> list[Word]:
    """Whom or what the mention's prepositions of a class name."""
    sentence = mention.sentence
    found: list[Word] = []
    for holder in _holders(mention):
        for child in sentence.children(holder, "obl", "nmod"):
            spellings, above = grammar.preposition(sentence, child, words)
            if above is holder and spellings & wanted and _is_living(sentence, child):
                found += grammar.conjuncts(sentence, child)
    return found


def _destinations(mention: Mention, roles: Participants, words: Grammar) -> list[Word]:
    """Where forces move: "sent a platoon to Kuwait", whichever of the words it was hung on."""
    sentence, prepositions = mention.sentence, words.prepositions
    found: list[Word] = []
    for holder in (*_holders(mention), *roles.patients, *roles.agents):
        for child in sentence.children(holder, "obl", "nmod"):
            spellings, _ = grammar.preposition(sentence, child, words)
            if spellings & (prepositions.toward | prepositions.place | prepositions.of) and _is_living(
                sentence, child
            ):
                found += grammar.conjuncts(sentence, child)
    taken = {word.index for word in (*roles.agents, *roles.patients)}
    return [word for word in found if word.index not in taken]


def _holders(mention: Mention) -> list[Word]:
    """The words whose dependents take part."""
    return [mention.word, *([mention.predicate] if mention.predicate is not mention.word else [])]


def _beside(mention: Mention, words: Grammar) -> list[Word]:
    """Whom a clash was with, said right behind its noun, though it hangs on the verb."""
    sentence, noun = mention.sentence, mention.word
    above = sentence.head(noun)
    if mention.trigger.frame != "clash" or above is None:
        return []
    facing = words.prepositions.with_ | words.prepositions.against
    return [
        part
        for child in sentence.children(above, "obl")
        if any(case.index == noun.index + 1 for case in sentence.children(child, "case"))
        and grammar.preposition(sentence, child, words)[0] & facing
        for part in grammar.conjuncts(sentence, child)
    ]


def _opposed(mention: Mention, words: Grammar) -> list[Word]:
    """The other side of what has its sides for objects: "Des heurts ont opposé des étudiants à la police"."""
    sentence = mention.sentence
    return [
        part
        for child in sentence.children(mention.predicate, "obl")
        if mention.trigger.frame == "clash"
        and child.deprel == "obl:arg"
        and grammar.preposition(sentence, child, words)[0] & words.prepositions.recipient
        for part in grammar.conjuncts(sentence, child)
    ]


def _fallen(mention: Mention, words: Grammar) -> list[Word]:
    """Who was hit by what the noun tells, or died in it.

    "touché par un tir de la police", "Douze soldats ont trouvé la mort dans une embuscade".
    """
    sentence = mention.sentence
    spellings, verb = grammar.preposition(sentence, mention.word, words)
    if (
        verb is not None
        and mention.trigger.frame == "attack"
        and spellings & words.prepositions.by
        and grammar.is_passive(sentence, verb, words)
    ):
        return grammar.subjects(sentence, verb)
    if verb is None or not spellings & (words.prepositions.place | words.prepositions.temporal):
        return []
    lemma = verb.lemma.casefold()
    dies = lemma in words.verbs.dying
    if dies or (lemma in words.quantities.dead_verbs and grammar.is_passive(sentence, verb, words)):
        return grammar.subjects(sentence, verb)
    return []


def _without_topic(sentence: Sentence, heads: tuple[Word, ...]) -> tuple[Word, ...]:
    """`heads` without the topic of a headline ("France : ..."), which parsers take for a subject.

    An organisation there is who acts ("OTAN : réunion extraordinaire"), a place is where.
    """
    found: list[Word] = []
    for head in heads:
        if head.index + 1 == len(sentence.words) or sentence.words[head.index + 1].text != ":":
            found.append(head)
            continue
        # "RDC : Goma est tombée": what the topic is taken to be the head of is the subject.
        told = [
            child for child in sentence.children(head, "nmod", "appos", "flat") if child.index > head.index
        ]
        entity = sentence.entity_of(head)
        found += told or ([] if entity and entity.kind == "LOC" else [head])
    return tuple(found)


def _verbal(mention: Mention, words: Grammar) -> Participants:
    sentence, verb = mention.sentence, mention.word
    prepositions = words.prepositions
    subjects = grammar.subjects(sentence, verb)
    objects = [
        word
        for word in grammar.objects(sentence, verb, words)
        # "blew himself up"
        if word.lemma.casefold() not in words.pronouns.reflexive_lemmas
    ]
    passive = grammar.is_passive(sentence, verb, words)
    agents: list[Word] = []
    for child in sentence.children(verb, "obl", "nmod"):
        spellings, above = grammar.preposition(sentence, child, words)
        if above is not verb or child in objects or child.lemma.casefold() in words.nouns.instruments:
            continue
        if child.deprel == "obl:agent" or (passive and spellings & prepositions.by):
            agents += grammar.conjuncts(sentence, child)
        elif mention.trigger.frame == "clash" and spellings & prepositions.between:
            subjects = grammar.conjuncts(sentence, child)
        elif spellings & (prepositions.against | prepositions.with_):
            if _is_living(sentence, child):
                objects += grammar.conjuncts(sentence, child)
    if mention.trigger.frame == "capture" and verb.lemma.casefold() in words.verbs.unaccusative:
        # "Goma est tombée aux mains du M23": the subject is taken.
        takers = [
            part
            for child in sentence.children(verb, "obl", "obj")
            if child.end <= mention.end
            for taker in sentence.children(child, "nmod")
            for part in grammar.conjuncts(sentence, taker)
        ]
        return Participants(tuple(takers), tuple(subjects))
    if passive and (mention.trigger.frame == "attack" or not sentence.children(verb, "obj")):
        return Participants(tuple(agents), tuple(subjects))
    if (
        mention.trigger.frame == "attack"
        and mention.trigger.of == "patient"
        and mention.end > verb.end
        and verb.lemma.casefold() in words.verbs.undergoing
    ):
        # "a heurté une mine", "came under attack by gunmen": the subject suffers what the phrase says.
        by = [
            part
            for child in sentence.subtree(verb)
            if child.relation in ("obl", "nmod")
            and grammar.preposition(sentence, child, words)[0] & prepositions.by
            for part in grammar.conjuncts(sentence, child)
        ]
        return Participants(tuple(by), tuple(subjects))
    if not objects and mention.trigger.frame == "attack":
        # "shot and killed four protesters": both have the one object.
        objects = [
            part
            for other in sentence.children(verb, "conj")
            if other.upos in grammar.PREDICATES and other.index - verb.index <= _TOGETHER
            for part in grammar.objects(sentence, other, words)
        ]
    if not objects and mention.trigger.frame == "attack" and _is_reduced_passive(mention):
        return Participants(tuple(agents), tuple(subjects))
    inside = [word for word in objects if word.index in mention.indexes]
    if inside and mention.trigger.frame == "attack" and len(inside) < len(objects):
        # "opened fire on the post"
        objects = [word for word in objects if word not in inside]
    elif len(inside) == len(objects) and not mention.trigger.is_interaction:
        # "fired shells at the town", "opened fire on the crowd", "clashed with police": they are objects,
        # as is whose attack is fought off.
        aimed = prepositions.against | (
            prepositions.of | prepositions.by if mention.trigger.frame == "clash" else frozenset()
        )
        objects = [
            part
            for holder in (verb, *inside)
            for child in sentence.children(holder, "obl" if holder is verb else "nmod")
            if grammar.preposition(sentence, child, words)[0] & aimed and _is_living(sentence, child)
            for part in grammar.conjuncts(sentence, child)
        ] or objects
    if verb.relation == "acl" and verb.deprel != "acl:relcl" and verb.feats.get("Tense") == "Pres":
        subjects = subjects or grammar.conjuncts(sentence, sentence.words[verb.head])
    return Participants(tuple(agents or subjects), tuple(objects))


def _is_reduced_passive(mention: Mention) -> bool:
    """Whether a verb that needs an object has none, as in headlines: "Three soldiers killed in ambush"."""
    verb, sentence = mention.word, mention.sentence
    return (
        mention.trigger.of == "patient"
        and verb.feats.get("Tense") == "Past"
        and not sentence.children(verb, "aux", "ccomp", "xcomp")
        and not any(child.upos == "PRON" for child in sentence.children(verb, "obj"))
    )


def _interlocutors(mention: Mention, roles: Participants, words: Grammar) -> tuple[list[Word], list[Word]]:
    """Whom an interaction may be with where its object is a thing, or is missing, the likeliest first.

    "expressed support for the government", "urged Bree to help", "demanded that Dbeibeh appear", "lifted the
    blockade of Qatar", "rejected Washington's proposal", "threatened to shell Haifa". The nearer in the tree,
    the likelier; apart are those who are named only as where it happened ("in the district court").
    """
    sentence, prepositions = mention.sentence, words.prepositions
    partners: list[tuple[int, int, Word]] = [(0, -1, patient) for patient in roles.patients]
    settings: list[tuple[int, int, Word]] = []
    times: list[tuple[int, int, Word]] = []
    holders = _holders(mention)
    seen = {word.index for word in (*roles.agents, *holders)}

    def add(word: Word, steps: int, into: list[tuple[int, int, Word]]) -> None:
        into += [
            (steps, part.index, part)
            for part in grammar.conjuncts(sentence, word)
            if part.upos != "PRON" and part not in roles.agents
        ]

    mutual = roles.is_mutual(mention)

    def descend(holder: Word, steps: int, into: list[tuple[int, int, Word]]) -> None:
        for child in sentence.children(holder, *_DOWNWARDS):
            if child.index in seen or (child.relation == "obl" and not _is_living(sentence, child)):
                continue
            if child.relation == "advcl" and roles.patients and child.feats.get("VerbForm") != "Inf":
                # "rejected the results, claiming that ...": whom it is with, the object says.
                continue
            seen.add(child.index)
            below, farther = into, steps + 1
            spellings, _ = grammar.preposition(sentence, child, words)
            if mutual and not spellings & prepositions.with_:
                continue
            facing = prepositions.against | prepositions.with_ | prepositions.toward
            if child.relation in _CLAUSES:
                farther += 1
                for subject in sentence.children(child, "nsubj"):
                    if subject.index not in seen:
                        add(subject, farther, into)
            elif (
                child.upos == "PROPN"
                or (child.upos == "NOUN" if child.relation != "compound" else child.text[:1].isupper())
                or child.relation == "amod"
            ):
                bond = prepositions.of | prepositions.by | prepositions.between | facing
                if spellings & prepositions.recipient and into is settings:
                    # "filed a lawsuit in a court against Thom": whatever it was hung on.
                    below = partners
                elif spellings and not spellings & bond:
                    if not spellings & prepositions.place:
                        # "after the meeting with Arnor", "over the dispute": time and cause.
                        farther += 1
                    below = settings if spellings & prepositions.place else times
                near = child.relation != "nmod" or spellings & facing
                if mention.trigger.frame == "meeting" and spellings & prepositions.with_:
                    # "discussed Libya with Trump": what is discussed is not whom it is discussed with.
                    near, farther = True, 0
                    add(child, -1, below)
                else:
                    add(child, steps if near else farther, below)
            if farther < _FARTHEST:
                descend(child, farther, below)

    for holder in holders:
        descend(holder, 0, partners)
    for patient in roles.patients:
        descend(patient, 0, partners)
    for recipient in _recipients_above(mention, roles, words):
        add(recipient, 1, partners)
    settings += times
    if mention.trigger.frame == "meeting":
        # Where a meeting is held may stand for its host; what it is about holds nobody who takes part.
        settings = [setting for setting in settings if setting[0] <= 0]
    return [word for _, _, word in sorted(partners, key=_nearness)], [
        word for _, _, word in sorted(settings, key=_nearness)
    ]


def _recipients_above(mention: Mention, roles: Participants, words: Grammar) -> list[Word]:
    """Whom the clause above is done to, for what is done with it: "called Erdogan to apologise".

    Both have one subject; "urged Mali to apologise" has not.
    """
    sentence, verb = mention.sentence, mention.predicate
    above = sentence.head(verb)
    if verb.relation not in ("advcl", "xcomp") or above is None or above.upos not in grammar.PREDICATES:
        return []
    if sentence.children(verb, *grammar.SUBJECTS):
        return []
    found = [
        *grammar.objects(sentence, above, words),
        *(
            child
            for child in sentence.children(above, "obl")
            if grammar.preposition(sentence, child, words)[0] & words.prepositions.recipient
        ),
    ]
    return [word for word in found if word.index < verb.index and word not in roles.agents]


def _nearness(candidate: tuple[int, int, Word]) -> tuple[int, int]:
    return candidate[0], candidate[1]


def _is_living(sentence: Sentence, word: Word) -> bool:
    """Whether a complement of "contre" or "sur" may be an actor: a noun or name, not a date."""
    entity = sentence.entity_of(word)
    return word.upos in ("NOUN", "PROPN") and (entity is None or entity.kind not in ("DATE", "TIME"))


def _nominal(mention: Mention, words: Grammar) -> Participants:
    sentence, noun, predicate = mention.sentence, mention.word, mention.predicate
    prepositions = words.prepositions
    agents = _doers_below(sentence, noun, words) if mention.trigger.frame == "attack" else []
    patients: list[Word] = []
    # "l'attaque de l'armée par des rebelles": if it is said by whom, "de" says whom it hit.
    of_is_agent = mention.trigger.of == "agent" and not agents
    # "la prise de contrôle du pays par les rebelles": both hang on the phrase, by whichever of its words.
    within = [
        child
        for child in sentence.children(noun, "nmod")
        if noun.start <= child.start and child.end <= mention.end
    ]
    holders = [noun, *within, *([predicate] if predicate is not noun else []), *mention.participles]
    for holder in holders:
        for child in sentence.children(holder, "nmod", "obl", "appos", "flat"):
            if child in (noun, *within):
                continue
            if child.upos not in ("NOUN", "PROPN", "NUM"):
                continue
            spellings, above = grammar.preposition(sentence, child, words)
            if above is not holder:
                continue
            both = grammar.conjuncts(sentence, child)
            if spellings & prepositions.between or child.deprel == "obl:agent" or spellings & prepositions.by:
                agents += both
            elif spellings & prepositions.with_ or (
                spellings & prepositions.against and mention.trigger.frame != "meeting"
            ):
                patients += both
            elif child.deprel == "nmod:poss":
                # "Israel's bombing of Gaza", but "the president's murder".
                suffers = not of_is_agent and not _has_complement(sentence, noun, words)
                (patients if suffers else agents).extend(both)
            elif holder in (noun, *within) and spellings & prepositions.of:
                hit = not of_is_agent or child.lemma.casefold() in words.nouns.targets
                (patients if hit else agents).extend(both)
    if predicate is not noun:
        relation = grammar.outermost(sentence, noun, words).relation
        if _lends_subject(mention, relation, words):
            patients += _given_to(mention, words)
            suffers = predicate.lemma.casefold() in words.verbs.suffering
            (patients if suffers else agents).extend(grammar.subjects(sentence, predicate))
        if relation == "nsubj":
            # "Une attaque a visé le marché", "Des combats ont opposé l'armée aux rebelles".
            patients += grammar.objects(sentence, predicate, words)
            patients += _opposed(mention, words)
    patients = patients or ([] if of_is_agent else _patients_behind_place(sentence, noun, words))
    above = sentence.head(noun)
    if (
        not agents
        and above is not None
        and above.upos in grammar.PREDICATES
        and not grammar.is_passive(sentence, above, words)
    ):
        # "condemned an attack by soldiers": of an active verb nobody is the agent behind "by".
        agents += [
            part
            for child in sentence.children(above, "obl")
            if child.start > noun.end and grammar.preposition(sentence, child, words)[0] & prepositions.by
            for part in grammar.conjuncts(sentence, child)
        ]
    if not agents and of_is_agent:
        # "postponed their meeting"
        agents += [child for child in sentence.children(noun, "nmod:poss") if grammar.is_anaphor(child)]
    if not agents and noun.relation == "appos" and (topic := sentence.head(noun)) is not None:
        # A headline's "OTAN : réunion extraordinaire".
        if topic.relation == "root" and any(
            topic.index < word.index < noun.index and word.text == ":" for word in sentence.words
        ):
            agents.append(topic)
    if mention.trigger.frame == "meeting" and agents:
        # "les pourparlers entre Moscou, Washington et l'OTAN": the last is often hung on the noun.
        agents += [child for child in sentence.children(noun, "conj") if sentence.entity_of(child)]
    fallen, patients = _fallen(mention, words), patients or _beside(mention, words)
    # "Six rebels were killed in fighting with the army": of a clash they are the other side.
    clash = mention.trigger.frame == "clash" and patients and not agents
    agents, patients = (fallen if clash else agents), patients or fallen
    # "the police raid", "rebel shelling": who stands before the noun does it.
    agents = agents or [child for child in sentence.children(noun, "compound") if child.start < mention.start]
    adjectives = [
        child
        for part in (noun, *within)
        for child in sentence.children(part, "amod", "nmod")
        if child.upos in ("ADJ", "PROPN") and not sentence.children(child, "case")
    ]
    return Participants(tuple(_unique(agents)), tuple(_unique(patients)), tuple(adjectives))


def _doers_below(sentence: Sentence, word: Word, words: Grammar) -> list[Word]:
    """Who does what a noun means, whatever they are hung on: "l'attaque d'un convoi par des rebelles"."""
    found: list[Word] = []
    for child in sentence.children(word, "nmod"):
        if grammar.preposition(sentence, child, words)[0] & words.prepositions.by - words.prepositions.place:
            found += grammar.conjuncts(sentence, child)
        else:
            # "d'un village au nord de Zinder par des rebelles"
            found += _doers_below(sentence, child, words)
    return found


def _lends_subject(mention: Mention, relation: str, words: Grammar) -> bool:
    """Whether the subject of the verb above does or suffers what the noun says: "ont mené une attaque".

    `relation` is that of the noun's phrase to the verb. What is survived may be "une tentative d'assassinat".
    """
    sentence, predicate = mention.sentence, mention.predicate
    own = grammar.first_conjunct(sentence, mention.word).relation
    return (
        predicate.lemma.casefold() in words.verbs.light
        and (
            relation in grammar.COMPLEMENTS
            or own == "obl"
            or (relation == "obl" and predicate.lemma.casefold() in words.verbs.suffering)
        )
        and not grammar.is_passive(sentence, predicate, words)
    )


def _patients_behind_place(sentence: Sentence, noun: Word, words: Grammar) -> list[Word]:
    """To whom it was done, behind where: "Arrestation à Bamako de deux généraux"; a place has nobody."""
    return [
        part
        for place in sentence.children(noun, "nmod")
        if (entity := sentence.entity_of(place)) is not None and entity.kind == "LOC"
        for child in sentence.children(place, "nmod")
        if child.upos == "NOUN" and grammar.preposition(sentence, child, words)[0] & words.prepositions.of
        for part in grammar.conjuncts(sentence, child)
    ]


def _given_to(mention: Mention, words: Grammar) -> list[Word]:
    """Whom a verb of giving does to what its noun says: "tendre une embuscade à une patrouille"."""
    sentence, verb = mention.sentence, mention.predicate
    if verb.lemma.casefold() not in words.verbs.giving:
        return []
    return [
        part
        for child in sentence.children(verb, "iobj", "obl")
        if grammar.preposition(sentence, child, words)[0] & words.prepositions.recipient
        and _is_living(sentence, child)
        for part in grammar.conjuncts(sentence, child)
    ]


def _has_complement(sentence: Sentence, noun: Word, words: Grammar) -> bool:
    return any(
        grammar.preposition(sentence, child, words)[0] & words.prepositions.of
        for child in sentence.children(noun, "nmod")
    )


def _unique(heads: list[Word]) -> list[Word]:
    return list({head.index: head for head in heads}.values())
