"""Say who a phrase means, and what ACLED calls them.

Two steps: `describe` reads what a noun phrase says by itself (a named group, a kind, a country), `name` makes
ACLED's name of it once the event's country and day are known, since the same soldiers are State forces at
home and External/Other forces abroad.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

import msgspec

from schemas.taxonomy import Inter, SubEventType
from workers.extraction import grammar
from workers.extraction.countries import Country
from workers.extraction.knowledge import FOLDER, Grammar, read
from workers.extraction.knowledge.actor_data import ActorData, ActorKind, Group, Named, Organisation
from workers.extraction.knowledge.aliases import AliasMatcher
from workers.extraction.parsing import Sentence, Word
from workers.extraction.places import Atlas

T = TypeVar("T")


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of `actor_kinds.toml`."""

    name: str
    inter: Inter
    armed: bool


KINDS = read(FOLDER / "actor_kinds.toml", dict[str, Kind])

_FIRED = frozenset(
    {SubEventType.AIR_STRIKE, SubEventType.SHELLING, SubEventType.GRENADE, SubEventType.CHEMICAL_WEAPON}
    | {SubEventType.REMOTE_EXPLOSIVE}
)
"""Weapons that are fired, dropped or thrown."""

_ANYBODYS = frozenset({SubEventType.REMOTE_EXPLOSIVE, SubEventType.GRENADE, SubEventType.SUICIDE_BOMB})
"""Weapons that do not say that an army has them, as a missile does."""

_LONGEST_NOUN = 5
"""How many words a common noun for a kind of actor may have."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a noun phrase says of an actor.

    Attributes:
        kind: A kind of `actor_kinds.toml`, or `group`, `organisation`, `association`, `country` (the name of
            a state or its capital), `people` (its people), `person` (somebody named), `proper` (a name
            of which nothing more is known), `weapons`, `property`, `place`, or `unknown`.
        country: The country that the phrase names.
        named: The group or organisation that it names.
        associations: ACLED's associated groups: `Students`, `Women`.
        weapon: What ACLED calls an attack with the weapon that it is or has, if that has a name of its own.
        post: It is where forces stand or how they travel, which is attacked and does not attack.
        number: How many, where a number is given.
        many: It is of several people.
        national: An adjective, a noun before it or its owner says of which country it is.
        adjective: Its head is an adjective.
        text: Its head, or the name that its head belongs to.
        start: First code point of the phrase.
        end: One past the last.
        together: The same of the whole coordination that the phrase is a part of.
        reason: Why it is who it is, where the phrase itself does not say.

    """

    kind: str
    country: Country | None = None
    named: Named | None = None
    associations: tuple[str, ...] = ()
    weapon: SubEventType | None = None
    post: bool = False
    number: str | None = None
    national: bool = False
    adjective: bool = False
    text: str = ""
    many: bool = False
    start: int
    end: int
    together: tuple[int, int] | None = None
    reason: str | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Where the words are: of the phrase, and of those that are named together with it."""
        return self.together or (self.start, self.end)

    @property
    def is_actor(self) -> bool:
        """Whether it may act at all, as far as is known."""
        return self.kind not in ("unknown", "property")

    @property
    def armed(self) -> bool:
        """Whether it is an armed actor."""
        if isinstance(self.named, Organisation):
            return self.named.forces
        return self.kind == "group" or (self.kind in KINDS and KINDS[self.kind].armed)

    def is_a(self, classes: frozenset[str]) -> bool:
        """Whether it falls in one of the classes that `about` and `by` of a trigger name."""
        return bool(
            self.kind in classes
            or ("forces" in classes and (self.armed or self.kind == "weapons"))
            or ("fired" in classes and self.weapon in _FIRED)
            or (
                "person" in classes
                and self.kind not in ("place", "weapons", "property", "unknown", "country")
            )
            or ("government" in classes and self.kind in ("country", "person", "proper"))
            or ("state" in classes and self.kind in ("country", "government"))
            or ("association" in classes and self.associations)
            or (
                "crowd" in classes
                and self.kind in ("protesters", "rioters", "civilians", "people", "organisation")
            )
        )


class Name(msgspec.Struct, frozen=True):
    """An actor in ACLED's words."""

    name: str
    inter: Inter | None
    associates: tuple[str, ...] = ()


class Describer:
    """Reads noun phrases with the actor words of a language."""

    def __init__(
        self,
        data: ActorData,
        aliases: AliasMatcher,
        rules: Grammar,
        atlas: Atlas,
        countries_of: Callable[[str], Country | None] = lambda _: None,
        forces: Callable[[str], tuple[str, Country] | None] = lambda _: None,
    ) -> None:
        """`countries_of` tells the country of an office holder, `forces` what army or police a name is."""
        self._countries_of = countries_of
        self._forces = forces
        self._data = data
        self._weapons = {noun: (attack,) for noun, attack in data.weapons.items()}
        self._posts = {noun: (kind,) for noun, kind in data.posts.items()}
        self._aliases = aliases
        self._rules = rules
        self._atlas = atlas

    def describe(self, sentence: Sentence, head: Word) -> Description:
        """What the phrase of `head` says."""
        phrase = grammar.phrase(sentence, head)
        start, end = grammar.phrase_span(sentence, head, phrase)
        entity = sentence.entity_of(head)
        if entity is not None:
            start, end = min(start, entity.start), max(end, entity.end)
        text = sentence.text[start - sentence.start : end - sentence.start]
        number = self._number(phrase)
        country = self._country(sentence, head, phrase)
        if country is None:
            # "le président Kassym-Jomart Tokaïev"
            people = {
                person.text
                for word in phrase
                if (person := sentence.entity_of(word)) is not None and person.kind == "PER"
            }
            country = next(filter(None, map(self._countries_of, sorted(people))), None)

        def described(kind: str, **more: object) -> Description:
            return Description(
                **{
                    "kind": kind,
                    "country": country,
                    "number": number,
                    "national": self._is_national(sentence, head),
                    "adjective": head.upos == "ADJ",
                    "text": entity.text if entity else head.text,
                    "many": head.feats.get("Number") == "Plur"
                    or head.lemma.casefold() in self._data.collectives,
                    "post": _lookup(self._posts, sentence, head, phrase) is not None,
                    "start": start,
                    "end": end,
                }
                | more  # type: ignore[arg-type]
            )

        associations = tuple(
            dict.fromkeys(
                label
                for word in phrase
                if (label := _lookup(self._data.associations, sentence, word, phrase)) is not None
            )
        )
        kind = self._kind(sentence, head, phrase)
        if (named := self._named(text)) is not None:
            return described("group" if isinstance(named, Group) else "organisation", named=named)
        if kind == "unknown" and (body := self._forces(entity.text if entity else head.text)):
            kind, country = body
        if kind == "unknown":
            kind = self._by_name(sentence, head)
        if kind == "unknown" and associations:
            kind = "association"
        weapons = [found for word in phrase if (found := self._weapon(sentence, word, phrase))]
        if kind == "unknown" and weapons:
            # "a large amount of ammunition"
            kind = "weapons"
        weapon = next((known for (known,) in weapons if known), None) if kind == "weapons" else None
        if kind == "military":
            # "the air force"
            weapon = (self._weapon(sentence, head, phrase) or (None,))[0]
        return described(kind, associations=associations, weapon=weapon)

    def _named(self, text: str) -> Named | None:
        """The group or organisation that the phrase names first."""
        return next((match.named for match in self._aliases.find(text)), None)

    def _kind(self, sentence: Sentence, head: Word, phrase: list[Word]) -> str:
        """The kind of the head, or of the complement that says what a head without content is made of."""
        seen: set[int] = set()
        fallback = "unknown"
        current = head
        while current.index not in seen:
            seen.add(current.index)
            if kind := _lookup(self._data.kinds, sentence, current, phrase):
                past = any(
                    child.lemma.casefold() in self._rules.nouns.former
                    for child in sentence.children(current, "amod")
                )
                made_of = (
                    _lookup(self._data.kinds, sentence, child, phrase)
                    for child in sentence.children(current, "nmod")
                    if current.lemma.casefold() in self._data.collectives
                )
                kind = next((found for found in made_of if found), kind)
                return "civilians" if past and kind.value in ("military", "police") else kind.value
            if current is not head and current.upos != "ADJ" and self._atlas.people(current.text):
                # "des milliers d'Israéliens"
                return "people"
            if self._weapon(sentence, current, phrase):
                return "weapons"
            # "un véhicule de l'armée"
            post = _lookup(self._posts, sentence, current, phrase)
            if post is None and self._is_property(current):
                return "property"
            if post and post[0] and fallback == "unknown":
                fallback = post[0].value
            if (
                post is None
                and current.lemma.casefold() not in self._data.heads_without_content
                and current.upos != "NUM"
            ):
                break
            for child in sentence.children(current, "amod", "compound"):
                # "du personnel militaire", "des éléments rebelles", "police officers".
                if kind := self._data.kinds.get(child.lemma.casefold()):
                    return kind.value
            parts = sentence.children(current, "nmod", "appos")
            current = next((child for child in parts if child.upos == "NOUN"), current)
            if current.index in seen and any(self._atlas.people(child.text) for child in parts):
                # "des milliers de Géorgiens"
                return "people"
            if not parts and self._counts(current):
                # "Thousands marched"
                return ActorKind.CIVILIANS.value
        return fallback

    def is_thing(self, sentence: Sentence, word: Word) -> bool:
        """Whether a noun is for a weapon or for property, which nobody kills."""
        weapon = self._weapon(sentence, word, grammar.phrase(sentence, word))
        return weapon is not None or self._is_property(word)

    def _is_property(self, word: Word) -> bool:
        return any(spelling.casefold() in self._data.property for spelling in _spellings(word))

    def _counts(self, noun: Word) -> bool:
        """Whether a noun is a number of many: "thousands", "des dizaines"."""
        return (
            noun.upos == "NOUN"
            and noun.feats.get("Number") == "Plur"
            and (noun.lemma.casefold() in self._rules.quantities.vague)
        )

    def _weapon(
        self, sentence: Sentence, word: Word, phrase: list[Word]
    ) -> tuple[SubEventType | None] | None:
        """What ACLED calls an attack with this, if it is a weapon; None if it is none."""
        return _lookup(self._weapons, sentence, word, phrase)

    def _by_name(self, sentence: Sentence, head: Word) -> str:
        """What a proper name or the name of a people is."""
        name = head.text
        entity = sentence.entity_of(head)
        if entity is not None and entity.kind == "PER":
            return "person"
        if entity is not None:
            name = entity.text
        if self._atlas.country_named(name):
            return "country"
        if head.upos in ("NOUN", "PROPN") and self._atlas.people(head.text):
            return "people"
        if entity is not None and entity.kind == "LOC":
            # "The Hermit Kingdom fired two shells": a place that does something to something is an actor.
            return "proper" if _acts(sentence, head) else "place"
        return (
            "proper" if head.upos == "PROPN" or (entity is not None and entity.kind == "ORG") else "unknown"
        )

    def _country(self, sentence: Sentence, head: Word, phrase: list[Word]) -> Country | None:
        """The country that the phrase names: an adjective, an owner, "de" and a country, or itself."""
        of = self._rules.prepositions.of
        for word in phrase:
            cases = {case.lemma for case in sentence.children(word, "case")}
            if word is not head and cases and not cases & of and word.deprel != "nmod:poss":
                continue
            if word.upos == "PROPN" or (word.upos == "NOUN" and word.text[:1].isupper()):
                entity = sentence.entity_of(word)
                whole = entity.text if entity is not None and entity.kind == "LOC" else word.text
                if country := self._atlas.country_named(whole) or self._atlas.country_named(word.text):
                    return country
            if word.upos in ("ADJ", "NOUN", "PROPN") and (country := self._atlas.people(word.text)):
                return country
        return None

    def countries(self, sentence: Sentence, head: Word) -> list[Country]:
        """The countries that coordinated words before the head name: "Nigerian and British forces"."""
        for word in sentence.children(head, "amod", "compound", "nmod:poss"):
            parts = grammar.conjuncts(sentence, word)
            known = [
                country
                for part in parts
                if (country := self._atlas.people(part.text) or self._atlas.country_named(part.text))
            ]
            if len(parts) == len(known) > 1:
                return known
        return []

    def _is_national(self, sentence: Sentence, head: Word) -> bool:
        return any(
            self._atlas.people(word.text) or self._atlas.country_named(word.text)
            for word in (head, *sentence.children(head, "amod", "compound", "nmod:poss"))
            if word.text[:1].isupper() or word.upos == "ADJ"
        )

    def _number(self, phrase: list[Word]) -> str | None:
        """The words that say how many: "une centaine", "plusieurs milliers", "350"."""
        known = self._rules.quantities
        before: Word | None = None
        for word in phrase:
            if word.upos == "NUM":
                return word.text
            if word.upos == "NOUN" and word.lemma.casefold() in known.numbers:
                counts = (
                    before is not None and before.index == word.index - 1 and before.upos in ("DET", "ADJ")
                )
                return f"{before.text} {word.text}" if before is not None and counts else word.text
            before = word
        return None


def _acts(sentence: Sentence, word: Word) -> bool:
    """Whether `word` is the subject of a verb with an object."""
    verb = sentence.head(word)
    return (
        verb is not None
        and word.deprel == "nsubj"
        and verb.upos == "VERB"
        and bool(sentence.children(verb, "obj"))
    )


def name(
    description: Description, event_country: Country | None, day: date, *, forceful: bool, coded: bool = True
) -> Name | None:
    """ACLED's name for the actor at an event in `event_country` on `day`; None if it has none.

    `forceful` says that it used or moved force, so that "Moscow" means an army and not a government. An actor
    of what ACLED does not code (`coded` is false) goes by its own name where ACLED would give it none.
    """
    country = description.country or event_country
    associates = tuple(f"{label} ({country.name})" for label in description.associations) if country else ()
    named = description.named
    if isinstance(named, Group):
        return Name(named.name, named.kind.inter, associates)
    if isinstance(named, Organisation):
        return Name(named.name, Inter.EXTERNAL if named.forces else None, associates)
    kind = description.kind
    if description.weapon in _ANYBODYS:
        return None
    if kind in ("country", "weapons"):
        kind = "military" if forceful or kind == "weapons" else "government"
    elif kind in ("association", "people"):
        kind = "civilians"
    if kind not in KINDS or country is None:
        if not coded and kind in ("person", "proper", "place") and description.text:
            return Name(description.text, None, associates)
        return None
    inter = KINDS[kind].inter
    if inter is Inter.STATE and event_country is not None and country is not event_country:
        inter = Inter.EXTERNAL
    return Name(_fill(KINDS[kind].name, country, day), inter, associates)


def _lookup(known: Mapping[str, T], sentence: Sentence, word: Word, phrase: list[Word]) -> T | None:
    """What the longest entry that begins with `word` stands for: "forces de l'ordre" before "forces"."""
    within = {part.index for part in phrase}
    # "riot police", "armed men": what the head is may be said before it.
    for index in range(max(0, word.index - _LONGEST_NOUN + 1), word.index):
        if within.issuperset(range(index, word.index)):
            before = sentence.text[sentence.words[index].start - sentence.start : word.start - sentence.start]
            for spelling in _spellings(word):
                if (found := known.get((before + spelling).casefold())) is not None:
                    return found
    for last in range(word.index + _LONGEST_NOUN - 1, word.index - 1, -1):
        if last not in within:
            continue
        tail = sentence.text[word.end - sentence.start : sentence.words[last].end - sentence.start]
        for first in _spellings(word):
            written = (first + tail).casefold().replace("’", "'")
            if written in known:
                return known[written]
    return None


def _spellings(word: Word) -> tuple[str, ...]:
    """How the data may write a noun; one taken for a name keeps its plural: "Militants attacked"."""
    if word.text.endswith("s") and (word.upos == "PROPN" or word.lemma == word.text):
        return (word.text, word.lemma, word.text[:-1])
    return (word.text, word.lemma)


def of_kind(kind: str, country: Country, day: date) -> Name:
    """ACLED's name for unnamed actors of a kind: `Protesters (Kazakhstan)`."""
    return Name(_fill(KINDS[kind].name, country, day), KINDS[kind].inter)


def _fill(template: str, country: Country, day: date) -> str:
    years = country.period(day)
    if years is None:
        template = template.replace(" ({years})", "")
    return template.format(country=country.name, years=years)
