"""Decide what ACLED and PLOVER call an event, from its trigger and who took part.

The order of decisions is ACLED's: two armed sides make a battle; a crowd of demonstrators a protest or, if it
is violent, a riot; one-sided weapons an explosion; an armed actor against the unarmed violence against
civilians; the rest is a strategic development or nothing that ACLED codes.
"""

import msgspec

from schemas.taxonomy import Action, EventStatus, SubEventType
from workers.extraction import grammar
from workers.extraction.actors import Description
from workers.extraction.countries import Country
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence
from workers.extraction.triggers import Mention

_COOPERATIVE = frozenset(
    {
        Action.AGREE,
        Action.CONSULT,
        Action.SUPPORT,
        Action.CONCEDE,
        Action.COOPERATE,
        Action.AID,
        Action.RETREAT,
    }
)
_CONFLICT = frozenset({Action.SANCTION, Action.PROTEST, Action.MOBILIZE, Action.COERCE, Action.ASSAULT})
_CROWD = frozenset({"protesters", "rioters"})
_UNORGANISED = frozenset({"civilians", "people", "association"})
FORCES = frozenset({"military", "police"})
_MODES = {
    SubEventType.CHEMICAL_WEAPON: "unconventional",
    SubEventType.AIR_STRIKE: "aerial",
    SubEventType.SUICIDE_BOMB: "suicide-attack",
    SubEventType.SHELLING: "heavy-weapons",
    SubEventType.REMOTE_EXPLOSIVE: "explosives",
    SubEventType.GRENADE: "explosives",
}
"""PLOVER's mode of an assault with each of ACLED's weapons."""
_PLAIN = frozenset({SubEventType.ATTACK, SubEventType.LOOTING})
_BROAD = frozenset({SubEventType.SHELLING, SubEventType.REMOTE_EXPLOSIVE})
"""What is bombed or explodes is called so whatever the weapon was."""
_POLITICS = frozenset({"government", "person"})
LETHAL = frozenset({"firearms", "targeted", "explosives", "heavy-weapons", "aerial"})
"""PLOVER's modes of an assault that kills or maims."""

_FEW = 4
"""From so many on people may be a mob."""

_MOVING = frozenset({"troops", "withdraw", "heavy-weapons"})
"""PLOVER's modes of who comes, goes or takes a place."""

_BODILY = frozenset({"beat", "targeted"})
"""PLOVER's modes of an assault that hits somebody, whatever the word for him."""

FORCED = frozenset({SubEventType.EXCESSIVE_FORCE, SubEventType.PROTEST_WITH_INTERVENTION})
"""What force against demonstrators is called."""


class Sides(msgspec.Struct, frozen=True):
    """Who took part: first those who act, then those acted on.

    `aims` take no part, but it is aimed at them: the town that is shelled, whom a protest is against, where
    forces are sent.
    """

    first: tuple[Description, ...]
    second: tuple[Description, ...]
    aims: tuple[Description, ...] = ()


class Code(msgspec.Struct, frozen=True):
    """What the event is called."""

    action: Action
    mode: str | None
    sub_event_type: SubEventType | None


def accepts(mention: Mention, sides: Sides) -> bool:
    """Whether the participants are such as the trigger's sense asks for."""
    trigger = mention.trigger
    if (
        (trigger.action is Action.ASSAULT or trigger.sub_event_type is SubEventType.LOOTING)
        and (trigger.sub_event_type in (SubEventType.REMOTE_EXPLOSIVE, *_PLAIN) or not mention.nominal)
        and sides.first
        and not any(side.is_actor for side in (*sides.first, *sides.second))
        # Who sets off his own bomb is somebody, whatever the word for him,
        and trigger.sub_event_type is not SubEventType.SUICIDE_BOMB
        # as is who mounts an attack.
        and not (trigger.sub_event_type is SubEventType.ATTACK and mention.predicate is not mention.word)
    ):
        # Whatever did it is nobody: a virus, a storm, a figure of speech.
        return False
    if trigger.frame == "capture" and trigger.of == "patient" and not trigger.about:
        taken = [side for side in sides.second if side.kind not in ("unknown", "property", "proper")]
        if taken and all(side.kind != "country" for side in taken) and len(taken) == len(sides.second):
            # Who is captured is a prisoner; a town is no actor.
            return False
        if sides.second and all(side.kind in ("property", "weapons") for side in sides.second):
            return False
    frame_moves = trigger.frame == "movement"
    affected = sides.first if frame_moves else sides.second
    acting = sides.second if frame_moves else sides.first
    # Whom somebody fights fights too.
    fighting = (*acting, *affected) if trigger.frame == "clash" else acting
    about = frozenset(trigger.about) - {"place"}
    if about and not any(side.is_a(about) for side in affected):
        return False
    if trigger.by and acting and not any(side.is_a(frozenset(trigger.by)) for side in fighting):
        return False
    if trigger.by and not acting and not mention.nominal:
        return False
    match trigger.requires:
        case "agent":
            return any(side.kind != "unknown" for side in sides.first)
        case "patient":
            return any(side.kind != "unknown" for side in sides.second)
        case "any":
            return any(side.kind != "unknown" for side in (*sides.first, *sides.second))
    return True


def decide(mention: Mention, sides: Sides, words: Grammar, country: Country | None) -> Code:
    """The action, mode and sub-event type of the event, which took place in `country` if that is said."""
    trigger = mention.trigger
    code = Code(trigger.action, trigger.mode, trigger.sub_event_type)
    everyone = (*sides.first, *sides.second)
    crowd = any(side.kind in _CROWD for side in everyone)
    if code.action is Action.CONSULT and trigger.frame == "statement" and _obliges(mention, words):
        return msgspec.structs.replace(code, action=Action.REQUEST)
    if trigger.frame == "demonstration":
        if code.sub_event_type is SubEventType.PEACEFUL_PROTEST and _is_violent(
            mention.sentence, mention, words
        ):
            return Code(Action.PROTEST, "riot", SubEventType.VIOLENT_DEMONSTRATION)
        return code
    if trigger.frame == "clash" and crowd:
        # Demonstrators who clash with the police make a violent demonstration, whoever began.
        return Code(Action.PROTEST, "riot", SubEventType.VIOLENT_DEMONSTRATION)
    if trigger.frame == "clash" and code.sub_event_type is SubEventType.ATTACK:
        # A shooting is a clash where two armed sides shoot; else it hits whom it hits.
        if sum(side.armed for side in everyone) > 1:
            return msgspec.structs.replace(code, sub_event_type=SubEventType.ARMED_CLASH)
        return code
    if trigger.frame == "clash" and any(side.kind in _UNORGANISED for side in everyone):
        # Without an armed group, who fights is a crowd: with the police, or one part of it with the other.
        armed = [side for side in everyone if side.armed]
        if all(side.kind in FORCES for side in armed) and (armed or code.sub_event_type):
            return (
                Code(Action.PROTEST, "riot", SubEventType.VIOLENT_DEMONSTRATION)
                if armed
                else msgspec.structs.replace(code, sub_event_type=SubEventType.MOB_VIOLENCE)
            )
    if (
        trigger.frame == "clash"
        and any(side.kind in _POLITICS for side in everyone)
        and all(side.kind in _POLITICS or not side.is_actor for side in everyone)
    ):
        # "Lawmakers clashed over the budget."
        return msgspec.structs.replace(code, sub_event_type=None)
    if code.mode in _MOVING and code.sub_event_type and _is_unopposed(mention, words):
        return msgspec.structs.replace(code, sub_event_type=SubEventType.NON_VIOLENT_TRANSFER)
    if trigger.frame == "capture" and code.sub_event_type is not SubEventType.NON_VIOLENT_TRANSFER:
        return msgspec.structs.replace(code, sub_event_type=_capture(sides, country))
    code = attack(code, sides)
    if (
        code.sub_event_type is SubEventType.MOB_VIOLENCE
        and trigger.sub_event_type is SubEventType.ATTACK
        and all(words.quantities.numbers.get(side.number or "", _FEW) < _FEW for side in sides.first)
    ):
        # Two men are no mob.
        code = msgspec.structs.replace(code, sub_event_type=SubEventType.ATTACK)
    if code.sub_event_type is SubEventType.ARRESTS and any(
        side.kind == "protesters" for side in sides.second
    ):
        # To arrest who demonstrates is to intervene in the demonstration.
        return msgspec.structs.replace(code, sub_event_type=SubEventType.PROTEST_WITH_INTERVENTION)
    if code.sub_event_type is SubEventType.ARRESTS and any(
        side.armed and side.kind not in FORCES for side in sides.first
    ):
        return Code(Action.ASSAULT, "abduct", SubEventType.ABDUCTION)
    return code


def by_status(code: Code, mention: Mention, status: EventStatus, *, intended: bool) -> Code:
    """What PLOVER calls an interaction that is to come or is refused.

    PLOVER's manual takes cooperation in the future tense for an agreement to it, and conflict in the future
    tense for a threat of it; who does not cooperate, concede or agree rejects it. A meeting that a noun names
    ("the summit on Tuesday") is told as the meeting, whenever it is.
    """
    if status is EventStatus.DENIED and code.action in _COOPERATIVE:
        return msgspec.structs.replace(code, action=Action.REJECT, mode=None)
    if status is EventStatus.PLANNED and intended:
        if code.action in _COOPERATIVE and not (code.action is Action.CONSULT and mention.nominal):
            return msgspec.structs.replace(code, action=Action.AGREE, mode=None)
        if code.action in _CONFLICT:
            return msgspec.structs.replace(code, action=Action.THREATEN, mode=None)
    if status is EventStatus.THREATENED and mention.trigger.is_interaction:
        return msgspec.structs.replace(code, action=Action.THREATEN, mode=None)
    return code


def _obliges(mention: Mention, words: Grammar) -> bool:
    """Whether what is said is that somebody must do something: "said that Indonesia must ensure security"."""
    sentence = mention.sentence
    return any(
        word.lemma.casefold() in words.verbs.obliging
        for said in sentence.children(mention.word, "ccomp")
        if sentence.children(said, "nsubj")
        for word in (said, *sentence.children(said, "aux"))
    )


def _is_unopposed(mention: Mention, words: Grammar) -> bool:
    """Whether nobody fought over it: "entered the town without a fight", "sans rencontrer de résistance"."""
    sentence = mention.sentence
    return any(
        child.relation in ("obl", "advcl", "nmod")
        and any(
            mark.lemma.casefold() in words.verbs.negation for mark in sentence.children(child, "case", "mark")
        )
        and any(part.lemma.casefold() in words.manner.unopposed for part in sentence.subtree(child))
        for child in sentence.children(mention.word)
    )


def _is_violent(sentence: Sentence, mention: Mention, words: Grammar) -> bool:
    return any(
        child.lemma.casefold() in words.manner.violent
        for part in (mention.word, mention.predicate)
        for child in sentence.children(part, "amod", "nmod", "obl", "advmod", "appos")
        # "demonstrations against violence" are none.
        if not grammar.preposition(sentence, child, words)[0] & words.prepositions.against
    ) or (
        mention.predicate is not mention.word and mention.predicate.lemma.casefold() in words.manner.violent
    )


def attack(code: Code, sides: Sides) -> Code:
    """What an attack is called for who did it and whom it hit.

    Crowds make riots; armed victims a clash, peaceful protesters a case of intervention or excessive force,
    things a destruction of property.
    """
    if weapon := _weapon(code, sides):
        return Code(Action.ASSAULT, _MODES[weapon], weapon)
    if code.sub_event_type not in (SubEventType.ATTACK, SubEventType.LOOTING):
        return code
    if any(side.kind == "rioters" for side in sides.first):
        return msgspec.structs.replace(code, sub_event_type=SubEventType.MOB_VIOLENCE)
    if any(side.kind == "protesters" for side in sides.first):
        return Code(Action.PROTEST, "riot", SubEventType.VIOLENT_DEMONSTRATION)
    if (
        sides.first
        and all(side.kind == "civilians" and side.many for side in sides.first)
        and any(side.is_actor or side.kind == "property" or code.mode in _BODILY for side in sides.second)
    ):
        return msgspec.structs.replace(code, sub_event_type=SubEventType.MOB_VIOLENCE)
    if code.sub_event_type is not SubEventType.ATTACK:
        return code
    if any(side.kind == "property" for side in sides.second) and not any(
        side.is_actor for side in sides.second
    ):
        return msgspec.structs.replace(code, sub_event_type=SubEventType.LOOTING)
    armed_victims = any(side.armed or side.kind in ("country", "weapons") for side in sides.second)
    if any(side.kind == "protesters" for side in sides.second):
        return msgspec.structs.replace(
            code,
            sub_event_type=SubEventType.EXCESSIVE_FORCE
            if code.mode in LETHAL
            else SubEventType.PROTEST_WITH_INTERVENTION,
        )
    if armed_victims:
        # A battle is one though civilians die in it.
        return msgspec.structs.replace(code, sub_event_type=SubEventType.ARMED_CLASH)
    return code


def _weapon(code: Code, sides: Sides) -> SubEventType | None:
    """What ACLED calls an attack for the weapon that is named with it, in the order of its precedence.

    A weapon acts ("warplanes hit"), or is used ("fired rockets"); one that is hit decides nothing.
    """
    sub_event_type = code.sub_event_type
    if sub_event_type is None or not (sub_event_type in _PLAIN or sub_event_type in _MODES):
        return None
    wielded = sides.first if sub_event_type in _PLAIN else (*sides.first, *sides.second)
    named = [side.weapon for side in wielded if side.weapon]
    if sub_event_type in _MODES and sub_event_type not in _BROAD and named:
        named.append(sub_event_type)
    return min(named, key=lambda weapon: weapon.precedence, default=None)


def _capture(sides: Sides, country: Country | None) -> SubEventType:
    """Whether a government took back what is its own; a foreign army counts as a non-state actor does."""
    own = [side for side in sides.first if side.kind in ("military", "police", "country")]
    if own and (country is None or own[0].country is None or own[0].country is country):
        return SubEventType.GOVERNMENT_REGAINS_TERRITORY
    return SubEventType.NON_STATE_ACTOR_OVERTAKES_TERRITORY
