"""Find where an event took place.

The place of this event, not the article's first: what the syntax attaches to its words comes first, then the
dateline of the paragraph, then the country that the article is about. Each answer says which it was.
"""

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from workers.extraction import grammar
from workers.extraction.countries import Countries, Country
from workers.extraction.gazetteer import Gazetteer, Place
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word
from workers.extraction.participants import Participants
from workers.extraction.triggers import Mention

_DATELINE = re.compile(
    r"\s*(?P<place>[^\W\d_][\w'’ .-]{1,40}?)(?:\s*\([^)]{1,20}\)|,[^–—\n]{1,30})?\s*[–—-]{1,2}\s"
)
"""The head of a paragraph in the agencies' manner: `KAZAKHSTAN –`, `GAO (AFP) –`, `Kidal, 3 mars –`."""

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
    ) -> None:
        self._text = text
        self._language = language
        self._countries = countries
        self._gazetteer = gazetteer
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

    def resolve(self, name: str, position: int = 0) -> Location:
        """What `name` means at `position`; a name that is not known stays one, in the country in focus."""
        if country := self.country(name):
            return Location(country=country)
        line = self.dateline(position)
        context = (line.country.iso2, *self.focus) if line and line.country else self.focus
        place = self._gazetteer.resolve(name, language=self._language, context_countries=context)
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
        for paragraph in re.finditer(r"[^\n]+", self._text):
            if match := _DATELINE.match(paragraph[0]) or _TOPIC.match(paragraph[0]):
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


def find(mention: Mention, roles: Participants, atlas: Atlas, words: Grammar, others: set[int]) -> Location:
    """Where the words at the event say that it took place; empty if they do not.

    `others` are the indexes of the words of this sentence that report other events: their places are not
    this one's.
    """
    sentence = mention.sentence
    participants = (*roles.agents, *roles.patients)
    found: list[Location] = []
    for holder in _holders(mention, participants, words, others):
        found += [
            location
            for child in sentence.children(holder, "obl", "nmod", "advmod")
            if child not in participants
            and (location := _phrase(mention, child, holder, atlas, words)) is not None
        ]
        if any(location.name for location in found):
            break
    if not any(location.name for location in found):
        found += _hit(mention, roles, atlas, words)
    if not found:
        found += _scene(mention, atlas, words, others)
    return next((location for location in found if location.name), found[0] if found else Location())


def _hit(mention: Mention, roles: Participants, atlas: Atlas, words: Grammar) -> list[Location]:
    """Places that take part: "le bombardement de Kharkiv", "le village de Sobane-Da", "le maire de Djibo".

    An agent that is a country or a capital is a state ("l'offensive de Moscou").
    """
    sentence = mention.sentence
    found = []
    for head in roles.agents:
        entity = sentence.entity_of(head)
        if entity is not None and entity.kind == "LOC" and not atlas.country_named(entity.text):
            location = atlas.resolve(entity.text, entity.start)
            found.append(msgspec.structs.replace(location, start=entity.start, end=entity.end))
    elsewhere = mention.trigger.frame == "movement" or mention.trigger.is_interaction
    for head in () if elsewhere else roles.patients:
        if (hit := _named(sentence, head, atlas, words)) is not None:
            found.append(hit)
    return found


def _scene(mention: Mention, atlas: Atlas, words: Grammar, others: set[int]) -> list[Location]:
    """The scene that the sentence sets for all it tells: "À Detroit, vingt personnes ont été blessées".

    Whoever only speaks of the event may be elsewhere.
    """
    sentence = mention.sentence
    if mention.trigger.is_interaction:
        return []
    below = mention.word
    for above in sentence.ancestors(mention.word):
        if below.relation in ("ccomp", "parataxis", "csubj") or above.index in others:
            return []
        below = above
        if above.upos not in grammar.PREDICATES:
            continue
        for child in sentence.children(above, "obl", "advmod"):
            if child.start < mention.start and (location := _phrase(mention, child, above, atlas, words)):
                return [location]
    return []


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


def _holders(mention: Mention, participants: Iterable[Word], words: Grammar, others: set[int]) -> list[Word]:
    """The words whose places are the event's: its own, its verb, its participants, its setting."""
    sentence = mention.sentence
    holders = [mention.word]
    if mention.predicate is not mention.word:
        holders.append(mention.predicate)
    holders += mention.participles
    if not mention.nominal:
        # "ont incendié des voitures et saccagé des magasins à Nanterre".
        holders += [
            child for child in sentence.children(mention.word, "conj") if child.upos in grammar.PREDICATES
        ]
    for head in participants:
        if head.index not in others:
            # "un poste de l'armée malienne près de Ménaka" may hang the place on any of its nouns.
            holders += [head, *(part for part in grammar.phrase(sentence, head) if part.upos == "NOUN")]
    if mention.nominal:
        # "tués dans des affrontements à Gao", "ont fait dix morts": the verb tells of the same event,
        # unless it is an event of its own elsewhere ("arrivés à Almaty en raison des protestations").
        spellings, above = grammar.preposition(sentence, mention.word, words)
        prepositions = words.prepositions
        shares = mention.word.relation in ("nsubj", "obj") or spellings & (
            prepositions.temporal | prepositions.place
        )
        if above is not None and shares and above.upos in grammar.PREDICATES and above.index not in others:
            holders.append(above)
    else:
        verb = mention.word
        while verb.relation in ("xcomp", "conj") and (above := sentence.head(verb)) is not None:
            if above.upos not in grammar.PREDICATES or (verb.relation == "conj" and above.index in others):
                break
            verb = above
            holders.append(verb)
    # "Les émeutes ont pris fin après l'arrivée des forces à Almaty": what frames it in time shares its place.
    for holder in (mention.predicate, mention.word):
        for child in sentence.children(holder, "obl", "advcl"):
            spellings, _ = grammar.preposition(sentence, child, words)
            if spellings & words.prepositions.temporal:
                holders += [child, *sentence.children(child, "nmod")]
    return holders


def _phrase(mention: Mention, head: Word, holder: Word, atlas: Atlas, words: Grammar) -> Location | None:
    """The place that a prepositional phrase on `holder` names, if it is one of place."""
    sentence, prepositions = mention.sentence, words.prepositions
    spellings, above = grammar.preposition(sentence, head, words)
    of_place = prepositions.place | prepositions.toward
    if mention.trigger.frame == "movement" and holder is mention.word and not mention.nominal:
        # "se sont retirées de Gao".
        of_place |= prepositions.of
    if above is not holder or not spellings & of_place:
        return None
    near = bool(spellings & prepositions.near)
    for candidate in grammar.conjuncts(sentence, head):
        if location := _named(sentence, candidate, atlas, words):
            return msgspec.structs.replace(location, near=near)
    return None


def is_named(sentence: Sentence, head: Word, words: Grammar) -> bool:
    """Whether a phrase is one of a place: "Bunagana", "la ville frontalière"."""
    entity = sentence.entity_of(head)
    return (entity is not None and entity.kind == "LOC") or head.lemma.casefold() in (
        words.anaphora.city | words.anaphora.place_nouns
    )


def _named(sentence: Sentence, head: Word, atlas: Atlas, words: Grammar) -> Location | None:
    """The place named by a phrase: by its head, or by what a noun such as "ville" introduces."""
    anaphora = words.anaphora
    if head.lemma.casefold() in anaphora.borders:
        return None
    entity = sentence.entity_of(head)
    if head.upos == "PROPN" or (entity is not None and entity.kind == "LOC"):
        if entity is not None and entity.kind in ("PER", "ORG", "DATE", "TIME"):
            return None
        start, end = (entity.start, entity.end) if entity else grammar.phrase_span(sentence, head)
        name = sentence.text[start - sentence.start : end - sentence.start]
        return msgspec.structs.replace(atlas.resolve(name, start), start=start, end=end)
    for child in sentence.children(head, "nmod", "appos", "flat", "obl"):
        if child.upos in ("PROPN", "NOUN") and (location := _named(sentence, child, atlas, words)):
            if location.name or head.lemma.casefold() in anaphora.place_nouns:
                return location
    if head.lemma.casefold() in anaphora.country:
        focus = atlas.document_focus()
        start, end = grammar.phrase_span(sentence, head)
        return msgspec.structs.replace(focus, start=start, end=end) if focus.country else None
    return None
