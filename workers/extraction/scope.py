"""Decide, once a whole article is read, which of its events ACLED codes, and as what.

A sentence alone does not say whether "des affrontements" are a battle or a demonstration gone wrong, whether
helicopters go to war or to a flood, whether a killing is political or crime; the article does. What falls out
of ACLED's scope keeps its record, without a type.
"""

from datetime import date, timedelta

import msgspec

from schemas.taxonomy import HAPPENED, Action, EventStatus, EventType, SubEventType
from workers.extraction import coding
from workers.extraction.coding import Sides
from workers.extraction.drafts import Draft
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence

_WAR = frozenset({EventType.BATTLES, EventType.EXPLOSIONS})
_CROWDS = frozenset({EventType.PROTESTS, EventType.RIOTS})
_ARRESTED = frozenset({"civilians", "people", "association", "unknown"})
"""Who are arrested after a demonstration because they were there."""
_SERVICE = frozenset({"troops", "police", "withdraw"})
_HISTORY = timedelta(days=730)
_LEAD = 2
"""The last sentence of headline and lead: there, an article tells what it is about."""
_NUMEROUS = 10
"""How many must be arrested for ACLED to count it, where nothing says that they are political."""


def settle(
    events: list[Draft], sentences: tuple[Sentence, ...], words: Grammar, *, published: date | None = None
) -> list[Draft]:
    """Give every event the type that the article as a whole calls for, or none.

    `published` is the day of publication, if it is known: what was long before is told as history.
    """
    explains = bool(sentences) and _asks(sentences[0], words)
    disaster = any(
        not words.setting.disaster.isdisjoint((word.lemma.casefold(), word.text.casefold().removesuffix("s")))
        for sentence in sentences
        for word in sentence.words
    )
    for event in events:
        if event.code.sub_event_type is SubEventType.PROTEST_WITH_INTERVENTION and event.toll.dead:
            # Force that kills is excessive.
            event.code = msgspec.structs.replace(event.code, sub_event_type=SubEventType.EXCESSIVE_FORCE)
        if (
            (published and event.day < published - _HISTORY)
            or (explains and _is_example(event))
            or _is_only_claimed(event, words)
            or (disaster and event.event_type in _WAR and not _has_weapon(event))
            or _is_vague(event)
        ):
            event.code = msgspec.structs.replace(event.code, sub_event_type=None)
    at_war = any(event.event_type in _WAR or _has_armed_actor(event) for event in events)
    for event in events:
        if (
            (
                event.code.sub_event_type is SubEventType.ATTACK
                and not at_war
                and not (
                    (event.is_political or _is_of_politics(event, words))
                    and (not disaster or _has_attacker(event))
                )
            )
            or (
                event.code.mode in _SERVICE
                and event.mention.trigger.frame == "movement"
                and _is_service(event, at_war, disaster)
            )
            or (event.code.sub_event_type is SubEventType.ARRESTS and not _is_significant(event, words))
            or _is_private(event)
            or _is_response(event, events)
            or _is_other_side(event, events)
        ):
            event.code = msgspec.structs.replace(event.code, sub_event_type=None)
    return events


def _asks(headline: Sentence, words: Grammar) -> bool:
    """Whether a headline is a question, which an article explains: "Iran: who are the Guards"."""
    return headline.text.rstrip().endswith("?") or any(
        word.text.casefold() in words.setting.asking
        and (word.index == 0 or headline.words[word.index - 1].text == ":")
        for word in headline.words
    )


def _is_example(event: Draft) -> bool:
    """Whether what an article explains with an event is all that it has of it: no day, and no other word."""
    return (
        event.date is None
        and event.status is EventStatus.OCCURRED
        and len(event.sentences) == 1
        and event.sentences[0] > _LEAD
    )


def settle_mentions(drafts: list[Draft]) -> list[Draft]:
    """Type mentions by what else is told, before those of the same event are put together.

    Violence at demonstrations is a riot, an arrest there an intervention, and what nobody fought for changes
    hands without violence.
    """
    _settle_territory(drafts)
    if any(draft.event_type in _CROWDS and draft.status in HAPPENED for draft in drafts):
        for draft in drafts:
            if _is_scuffle(draft):
                draft.code = msgspec.structs.replace(
                    draft.code,
                    action=Action.PROTEST,
                    mode="riot",
                    sub_event_type=SubEventType.VIOLENT_DEMONSTRATION,
                )
    for draft in drafts:
        if draft.mention.trigger.frame == "attack" and draft.status in HAPPENED:
            _settle_at_crowd(draft, drafts)
    return drafts


def _settle_at_crowd(draft: Draft, drafts: list[Draft]) -> None:
    """Arrests and violence against those who take part in a demonstration are part of it."""
    crowds = [
        other
        for other in drafts
        if other.event_type in _CROWDS
        and other.code.sub_event_type is not SubEventType.MOB_VIOLENCE
        and other.status in HAPPENED
    ]
    occasion = next((other for other in crowds if _holds(draft, other)), None)
    if draft.code.sub_event_type is SubEventType.ARRESTS:
        if occasion is None:
            occasion = next((other for other in reversed(crowds) if _precedes(draft, other)), None)
        if occasion is None:
            return
        if occasion.event_type is EventType.RIOTS and not _holds(draft, occasion):
            draft.code, draft.sides = occasion.code, occasion.sides
        else:
            draft.code = msgspec.structs.replace(
                draft.code, sub_event_type=SubEventType.PROTEST_WITH_INTERVENTION
            )
            draft.sides = Sides(draft.sides.second, draft.sides.first)
    elif (
        occasion is not None
        and draft.code.sub_event_type in (SubEventType.ATTACK, SubEventType.ARMED_CLASH)
        and draft.mention.trigger.of == "patient"
        and draft.code.mode in coding.LETHAL
    ):
        armed = any(side.armed for side in draft.sides.second)
        if armed or occasion.event_type is EventType.RIOTS:
            draft.code = msgspec.structs.replace(
                draft.code,
                action=Action.PROTEST,
                mode="riot",
                sub_event_type=SubEventType.VIOLENT_DEMONSTRATION,
            )
            draft.sides = Sides(occasion.sides.first, draft.sides.second if armed else draft.sides.first)
        else:
            draft.code = msgspec.structs.replace(draft.code, sub_event_type=SubEventType.EXCESSIVE_FORCE)
            draft.sides = Sides(draft.sides.second, draft.sides.first)


def _precedes(draft: Draft, other: Draft) -> bool:
    """Whether an arrest follows on a demonstration: "They marched to the palace. Police arrested a dozen"."""
    verb, before = draft.mention.predicate, other.mention
    together = draft.mention.sentence is before.sentence
    return (
        (draft.sentences[0] - other.sentences[0] == 1 and not draft.mention.nominal)
        or (together and verb.relation == "conj" and verb.head in (before.word.index, before.predicate.index))
    ) and (
        not draft.explicit_place
        and draft.date is None
        and any(side.kind in _ARRESTED and (side.many or side.number) for side in draft.sides.second)
    )


def _is_other_side(event: Draft, events: list[Draft]) -> bool:
    """Whether those leave whom others follow: "entered the town after soldiers withdrew" tells one change."""
    return (
        event.code.sub_event_type is SubEventType.CHANGE_TO_GROUP
        and event.code.mode == "withdraw"
        and any(
            other.mention.sentence is event.mention.sentence
            and other.mention is not event.mention
            and other.status in HAPPENED
            and (
                other.mention.trigger.frame == "capture"
                or other.code.sub_event_type is SubEventType.NON_VIOLENT_TRANSFER
            )
            for other in events
        )
    )


def _holds(draft: Draft, other: Draft) -> bool:
    """Whether `other` is the occasion of what happened: "were arrested during a rally"."""
    sentence = draft.mention.sentence
    return other.mention.sentence is sentence and any(
        word.index == other.mention.word.index and word.relation in ("obl", "nmod")
        for word in sentence.subtree(draft.mention.word)
    )


def _settle_territory(events: list[Draft]) -> None:
    """What was left or handed over, and not fought for, changes hands without violence."""
    told = [event for event in events if event.status in HAPPENED]
    fought = any(event.event_type in _WAR and event.mention.trigger.frame != "capture" for event in told)
    given = any(
        event.code.sub_event_type is SubEventType.NON_VIOLENT_TRANSFER
        or (event.code.mode == "withdraw" and event.code.sub_event_type is not None)
        for event in told
    )
    for event in events:
        if event.mention.trigger.frame == "capture" and event.event_type is EventType.BATTLES:
            if given and not fought:
                event.code = msgspec.structs.replace(
                    event.code, sub_event_type=SubEventType.NON_VIOLENT_TRANSFER
                )


def _is_scuffle(event: Draft) -> bool:
    """Whether a clash has no armed party but police and soldiers, who clash with whom they face: a crowd."""
    return (
        event.code.sub_event_type in (SubEventType.ARMED_CLASH, SubEventType.ATTACK)
        and event.mention.trigger.frame == "clash"
        and (event.code.mode is None or event.code.sub_event_type is SubEventType.ATTACK)
        and not any(
            side.armed and side.kind not in ("police", "military")
            for side in (*event.sides.first, *event.sides.second)
        )
        and sum(side.kind == "military" for side in (*event.sides.first, *event.sides.second)) < 2  # noqa: PLR2004
    )


def _is_vague(event: Draft) -> bool:
    """Whether violence is only spoken of, not told: "concern about increased violence", "the FMLN's attacks".

    Nothing says when, where or against whom it was, and no clause tells that it happened.
    """
    return (
        event.event_type in (EventType.VIOLENCE_AGAINST_CIVILIANS, EventType.EXPLOSIONS)
        and event.mention.nominal
        and (event.event_type is not EventType.EXPLOSIONS or event.mention.word.relation != "nsubj")
        and len(event.sentences) == 1
        and event.date is None
        and not event.explicit_place
        and not event.tentative
        and not event.sides.second
        and event.toll.dead is None
        and event.toll.injured is None
        and event.mention.predicate is event.mention.word
    )


def _is_of_politics(event: Draft, words: Grammar) -> bool:
    """Whether it hit somebody for their politics: an activist, an opponent, a candidate."""
    return any(
        word.lemma.casefold() in words.setting.politics
        for side in event.sides.second
        for word in event.mention.sentence.words
        if side.start <= word.start and word.end <= side.end and side.kind in ("civilians", "association")
    )


def _is_private(event: Draft) -> bool:
    """Whether one unarmed person does it, a crime: "violée par son voisin", a father takes his child away."""
    first = event.sides.first
    return (
        event.event_type is EventType.VIOLENCE_AGAINST_CIVILIANS
        and bool(first)
        and all(side.kind in ("civilians", "association", "criminals") and not side.many for side in first)
        and not any(side.kind in ("government", "protesters") for side in event.sides.second)
    )


def _is_response(event: Draft, events: list[Draft]) -> bool:
    """Whether forces only answer to violence told before: "Troops have been deployed to search for them"."""
    return (
        event.code.mode == "troops"
        and event.mention.trigger.frame == "movement"
        and event.date is None
        and not event.explicit_place
        and not any(side.named or side.country for side in event.sides.first)
        and any(
            _has_armed_actor(other)
            and other.status in HAPPENED
            and 0 < event.sentences[0] - other.sentences[0] <= _LEAD
            for other in events
        )
    )


def _has_attacker(event: Draft) -> bool:
    return any(side.armed or side.kind == "country" for side in event.sides.first)


def _has_armed_actor(event: Draft) -> bool:
    return event.is_violent and any(side.armed for side in event.sides.first)


def _has_weapon(event: Draft) -> bool:
    """Whether something says that it was no accident, and that "battle" is no figure of speech."""
    return any(
        side.armed or side.kind == "country" for side in (*event.sides.first, *event.sides.second)
    ) or (
        # A bomb that was placed or an "attentat" is one; an explosion may be of gas.
        event.event_type is EventType.EXPLOSIONS
        and (
            event.code.sub_event_type is not SubEventType.REMOTE_EXPLOSIVE or not event.mention.trigger.with_
        )
    )


def _is_only_claimed(event: Draft, words: Grammar) -> bool:
    """Whether the article tells of it only to say who claims it."""
    sentence = event.mention.sentence
    return len(event.sentences) == 1 and any(
        part.lemma.casefold() in words.setting.claim
        for above in sentence.ancestors(event.mention.word)
        # "claimed responsibility for the attack", whichever of the two the attack hangs on.
        for part in (above, *sentence.children(above, "obj"))
    )


def _is_service(event: Draft, at_war: bool, disaster: bool) -> bool:
    """Whether forces only do their service: police come to a scene, an army helps in a flood."""
    movers = event.sides.first
    if any(side.named for side in movers):
        return False
    if disaster and not at_war:
        return True
    abroad = any(
        side.country and event.location.country and side.country is not event.location.country
        for side in movers
    )
    if abroad or any(side.armed and side.kind != "police" for side in movers):
        return False
    return all(side.kind == "police" for side in movers) or not (
        at_war or any(side.country for side in movers)
    )


def _is_significant(event: Draft, words: Grammar) -> bool:
    """Whether an arrest is of many, or of somebody for what they are or did politically."""
    if any(word.lemma.casefold() in words.setting.politics for word in event.mention.sentence.words):
        return True
    affected = event.sides.second
    return any(
        side.named
        or (side.armed and side.kind != "gang")
        or (side.many and side.number is None)
        or side.associations
        or side.kind in ("government", "protesters", "rioters", "people", "country", "organisation")
        or _number(side.number, words) >= _NUMEROUS
        for side in affected
    )


def _number(said: str | None, words: Grammar) -> int:
    """How many the words for a number say, 0 if they do not: "15", "fifteen", "une trentaine"."""
    parts = (said or "").casefold().split()
    return max(
        (int(part) if part.isdigit() else words.quantities.numbers.get(part, 0) for part in parts), default=0
    )
