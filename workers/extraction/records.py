"""Write a draft as a record: ACLED's columns, PLOVER's action, and the evidence for both."""

import hashlib
import math
import re
from collections.abc import Callable
from datetime import date

import msgspec

from schemas.event import Coder, Event, Evidence, Span
from schemas.taxonomy import HAPPENED, Action, EventType, Inter, SubEventType, interaction
from workers.extraction import actors, sources
from workers.extraction.actors import Description, Name
from workers.extraction.countries import Country
from workers.extraction.drafts import FORCEFUL, Draft
from workers.extraction.normalising import Normalised
from workers.extraction.parsing import Sentence
from workers.extraction.places import Location

_TARGETED = "Civilian targeting"
_DEMONSTRATIONS = frozenset({EventType.PROTESTS, EventType.RIOTS})
_CROWD = frozenset({"protesters", "rioters", "civilians", "people", "association"})
_ARMED = frozenset({EventType.BATTLES, EventType.EXPLOSIONS, EventType.VIOLENCE_AGAINST_CIVILIANS})
_NOTES = 2
_BASE = 0.55
"""The log odds of a record of which the words say nothing, to be right."""
_DEEPEST = 3
_SAID, _PASSING, _TOLD = 0.3, 0.35, 0.45
"""The share of right records of what ACLED does not code: a statement, one in passing, a main clause's."""
_RURAL = frozenset({"Pastoralists", "Farmers"})
"""Of these, whoever attacks others does so as a community."""
_UNARMED = frozenset({"civilians", "people", "association", "protesters", "person", "government"})


SpanMaker = Callable[[int, int], Span]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What all records of an article have in common.

    `is_dated` says that the article was published on `published_at`, for all that is known, and not only
    submitted then.
    """

    article_id: str
    language: str
    published_at: date
    is_dated: bool
    text: Normalised
    sentences: tuple[Sentence, ...]
    coder: Coder
    timestamp: int
    source: str | None = None
    url: str | None = None
    external_id: str | None = None


class _Actor(msgspec.Struct, frozen=True):
    """A column group of a record: who, with whom, what kind, and the words."""

    name: str | None = None
    associates: tuple[str, ...] = ()
    inter: Inter | None = None
    described: Description | None = None
    reason: str | None = None


def write(draft: Draft, source: Source) -> Event:
    """The record of `draft`, whose location is settled."""
    location = draft.location
    country = location.country
    first, second = _actors(draft, country)
    sub_event_type = draft.code.sub_event_type
    event_type = sub_event_type.event_type if sub_event_type else None
    place = location.place if location.name else None
    reasons = _reasons(draft, location, first, second)
    span = source.text.span
    sentence = draft.mention.sentence
    date_words = draft.date
    toll = draft.toll
    event_id = _identifier(draft, source)
    return Event(
        event_id_cnty=event_id,
        event_date=draft.day,
        year=draft.day.year,
        time_precision=draft.time_precision,
        disorder_type=sub_event_type.disorder_type if sub_event_type else None,
        event_type=event_type,
        sub_event_type=sub_event_type,
        actor1=first.name,
        assoc_actor_1=_joined(first.associates),
        inter1=first.inter,
        actor2=second.name,
        assoc_actor_2=_joined(second.associates),
        inter2=second.inter,
        interaction=interaction(first.inter, second.inter),
        civilian_targeting=_TARGETED if _targets_civilians(sub_event_type, second) else None,
        iso=country.numeric if country else None,
        region=country.region if country else None,
        country=country.name if country else None,
        admin1=(place.admin1 if place else None) or None,
        admin2=(place.admin2 if place else None) or None,
        admin3=None,
        location=location.name,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        geo_precision=location.geo_precision,
        source=source.source,
        source_scale=sources.scale(source.source, source.url, country),
        notes=_notes(draft, source),
        fatalities=toll.dead or 0,
        tags=_tags(draft),
        timestamp=source.timestamp,
        action=draft.code.action,
        mode=draft.code.mode,
        status=draft.status,
        confidence=_confidence(draft, location, first),
        injuries=toll.injured,
        cluster_id=event_id,
        language=source.language,
        article_id=source.article_id,
        job_id=None,
        external_id=source.external_id,
        url=source.url,
        part_of=_identifier(draft.whole, source) if draft.whole else None,
        evidence=Evidence(
            sentence=span(sentence.start, sentence.end),
            trigger=span(draft.mention.start, draft.mention.end),
            actor1=_words(first, span),
            actor2=_words(second, span),
            location=span(location.start, location.end)
            if location.start is not None and location.end is not None
            else None,
            date=span(*date_words) if date_words else None,
            fatalities=span(toll.start, toll.end)
            if toll.dead and toll.start is not None and toll.end is not None
            else None,
            reasons=reasons,
            mentions=tuple(span(*words) for words in sorted(draft.mentions)),
        ),
        coder=source.coder,
    )


def _actors(draft: Draft, country: Country | None) -> tuple[_Actor, _Actor]:
    """Who did it and to whom, as ACLED's columns have it."""
    event_type = draft.event_type
    if event_type in _DEMONSTRATIONS:
        return _demonstrators(draft, country)
    everyone = (*draft.sides.first, *draft.sides.second)
    mutual = draft.sides.first == draft.sides.second
    if mutual or draft.mention.trigger.frame in ("meeting", "clash"):
        # Either side may be named in either role; the first named stands first.
        named = _named(draft, everyone, country)
        others = _named(draft, draft.sides.second, country)
        apart = not mutual and any(side.is_actor for side in draft.sides.second)
        unnamed = any(side.is_actor for side in draft.sides.first) and named[:1] == others[:1]
        if apart and unnamed:
            # "A mayor met the Pope": whoever acts stands first, though no name can be made of him.
            named = []
        first = _side(named[:1])
        second = _side(others if apart or (others and named[:1] != others[:1]) else named[1:])
    else:
        attackers = draft.sides.first
        if event_type is EventType.VIOLENCE_AGAINST_CIVILIANS:
            attackers = tuple(map(_as_attacker, attackers))
        acting = _named(draft, attackers, country)
        first = _side(acting)
        known = {name.name for name, _ in acting}
        affected = _named(draft, draft.sides.second, country)
        second = _side([(name, side) for name, side in affected if name.name not in known])
    if draft.mention.trigger.frame == "movement" and first.described and second.name is None:
        # Who sends forces of its own is no second party: "Kosovo is sending a platoon to Kuwait".
        sender = next((side for side in draft.sides.second if side.is_actor), None)
        if sender and sender.country is first.described.country:
            described = msgspec.structs.replace(first.described, together=sender.span)
            first = msgspec.structs.replace(first, described=described)
            return first, _with_words(second, draft.sides.aims)
    first = _with_words(first, draft.sides.first)
    second = _with_words(second, draft.sides.second or draft.sides.aims)
    if event_type is EventType.VIOLENCE_AGAINST_CIVILIANS:
        second = _civilians(draft, second, country)
    if first.name is None and event_type in _ARMED and country:
        unknown = actors.of_kind("armed_group", country, draft.day)
        first = _Actor(unknown.name, (), unknown.inter, first.described, "unidentified")
    return first, second


def _as_attacker(side: Description) -> Description:
    """Whoever attacks the unarmed is no civilian: herders are a militia, two men an armed group."""
    if side.kind == "people" or not _RURAL.isdisjoint(side.associations):
        return msgspec.structs.replace(side, kind="communal_militia", associations=())
    return msgspec.structs.replace(side, kind="armed_group") if side.kind == "civilians" else side


def _demonstrators(draft: Draft, country: Country | None) -> tuple[_Actor, _Actor]:
    """The crowd stands first, whoever else is there second: police, soldiers, whom a mob attacked."""
    kind = "rioters" if draft.event_type is EventType.RIOTS else "protesters"
    inter = actors.KINDS[kind].inter
    everyone = (*draft.sides.first, *draft.sides.second)
    mob = draft.code.sub_event_type is SubEventType.MOB_VIOLENCE
    crowd = [side for side in everyone if side.kind in _CROWD or side.kind == "organisation"]
    if mob:
        crowd = [side for side in draft.sides.first if side.kind in _CROWD]
    others = [side for side in everyone if side not in crowd]
    described = crowd[0] if crowd else None
    home = country or next((side.country for side in crowd if side.country), None)
    associates = tuple(
        associate
        for side in crowd
        if (known := actors.name(side, home, draft.day, forceful=False))
        for associate in ((known.name,) if side.named else known.associates)
    )
    name = actors.of_kind(kind, home, draft.day).name if home else None
    first = _Actor(name, associates, inter, described, None if described else "trigger")
    faced = tuple(side for side in draft.sides.aims if side.armed) if inter is Inter.RIOTERS else ()
    # Rioters fight whom they throw stones at.
    second = _with_words(_side(_named(draft, tuple(others) or faced, country)), draft.sides.aims)
    return first, _civilians(draft, second, country) if mob else second


def _with_words(actor: _Actor, described: tuple[Description, ...]) -> _Actor:
    """The words for an actor, though no name can be made of them."""
    if actor.name is None and described:
        return msgspec.structs.replace(actor, described=described[0])
    return actor


def _named(
    draft: Draft, described: tuple[Description, ...], country: Country | None
) -> list[tuple[Name, Description]]:
    forceful = (
        draft.mention.trigger.action in FORCEFUL
        or draft.mention.trigger.sub_event_type is SubEventType.DISRUPTED_WEAPONS_USE
    )
    found: dict[str, tuple[Name, Description]] = {}
    for side in described:
        name = actors.name(side, country, draft.day, forceful=forceful, coded=draft.event_type is not None)
        if name is not None:
            found.setdefault(name.name, (name, side))
    return list(found.values())


def _side(named: list[tuple[Name, Description]]) -> _Actor:
    """One side of an event: its first actor leads, the others are associated."""
    if not named:
        return _Actor()
    (leader, described), *others = named
    associates = (*leader.associates, *(name.name for name, _ in others))
    return _Actor(leader.name, associates, leader.inter, described)


def _civilians(draft: Draft, side: _Actor, country: Country | None) -> _Actor:
    """Whoever is attacked unarmed is a civilian to ACLED; officials are named as associates."""
    if side.inter is Inter.CIVILIANS or (side.described and side.described.armed):
        return side
    described = side.described or next(
        (other for other in draft.sides.second if other.kind in _UNARMED), None
    )
    home = (described.country if described else None) or country
    if home is None:
        return side
    civilians = actors.of_kind("civilians", home, draft.day)
    associates = (side.name,) if side.name and side.name != civilians.name else ()
    return _Actor(
        civilians.name, (*associates, *side.associates), civilians.inter, described, "target_of_violence"
    )


def _reasons(draft: Draft, location: Location, first: _Actor, second: _Actor) -> dict[str, str]:
    """Why fields that no words give are what they are."""
    reasons = {}
    if draft.date is None:
        reasons["event_date"] = "publication_date"
    if location.reason and (location.country or location.name):
        reasons["location"] = location.reason
    for column, actor in (("actor1", first), ("actor2", second)):
        if actor.described and actor.described.reason and actor.name:
            reasons[column] = actor.described.reason
        elif actor.name and actor.reason:
            reasons[column] = actor.reason
        elif actor.described and actor.name and actor.described.country is None and not actor.described.named:
            reasons[column] = "country_of_event"
        elif actor.described in draft.sides.aims:
            reasons[column] = "aim"
    return reasons


def _targets_civilians(sub_event_type: SubEventType | None, second: _Actor) -> bool:
    if sub_event_type is None:
        return False
    event_type = sub_event_type.event_type
    return (
        event_type is EventType.VIOLENCE_AGAINST_CIVILIANS
        or sub_event_type is SubEventType.EXCESSIVE_FORCE
        or (event_type in (EventType.EXPLOSIONS, EventType.RIOTS) and second.inter is Inter.CIVILIANS)
    )


def _identifier(draft: Draft, source: Source) -> str:
    """Stable for the same article: the country's letters and a number, as ACLED's are.

    The same words on another day are another article: demonstrations recur, and so do reports of them.
    """
    country = draft.location.country
    published = source.published_at if source.is_dated else ""
    seed = f"{source.article_id}:{published}:{draft.mention.start}:{draft.mention.trigger.sense}"
    digits = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:5], "big")
    return f"{country.iso3 if country else 'XXX'}{digits}"


def _notes(draft: Draft, source: Source) -> str:
    """The article's own sentences that tell of the event, two at most."""
    told = [source.sentences[index] for index in dict.fromkeys(draft.sentences)]
    best = dict.fromkeys((draft.mention.sentence.index, *(sentence.index for sentence in told)))
    return " ".join(
        re.sub(r"\s+", " ", source.sentences[index].text).strip() for index in list(best)[:_NOTES]
    )


def _tags(draft: Draft) -> str | None:
    if draft.event_type not in _DEMONSTRATIONS:
        return None
    # "Two protesters were killed" does not say how many there were.
    size = next(
        (
            side.number
            for side in draft.sides.first
            if side.number
            and not (draft.toll.start is not None and side.start <= draft.toll.start < side.end)
        ),
        None,
    )
    return f"crowd size={size.lower() if size else 'no report'}"


def _confidence(draft: Draft, location: Location, first: _Actor) -> float:
    """How likely the record is to be right: the more the words say of the event, the likelier.

    The weights are those of a logistic regression over the records of `case21-dev` on whether their sub-event
    type is right; `docs/errors.md` has the table.
    """
    if draft.code.sub_event_type is None:
        return _interaction_confidence(draft, first)
    said = (
        (0.3, location.place is not None),
        (0.5, draft.date is not None),
        (0.5, len(draft.sentences) > 1),
        (0.4, draft.mention.trigger.sub_event_type is not SubEventType.ATTACK),
        (0.7, draft.status in HAPPENED),
        (0.4, _is_told(draft)),
        (-0.5 * min(_depth(draft), _DEEPEST), True),
    )
    odds = _BASE + sum(weight for weight, holds in said if holds)
    return round(1 / (1 + math.exp(-odds)), 3)


def _depth(draft: Draft) -> int:
    """Under how many words the event stands: what a sentence is about stands high."""
    return sum(1 for _ in draft.mention.sentence.ancestors(draft.mention.predicate))


def _interaction_confidence(draft: Draft, first: _Actor) -> float:
    """How likely it is that the sentence is about this action, whatever place and day it gives.

    That somebody said something is the least that a sentence tells.
    """
    if draft.code.action is Action.CONSULT and draft.mention.trigger.frame == "statement":
        return _SAID
    told = (
        (0.45, _is_told(draft)),
        (0.25, not draft.governed),
        (0.1, not draft.tentative),
        (0.1, first.described is not None and first.name is not None),
        (0.1, bool(draft.sides.second)),
    )
    return round(_PASSING + _TOLD * sum(weight for weight, holds in told if holds), 3)


def _is_told(draft: Draft) -> bool:
    """Whether the sentence is there to tell of it: its main clause does, or what somebody says in it."""
    mention = draft.mention
    word = mention.predicate
    for above in mention.sentence.ancestors(word):
        if word.relation not in ("ccomp", "xcomp", "conj", "parataxis"):
            return False
        word = above
    return True


def _words(actor: _Actor, span: SpanMaker) -> Span | None:
    return span(*actor.described.span) if actor.described else None


def _joined(associates: tuple[str, ...]) -> str | None:
    return "; ".join(dict.fromkeys(associates)) or None
