"""Make one of the mentions of the same event, in headline, lead and body.

Two drafts are one event when action, place, day, actors and status agree as far as both say something; what
one leaves open the other may fill in. Different actors, places or days make different events (ACLED's unit
of coding).
"""

from schemas.taxonomy import HAPPENED, Action, EventStatus, EventType, SubEventType
from workers.extraction import coding
from workers.extraction.actors import Description
from workers.extraction.coding import Code, Sides
from workers.extraction.drafts import Draft
from workers.extraction.tolls import Toll

_FOLLOW_UP = 2
"""How many sentences later a bare toll still belongs to an event."""

_BROAD = frozenset({EventType.BATTLES, EventType.PROTESTS, EventType.RIOTS})
"""Event types whose sub-event types are degrees of the same thing."""

_UNTOLD = frozenset({"unknown", "property"})


def merge(drafts: list[Draft]) -> list[Draft]:
    """The events that `drafts` tell of, each once, in the order of their first mention."""
    events: list[Draft] = []
    for draft in drafts:
        for event in reversed(events):
            if _is_follow_up(event, draft) or _same(event, draft):
                _add(event, draft)
                break
        else:
            events.append(draft)
    return events


def add_toll(events: list[Draft], sentence: int, toll: Toll) -> None:
    """Give a toll that no event of its sentence has to the violent event told just before, if it has none."""
    if toll.dead is None and toll.injured is None:
        return
    for event in reversed(events):
        near = 0 <= sentence - event.sentences[-1] <= _FOLLOW_UP
        if near and event.is_violent and event.status in HAPPENED:
            event.toll = event.toll.updated(toll)
            return


def _same(event: Draft, draft: Draft) -> bool:
    return (
        _linked(event, draft)
        and _same_kind(event, draft)
        and _same_status(event, draft)
        and _same_day(event, draft)
        and _same_place(event, draft)
        and _same_actors(event, draft)
    )


def _linked(event: Draft, draft: Draft) -> bool:
    """Whether anything but silence speaks for one event: a name in common, a headline, or nearness."""
    return bool(
        event.tentative
        or draft.tentative
        or (_named(event) & _named(draft))
        or (event.location.name and event.location.name == draft.location.name)
        or 0 <= draft.sentences[0] - event.sentences[-1] <= _FOLLOW_UP
    )


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


def _same_kind(event: Draft, draft: Draft) -> bool:
    if event.event_type is None or draft.event_type is None:
        return event.event_type is draft.event_type and event.code.action is draft.code.action
    if event.code.sub_event_type is draft.code.sub_event_type:
        return event.code.action is draft.code.action
    if event.event_type is draft.event_type:
        return event.event_type in _BROAD or (
            event.event_type is EventType.EXPLOSIONS and _near(event, draft)
        )
    if {event.event_type, draft.event_type} == {EventType.PROTESTS, EventType.RIOTS}:
        # A protest that turns violent is one riot.
        return (
            draft.sentences[0] == event.sentences[-1] or draft.mention.trigger.frame == "clash"
        ) and SubEventType.MOB_VIOLENCE not in (
            event.code.sub_event_type,
            draft.code.sub_event_type,
        )
    if EventType.EXPLOSIONS in (event.event_type, draft.event_type) and _near(event, draft):
        # "Ten people were killed when a bomb exploded": the weapon says what the attack was.
        return _is_attack(event) or _is_attack(draft)
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


def _same_place(event: Draft, draft: Draft) -> bool:
    here, there = event.location, draft.location
    if here.country and there.country and here.country is not there.country:
        # A meeting has no place but where it is held; elsewhere only places that are said count.
        return not (event.explicit_place and draft.explicit_place)
    if here.name and there.name and event.explicit_place and draft.explicit_place:
        return here.name == there.name
    return True


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
    event.sides = Sides(
        _fuller(event.sides.first, draft.sides.first), _fuller(event.sides.second, draft.sides.second)
    )
    event.code = _graver(event, draft)
    event.code = coding.attack(event.code, event.sides)
    event.toll = event.toll.updated(draft.toll)
    if draft.sentences[0] not in event.sentences:
        event.sentences += draft.sentences


def _graver(event: Draft, draft: Draft) -> Code:
    """What the event is called when both are known: by the riot, by the weapon, by the gravest degree."""
    ours, theirs = event.event_type, draft.event_type
    if ours is None or theirs is None:
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
