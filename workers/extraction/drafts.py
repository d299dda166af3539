"""From the sentences of an article to drafts of its events: one draft a mention, with everything resolved."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from schemas.taxonomy import HAPPENED, Action, EventStatus, EventType, SubEventType
from workers.extraction import (
    coding,
    datelines,
    grammar,
    participants,
    places,
    sites,
    status,
    tolls,
    triggers,
)
from workers.extraction.actors import KINDS, Describer, Description
from workers.extraction.coding import Code, Sides
from workers.extraction.coreference import REASON, Referents
from workers.extraction.countries import Country
from workers.extraction.dates import DateExpression, DateResolver
from workers.extraction.knowledge import Grammar, Lexicon
from workers.extraction.parsing import Sentence, Word, overlap
from workers.extraction.places import Atlas, Location
from workers.extraction.tolls import Toll
from workers.extraction.triggers import Mention

FORCEFUL = frozenset({Action.ASSAULT, Action.MOBILIZE, Action.RETREAT})
"""Actions in which a state's name means its forces."""

_DEMOGRAPHIC = frozenset({"Women", "Girls", "Children", "Men"})
"""Associated groups that say nothing of politics."""

_MOVED = frozenset({"military", "police", "weapons"})
"""What is given, sent or moved rather than met, where there is somebody else."""

_PLAIN = frozenset({SubEventType.ATTACK, SubEventType.LOOTING, SubEventType.REMOTE_EXPLOSIVE})
"""What a verb may tell less exactly than the noun with it: "shelling destroyed", "the grenade exploded"."""

_BORDERS = frozenset({"ccomp", "acl", "advcl", "parataxis", "csubj"})
"""Relations that a date does not cross: what is announced on Tuesday happened on another day."""

_UNDATED = 2
"""The `time_precision` of what is dated by the article's publication: it happened around then."""

_VAGUEST = 3

_CLOSE = 2
"""How many steps of the tree may lie between force against a crowd and those whom it hurt."""

_VIOLENT = frozenset(
    {EventType.BATTLES, EventType.EXPLOSIONS, EventType.VIOLENCE_AGAINST_CIVILIANS, EventType.RIOTS}
)

_CROWD = frozenset({"unknown", "civilians", "people", "association", "proper"})
"""What those who demonstrate are called, where not "protesters"."""


class Draft(msgspec.Struct):
    """An event on its way to a record; merging fills in what a further mention adds.

    Attributes:
        mention: Where it is reported first or best.
        code: What it is called.
        status: Whether it happened.
        tentative: The mention stands in no clause (a headline, a fragment), so that its status is a guess.
        sides: Who took part.
        location: Where.
        explicit_place: The words at the event say where.
        day: The day it is dated to.
        date: The words that date it, None if it is dated by the article's publication.
        time_precision: ACLED's 1 to 3.
        toll: The dead and the hurt.
        sentences: Indexes of the sentences that tell of it, the first first.
        governed: It is told only as what another interaction of its sentence is about ("rejected a request").
        mentions: Where else it is reported.
        whole: The event that this one is a part of, told in a further clause of the same sentence.

    """

    mention: Mention
    code: Code
    status: EventStatus
    tentative: bool
    sides: Sides
    location: Location
    explicit_place: bool
    day: date
    date: tuple[int, int] | None
    time_precision: int
    toll: Toll
    sentences: list[int]
    governed: bool
    mentions: list[tuple[int, int]] = []
    whole: "Draft | None" = None

    @property
    def event_type(self) -> EventType | None:
        """ACLED's event type, None if ACLED does not code it."""
        return self.code.sub_event_type.event_type if self.code.sub_event_type else None

    @property
    def is_political(self) -> bool:
        """Whether violence against civilians is such as ACLED codes, not crime or accident.

        Somebody armed did it, or it hit somebody for what they are, or the article names an armed actor
        at it otherwise; what nobody in particular did to anybody is a matter for the police.
        """
        if self.sides.first and all(side.kind == "unknown" for side in self.sides.first):
            # "The mine collapsed, killing six miners": a thing did it.
            return False
        if self.sides.first and all(
            side.kind in ("civilians", "association") and not side.many for side in self.sides.first
        ):
            # "the murder of a shopkeeper by her husband"
            return False
        return any(side.armed or side.kind == "country" for side in self.sides.first) or any(
            side.kind in ("government", "protesters", "group", "organisation")
            or set(side.associations) - _DEMOGRAPHIC
            for side in self.sides.second
        )

    @property
    def is_violent(self) -> bool:
        """Whether people may have died in it."""
        return self.event_type in _VIOLENT or self.code.sub_event_type in coding.FORCED


class Telling(msgspec.Struct, frozen=True):
    """A mention with its participants, as words and as descriptions."""

    mention: Mention
    roles: participants.Participants
    sides: Sides


class Drafter:
    """Makes the drafts of one article."""

    def __init__(
        self, lexicon: Lexicon, describer: Describer, atlas: Atlas, resolver: DateResolver, published_at: date
    ) -> None:
        self._lexicon = lexicon
        self._words = lexicon.grammar
        self._describer = describer
        self._referents = Referents(describer, lexicon.grammar)
        self._atlas = atlas
        self._dates = resolver
        self._published_at = published_at
        self._context = published_at
        self._dated: frozenset[int] = frozenset()
        self._told: Draft | None = None
        self._demonstrating: frozenset[int] = frozenset()

    def draft(self, sentence: Sentence, context: frozenset[str]) -> tuple[list[Draft], Toll]:
        """The events that `sentence` reports, and the toll that it gives.

        `context` holds the dictionary forms of the sentence and its neighbours.
        """
        expressions = [
            expression
            for expression in self._dates.find(sentence.text, self._published_at)
            if not datelines.is_date(sentence.text, expression.start, expression.end)
        ]
        self._dated = frozenset(
            word.index
            for word in sentence.words
            for expression in expressions
            if expression.start <= word.start - sentence.start < expression.end
        )
        sentence = _off_days(sentence, self._dated, self._words)
        accepted, refused = self._accepted(sentence, context)
        told, parts = _without_repetition(accepted, self._words)
        parts += _clauses(refused, told, self._words, self._dated)
        toll, counted = tolls.count(sentence, self._words, self._describer.is_thing)
        words = {telling.mention.word.index for telling in told}
        # Who calls or meets somebody to do something does it: a meeting governs nothing.
        governing = {
            telling.mention.word.index
            for telling in told
            if telling.mention.trigger.is_interaction and telling.mention.trigger.action is not Action.CONSULT
        }
        drafts = [
            draft
            for telling in told
            if (draft := self._draft(telling, expressions, words - {telling.mention.word.index}, governing))
        ]
        violent = [
            draft
            for draft in drafts
            if draft.is_violent
            and (
                draft.code.sub_event_type is not SubEventType.PROTEST_WITH_INTERVENTION
                or any(_distance(sentence, draft.mention, word) <= _CLOSE for word in counted)
            )
        ]
        if violent and counted:
            suffered = min(violent, key=lambda draft: _distance(sentence, draft.mention, counted[0]))
            self._tell_victims(suffered, counted)
            if suffered.status in HAPPENED:
                # Whom nobody killed is not counted, here or for the event told before.
                suffered.toll = toll
            toll = Toll()
        wholes = {draft.mention.word.index: draft for draft in drafts}
        for telling, noun in parts:
            if whole := wholes.get(noun):
                part = self._draft(telling, expressions, words - {noun}, governing)
                if part is not None:
                    part.whole = whole
                    whole.mentions.append((part.mention.start, part.mention.end))
                    drafts.append(part)
        self._referents.read(sentence)
        return drafts, toll

    def _tell_victims(self, draft: Draft, counted: Sequence[Word]) -> None:
        """Let those be whom an attack hit that its toll counts, if nothing else says whom it hit."""
        known = any(side.kind != "unknown" for side in draft.sides.second)
        if known or not draft.mention.nominal or draft.mention.trigger.frame != "attack":
            return
        victims = tuple(
            side
            for side in self._described(draft.mention.sentence, tuple(counted))
            if side.kind not in ("unknown", "place", "proper")
        )
        if victims:
            draft.sides = Sides(draft.sides.first, victims)
            draft.code = coding.attack(draft.code, draft.sides)

    def _accepted(self, sentence: Sentence, context: frozenset[str]) -> tuple[list[Telling], list[Telling]]:
        """The mentions whose participants are such as their sense asks for, one a word, and the others."""
        accepted: dict[int, Telling] = {}
        refused: dict[int, Telling] = {}
        mentions = triggers.find(sentence, self._lexicon, context)
        self._demonstrating = frozenset(_demonstrators(sentence, mentions))
        events = {
            mention.word.index
            for mention in mentions
            if mention.nominal and mention.trigger.action is Action.ASSAULT
        }
        for mention in mentions:
            if mention.word.index in accepted or mention.word.index in self._dated:
                # "Until March 1987" tells of no march.
                continue
            roles = participants.find(mention, self._words)
            if "place" in mention.trigger.about and not any(
                sites.is_named(sentence, head, self._words) for head in roles.patients
            ):
                continue
            # "The bombing killed ten": an event is nobody.
            actors = tuple(agent for agent in roles.agents if agent.index not in events)
            sides = self._sides(mention, msgspec.structs.replace(roles, agents=actors))
            if coding.accepts(mention, sides):
                accepted[mention.word.index] = Telling(mention, roles, sides)
            else:
                refused.setdefault(mention.word.index, Telling(mention, roles, sides))
        return list(accepted.values()), [
            telling for index, telling in refused.items() if index not in accepted
        ]

    def _sides(self, mention: Mention, roles: participants.Participants) -> Sides:
        sentence = mention.sentence
        first = self._described(sentence, roles.agents)
        second = self._described(sentence, roles.patients)
        if mention.trigger.frame == "attack":
            crowds = [head for head in roles.patients if head.index in self._demonstrating]
            second = [
                msgspec.structs.replace(side, kind="protesters")
                if side.kind in _CROWD and any(side.start <= head.start < side.end for head in crowds)
                else side
                for side in second
            ]
        if mention.trigger.is_interaction:
            direct = {side.span for side in second[: len(roles.patients)]}
            if not any(_is_somebody(side) for side in first):
                # "Trump's deal threatens ...": a thing acts for whose it is.
                owners = self._described(
                    sentence,
                    tuple(
                        owner
                        for agent in roles.agents
                        for child in sentence.children(agent, "nmod:poss")
                        for owner in grammar.conjuncts(sentence, child)
                    ),
                )
                first = [side for side in owners if _is_somebody(side)] or first
            if not any(side.is_actor for side in first):
                found = self._nearest(sentence, mention, before=True)
                first = [side for side in found if side.span not in direct] or first
            return Sides(tuple(first), tuple(self._partner(mention, roles, first, second)))
        if not first and mention.nominal:
            # "A suicide bomber killed ten": the word for what happened is for who did it.
            doer = self._describer.describe(sentence, mention.word)
            first = [doer] if doer.kind in KINDS else []
        if mention.nominal and mention.trigger.frame == "attack" and mention.trigger.of == "agent":
            # "l'attaque de leur base": where forces stand is attacked.
            second += [side for side in first if side.post]
            first = [side for side in first if not side.post]
        if not any(side.is_actor for side in first):
            # "l'offensive russe": a people's adjective on the noun is who does it.
            first += [
                Description(kind="country", country=country, start=word.start, end=word.end)
                for word in roles.adjectives
                if (country := self._atlas.people(word.text))
            ] or [
                side
                for word in roles.adjectives
                if (side := self._describer.describe(sentence, word)).kind == "group"
            ]
        if mention.trigger.frame == "movement" and (
            sender := next((side.country for side in second if side.country), None)
        ):
            # "Moscou a envoyé des soldats": they are Moscow's.
            first = [
                side if side.country else msgspec.structs.replace(side, country=sender) for side in first
            ]
        aims = [side for side in second if side.kind == "place"]
        if roles.aims:
            aims += _actors_first(self._described(sentence, roles.aims))
        return Sides(
            tuple(side for side in first if side.kind != "place"),
            tuple(side for side in second if side.kind != "place"),
            tuple(aims),
        )

    def _partner(
        self,
        mention: Mention,
        roles: participants.Participants,
        first: list[Description],
        candidates: list[Description],
    ) -> list[Description]:
        """Whom an interaction is with: the likeliest actor, and who is named together with it.

        Actors come before where it is set, that before forces and weapons that are its object, which are what
        is given or moved, and those before an actor named anywhere after it.
        """
        sentence = mention.sentence

        given = {side.span for side in self._described(sentence, roles.patients[:1]) if side.kind in _MOVED}

        def likely(sides: list[Description]) -> list[Description]:
            sides = [
                side
                for side in sides
                if _is_somebody(side) and not any(overlap(side.span, taken.span) for taken in first)
            ]
            chosen = next((side for side in sides if side.span not in given), sides[0] if sides else None)
            return [side for side in sides if chosen and side.span == chosen.span]

        # "voiced Egypt's support for Mali": what is Egypt's is not whom Egypt does it to.
        own = {side.country.iso2 for side in first if side.country}
        candidates = [
            side
            for side in candidates
            if side.is_actor or not side.national or not side.country or side.country.iso2 not in own
        ] or candidates
        things = [
            side
            for side in candidates
            if not side.adjective and not any(overlap(side.span, taken.span) for taken in first)
        ]
        if len(first) > 1 and any(
            child.feats.get("Number") == "Plur" and grammar.is_anaphor(child)
            for patient in roles.patients[:1]
            if not any(map(_is_somebody, self._described(sentence, (patient,))))
            and not sentence.children(patient, "nmod", "obl")[1:]
            for child in sentence.children(patient, "nmod:poss")
        ):
            # "Gondor and Arnor have postponed their meeting": each with the other.
            return first
        return (
            likely([side for side in candidates if side.span not in given])
            or (first if _is_joint(mention, first) else [])
            or likely(self._described(sentence, roles.settings))
            or likely(candidates)
            or ([] if roles.is_mutual(mention) else likely(self._nearest(sentence, mention, before=False)))
            or things[:1]
        )

    def _without_datelines(self, sentence: Sentence, heads: tuple[Word, ...]) -> list[Word]:
        """`heads` with whom stands behind a dateline for the dateline: "BERLIN -- A court convicted ..."."""
        found: list[Word] = []
        for head in heads:
            if not self._atlas.in_dateline(head.start):
                found.append(head)
                continue
            found += [
                child
                for child in sentence.children(head)
                if child.upos in ("NOUN", "PROPN") and not self._atlas.in_dateline(child.start)
            ]
        return found

    def _nearest(self, sentence: Sentence, mention: Mention, *, before: bool) -> list[Description]:
        """The actor nearest to an interaction's words, where its grammar names none.

        Before them it must be a subject: "The White House, which ..., expressed support for the talks".
        """
        words = sentence.words[: mention.word.index] if before else sentence.words[mention.word.index + 1 :]
        for word in reversed(words) if before else words:
            if word.upos not in ("NOUN", "PROPN") or word.relation in ("compound", "flat"):
                continue
            if before and (word.relation not in ("nsubj", "root") or self._atlas.in_dateline(word.start)):
                continue
            if mention.trigger.frame == "meeting" and not before and _in_clause_below(mention, word):
                continue
            described = self._described(sentence, tuple(grammar.conjuncts(sentence, word)))
            if described and described[0].is_actor:
                return described
            if before and (owners := sentence.children(word, "nmod:poss")):
                # "Eriador's toll has risen in the dispute"
                described = self._described(sentence, owners)
                if described and described[0].is_actor:
                    return described
        return []

    def _described(self, sentence: Sentence, heads: tuple[Word, ...]) -> list[Description]:
        """What the phrases say; those that are coordinated share the words of them all."""
        found: list[Description] = []
        by_head: list[tuple[Word, Description]] = []
        for head in self._without_datelines(sentence, heads):
            if head.index in self._dated:
                continue
            if grammar.is_anaphor(head):
                found += self._referents.of_pronoun(sentence, head)
                continue
            meant = self._referents.of_role(sentence, head, self._describer.describe(sentence, head))
            if len(meant) == 1 and len(countries := self._describer.countries(sentence, head)) > 1:
                # "Russia and Turkey's foreign ministers"
                (side,) = meant
                found += [
                    msgspec.structs.replace(side, country=each, together=side.span) for each in countries
                ]
                continue
            found += meant
            by_head += [(head, side) for side in meant if side.reason is None]
        for head, side in by_head:
            first = grammar.first_conjunct(sentence, head)
            together = [other for word, other in by_head if grammar.first_conjunct(sentence, word) is first]
            if len(together) > 1:
                found[found.index(side)] = msgspec.structs.replace(
                    side,
                    together=grammar.coordination_span(sentence, first),
                )
        return found

    def _draft(
        self,
        telling: Telling,
        expressions: Sequence[DateExpression],
        others: set[int],
        governing: set[int],
    ) -> Draft | None:
        mention, roles, sides = telling.mention, telling.roles, telling.sides
        sentence = mention.sentence
        expression = _date_of(mention, expressions, others, self._words)
        verdict = status.decide(mention, self._words, dated=expression is not None)
        if verdict is None:
            return None
        if expression:
            reference = self._context if expression.relative_to == "context" else self._published_at
            expression = self._dates.resolve(expression, reference, future=verdict is EventStatus.PLANNED)
            self._context = expression.date
        told = self._told_before(sentence, sides) if expression is None else None
        day = expression.date if expression else told.day if told else self._published_at
        if day > self._published_at and verdict in HAPPENED:
            verdict = EventStatus.PLANNED
        location = places.find(mention, roles, self._atlas, self._words, others)
        code = coding.decide(mention, sides, self._words, location.country)
        if code.sub_event_type and code.sub_event_type.event_type is EventType.EXPLOSIONS:
            # "fired rockets at the town": what is fired is not whom it hits.
            sides = msgspec.structs.replace(
                sides,
                second=tuple(side for side in sides.second if side.kind != "weapons" or not side.weapon),
            )
        elif code.sub_event_type is SubEventType.DISRUPTED_WEAPONS_USE:
            # Of weapons that are found nobody knows whose they were, unless it is said.
            sides = msgspec.structs.replace(
                sides, second=tuple(side for side in sides.second if side.kind != "weapons" or side.country)
            )
        else:
            # "stormed the tanks": nor is what is hit a weapon of whoever hits it, when more is told.
            sides = msgspec.structs.replace(
                sides, second=tuple(msgspec.structs.replace(side, weapon=None) for side in sides.second)
            )
        if (
            code.sub_event_type
            and code.sub_event_type.event_type is EventType.PROTESTS
            and (mention.trigger.frame == "attack")
        ):
            # Whoever disperses a crowd, the event is the crowd's.
            sides = Sides(sides.second, sides.first)
        code = coding.by_status(code, mention, verdict, intended=status.is_intended(mention, self._words))
        precision = self._dates.time_precision(expression) if expression else _UNDATED
        if told is not None:
            precision = told.time_precision
        if precision is None or (expression is None and self._is_of_a_life(mention)):
            # ACLED codes nothing that is dated by a year alone, or by how old somebody was.
            code = msgspec.structs.replace(code, sub_event_type=None)
        draft = Draft(
            mention=mention,
            code=code,
            status=verdict,
            tentative=_in_no_clause(sentence, mention),
            sides=sides,
            location=location,
            explicit_place=location.start is not None
            and location.reason not in ("same_sentence", "place_of_actor"),
            day=day,
            date=(sentence.start + expression.start, sentence.start + expression.end)
            if expression
            else told.date
            if told
            else None,
            time_precision=precision or _VAGUEST,
            toll=Toll(),
            sentences=[sentence.index],
            governed=any(above.index in governing for above in sentence.ancestors(mention.word)),
        )
        if expression is not None and verdict in HAPPENED and precision is not None:
            self._told = draft
        return draft

    def _told_before(self, sentence: Sentence, sides: Sides) -> Draft | None:
        """What the sentence before dates, if a pronoun says that this one goes on with it: "Ils ont tué"."""
        told = self._told
        if told is None or told.sentences[0] != sentence.index - 1:
            return None
        return told if any(side.reason == REASON for side in sides.first) else None

    def _is_of_a_life(self, mention: Mention) -> bool:
        """Whether only somebody's age says when it was: "had been beaten in his childhood"."""
        return any(
            child.lemma.casefold() in self._words.setting.lifetime
            for part in (mention.word, mention.predicate)
            for child in mention.sentence.children(part, "obl", "nmod")
        )


def _off_days(sentence: Sentence, dated: frozenset[int], words: Grammar) -> Sentence:
    """The sentence with what parsers hang on a day hung on the day's verb, as no day has it.

    "ont mené dimanche des frappes", "were killed on Thursday by gunmen": an object with a partitive article,
    and who does it or suffers it.
    """
    prepositions = words.prepositions
    roles = (prepositions.by - prepositions.place) | prepositions.against | prepositions.with_
    moved: dict[int, Word] = {}
    for word in sentence.words:
        day = sentence.head(word)
        verb = sentence.head(day) if day is not None and day.index in dated else None
        if day is None or verb is None or word.index in dated or word.relation != "nmod":
            continue
        if verb.upos not in grammar.PREDICATES or word.index < day.index:
            continue
        cases = {case.lemma.casefold() for case in sentence.children(word, "case")}
        if day.relation == "obj" and grammar.is_partitive(sentence, word):
            moved[word.index] = msgspec.structs.replace(word, head=verb.index, deprel="obj")
            moved[day.index] = msgspec.structs.replace(day, deprel="obl")
        elif cases & roles:
            moved[word.index] = msgspec.structs.replace(word, head=verb.index, deprel="obl")
    if not moved:
        return sentence
    return msgspec.structs.replace(
        sentence, words=tuple(moved.get(word.index, word) for word in sentence.words)
    )


def _demonstrators(sentence: Sentence, mentions: Sequence[Mention]) -> Iterator[int]:
    """Indexes of the nouns for a demonstration, and for those of whom a clause says that they hold one.

    Who disperses a march, shoots at it or arrests "students who demonstrated" does so to protesters.
    """
    for mention in mentions:
        word = mention.word
        if mention.trigger.frame != "demonstration" or mention.trigger.sub_event_type is None:
            continue
        if mention.nominal:
            yield word.index
        elif word.relation == "acl" and (noun := sentence.head(word)) is not None:
            yield noun.index
            # "des dizaines d'étudiants qui manifestaient"
            while noun.relation == "nmod" and (above := sentence.head(noun)) is not None:
                noun = above
                yield noun.index


def _distance(sentence: Sentence, mention: Mention, word: Word) -> int:
    """How many steps of the tree lie between an event's words and a word."""
    steps = {above.index: step for step, above in enumerate((word, *sentence.ancestors(word)))}
    return min(
        (
            step + steps[above.index]
            for own in (mention.word, mention.predicate)
            for step, above in enumerate((own, *sentence.ancestors(own)))
            if above.index in steps
        ),
        default=len(sentence.words),
    )


def _is_joint(mention: Mention, first: list[Description]) -> bool:
    """Whether those who are named together do it with each other: "Mali and Niger agreed to build a road"."""
    return (
        (mention.trigger.frame == "meeting" or mention.trigger.joint)
        and len(first) > 1
        and all(side.together and _is_somebody(side) for side in first)
    )


def _is_somebody(side: Description) -> bool:
    """Whether the words may stand for an actor: of an adjective, only a people's."""
    return side.national if not side.is_actor or side.adjective else True


def _in_clause_below(mention: Mention, word: Word) -> bool:
    """Whether a clause that only explains stands between: what a meeting is about takes no part in it."""
    below = word
    for above in mention.sentence.ancestors(word):
        if below.relation in ("acl", "advcl"):
            return True
        if above.index in (mention.word.index, mention.predicate.index):
            return False
        below = above
    return False


def _actors_first(sides: list[Description]) -> list[Description]:
    return sorted(sides, key=lambda side: not _is_somebody(side))


def nationality(draft: Draft) -> Country | None:
    """The one country that the participants are from; None if they are from none or several."""
    countries = {
        side.country.iso2: side.country for side in (*draft.sides.first, *draft.sides.second) if side.country
    }
    return next(iter(countries.values())) if len(countries) == 1 else None


def _without_repetition(
    told: list[Telling], words: Grammar
) -> tuple[list[Telling], list[tuple[Telling, int]]]:
    """Of a noun and a verb that tell of the same event, only the noun: "l'attaque a tué".

    The noun says more exactly what happened; it takes the verb's time, and its participants where it has
    none itself. The verb tells a part of it, and is returned with the index of the noun's word.
    """
    parts: list[tuple[Telling, int]] = []
    by_word = {telling.mention.word.index: telling for telling in told}
    agents_of: dict[int, Telling] = {}
    for telling in told:
        if not telling.mention.nominal:
            for agent in telling.roles.agents:
                # "A suicide bomber blew himself up, killing ten": the first verb is the noun's.
                agents_of.setdefault(agent.index, telling)
    seized = {
        part.index
        for telling in told
        if telling.mention.trigger.sub_event_type is SubEventType.DISRUPTED_WEAPONS_USE
        for head in telling.roles.patients
        for part in grammar.phrase(telling.mention.sentence, head)
    }
    for telling in told:
        # "intercepted a missile fired by the Houthis": it hit nothing, and was theirs.
        mention = telling.mention
        if mention.word.relation == "acl" and mention.word.head in seized and not mention.nominal:
            by_word.pop(mention.word.index, None)
            parent = mention.sentence.head(mention.word)
            for other in told:
                if telling.roles.agents and parent in other.roles.patients and other is not telling:
                    by_word[other.mention.word.index] = msgspec.structs.replace(
                        other, sides=msgspec.structs.replace(other.sides, second=telling.sides.first)
                    )
    for noun in [telling for telling in told if telling.mention.nominal]:
        if (harm := _harm_in(noun, by_word, words)) is not None:
            # "were abducted during a raid": what was done to whom says more than its occasion.
            parts.append((by_word.pop(noun.mention.word.index), harm))
            continue
        if (
            noun.mention.word.index in seized
            and noun.mention.trigger.sub_event_type
            and noun.mention.trigger.sub_event_type.event_type is EventType.EXPLOSIONS
        ):
            # Weapons that are found went off nowhere.
            by_word.pop(noun.mention.word.index, None)
            continue
        sentence, word = noun.mention.sentence, noun.mention.word
        spellings, above = grammar.preposition(sentence, word, words)
        below = (by_word.get(child.index) for child in sentence.children(word, "acl"))
        verb = (
            agents_of.get(word.index)
            or (by_word.get(above.index) if above is not None else None)
            or next((telling for telling in below if telling), None)
        )
        setting = words.prepositions.temporal | words.prepositions.place | words.prepositions.by
        if (
            verb is None
            or verb.mention.nominal
            or verb.mention.trigger.sub_event_type not in (*_PLAIN, noun.mention.trigger.sub_event_type)
            or noun.mention.trigger.action not in (Action.ASSAULT, Action.COERCE)
            or noun.mention.trigger.sub_event_type in (None, SubEventType.ARRESTS)
            or verb.mention.word.index not in by_word
            or not (
                word.index in agents_of
                or word.relation in ("nsubj", "obj")
                or spellings & setting
                or verb.mention.word.head == word.index
            )
        ):
            continue
        agents = tuple(side for side in verb.sides.first if side.start > word.end or side.end <= word.start)
        by_word[word.index] = Telling(
            noun.mention
            if noun.mention.predicate is not word or above is not verb.mention.word
            else msgspec.structs.replace(noun.mention, predicate=verb.mention.word),
            msgspec.structs.replace(
                noun.roles,
                agents=noun.roles.agents or verb.roles.agents,
                patients=noun.roles.patients or verb.roles.patients,
            ),
            Sides(noun.sides.first or agents, noun.sides.second or verb.sides.second),
        )
        part = by_word.pop(verb.mention.word.index)
        told_of = part.sides.second or part.sides.aims or sentence.children(part.mention.word, "obj")
        if told_of or word.index not in agents_of:
            # "A car bomb exploded": the verb only says that what the noun means happened.
            parts.append((part, word.index))
    return [by_word[index] for index in sorted(by_word)], parts


def _harm_in(noun: Telling, told: dict[int, Telling], words: Grammar) -> int | None:
    """Index of the verb that tells what was done to people in an attack, if that is all that it was."""
    if noun.mention.trigger.sub_event_type is not SubEventType.ATTACK:
        return None
    spellings, above = grammar.preposition(noun.mention.sentence, noun.mention.word, words)
    verb = told.get(above.index) if above is not None else None
    if verb is None or verb.mention.nominal or not spellings & words.prepositions.temporal:
        return None
    return (
        verb.mention.word.index
        if verb.mention.trigger.sub_event_type in (SubEventType.ABDUCTION, SubEventType.SEXUAL_VIOLENCE)
        else None
    )


def _clauses(
    refused: list[Telling], told: list[Telling], words: Grammar, dated: frozenset[int]
) -> list[tuple[Telling, int]]:
    """The verbs that say too little to be events, but hang on one: "launched an assault, targeting sites".

    What a clause adds to an attack is part of it, as is the verb that the attack's noun is subject or agent
    of ("The assault targeted the town", "It was hit by an air strike"), or that the attack's verb hangs on
    ("A blast rocked the market, killing ten"). A clause that parsers hang on a date (`dated`, indexes of
    words) belongs to what is dated: "an offensive on Monday that targeted ...". Each comes with the index of
    the attack's word.
    """
    wholes = {
        word.index: telling.mention.word.index
        for telling in told
        if telling.mention.trigger.sub_event_type is not None
        for word in (telling.mention.predicate, telling.mention.word)
    }
    parts: list[tuple[Telling, int]] = []
    for telling in refused:
        mention = telling.mention
        if mention.nominal or mention.trigger.action is not Action.ASSAULT:
            continue
        sentence, verb = mention.sentence, mention.word
        beside = [*sentence.children(verb, "advcl"), *sentence.children(verb, "obl:agent", "nsubj")]
        if verb.lemma.casefold() not in words.verbs.light:
            # "launched" in "launched an attack" is no part of it.
            beside.append(verb)
        whole = next((wholes[word.index] for word in beside if word.index in wholes), None)
        below = verb
        for above in sentence.ancestors(verb):
            if whole is not None or not (
                below.relation in ("advcl", "conj", "xcomp", "acl") or below.index in dated
            ):
                break
            whole = wholes.get(above.index)
            below = above
        if whole is not None and (telling.sides.second or telling.sides.aims):
            parts.append((telling, whole))
    return parts


def _in_no_clause(sentence: Sentence, mention: Mention) -> bool:
    if not mention.nominal or mention.predicate is not mention.word:
        return False
    return not any(
        above.upos in grammar.PREDICATES or sentence.children(above, "cop")
        for above in sentence.ancestors(mention.word)
    )


def _date_of(
    mention: Mention, expressions: Sequence[DateExpression], others: set[int], words: Grammar
) -> DateExpression | None:
    """The expression that dates this event: hung on it, on its verb, or on the clause that it shares."""
    sentence = mention.sentence
    if mention.nominal and sentence.children(mention.word, "case"):
        # "warned of a demonstration on 16 December" does not tell when the warning was.
        for expression in expressions:
            between = [
                word
                for word in sentence.words[mention.word.index + 1 :]
                if word.end - sentence.start <= expression.start
            ]
            if mention.word.end - sentence.start < expression.start and all(
                word.upos in ("ADP", "DET") for word in between
            ):
                return expression
    own = {word.index for word in (mention.word, mention.predicate, *mention.participles)}
    clause: list[int] = []
    word = mention.predicate
    while (word.relation not in _BORDERS or grammar.is_simultaneous(sentence, word, words)) and (
        above := sentence.head(word)
    ) is not None:
        if above.index in others or above.index in clause:
            break
        clause.append(above.index)
        word = above
    for expression in expressions:
        inside = [
            word
            for word in sentence.words
            if word.start - sentence.start < expression.end and word.end - sentence.start > expression.start
        ]
        indexes = {word.index for word in inside}
        governors = [word.head for word in inside if word.head not in indexes and word.head >= 0]
        for governor in governors:
            path = [sentence.words[governor], *sentence.ancestors(sentence.words[governor])]
            for step in path:
                if step.index in own:
                    return expression
                if step.index in others:
                    break
                if step.index in clause and step.index == governor:
                    return expression
                if step.relation in _BORDERS and grammar.is_clause(sentence, step):
                    break
        if any(above.index in indexes for above in sentence.ancestors(mention.predicate)):
            # "Il y a trente ans, des soldats tuaient": the whole hangs on the date.
            return expression
    return None
