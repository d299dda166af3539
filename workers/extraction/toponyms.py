"""Find the places that a text names, by the gazetteer and by capitals, without a parse.

What is written like a name is a place if the gazetteer knows it and nothing says otherwise: not a person
("President Obama" is no town in Japan), a people, a party. The countries that the text names, and those of
its other places, choose between namesakes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, Self

import msgspec

from workers.extraction.countries import Countries
from workers.extraction.gazetteer import Gazetteer, Place
from workers.extraction.knowledge.aliases import AliasMatch, AliasMatcher
from workers.extraction.parsing import Entity, Parse, Sentence, overlap
from workers.extraction.sectors import ActorCoder

KNOWN: Final = 50_000
"""A word may have its capital from the beginning of a sentence: a town of so many people is meant anyhow."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-.’'][^\W_]+)*")
_RUN_GAP: Final = re.compile(r"\s?-\s?| (?:(?:de|du|des|la|le|les|el|al|of|the|d'|d’|l'|l’) ?)*|, ")
_SENTENCE: Final = re.compile(r"(?:^|[.!?:»”]\s+|\n\s*)[\"'«“(]*\s*$")
_TITLE: Final = re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms|Dr|Gen|Col|Lt|Sgt|Capt|M|Mme|MM)\.?\s$")
_LONGEST: Final = 5
_BEFORE: Final = 200
"""So many characters before a name say what it is; a look at all of them would take a long text's square."""


class Toponym(msgspec.Struct, frozen=True):
    """A place as it stands in a text, from code point `start` to `end`."""

    start: int
    end: int
    place: Place


class _Word(NamedTuple):
    start: int
    end: int
    text: str


class ToponymFinder:
    """Finds the places in texts of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._gazetteer = Gazetteer.load()
        self._countries = Countries.load()
        self._aliases = AliasMatcher.load(language)
        self._actors = ActorCoder.load(language)

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """The finder of `language`, once a process.

        Raises:
            KnowledgeError: A file is missing or does not follow its format.

        """
        return cls(language)

    def find(self, text: str, actors: Iterable[tuple[int, int]] | None = None) -> list[Toponym]:
        """The places in `text`, in order; none overlap. `actors` is what `actors` finds in it, if known."""
        taken = self.actors(text, self._aliases.find(text)) if actors is None else actors
        masked = {index for start, end in taken for index in range(start, end)}
        named = self._named(text)
        context = tuple(iso2 for iso2, _ in named.most_common())
        first = self._find(text, context, masked)
        named.update(toponym.place.country for toponym in first if toponym.place.country)
        widened = tuple(iso2 for iso2, _ in named.most_common())
        return first if widened == context else self._find(text, widened, masked)

    def actors(self, text: str, aliases: Iterable[AliasMatch]) -> list[tuple[int, int]]:
        """Where `text` names groups and organisations, which are no places ("Islamic State")."""
        return [
            (match.start, match.end)
            for match in aliases
            if self._countries.by_name(text[match.start : match.end], self._language) is None
        ]

    def _find(self, text: str, context: tuple[str, ...], masked: set[int]) -> list[Toponym]:
        found: list[Toponym] = []
        for run in _runs(text):
            found += self._in_run(text, run, context, masked)
        return found

    def _named(self, text: str) -> Counter[str]:
        """How often the text names each country or its people, by alpha-2 code."""
        named: Counter[str] = Counter()
        for run in _runs(text):
            position = 0
            while position < len(run):
                for end in range(min(len(run), position + _LONGEST), position, -1):
                    name = text[run[position].start : run[end - 1].end]
                    country = self._countries.by_name(name, self._language)
                    country = country or self._countries.by_demonym(name, self._language)
                    if country:
                        named[country.iso2] += 1
                        position = end
                        break
                else:
                    position += 1
        return named

    def _in_run(
        self, text: str, run: list[_Word], context: tuple[str, ...], masked: set[int]
    ) -> Iterator[Toponym]:
        person = _TITLE.search(text, max(0, run[0].start - _BEFORE), run[0].start) or self._title_before(
            text, run[0].start
        )
        position = 0
        while position < len(run):
            for end in range(min(len(run), position + _LONGEST), position, -1):
                start, stop = run[position].start, run[end - 1].end
                if masked & set(range(start, stop)):
                    continue
                name = text[start:stop]
                if self._actors.names(name) or self._actors.names(name.partition(" ")[2]):
                    position = end
                    break
                place = self._place(name, context)
                if place is None:
                    continue
                if place.kind != "country" and "," not in name:
                    if person or not self._free(run, position, end):
                        continue
                    if end - position == 1 and self._doubtful(text, name, start, place):
                        continue
                yield Toponym(start, stop, place)
                position = end
                break
            else:
                position += 1

    def _place(self, name: str, context: tuple[str, ...]) -> Place | None:
        if self._countries.by_name(name, self._language, context) is None:
            if self._countries.by_demonym(name, self._language, context) is not None:
                return None
            if self._actors.role(name) or len(name) <= 2:  # noqa: PLR2004 - "On", "Il", "Le" are towns
                return None
        return self._gazetteer.resolve(name, language=self._language, context_countries=context)

    def _free(self, run: list[_Word], start: int, end: int) -> bool:
        """Whether the words around a name say what it belongs to, and do not make it somebody's."""
        others = [*run[:start], *run[end:]]
        return all(
            self._actors.role(word.text)
            or self._countries.by_demonym(word.text, self._language)
            or self._gazetteer.resolve(word.text, language=self._language)
            for word in others
        )

    def _doubtful(self, text: str, name: str, start: int, place: Place) -> bool:
        """Whether a single word may have its capital from the beginning of a sentence, or is a surname."""
        if self._actors.surname(name):
            return True
        if not _SENTENCE.search(text, max(0, start - _BEFORE), start):
            return False
        return self._gazetteer.never_first(name) or (place.kind == "city" and place.population < KNOWN)

    def _title_before(self, text: str, start: int) -> bool:
        """Whether a title stands before a name: "President", "le général"."""
        before = text[max(0, start - _BEFORE) : start]
        words = _WORD.findall(before)[-1:]
        return bool(
            words
            and before.endswith(" ")
            and self._actors.role(words[0]) in {"GOV", "MIL", "LEG", "REL", "JUD"}
            and before.rstrip().endswith(words[0])
        )


def _runs(text: str) -> Iterator[list[_Word]]:
    """Words with a capital that follow one another, joined by what joins names."""
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        elided = re.match(r"[LlDd]['’](?=[^\W\d_])", word)
        start = match.start() + (elided.end() if elided else 0)
        word = word[elided.end() :] if elided else word
        if not word[:1].isupper():
            continue
        if run and not _RUN_GAP.fullmatch(text, run[-1].end, start):
            yield run
            run = []
        run.append(_Word(start, start + len(word), word))
    if run:
        yield run


def complete(parse: Parse, toponyms: Iterable[Toponym], actors: Iterable[tuple[int, int]]) -> Parse:
    """The parse with those places among its entities that the model for entities passed over.

    What the model took for an entity of another kind stays what it is, but for a place that is an actor by
    its name (`actors` says where these are), for an organisation that has a place's name and a preposition,
    and for a sentence's first word that is a large town's name, if the text has no person of that name.
    """
    toponyms, actors = tuple(toponyms), tuple(actors)
    surnames = frozenset(
        entity.text.split()[-1]
        for sentence in parse.sentences
        for entity in sentence.entities
        if entity.kind == "PER" and " " in entity.text
    )
    return msgspec.structs.replace(
        parse,
        sentences=tuple(_completed(sentence, toponyms, actors, surnames) for sentence in parse.sentences),
    )


def _completed(
    sentence: Sentence,
    toponyms: tuple[Toponym, ...],
    actors: tuple[tuple[int, int], ...],
    surnames: frozenset[str],
) -> Sentence:
    spans = {(name.start, name.end): name.place.population for name in toponyms}
    missed = [
        Entity(
            sentence.text[name.start - sentence.start : name.end - sentence.start],
            "LOC",
            name.start,
            name.end,
        )
        for name in toponyms
        if sentence.start <= name.start
        and name.end <= sentence.end
        and not any(overlap((name.start, name.end), (other.start, other.end)) for other in sentence.entities)
    ]
    entities = [_widened(entity, spans, sentence) for entity in sentence.entities]
    known = [
        msgspec.structs.replace(entity, kind="ORG" if entity.kind == "LOC" else entity.kind, actor=True)
        if any(overlap((entity.start, entity.end), actor) for actor in actors)
        else msgspec.structs.replace(entity, kind="LOC")
        if (
            entity.kind == "ORG"
            and (entity.start, entity.end) in spans
            and _after_preposition(sentence, entity)
        )
        or (
            entity.kind == "PER"
            and spans.get((entity.start, entity.end), 0) >= KNOWN
            and entity.text not in surnames
            and _begins(sentence, entity)
        )
        else entity
        for entity in entities
    ]
    entities = sorted([*known, *missed], key=lambda entity: entity.start)
    return msgspec.structs.replace(sentence, entities=tuple(entities))


def _widened(entity: Entity, spans: Mapping[tuple[int, int], int], sentence: Sentence) -> Entity:
    """A place's name with what hyphens join to it: the models take Port-au-Prince for Port-au."""
    if entity.kind != "LOC":
        return entity
    for start, end in spans:
        text = sentence.text[start - sentence.start : end - sentence.start]
        if start == entity.start and entity.end < end and text[entity.end - start] == "-":
            return msgspec.structs.replace(entity, text=text, end=end)
    return entity


def _begins(sentence: Sentence, entity: Entity) -> bool:
    """Whether a name is a subject and the first word of a sentence, or after the colon of a headline.

    By that little is told: "Goma fell", "Congo: Goma has fallen".
    """
    before = [word.text for word in sentence.words if word.start < entity.start]
    return (not before or before[-1] == ":") and any(
        word.start == entity.start and word.end == entity.end and word.relation == "nsubj"
        for word in sentence.words
    )


def _after_preposition(sentence: Sentence, entity: Entity) -> bool:
    """Whether a preposition stands before a name: "le marché de Gao" is in Gao, "Gao" alone may act."""
    before = [word for word in sentence.words if word.end <= entity.start]
    return bool(before) and before[-1].upos == "ADP"
