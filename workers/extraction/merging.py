"""Make one of the mentions of the same event, in headline, lead and body.

Two drafts are one event when action, place, day, actors and status agree as far as both say something; what
one leaves open the other may fill in. Different actors, places or days make different events (ACLED's unit
of coding). A further verb of the same sentence ("Shelling hit a trolleybus, killing eight") tells a part of
the event: ACLED's event is one, but the part stays on record, without a type: PLOVER has an action for it.
"""

import msgspec

from schemas.taxonomy import HAPPENED, Action, EventStatus, EventType, SubEventType
from workers.extraction import coding, grammar
from workers.extraction.actors import Description
from workers.extraction.coding import Code, Sides
from workers.extraction.drafts import Draft
from workers.extraction.knowledge import Grammar
from workers.extraction.places import Location
from workers.extraction.tolls import Toll

_FOLLOW_UP = 2
"""How many sentences later a bare toll still belongs to an event."""

_BROAD = frozenset({EventType.BATTLES, EventType.PROTESTS, EventType.RIOTS})
"""Event types whose sub-event types are degrees of the same thing."""

_HIT = frozenset({"unknown", "civilians", "people", "association", "protesters", "person"})
"""What those are called whom force against a crowd hits."""

_UNTOLD = frozenset({"unknown", "property"})

_TOGETHER = 8
"""So many words may lie between a gathering and its purpose for both to be told together."""

_NEARBY = 3
"""How many sentences later the same attackers may be killed in the same event."""


def merge(drafts: list[Draft], words: Grammar) -> list[Draft]:
    """The events that `drafts` tell of, each once, in the order of their first mention."""
    events: list[Draft] = []
    parts: list[Draft] = []
    for draft in drafts:
        if draft.whole is not None:
            parts.append(draft)
            continue
        points_back = draft.mention.nominal and grammar.points_back(
            draft.mention.sentence, draft.mention.word, words
        )
        for event in reversed(events):
            if _is_end_of(event, draft):
                _add_attackers(event, draft)
                if _is_part(event, draft):
                    draft.whole = event
                    parts.append(draft)
                break
            both_happened = event.status in HAPPENED and draft.status in HAPPENED
            if points_back and _is_vague(draft) and event.is_violent and both_happened:
                # "Cet attentat", "l'attaque": the word says no more of it than was told.
                event.toll = event.toll.updated(draft.toll)
                event.sentences += [index for index in draft.sentences if index not in event.sentences]
                break
            if blow := _is_blow(event, draft):
                _count_as_force(event, draft)
            if blow or _is_follow_up(event, draft) or _same(event, draft, points_back=points_back):
                before = msgspec.structs.replace(event, mentions=[])
                _add(event, draft)
                further = before if event.mention is draft.mention else draft
                event.mentions += [(further.mention.start, further.mention.end), *draft.mentions]
                draft.whole = further.whole = event
                if _is_part(event, further):
                    parts.append(further)
                break
        else:
            events.append(draft)
    for part in parts:
        whole = part.whole = _whole(part)
        part.toll = Toll()
        if part.date is None:
            part.day, part.date, part.time_precision = whole.day, whole.date, whole.time_precision
        part.code = msgspec.structs.replace(part.code, sub_event_type=None)
    return sorted([*events, *parts], key=lambda event: event.mention.start)


def _is_part(event: Draft, draft: Draft) -> bool:
    """Whether `draft` adds to `event` in its own sentence: nobody tells a thing twice in one."""
    return (
        # "launched an attack" is a clause, "the attack" is not.
        draft.mention.start == draft.mention.predicate.start
        and draft.event_type is not None
        and draft.mention.sentence.index == event.mention.sentence.index
        # "A car bomb exploded": the verb only says that what the noun means happened.
        and (
            bool(draft.sides.second)
            or draft.mention.trigger.of == "patient"
            or bool(draft.mention.sentence.children(draft.mention.word, "obj"))
            or event.mention.word not in grammar.subjects(draft.mention.sentence, draft.mention.word)
        )
    )


def _whole(part: Draft) -> Draft:
    whole = part
    while whole.whole is not None:
        whole = whole.whole
    return whole


def add_toll(events: list[Draft], sentence: int, toll: Toll) -> None:
    """Give a toll that no event of its sentence has to the violent event told just before, if it has none."""
    if toll.dead is None and toll.injured is None:
        return
    for event in reversed(events):
        near = 0 <= sentence - event.sentences[-1] <= _FOLLOW_UP
        if near and event.is_violent and event.status in HAPPENED:
            event.toll = event.toll.updated(toll)
            return


def _same(event: Draft, draft: Draft, *, points_back: bool) -> bool:
    """Whether both are one event; `points_back` says that `draft` is of one told before ("cette attaque")."""
    return (
        (points_back or _linked(event, draft))
        and _same_kind(event, draft)
        and _same_status(event, draft)
        and _same_day(event, draft)
        and _same_place(event, draft, points_back=points_back)
        and _same_actors(event, draft)
    )


def _linked(event: Draft, draft: Draft) -> bool:
    """Whether anything but silence speaks for one event: a name in common, a headline, or nearness."""
    return bool(
        event.tentative
        or draft.tentative
        or _is_headline(event)
        or (_named(event) & _named(draft))
        or (event.location.name and event.location.name == draft.location.name)
        or 0 <= draft.sentences[0] - event.sentences[-1] <= _FOLLOW_UP
    )


def _is_headline(event: Draft) -> bool:
    """Whether the article begins with it: what it tells later, as far as it agrees, is the same."""
    return event.sentences[0] == 0


def _is_vague(draft: Draft) -> bool:
    """Whether it names an act of violence and nothing of it: no place, no day, nobody."""
    return (
        draft.is_violent
        and draft.mention.trigger.frame == "attack"
        and not draft.explicit_place
        and draft.date is None
        and all(side.kind in _UNTOLD for side in (*draft.sides.first, *draft.sides.second))
    )


def _is_end_of(event: Draft, draft: Draft) -> bool:
    """Whether in `draft` those die who attacked in an event told just before: "L'assaillant a été abattu"."""
    attackers = event.sides.first
    return (
        event.is_violent
        and draft.mention.trigger.sub_event_type is SubEventType.ATTACK
        and draft.status in HAPPENED
        and 0 <= draft.sentences[0] - event.sentences[-1] <= _NEARBY
        and not draft.explicit_place
        and len(draft.sides.second) == 1
        and draft.sides.second[0].kind == "armed_group"
        and draft.sides.second[0].named is None
        and all(side.kind in ("armed_group", "unknown", "rebels", "person") for side in attackers)
        and _same_day(event, draft)
        and draft.mention.trigger.of == "patient"
    )


def _add_attackers(event: Draft, draft: Draft) -> None:
    """Count the attackers who died among the dead, as ACLED does."""
    dead = draft.toll.dead
    if dead is not None and event.toll.dead is not None:
        event.toll = msgspec.structs.replace(event.toll, dead=event.toll.dead + dead)
    else:
        event.toll = event.toll.updated(draft.toll)
    event.sentences += [index for index in draft.sentences if index not in event.sentences]
    event.mentions.append((draft.mention.start, draft.mention.end))


def _is_follow_up(event: Draft, draft: Draft) -> bool:
    """Whether `draft` only tells whom an event told just before hit ("Dix personnes ont été tuées")."""
    return (
        event.is_violent
        and draft.mention.trigger.sub_event_type is SubEventType.ATTACK
        and draft.mention.trigger.of == "patient"
        and not draft.sides.first
        and not draft.explicit_place
        and 0 <= draft.sentences[0] - event.sentences[-1] <= _FOLLOW_UP
        and _same_day(event, draft)
        and _same_status(event, draft)
    )


def _is_blow(event: Draft, draft: Draft) -> bool:
    """Whether one tells whom force against the crowd of the other hit.

    "opened fire on protesters, killing four", "Four were killed on Monday. Police fired on protesters",
    "Thousands marched. Police opened fire".
    """
    crowd, blow = _crowd_and_blow(event, draft)
    peaceful = (
        crowd is event
        and crowd.code.sub_event_type is SubEventType.PEACEFUL_PROTEST
        and bool(blow.sides.first)
        and all(side.kind in coding.FORCES for side in blow.sides.first)
    )
    if (
        not (peaceful or crowd.code.sub_event_type in coding.FORCED)
        or not _is_attack(blow)
        or blow.mention.trigger.frame != "attack"
        or not {event.status, draft.status} <= HAPPENED
        or any(side.kind not in _HIT for side in blow.sides.second)
        or not _same_side(crowd.sides.second, blow.sides.first)
        or not _same_day(event, draft)
        or not _same_place(event, draft, points_back=False)
    ):
        return False
    verb, force = blow.mention.word, crowd.mention
    if blow.mention.sentence is not force.sentence:
        return abs(draft.sentences[0] - event.sentences[-1]) <= 1 and (
            blow.mention.trigger.of == "patient" or bool(blow.sides.first)
        )
    above = {force.word.index, force.predicate.index}
    return not blow.mention.nominal and (
        (verb.relation in ("advcl", "conj", "xcomp", "parataxis") and verb.head in above)
        or (force.predicate.relation in ("advcl", "parataxis") and force.predicate.head == verb.index)
    )


def _crowd_and_blow(event: Draft, draft: Draft) -> tuple[Draft, Draft]:
    """Which of the two is the crowd's, and which the force against it, if they are that."""
    protests = coding.FORCED | {SubEventType.PEACEFUL_PROTEST}
    return (event, draft) if event.code.sub_event_type in protests else (draft, event)


def _count_as_force(event: Draft, draft: Draft) -> None:
    """Make both of `_is_blow` the same event: a crowd's, against which force was excessive if it killed."""
    crowd, blow = _crowd_and_blow(event, draft)
    if blow.code.mode in coding.LETHAL:
        crowd.code = msgspec.structs.replace(crowd.code, sub_event_type=SubEventType.EXCESSIVE_FORCE)
    elif crowd.code.sub_event_type not in coding.FORCED:
        force = SubEventType.PROTEST_WITH_INTERVENTION
        crowd.code = msgspec.structs.replace(crowd.code, sub_event_type=force)
    blow.code = crowd.code
    blow.sides = crowd.sides = Sides(crowd.sides.first, _fuller(crowd.sides.second, blow.sides.first))
    blow.mention = crowd.mention if blow is event else blow.mention


def _same_kind(event: Draft, draft: Draft) -> bool:
    if event.event_type is None or draft.event_type is None:
        return event.event_type is draft.event_type and event.code.action is draft.code.action
    if event.code.sub_event_type is draft.code.sub_event_type:
        return event.code.action is draft.code.action
    if event.event_type is draft.event_type:
        return event.event_type in _BROAD or (
            event.event_type is EventType.EXPLOSIONS and (_near(event, draft) or _is_headline(event))
        )
    if {event.event_type, draft.event_type} == {EventType.PROTESTS, EventType.RIOTS}:
        # A protest that turns violent is one riot: "Ils ont manifesté. Des vitrines ont été brisées".
        nobody = not draft.mention.nominal and not draft.sides.first
        return (
            draft.sentences[0] == event.sentences[-1]
            or draft.mention.trigger.frame == "clash"
            or (_near(event, draft) and nobody)
        ) and SubEventType.MOB_VIOLENCE not in (
            event.code.sub_event_type,
            draft.code.sub_event_type,
        )
    near = _near(event, draft) or _is_headline(event)
    if EventType.EXPLOSIONS in (event.event_type, draft.event_type) and near:
        # "Ten people were killed when a bomb exploded": the weapon says what the attack was.
        return _is_attack(event) or _is_attack(draft)
    if near and draft.event_type is EventType.STRATEGIC_DEVELOPMENTS and event.is_violent:
        # Who attacks a village and burns it: the burning is part of the attack. So is looting in a riot.
        return draft.code.sub_event_type is SubEventType.LOOTING and (
            bool(event.sides.first) or (event.event_type is EventType.RIOTS and not draft.sides.first)
        )
    if near and _is_attack(event) and _is_attack(draft):
        # An attack on soldiers is an armed clash, whoever else it hit.
        return True
    # "Une bombe a explosé ... L'attaque": the plain word may be for any violence.
    return event.is_violent and draft.is_violent and _bare(draft) and draft.mention.nominal


def _near(event: Draft, draft: Draft) -> bool:
    return 0 <= draft.sentences[0] - event.sentences[-1] <= 1


def _is_attack(draft: Draft) -> bool:
    """Whether it only says that somebody was attacked, not how."""
    return draft.mention.trigger.sub_event_type is SubEventType.ATTACK and draft.code.sub_event_type in (
        SubEventType.ATTACK,
        SubEventType.ARMED_CLASH,
    )


def _same_status(event: Draft, draft: Draft) -> bool:
    if event.status is draft.status:
        return True
    if draft.sentences[0] == event.sentences[-1] and {event.status, draft.status} <= HAPPENED:
        return True
    weak = [side for side in (event, draft) if side.tentative]
    strong = event if draft.tentative else draft
    return bool(weak) and strong.status in (
        EventStatus.PLANNED,
        EventStatus.ONGOING,
        EventStatus.OCCURRED,
    )


def _same_day(event: Draft, draft: Draft) -> bool:
    return event.day == draft.day or event.date is None or draft.date is None


def _same_place(event: Draft, draft: Draft, *, points_back: bool) -> bool:
    here, there = event.location, draft.location
    if here.country and there.country and here.country is not there.country:
        # A meeting has no place but where it is held; elsewhere only places that are said count.
        return not (event.explicit_place and draft.explicit_place)
    if here.name and there.name and event.explicit_place and draft.explicit_place:
        unknown = here.place is None or there.place is None
        return (
            here.name == there.name
            or _lies_in(here, there)
            or _lies_in(there, here)
            # "une explosion à Lahore ... La déflagration a eu lieu près du parc"
            or (unknown and (points_back or _is_headline(event)))
        )
    return True


def _lies_in(inner: Location, outer: Location) -> bool:
    """Whether a town lies in a region, or in what bears the region's name."""
    return inner.place is not None and outer.name in (inner.place.admin1, inner.place.admin2)


def _same_actors(event: Draft, draft: Draft) -> bool:
    if event.code.action is Action.CONSULT:
        ours, theirs = _named(event), _named(draft)
        return ours <= theirs or theirs <= ours
    return _same_side(event.sides.first, draft.sides.first) and _same_side(
        event.sides.second, draft.sides.second
    )


def _named(draft: Draft) -> set[str]:
    sides = (*draft.sides.first, *draft.sides.second)
    return {side.named.name for side in sides if side.named} | {
        side.country.iso2 for side in sides if side.country and not side.named
    }


def _same_side(ours: tuple[Description, ...], theirs: tuple[Description, ...]) -> bool:
    known = [side for side in ours if side.kind not in _UNTOLD]
    others = [side for side in theirs if side.kind not in _UNTOLD]
    if not known or not others:
        return True
    return any(_same_actor(one, other) for one in known for other in others)


def _same_actor(one: Description, other: Description) -> bool:
    if one.named or other.named:
        return one.named is other.named or (
            # "le groupe", "les assaillants" may be the one named before.
            not (one.named and other.named) and (one if not one.named else other).kind == "armed_group"
        )
    if one.country and other.country and one.country is not other.country:
        return False
    return (
        one.kind == other.kind
        or {one.kind, other.kind} <= {"military", "country", "weapons"}
        or {one.kind, other.kind} <= {"armed_group", "strangers"}
        or {
            one.kind,
            other.kind,
        }
        <= {"protesters", "civilians", "people", "association", "rioters"}
    )


def _add(event: Draft, draft: Draft) -> None:
    """Fill in from a further mention what the first left open."""
    if event.tentative and not draft.tentative:
        event.status, event.tentative = draft.status, False
    if draft.explicit_place and (
        not event.explicit_place or (draft.location.name and not event.location.name)
    ):
        event.location, event.explicit_place = draft.location, True
    if event.date is None and draft.date is not None:
        event.day, event.date, event.time_precision = draft.day, draft.date, draft.time_precision
    burnt = draft.code.sub_event_type is SubEventType.LOOTING is not event.code.sub_event_type
    event.sides = Sides(
        _fuller(event.sides.first, draft.sides.first),
        # "attacked the village and burned houses": whom it hit, the attack says.
        event.sides.second if burnt else _fuller(event.sides.second, draft.sides.second),
        event.sides.aims or draft.sides.aims,
    )
    event.code = _graver(event, draft)
    named_by_weapon = (
        event.code is draft.code
        and draft.event_type is EventType.EXPLOSIONS
        and event.mention.trigger.of == "patient"
    )
    if _is_aim(draft, event):
        # "gathered to protest": a gathering is told by its purpose, too.
        event.mention = msgspec.structs.replace(event.mention, end=draft.mention.end)
    elif named_by_weapon or _says_more(draft, event):
        # The words that the type comes of are the event's.
        event.mention = draft.mention
    elif draft.event_type is EventType.EXPLOSIONS and not draft.mention.trigger.with_:
        # "Une explosion ... La bombe avait été déposée": then it was one of a bomb.
        event.mention = msgspec.structs.replace(event.mention, trigger=draft.mention.trigger)
    event.code = coding.attack(event.code, event.sides)
    event.toll = event.toll.updated(draft.toll)
    if draft.sentences[0] not in event.sentences:
        event.sentences += draft.sentences


def _says_more(draft: Draft, event: Draft) -> bool:
    """Whether `draft` says in words of its own what `event` takes from the words around it."""
    return bool(
        event.code.sub_event_type is draft.code.sub_event_type
        and event.mention.trigger.with_
        and not draft.mention.trigger.with_
        and draft.sentences[0] == event.sentences[0]
    )


def _is_aim(draft: Draft, event: Draft) -> bool:
    """Whether `draft` is what those who take part in `event` do it for, told with it."""
    mention, verb = draft.mention, event.mention.word
    return (
        _says_more(draft, event)
        and draft.event_type is event.event_type
        and not event.mention.nominal
        and mention.word.relation in ("advcl", "xcomp")
        and mention.word.head == verb.index
        and 0 < mention.word.index - verb.index <= _TOGETHER
    )


def _graver(event: Draft, draft: Draft) -> Code:
    """What the event is called when both are known: by the riot, by the weapon, by the gravest degree."""
    ours, theirs = event.event_type, draft.event_type
    if ours is None or theirs is None:
        return event.code
    if EventType.STRATEGIC_DEVELOPMENTS in (ours, theirs) and ours is not theirs:
        return event.code
    if ours is not theirs:
        decides = EventType.RIOTS if EventType.RIOTS in (ours, theirs) else EventType.EXPLOSIONS
        return draft.code if theirs is decides else event.code
    if ours in _BROAD or ours is EventType.EXPLOSIONS:
        return min(
            (event.code, draft.code),
            key=lambda code: code.sub_event_type.precedence if code.sub_event_type else len(SubEventType),
        )
    return event.code


def _bare(draft: Draft) -> bool:
    return draft.mention.trigger.sub_event_type is SubEventType.ATTACK


def _fuller(ours: tuple[Description, ...], theirs: tuple[Description, ...]) -> tuple[Description, ...]:
    """The side that says who it was; the first, unless only the second does."""
    if all(side.kind in _UNTOLD for side in ours):
        return theirs or ours
    if not any(side.country or side.named for side in ours) and any(
        side.country or side.named for side in theirs
    ):
        return theirs
    return ours
