"""Say which country and which sector of society the words for an actor mean, without a sentence around them.

Three sources, the more particular first: names (people in office, bodies, armed groups), words for roles, and
countries. What a phrase is about is its head: of "Canadian ambassador to the United Nations" the ambassador
decides, and a head that says little ("president of the league") leaves it to what it belongs to.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Literal, NamedTuple, Self

import msgspec

from workers.extraction import knowledge
from workers.extraction.countries import Countries, Country
from workers.extraction.dates import DateResolver
from workers.extraction.folding import fold
from workers.extraction.gazetteer import Gazetteer
from workers.extraction.knowledge import Words
from workers.extraction.knowledge.actor_data import ActorData, Group, GroupKind, Named, OrganisationKind
from workers.extraction.knowledge.aliases import AliasMatcher

Sector = Literal[
    "GOV", "MIL", "COP", "SPY", "LEG", "JUD", "PTY", "OPP", "REB", "PRM", "UAF", "CRM", "IGO", "NGO", "SOC",
    "REL", "EDU", "MED", "BUS", "AGR", "LAB", "JRN", "REF", "CVL", "PRE", "ELI", "UNK", "JNK",
]  # fmt: skip
Term = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3} \d{4}-\d\d/(?:\d{4}-\d\d)?$")]
Iso3 = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]

SHORT: Final = 5
"""Names of so many letters or fewer are found in the capitals they are written in."""

TOWN: Final = 15_000
BIG_TOWN: Final = 500_000
"""So many people make a place known; without a capital letter it must be a big one."""

_LONGEST: Final = 7
_INTERNATIONAL: Final = frozenset({"UNO", "EUR", "IGO"})
_OUT_OF_OFFICE: Final = frozenset({"GOV", "LEG"})
_WORD: Final = re.compile(r"[^\W_]+")
_GROUP_SECTORS: Final[dict[GroupKind, Sector]] = {
    GroupKind.REBELS: "REB",
    GroupKind.POLITICAL_MILITIA: "PRM",
    GroupKind.IDENTITY_MILITIA: "UAF",
    GroupKind.GANG: "CRM",
    GroupKind.PRIVATE_MILITARY: "PRM",
}
_ORGANISATION_SECTORS: Final[dict[OrganisationKind, Sector]] = {
    OrganisationKind.INTERGOVERNMENTAL: "IGO",
    OrganisationKind.UNION: "LAB",
    OrganisationKind.PARTY: "PTY",
    OrganisationKind.NGO: "NGO",
    OrganisationKind.RELIGIOUS: "REL",
}

Key = tuple[str, ...]


_FORCES: Final[dict[Sector, str]] = {"MIL": "military", "COP": "police"}
"""The kinds of actor that bodies of a sector are, if they are a state's forces."""


class Code(msgspec.Struct, frozen=True):
    """What an actor phrase means.

    Attributes:
        country: ISO 3166-1 alpha-3, or UNO, EUR, IGO for bodies of several states; None if nothing says.
        sector: PLOVER's, None for a country as such.

    """

    country: str | None
    sector: Sector | None


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: Annotated[Words, msgspec.Meta(min_length=1)]
    country: Iso3 | None = None
    sector: Sector | None = None
    periods: tuple[Term, ...] = ()


class _Territory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: Annotated[Words, msgspec.Meta(min_length=1)]
    country: Iso3


class _Bodies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: tuple[_Body, ...]
    territory: tuple[_Territory, ...]


class _Vocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    head: Literal["first", "last"]
    former: frozenset[str]
    heads_end: frozenset[str]
    toward: frozenset[str]
    pronouns: frozenset[str]
    collectives: Words
    sectors: dict[Sector, Words]
    general: dict[str, Sector | Literal[""]]
    peoples: dict[str, Iso3]


class _Name(NamedTuple):
    """Somebody or something known by name."""

    country: str | None
    periods: tuple[str, ...]
    sector: Sector | None
    person: bool = False

    def on(self, day: date) -> Sector | None:
        """The sector on `day`: whoever has left every office is of the elite, who has none yet a civilian."""
        if not self.periods:
            return self.sector
        month = f"{day:%Y-%m}"
        terms = [(term[:3], *term[4:].split("/")) for term in self.periods]
        for sector, start, end in reversed(terms):
            if start <= month and (not end or month <= end):
                known: Sector = msgspec.convert(sector, Sector)
                return known
        return "ELI" if any(end and end < month for _, _, end in terms) else "CVL"


class _Token(NamedTuple):
    word: str
    written: str

    @property
    def capital(self) -> bool:
        return self.written[0].isupper()


class _Found(NamedTuple):
    """A name, role or country at the tokens `start` to `end`."""

    start: int
    end: int
    country: str | None = None
    sector: Sector | Literal[""] | None = None
    general: bool = False
    person: bool = False
    term: bool = False


class ActorCoder:
    """Codes actor phrases of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._words = knowledge.read(knowledge.FOLDER / language / "sectors.toml", _Vocabulary)
        self._countries = Countries.load()
        self._gazetteer = Gazetteer.load()
        self._aliases = AliasMatcher.load(language)
        ActorData.load(language)
        self._roles: dict[Key, tuple[Sector | Literal[""], bool]] = {}
        for sector, phrases in self._words.sectors.items():
            for phrase in phrases:
                self._roles[_key(phrase)] = (sector, False)
        for phrase, fallback in self._words.general.items():
            self._roles[_key(phrase)] = (fallback, True)
        self._collectives = {_key(word) for word in self._words.collectives}
        self._peoples = {_key(word): country for word, country in self._words.peoples.items()}
        self._pronouns = {fold(word) for word in self._words.pronouns}
        self._names: dict[Key, list[tuple[str, _Name]]] = {}
        self._surnames: dict[str, list[_Name]] = {}
        self._territories: dict[Key, str] = {}
        self._read_names()

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """The coder of `language`, once a process.

        Raises:
            KnowledgeError: A file is missing or does not follow its format.

        """
        return cls(language)

    def names(self, phrase: str) -> bool:
        """Whether a phrase is the name of somebody in people.toml or of a body."""
        tokens = _tokens(phrase)
        return any(_as_written(name, tokens) for name, _ in self._names.get(_key(phrase), ()))

    def country_of(self, name: str) -> Country | None:
        """The country of somebody in people.toml, by the whole name."""
        tokens = _tokens(name)
        countries = {
            entry.country
            for written, entry in self._names.get(_key(name), ())
            if len(tokens) > 1 and _as_written(written, tokens) and entry.country
        }
        return self._countries.by_code(countries.pop()) if len(countries) == 1 else None

    def forces(self, name: str) -> tuple[str, Country] | None:
        """The kind and country of an army or police that has a name of its own, such as "FARDC"."""
        tokens = _tokens(name)
        for written, entry in self._names.get(_key(name), ()):
            country = self._countries.by_code(entry.country or "")
            if country is not None and entry.sector in _FORCES and _as_written(written, tokens):
                return _FORCES[entry.sector], country
        return None

    def surname(self, word: str) -> bool:
        """Whether a word is the surname of somebody in people.toml."""
        return len(word) >= SHORT - 1 and fold(word) in self._surnames

    def role(self, word: str) -> Sector | None:
        """The sector that a word or phrase tells, if it is one for a role."""
        keys = _forms(_tokens(word)) if _tokens(word) else ()
        role = next((self._roles[key] for key in keys if key in self._roles), None)
        return (role[0] or "UNK") if role else None

    def code(self, text: str, day: date, context: str | None = None) -> Code:
        """The country and sector of `text` as of `day`; `context` is a country that it was said about."""
        tokens = _tokens(text)
        around = self._country_in(context) if context else None
        if not tokens:
            return Code(around, "UNK")
        if self._is_date(text, day):
            return Code(None, "JNK")
        if (whole := self._whole(text, tokens)) is not None:
            return whole
        names = list(self._find_names(text, tokens, day))
        taken = {index for found in names for index in range(found.start, found.end)}
        roles = list(self._find_roles(tokens, taken))
        end = self._end_of_head(tokens, [*names, *roles])
        countries = list(self._find_countries(tokens, taken))
        country = self._country(tokens, end, names, countries, taken) or around
        sector = self._sector(tokens, end, names, roles)
        if sector is None:
            known = country is not None and (countries or all(token.capital for token in tokens))
            person = len(tokens) > 1 and all(token.capital for token in tokens) and not countries
            sector = "CVL" if known or person else "UNK"
        return Code(country, sector)

    def _read_names(self) -> None:
        bodies = knowledge.read(knowledge.FOLDER / "sectors.toml", _Bodies)
        for body in bodies.body:
            for name in body.names:
                entry = _Name(body.country, body.periods, body.sector)
                self._names.setdefault(_key(name), []).append((name, entry))
        for territory in bodies.territory:
            self._territories |= dict.fromkeys(map(_key, territory.names), territory.country)
        people = knowledge.read(knowledge.FOLDER / "people.toml", dict[str, dict[str, tuple[Term, ...]]])
        for iso2, persons in people.items():
            country = self._countries.by_code(iso2)
            for name, terms in persons.items():
                entry = _Name(country.iso3 if country else None, terms, None, person=True)
                self._names.setdefault(_key(name), []).append((name, entry))
                self._surnames.setdefault(_key(name)[-1], []).append(entry)

    def _whole(self, text: str, tokens: list[_Token]) -> Code | None:
        """What a phrase means that is nothing but a pronoun, a state, a capital or a territory."""
        words = _key(text)
        bare = text.strip(" .,;:\"'")
        if country := self._territories.get(words) or self._territories.get(words[1:]):
            return Code(country, "PRE")
        if words in self._names or words[1:] in self._names:
            return None
        if len(words) == 1 and words[0] in self._pronouns and not bare.isupper():
            return Code(None, "UNK")
        if self._countries.by_name(bare, self._language) and tokens[-1].capital:
            return Code(self._country_in(bare), None)
        if (capital := self._countries.by_capital(bare, self._language)) and tokens[-1].capital:
            return Code(capital.iso3, "GOV")
        return None

    def _find_names(self, text: str, tokens: list[_Token], day: date) -> Iterator[_Found]:
        position = 0
        while position < len(tokens):
            for end in range(min(len(tokens), position + _LONGEST), position, -1):
                entries = [
                    entry
                    for name, entry in self._names.get(tuple(t.word for t in tokens[position:end]), ())
                    if _as_written(name, tokens[position:end])
                ]
                if entries:
                    yield _named(_in_office(entries, day), position, end, day)
                    position = end
                    break
            else:
                position += 1
        for match in self._aliases.find(text):
            start = len(_tokens(text[: match.start]))
            yield self._of_group(match.named, start, start + len(_tokens(text[match.start : match.end])))
        last = tokens[-1]
        if last.capital and (namesakes := self._surnames.get(last.word)) and len(last.word) >= SHORT - 1:
            others = tokens[:-1]
            if all(not token.capital or (token.word,) in self._roles for token in others):
                yield _named(_in_office(namesakes, day), len(tokens) - 1, len(tokens), day)

    def _of_group(self, named: Named, start: int, end: int) -> _Found:
        country = self._countries.by_code(named.countries[0]) if named.countries else None
        iso3 = country.iso3 if country else None
        if isinstance(named, Group):
            return _Found(start, end, iso3, _GROUP_SECTORS[named.kind])
        sector = _ORGANISATION_SECTORS[named.kind]  # type: ignore[attr-defined]
        return _Found(start, end, "IGO" if sector == "IGO" else iso3, sector)

    def _find_roles(self, tokens: list[_Token], taken: set[int]) -> Iterator[_Found]:
        position = 0
        while position < len(tokens):
            for end in range(min(len(tokens), position + _LONGEST), position, -1):
                if taken & set(range(position, end)):
                    continue
                role = next(
                    (self._roles[key] for key in _forms(tokens[position:end]) if key in self._roles), None
                )
                if role is not None:
                    yield _Found(position, end, None, role[0], general=role[1], term=True)
                    position = end
                    break
            else:
                position += 1

    def _find_countries(self, tokens: list[_Token], taken: set[int]) -> Iterator[_Found]:
        lower = not any(token.capital for token in tokens)
        position = 0
        while position < len(tokens):
            for end in range(min(len(tokens), position + _LONGEST), position, -1):
                part = tokens[position:end]
                if taken & set(range(position, end)):
                    continue
                if (lower or part[0].capital or self._language != "en") and (iso3 := self._country_of(part)):
                    yield _Found(position, end, iso3)
                    position = end
                    break
            else:
                position += 1

    def _country_of(self, part: list[_Token]) -> str | None:
        written = " ".join(token.written for token in part)
        key = tuple(token.word for token in part)
        if key in self._territories:
            return self._territories[key]
        if key in self._peoples:
            return self._peoples[key]
        demonym = self._countries.by_demonym(written, self._language)
        named = self._countries.by_name(written, self._language) if part[0].capital else None
        country: Country | None = named or demonym
        return country.iso3 if country else None

    def _country_in(self, text: str) -> str | None:
        return next((found.country for found in self._find_countries(_tokens(text), set())), None)

    def _end_of_head(self, tokens: list[_Token], known: Iterable[_Found]) -> int:
        inside = {index for found in known for index in range(found.start + 1, found.end)}
        for index, token in enumerate(tokens):
            if (
                index
                and index not in inside
                and token.word in self._words.heads_end
                and not token.written.isupper()
            ):
                return index
        return len(tokens)

    def _country(
        self, tokens: list[_Token], end: int, names: list[_Found], countries: list[_Found], taken: set[int]
    ) -> str | None:
        """The country of the first that has one, who is named before where they are from."""

        def toward(found: _Found) -> bool:
            return any(token.word in self._words.toward for token in tokens[end : found.start])

        own = [found for found in names if found.start < end and found.country]
        particular = [found for found in own if found.country not in _INTERNATIONAL]
        head = [found for found in countries if found.start < end]
        rest = [found for found in (*countries, *names) if found.start >= end and not toward(found)]
        for found in (*particular, *head, *own, *rest):
            if found.country:
                return found.country
        return self._place(tokens, taken)

    def _place(self, tokens: list[_Token], taken: set[int]) -> str | None:
        """The country of a town or province that the phrase names."""
        lower = not any(token.capital for token in tokens)
        if lower and len(tokens) == 1:
            return None
        for length in (3, 2, 1):
            for start in range(len(tokens) - length + 1):
                part = tokens[start : start + length]
                if taken & set(range(start, start + length)):
                    continue
                if not lower and not all(token.capital for token in part):
                    continue
                if length == 1 and part[0].word in self._words.heads_end | self._pronouns:
                    continue
                if length == 1 and any(key in self._roles for key in _forms(part)):
                    continue
                name = " ".join(token.written for token in part)
                place = self._gazetteer.resolve(name, language=self._language)
                if place is None or place.country is None:
                    continue
                needed = BIG_TOWN if lower else TOWN
                if place.kind != "city" or place.population >= needed or len(tokens) == length:
                    if lower and place.kind != "city":
                        continue
                    country = self._countries.by_code(place.country)
                    return country.iso3 if country else None
        return None

    def _sector(
        self, tokens: list[_Token], end: int, names: list[_Found], roles: list[_Found]
    ) -> Sector | None:
        former = any(token.word in self._words.former for token in tokens[:end])
        person = next((found for found in names if found.person), None)
        heads = [found for found in roles if found.start < end]
        telling = [found for found in heads if not found.general]
        bodies = [found for found in names if not found.person and found.sector]
        head_bodies = [found for found in bodies if found.start < end]
        chosen: Sector | None = None
        if person is not None and (person.sector != "ELI" or not heads or former):
            chosen = _sector_of(person)
        elif head_bodies:
            chosen = _sector_of(head_bodies[0])
        elif telling:
            chosen = _sector_of(telling[0] if self._words.head == "first" else telling[-1])
        else:
            rest = sorted(found for found in (*roles, *bodies) if found.start >= end and not found.general)
            if rest:
                chosen = _sector_of(rest[0])
            if chosen is None:
                general = [found for found in heads if found.sector]
                chosen = _sector_of(general[-1]) if general else None
        if former and chosen in _OUT_OF_OFFICE:
            return "ELI"
        return chosen

    def _is_date(self, text: str, day: date) -> bool:
        found = DateResolver.load(self._language).find(text, day)
        return len(found) == 1 and found[0].end - found[0].start == len(text.strip())


def _sector_of(found: _Found) -> Sector | None:
    return found.sector or None


def _named(entry: _Name, start: int, end: int, day: date) -> _Found:
    return _Found(start, end, entry.country, entry.on(day), person=entry.person)


def _in_office(entries: list[_Name], day: date) -> _Name:
    """Of namesakes the first who is in office."""
    return next((entry for entry in entries if entry.on(day) not in ("ELI", "CVL")), entries[0])


def _as_written(name: str, tokens: list[_Token]) -> bool:
    """Whether short names and those with capitals stand in capitals."""
    if len(name) <= SHORT and name.isupper():
        return all(token.written.isupper() for token in tokens)
    return tokens[0].capital or not name[0].isupper()


def _tokens(text: str) -> list[_Token]:
    """The words of a phrase; abbreviations are one, and the possessive ending is none."""
    joined = re.sub(r"\b([A-Z])\.(?=[A-Z]\b)", r"\1", text)
    joined = re.sub(r"\s?['’]s\b", " ", joined)
    return [_Token(fold(match[0]).replace(" ", ""), match[0]) for match in _WORD.finditer(joined)]


def _key(phrase: str) -> Key:
    return tuple(token.word for token in _tokens(phrase))


def _forms(tokens: list[_Token]) -> Iterator[Key]:
    """A phrase as it is, and with its words in the singular."""
    words = tuple(token.word for token in tokens)
    yield words
    singular = [
        ("s", ""), ("es", ""), ("ies", "y"), ("men", "man"), ("women", "woman"), ("x", ""), ("aux", "al"),
    ]  # fmt: skip
    for ending, single in singular:
        if words[-1].endswith(ending):
            yield (*words[:-1], words[-1].removesuffix(ending) + single)
    if all(word.endswith("s") for word in words):
        yield tuple(word.removesuffix("s") for word in words)
    if words[0].endswith("s"):
        yield (words[0].removesuffix("s"), *words[1:])
