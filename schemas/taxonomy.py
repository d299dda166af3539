"""The vocabularies of a record: ACLED's types and codes, PLOVER's actions.

ACLED's names follow its public codebook; the order of `SubEventType` is its precedence (where several
tactics occur in one event, the first wins). PLOVER's follow version 2.0 of its manual.
"""

from enum import StrEnum


class DisorderType(StrEnum):
    """The coarsest of ACLED's three levels."""

    POLITICAL_VIOLENCE = "Political violence"
    DEMONSTRATIONS = "Demonstrations"
    BOTH = "Political violence; Demonstrations"
    STRATEGIC_DEVELOPMENTS = "Strategic developments"


class EventType(StrEnum):
    """ACLED's six event types, in order of precedence."""

    BATTLES = "Battles"
    PROTESTS = "Protests"
    RIOTS = "Riots"
    EXPLOSIONS = "Explosions/Remote violence"
    VIOLENCE_AGAINST_CIVILIANS = "Violence against civilians"
    STRATEGIC_DEVELOPMENTS = "Strategic developments"


class SubEventType(StrEnum):
    """ACLED's 25 sub-event types, in order of precedence."""

    GOVERNMENT_REGAINS_TERRITORY = "Government regains territory"
    NON_STATE_ACTOR_OVERTAKES_TERRITORY = "Non-state actor overtakes territory"
    ARMED_CLASH = "Armed clash"
    EXCESSIVE_FORCE = "Excessive force against protesters"
    PROTEST_WITH_INTERVENTION = "Protest with intervention"
    PEACEFUL_PROTEST = "Peaceful protest"
    VIOLENT_DEMONSTRATION = "Violent demonstration"
    MOB_VIOLENCE = "Mob violence"
    CHEMICAL_WEAPON = "Chemical weapon"
    AIR_STRIKE = "Air/drone strike"
    SUICIDE_BOMB = "Suicide bomb"
    SHELLING = "Shelling/artillery/missile attack"
    REMOTE_EXPLOSIVE = "Remote explosive/landmine/IED"
    GRENADE = "Grenade"
    SEXUAL_VIOLENCE = "Sexual violence"
    ATTACK = "Attack"
    ABDUCTION = "Abduction/forced disappearance"
    AGREEMENT = "Agreement"
    ARRESTS = "Arrests"
    CHANGE_TO_GROUP = "Change to group/activity"
    DISRUPTED_WEAPONS_USE = "Disrupted weapons use"
    HEADQUARTERS_ESTABLISHED = "Headquarters or base established"
    LOOTING = "Looting/property destruction"
    NON_VIOLENT_TRANSFER = "Non-violent transfer of territory"
    OTHER = "Other"

    @property
    def event_type(self) -> EventType:
        """The event type that this sub-event type belongs to."""
        return _EVENT_TYPES[self]

    @property
    def disorder_type(self) -> DisorderType:
        """The disorder type; two sub-event types differ from the rest of their event type."""
        if self is SubEventType.EXCESSIVE_FORCE:
            return DisorderType.BOTH
        if self is SubEventType.MOB_VIOLENCE:
            return DisorderType.POLITICAL_VIOLENCE
        return _DISORDER_TYPES[self.event_type]

    @property
    def precedence(self) -> int:
        """0 for the type that wins over all others."""
        return _PRECEDENCE[self]


_TREE: dict[EventType, tuple[SubEventType, ...]] = {
    EventType.BATTLES: (
        SubEventType.GOVERNMENT_REGAINS_TERRITORY,
        SubEventType.NON_STATE_ACTOR_OVERTAKES_TERRITORY,
        SubEventType.ARMED_CLASH,
    ),
    EventType.PROTESTS: (
        SubEventType.EXCESSIVE_FORCE,
        SubEventType.PROTEST_WITH_INTERVENTION,
        SubEventType.PEACEFUL_PROTEST,
    ),
    EventType.RIOTS: (SubEventType.VIOLENT_DEMONSTRATION, SubEventType.MOB_VIOLENCE),
    EventType.EXPLOSIONS: (
        SubEventType.CHEMICAL_WEAPON,
        SubEventType.AIR_STRIKE,
        SubEventType.SUICIDE_BOMB,
        SubEventType.SHELLING,
        SubEventType.REMOTE_EXPLOSIVE,
        SubEventType.GRENADE,
    ),
    EventType.VIOLENCE_AGAINST_CIVILIANS: (
        SubEventType.SEXUAL_VIOLENCE,
        SubEventType.ATTACK,
        SubEventType.ABDUCTION,
    ),
    EventType.STRATEGIC_DEVELOPMENTS: (
        SubEventType.AGREEMENT,
        SubEventType.ARRESTS,
        SubEventType.CHANGE_TO_GROUP,
        SubEventType.DISRUPTED_WEAPONS_USE,
        SubEventType.HEADQUARTERS_ESTABLISHED,
        SubEventType.LOOTING,
        SubEventType.NON_VIOLENT_TRANSFER,
        SubEventType.OTHER,
    ),
}
_EVENT_TYPES = {sub: event for event, subs in _TREE.items() for sub in subs}
_PRECEDENCE = {sub: rank for rank, sub in enumerate(SubEventType)}
_DISORDER_TYPES = {
    EventType.BATTLES: DisorderType.POLITICAL_VIOLENCE,
    EventType.PROTESTS: DisorderType.DEMONSTRATIONS,
    EventType.RIOTS: DisorderType.DEMONSTRATIONS,
    EventType.EXPLOSIONS: DisorderType.POLITICAL_VIOLENCE,
    EventType.VIOLENCE_AGAINST_CIVILIANS: DisorderType.POLITICAL_VIOLENCE,
    EventType.STRATEGIC_DEVELOPMENTS: DisorderType.STRATEGIC_DEVELOPMENTS,
}


class Inter(StrEnum):
    """What kind of actor an actor is, by ACLED's text labels."""

    STATE = "State forces"
    REBELS = "Rebel group"
    POLITICAL_MILITIA = "Political militia"
    IDENTITY_MILITIA = "Identity militia"
    RIOTERS = "Rioters"
    PROTESTERS = "Protesters"
    CIVILIANS = "Civilians"
    EXTERNAL = "External/Other forces"

    @property
    def code(self) -> int:
        """ACLED's number for it, 1 to 8."""
        return _INTER_CODES[self]


_INTER_CODES = {inter: code for code, inter in enumerate(Inter, start=1)}


def interaction(inter1: Inter | None, inter2: Inter | None) -> str | None:
    """ACLED's label for a pair of actors, whichever is named first: `State forces-Civilians`.

    The lower code comes first, but for External/Other forces against civilians, where the code comes
    second and the label first. A sole actor gives `Protesters only`, none at all gives None.
    """
    present = sorted((inter for inter in (inter1, inter2) if inter), key=lambda inter: inter.code)
    if not present:
        return None
    if len(present) == 1:
        return f"{present[0]} only"
    if present == [Inter.CIVILIANS, Inter.EXTERNAL]:
        present.reverse()
    return f"{present[0]}-{present[1]}"


def interaction_code(inter1: Inter | None, inter2: Inter | None) -> int:
    """ACLED's number for a pair of actors: both codes as digits, the lower first; a sole one and 0, or 0."""
    codes = sorted(inter.code for inter in (inter1, inter2) if inter)
    match codes:
        case [low, high]:
            return 10 * low + high
        case [sole]:
            return 10 * sole
        case _:
            return 0


REGION_CODES: dict[str, int] = {
    "Western Africa": 1,
    "Middle Africa": 2,
    "Eastern Africa": 3,
    "Southern Africa": 4,
    "Northern Africa": 5,
    "South Asia": 7,
    "Southeast Asia": 9,
    "Middle East": 11,
    "Europe": 12,
    "Caucasus and Central Asia": 13,
    "Central America": 14,
    "South America": 15,
    "Caribbean": 16,
    "East Asia": 17,
    "North America": 18,
    "Oceania": 19,
    "Antarctica": 20,
}
"""ACLED's regions by name, with the numbers that its API filters by."""


class Action(StrEnum):
    """The sixteen event types of PLOVER 2.0."""

    AGREE = "AGREE"
    CONSULT = "CONSULT"
    SUPPORT = "SUPPORT"
    CONCEDE = "CONCEDE"
    COOPERATE = "COOPERATE"
    AID = "AID"
    RETREAT = "RETREAT"
    REQUEST = "REQUEST"
    ACCUSE = "ACCUSE"
    REJECT = "REJECT"
    THREATEN = "THREATEN"
    SANCTION = "SANCTION"
    PROTEST = "PROTEST"
    MOBILIZE = "MOBILIZE"
    COERCE = "COERCE"
    ASSAULT = "ASSAULT"


MODES: dict[Action, frozenset[str]] = {
    Action.PROTEST: frozenset({"demo", "riot", "strike", "hunger", "boycott", "obstruct", "vandalize"}),
    Action.ASSAULT: frozenset(
        {
            "abduct",
            "beat",
            "torture",
            "sexual",
            "targeted",
            "destroy",
            "primitive",
            "firearms",
            "explosives",
            "suicide-attack",
            "aerial",
            "drone",
            "heavy-weapons",
            "crowd-control",
            "unconventional",
        }
    ),
    Action.COERCE: frozenset(
        {
            "seize",
            "restrict",
            "censor",
            "curfew",
            "martial-law",
            "arrest",
            "deport",
            "withhold",
            "misinformation",
            "cyber",
        }
    ),
    Action.MOBILIZE: frozenset({"troops", "weapons", "police", "militia"}),
    Action.RETREAT: frozenset({"withdraw", "release", "disarm", "ceasefire", "access", "resign"}),
}
"""The modes that PLOVER 2.0 knows, by action; an action that is not listed has none."""


class EventStatus(StrEnum):
    """Whether the article says that it happened."""

    OCCURRED = "occurred"
    ONGOING = "ongoing"
    PLANNED = "planned"
    THREATENED = "threatened"
    DENIED = "denied"
    HYPOTHETICAL = "hypothetical"


HAPPENED = frozenset({EventStatus.OCCURRED, EventStatus.ONGOING})
"""What ACLED codes; the default view of a job's records withholds the others."""
