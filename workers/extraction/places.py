"""Find where an event took place.

The place of this event, not the article's first: what the syntax attaches to its words comes first, then the
dateline of the paragraph, then the country that the article is about. Each answer says which it was.
"""

import enum
import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from schemas.taxonomy import Action
from workers.extraction import datelines, grammar, sites
from workers.extraction.countries import Countries, Country
from workers.extraction.gazetteer import Gazetteer, Place
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word
from workers.extraction.participants import Participants
from workers.extraction.sites import Site
from workers.extraction.triggers import Mention

_TOPIC = re.compile(r"\s*(?P<place>[^\W\d_][\w'’ .-]{1,40}?)\s*:\s")
"""The head of a headline: `France : ...`. Only a country counts, since anything may stand there."""

_DATELINE_WEIGHT = 3


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """Where an event took place, as far as it is known.

    Attributes:
        name: The town or region; None where only a country is known.
        place: What the gazetteer has under this name; None for a name that it lacks.
        country: The country, None if nothing tells.
        start: Where the article names it; None if it is inferred.
        end: One past where the article names it.
        near: The event was near it, not in it.
        reason: Why, where no words of the article say so at the event.

    """

    name: str | None = None
    place: Place | None = None
    country: Country | None = None
    start: int | None = None
    end: int | None = None
    near: bool = False
    reason: str | None = None

    @property
    def geo_precision(self) -> int | None:
        """ACLED's: 1 for a town, 2 for the surroundings of one, 3 for a region; None without coordinates."""
        if self.place is None or self.place.kind == "country":
            return None
        if self.place.kind != "city":
            return 3
        return 2 if self.near else 1


class Atlas:
    """Names to places, with what the article is about to choose between namesakes."""

    def __init__(
        self,
        sentences: Iterable[Sentence],
        text: str,
        language: str,
        countries: Countries,
        gazetteer: Gazetteer,
        homes: Iterable[str] = (),
    ) -> None:
        """`homes` are the alpha-2 codes of the countries of the groups that `text` names."""
        self._text = text
        self._language = language
        self._countries = countries
        self._gazetteer = gazetteer
        self._homes = tuple(dict.fromkeys(homes))
        sentences = tuple(sentences)
        self.focus: tuple[str, ...] = ()
        self._datelines: list[tuple[int, Location]] = []
        self._find_datelines()
        self.focus = self._weigh(sentences)

    def country_named(self, name: str) -> Country | None:
        """The country called `name`, or the one whose capital is."""
        return self._countries.by_name(name, self._language, self.focus) or self._countries.by_capital(
            name, self._language
        )

    def country(self, name: str) -> Country | None:
        """The country called `name`."""
        return self._countries.by_name(name, self._language, self.focus)

    def people(self, word: str) -> Country | None:
        """The country whose people or adjective `word` is."""
        return self._countries.by_demonym(word, self._language, self.focus)

    def by_code(self, iso2: str) -> Country | None:
        """The country with this alpha-2 code."""
        return self._countries.by_code(iso2)

    def resolve(self, name: str, position: int = 0, noun: str | None = None) -> Location:
        """What `name` means at `position`; a name that is not known stays one, in the country in focus.

        `noun` is the word of kind that stands beside it: "Aleppo province" is not the town.
        """
        if country := self.country(name):
            return Location(country=country)
        line = self.dateline(position)
        context = (line.country.iso2, *self.focus) if line and line.country else self.focus
        context += tuple(iso2 for iso2 in self._homes if iso2 not in context)
        place = None
        for called in (f"{noun} {name}", name) if noun else (name,):
            place = place or self._gazetteer.resolve(
                called, language=self._language, context_countries=context
            )
        inner, comma, outer = name.partition(", ")
        if place is None and comma and (around := self.resolve(outer, position)).country:
            # "El Fasher, Darfur", where the region has no place of its own.
            found = self.resolve(inner, position, noun)
            same = found.place is not None and found.country is around.country
            return found if same else Location(name=inner, country=around.country)
        if place is None or place.country is None:
            around = line or self.document_focus()
            return Location(name=name, country=around.country, reason=around.reason)
        country = self._countries.by_code(place.country)
        if place.kind == "country":
            return Location(country=country)
        return Location(name=place.name, place=place, country=country)

    def dateline(self, position: int) -> Location | None:
        """The dateline in force at `position`: the last one before it."""
        before = [location for start, location in self._datelines if start <= position]
        return before[-1] if before else None

    def in_dateline(self, position: int) -> bool:
        """Whether the words at `position` are a dateline, which takes no part in what it stands before."""
        return any(
            line.start <= position < line.end
            for _, line in self._datelines
            if line.start is not None and line.end is not None
        )

    def document_focus(self) -> Location:
        """The country that the article speaks of most; nothing if it names none."""
        country = self._countries.by_code(self.focus[0]) if self.focus else None
        return Location(country=country, reason="document_focus" if country else None)

    def _find_datelines(self) -> None:
        for paragraph in datelines.PARAGRAPH.finditer(self._text):
            if match := datelines.AGENCY.match(paragraph[0]) or _TOPIC.match(paragraph[0]):
                location = self.resolve(match["place"])
                if match.re is _TOPIC and (location.name or location.reason):
                    continue
                if location.country and location.reason is None:
                    start = paragraph.start() + match.start("place")
                    end = paragraph.start() + match.end("place")
                    self._datelines.append(
                        (
                            paragraph.start(),
                            msgspec.structs.replace(location, start=start, end=end, reason="dateline"),
                        )
                    )

    def _weigh(self, sentences: tuple[Sentence, ...]) -> tuple[str, ...]:
        """Alpha-2 codes of the countries that the article names, the most named first."""
        weights: Counter[str] = Counter()
        for _, location in self._datelines:
            if location.country:
                weights[location.country.iso2] += _DATELINE_WEIGHT
        for sentence in sentences:
            for word in sentence.words:
                if word.upos in ("PROPN", "NOUN") and word.text[:1].isupper():
                    country = self.country_named(word.text)
                elif word.upos in ("ADJ", "NOUN", "PROPN"):
                    country = self.people(word.text)
                else:
                    continue
                if country:
                    weights[country.iso2] += 1
            for entity in sentence.entities:
                if entity.kind == "LOC" and " " in entity.text and (country := self.country(entity.text)):
                    weights[country.iso2] += 1
        return tuple(iso2 for iso2, _ in weights.most_common())


class _Rank(enum.IntEnum):
    """How closely a place is tied to an event; the closest is the event's."""

    AT = 0
    """Said of the event itself: "clashes in Gao", "shelled the village of Mardes"."""
    OF_PATIENT = 1
    """Where those were whom it hit: "attacked troops entrenched in Aleppo"."""
    OF_CLAUSE = 2
    """Where the clause is set that the event is told in: "bombed a camp in Raqqa, killing ten"."""
    OF_EVENT = 3
    """Where another event is set that this one is a part, a cause or a frame of."""
    OF_AGENT = 4
    """Where those are from who did it: "the police of Kano"."""


_CLOSEST = frozenset({_Rank.AT, _Rank.OF_PATIENT, _Rank.OF_CLAUSE})
"""What counts as said of the event when two mentions are compared."""

_REASONS = {_Rank.OF_EVENT: "same_sentence", _Rank.OF_AGENT: "place_of_actor"}

_SPEECH = frozenset({"ccomp", "parataxis", "csubj"})
"""Whoever only speaks of an event may be elsewhere."""

_CLAUSES = frozenset({"advcl", "acl", "xcomp", "conj"})
_AREA = frozenset({"admin1", "region", "natural"})


def find(mention: Mention, roles: Participants, atlas: Atlas, words: Grammar, others: set[int]) -> Location:
    """Where the words at the event say that it took place; empty if they do not.

    `others` are the indexes of the words of this sentence that report other events: their places are this
    one's only if nothing else is.
    """
    sentence = mention.sentence
    named = [site for site in sites.find(sentence, words) if not atlas.people(site.name)]
    ties = [
        (site, tie) for site in named if (tie := _tie(mention, roles, site, atlas, words, others)) is not None
    ]
    ranked = []
    for site, (rank, depth, near) in ties:
        if any(
            inner is not site
            and tie[0] <= max(rank, _Rank.OF_CLAUSE)
            and sites.below(sentence, inner, site, words)
            for inner, tie in ties
        ):
            # "the West Ghouta region of rural Damascus" is Ghouta.
            continue
        location = _resolved(sentence, site, named, atlas, words)
        if location.place is None and location.name and _only_qualifies(mention, site, words):
            continue
        location = msgspec.structs.replace(
            location, near=near or site.surroundings, reason=_REASONS.get(rank, location.reason)
        )
        ranked.append(((rank, _coarseness(location, site), depth, site.start), location))
    finer = [pair for pair in ranked if not any(_holds(pair[1], other) for _, other in ranked)]
    if finer:
        return min(finer, key=lambda pair: pair[0])[1]
    return _anaphoric(mention, roles, named, atlas, words)


def _only_qualifies(mention: Mention, site: Site, words: Grammar) -> bool:
    """Whether a name stands before a noun that is no place, as others' do: "Rowhani supporters".

    What something is in is a place, whatever it is called: "in Dimla upazila".
    """
    sentence = mention.sentence
    noun = sentence.head(site.head)
    return (
        site.noun is None
        and site.head.deprel in ("compound", "amod", "nmod:poss")
        and noun is not None
        and noun is not mention.word
        and not grammar.preposition(sentence, noun, words)[0]
        & (words.prepositions.place - words.prepositions.by)
    )


def _holds(outer: Location, inner: Location) -> bool:
    """Whether a country or region holds a town that is said of the event, too."""
    if inner.reason in _REASONS.values() or inner.place is None or inner.place.kind != "city":
        return False
    if outer.country is None or outer.country is not inner.country:
        return False
    if outer.name is None:
        return outer.start is not None
    if outer.place is None or outer.place.kind not in _AREA:
        return False
    return outer.place.kind != "admin1" or outer.place.name == inner.place.admin1


def _coarseness(location: Location, site: Site) -> int:
    if location.name is None:
        return 2
    area = location.place is not None and location.place.kind in _AREA
    # "in the countryside of Aleppo" is less exact than the name of a village.
    return 1 if area or site.surroundings else 0


def _resolved(sentence: Sentence, site: Site, named: list[Site], atlas: Atlas, words: Grammar) -> Location:
    """What a name means, given what the sentence says that it lies in.

    A quarter is put in its town ("Homs - Al-Bayda"). Nothing is moved out of what it is said to lie in: a
    name whose only namesakes are elsewhere stays a name.
    """
    around = next(
        (other for other in named if other is not site and sites.below(sentence, site, other, words)), None
    )
    location = atlas.resolve(site.name, site.start, site.noun)
    if around is not None:
        outer = atlas.resolve(around.name, around.start, around.noun)
        if (
            site.noun in words.anaphora.quarters
            and outer.place is not None
            and outer.place.kind == "city"
            and location.place is not outer.place
        ):
            name = f"{outer.place.name} - {site.name}"
            location = Location(name=name, place=outer.place, country=outer.country, reason="part_of_town")
        elif outer.country is not None and (
            location.place is None
            or location.country is not outer.country
            or (
                outer.place is not None
                and outer.place.kind == "admin1"
                and location.place.admin1 not in (None, outer.place.name, outer.place.admin1)
            )
        ):
            if location.name is not None:
                location = Location(name=site.name, country=outer.country)
    return msgspec.structs.replace(location, start=site.start, end=site.end)


def _tie(
    mention: Mention, roles: Participants, site: Site, atlas: Atlas, words: Grammar, others: set[int]
) -> tuple[_Rank, int, bool] | None:
    """How a place is tied to an event: how closely, how deep in its phrase, and whether it was only near.

    None if it is not tied to it: it says where a source is, whom a state is the name of, where from.
    """
    sentence = mention.sentence
    own = {word.index: 0 for word in (mention.word, mention.predicate, *mention.participles)}
    if site.head.index in own or site.head.lemma.casefold() in words.anaphora.borders:
        return None
    path = sites.relation_path(sentence, site.head, own)
    if path:
        climbed: list[Word] = []
    else:
        climbed = [mention.word, *sentence.ancestors(mention.word)]
        path = sites.relation_path(sentence, site.head, {word.index: 0 for word in climbed})
        if path:
            top = sentence.head(path[-1])
            climbed = climbed[: next(i for i, word in enumerate(climbed) if word is top)]
        elif site.head in climbed:
            # "the city that they shelled"
            path, climbed = [site.head], climbed[: climbed.index(site.head)]
            return (_Rank.AT, 0, False) if climbed[-1].relation == "acl" else None
        else:
            return None
    if any(word.relation in _SPEECH for word in (*path, *climbed)):
        return None
    spellings = sites.own_preposition(sentence, path, words)
    prepositions = words.prepositions
    child = path[-1]
    outer = set() if child.relation in _CLAUSES else grammar.preposition(sentence, child, words)[0]
    # "the approaches to the town": before a noun, what also says whereto tells no cause.
    cause = prepositions.cause - prepositions.place - prepositions.toward
    if (spellings | outer) & (prepositions.source | cause):
        return None
    if any(
        grammar.preposition(sentence, word, words)[0] & cause
        for word in climbed
        if word.upos not in grammar.PREDICATES
    ):
        # "arrived in Almaty because of the protests"
        return None
    if any(
        mark.lemma.casefold() in prepositions.reason
        for word in path
        for mark in sentence.children(word, "mark")
    ):
        # "arrested for killing a man in Mankhurd"
        return None
    near = bool((spellings | outer) & prepositions.near)
    located = bool((spellings | outer) & (prepositions.place - prepositions.of - prepositions.by))
    depth = len(path) + len(climbed)
    origin = any(grammar.preposition(sentence, word, words)[0] & prepositions.origin for word in path)
    rank = _rank(
        mention,
        roles,
        path,
        climbed,
        atlas,
        words,
        site,
        located=located,
        origin=origin,
        spellings=spellings | outer,
    )
    if rank is None:
        return None
    if any(word.index in others for word in (*path, *climbed)) or (
        climbed and (top := sentence.head(path[-1])) is not None and top.index in others
    ):
        if mention.trigger.is_interaction:
            return None
        rank = max(rank, _Rank.OF_EVENT)
    return rank, depth, near


def _rank(
    mention: Mention,
    roles: Participants,
    path: list[Word],
    climbed: list[Word],
    atlas: Atlas,
    words: Grammar,
    site: Site,
    *,
    located: bool,
    origin: bool,
    spellings: set[str],
) -> _Rank | None:
    child, prepositions, frame = path[-1], words.prepositions, mention.trigger.frame
    state = atlas.country(site.name) is not None and site.noun is None
    # "Kyiv said" is who, "marched to Kyiv" where.
    government = state or (atlas.country_named(site.name) is not None and site.noun is None)
    if government and spellings & prepositions.by - prepositions.of:
        # "militants backed by Ankara"
        return None
    takes_part = any(word in roles.agents or word in roles.patients for word in path)
    if mention.trigger.is_interaction and mention.trigger.action is not Action.COERCE:
        return _Rank.AT if located and not takes_part and not climbed and len(path) <= 2 else None  # noqa: PLR2004
    going = spellings & prepositions.toward and (frame in ("movement", "demonstration") or not state)
    if child.relation in ("obl", "nmod", "advmod") and not takes_part:
        if located or going:
            return _Rank.OF_CLAUSE if climbed else _Rank.AT
        if spellings & prepositions.temporal:
            return _Rank.OF_EVENT
        if spellings & prepositions.of and not climbed:
            if spellings & prepositions.origin and frame != "movement":
                return None
            return _Rank.AT if not state or mention.nominal else None
        return None if spellings else _Rank.OF_CLAUSE
    if (
        site.head.relation in ("compound", "amod")
        and site.noun is None
        and path[1:]
        and child.relation in ("nsubj", "appos")
        and child not in roles.patients
    ):
        # "a New York City councilman", "the Kano police"
        return _Rank.OF_AGENT if path[1] in roles.agents and not climbed and not government else None
    if climbed and child.relation in ("nsubj", "csubj"):
        return _Rank.OF_AGENT if located and climbed[-1].relation != "acl" else None
    hit = child in roles.patients and frame != "movement"
    if not hit and (child in roles.agents or child.relation == "nsubj"):
        if child is site.head and (government or not mention.nominal):
            return None
        if located:
            # "attacked by gunmen in Gao" are attacked there; "gunmen in Gao attacked" may be from there.
            return _Rank.OF_CLAUSE if mention.nominal or child.relation == "obl" else _Rank.OF_EVENT
        return None if government else _Rank.OF_AGENT
    if takes_part or child.relation in ("obj", "nsubj"):
        if child is site.head or path[0] in roles.patients:
            # A state is whom it hit, a town where.
            return None if state and frame not in ("movement", "capture") else _Rank.AT
        if climbed:
            return _Rank.OF_CLAUSE
        if origin:
            # Whoever is from a town may be killed anywhere.
            return None if state else _Rank.OF_AGENT
        if _names(path, words, spellings):
            return _Rank.AT
        return None if state and not located else _Rank.OF_PATIENT
    if child.relation in ("compound", "amod", "nmod") and mention.nominal and not climbed:
        return None if state else _Rank.AT
    if child.relation in _CLAUSES:
        return _Rank.OF_CLAUSE if located or not state else None
    if child.relation in ("appos", "flat", "dep", "case"):
        return _Rank.OF_EVENT if not state else None
    return None


def _names(path: list[Word], words: Grammar, spellings: set[str]) -> bool:
    """Whether a name says which place is hit: "three villages: Gaya ...", "towns including Gaya"."""
    naming = words.prepositions.of | words.quantities.including
    return (
        path[-1].lemma.casefold() in words.anaphora.place_nouns
        and all(word.relation in ("appos", "flat", "conj", "nmod", "compound") for word in path[:-1])
        and (not spellings or bool(spellings & naming))
    )


def _anaphoric(
    mention: Mention, roles: Participants, named: list[Site], atlas: Atlas, words: Grammar
) -> Location:
    """The place spoken of before, where the event is set in "the country", or in or on "the town"."""
    sentence = mention.sentence
    for word in sentence.words:
        if word.lemma.casefold() not in words.anaphora.place_nouns or not grammar.points_back(
            sentence, word, words
        ):
            continue
        holder = sentence.head(word)
        hit = word in roles.patients or word in roles.aims
        if not hit and not (
            word.relation in ("obl", "nmod")
            and (holder in (mention.word, mention.predicate) or holder in roles.patients)
            and grammar.preposition(sentence, word, words)[0] & words.prepositions.place
        ):
            continue
        before = [site for site in named if site.end <= word.start and atlas.country(site.name) is None]
        kin = [site for site in before if site.noun == word.lemma.casefold()]
        if before and not any(site.head is word for site in named):
            site = (kin or before)[-1]
            return msgspec.structs.replace(
                _resolved(sentence, site, named, atlas, words), reason="coreference"
            )
    for holder in (mention.word, mention.predicate):
        for child in sentence.children(holder, "obl", "nmod"):
            spellings, _ = grammar.preposition(sentence, child, words)
            if child.lemma.casefold() in words.anaphora.country and spellings & words.prepositions.place:
                focus = atlas.document_focus()
                start, end = grammar.phrase_span(sentence, child)
                return msgspec.structs.replace(focus, start=start, end=end) if focus.country else Location()
    return Location()


def settings(sentences: Iterable[Sentence], atlas: Atlas, words: Grammar) -> list[tuple[int, Location]]:
    """The places that the article sets something in, each with the index of its sentence."""
    found = []
    for sentence in sentences:
        for entity in sentence.entities:
            if entity.kind != "LOC":
                continue
            inside = [
                word for word in sentence.words if entity.start <= word.start and word.end <= entity.end
            ]
            head = next(
                (word for word in inside if not entity.start <= _head_start(sentence, word) < entity.end),
                None,
            )
            if head is None or not grammar.preposition(sentence, head, words)[0] & (
                words.prepositions.place | words.prepositions.of
            ):
                continue
            location = atlas.resolve(entity.text, entity.start)
            found.append(
                (sentence.index, msgspec.structs.replace(location, start=entity.start, end=entity.end))
            )
    return found


def _head_start(sentence: Sentence, word: Word) -> int:
    above = sentence.head(word)
    return -1 if above is None else above.start


def infer(
    mention: Mention,
    atlas: Atlas,
    nationality: Country | None,
    around: Iterable[tuple[int, Location]],
) -> Location:
    """Where it must have been, if the words at the event do not say.

    The dateline, else the nearest place that other sentences are set in (`around`), those before first and
    towns before countries; else the country of who took part, or that the article is about.
    """
    if (line := atlas.dateline(mention.start)) is not None:
        return line
    here = mention.sentence.index
    candidates = [
        (index, location)
        for index, location in around
        if index != here
        and location.country is not None
        and (nationality is None or location.country is nationality)
    ]
    if candidates:
        _, nearest = min(
            candidates,
            key=lambda pair: (
                pair[1].name is None,
                pair[1].place is None,
                pair[0] > here,
                abs(pair[0] - here),
            ),
        )
        return msgspec.structs.replace(nearest, reason="document_focus")
    if nationality is not None:
        return Location(country=nationality, reason="country_of_actor")
    return atlas.document_focus()
