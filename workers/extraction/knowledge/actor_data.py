"""Who acts: named groups and organisations, and the common nouns for kinds of actors.

`groups.toml` and `organisations.toml` hold for all languages, `<language>/actors.toml` for one; each
explains its format at the top.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Final, Self, TypeVar

import msgspec

from schemas.errors import KnowledgeError
from schemas.taxonomy import Inter, SubEventType
from workers.extraction.folding import fold
from workers.extraction.knowledge import FOLDER, read

ANY_LANGUAGE: Final = "any"
"""The key of aliases that are written the same in every language."""

Text = Annotated[str, msgspec.Meta(min_length=1, pattern=r"^\S(.*\S)?$")]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
CountryCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
LanguageKey = Annotated[str, msgspec.Meta(pattern=f"^([a-z]{{2}}|{ANY_LANGUAGE})$")]
Year = Annotated[int, msgspec.Meta(ge=1800, le=2100)]
T = TypeVar("T")


class GroupKind(StrEnum):
    """What an armed group is."""

    REBELS = "rebels"
    POLITICAL_MILITIA = "political_militia"
    IDENTITY_MILITIA = "identity_militia"
    GANG = "gang"
    PRIVATE_MILITARY = "private_military"

    @property
    def inter(self) -> Inter:
        """The kind of actor that ACLED counts it as; gangs and cartels are political militias there."""
        return _INTER[self]


_INTER = {
    GroupKind.REBELS: Inter.REBELS,
    GroupKind.POLITICAL_MILITIA: Inter.POLITICAL_MILITIA,
    GroupKind.IDENTITY_MILITIA: Inter.IDENTITY_MILITIA,
    GroupKind.GANG: Inter.POLITICAL_MILITIA,
    GroupKind.PRIVATE_MILITARY: Inter.EXTERNAL,
}


class OrganisationKind(StrEnum):
    """What an organisation is."""

    INTERGOVERNMENTAL = "intergovernmental"
    UNION = "union"
    PARTY = "party"
    NGO = "ngo"
    RELIGIOUS = "religious"


class ActorKind(StrEnum):
    """What kind of actor a common noun names."""

    MILITARY = "military"
    POLICE = "police"
    GOVERNMENT = "government"
    REBELS = "rebels"
    ARMED_GROUP = "armed_group"
    GANG = "gang"
    COMMUNAL_MILITIA = "communal_militia"
    PRIVATE_SECURITY = "private_security"
    PROTESTERS = "protesters"
    RIOTERS = "rioters"
    CRIMINALS = "criminals"
    STRANGERS = "strangers"
    CIVILIANS = "civilians"


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has a name of its own; the fields are explained in `groups.toml`."""

    name: Text
    countries: tuple[CountryCode, ...] = ()
    since: Year | None = None
    until: Year | None = None
    source: Text | None = None
    aliases: dict[LanguageKey, Texts] = {}

    def aliases_in(self, language: str) -> tuple[str, ...]:
        """What a text in `language` may call it."""
        keys = dict.fromkeys((ANY_LANGUAGE, language))
        return tuple(alias for key in keys for alias in self.aliases.get(key, ()))

    def existed_in(self, year: int) -> bool:
        """Whether `year` is between its first and last, where they are known."""
        return (self.since or year) <= year <= (self.until or year)


class Group(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named armed group."""

    kind: GroupKind
    countries: Annotated[tuple[CountryCode, ...], msgspec.Meta(min_length=1)]
    since: Year
    source: Text


class Organisation(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body that is no armed group; `forces` if it fields troops."""

    kind: OrganisationKind
    forces: bool = False


class Nouns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Common nouns: dictionary forms, several words in their usual form."""

    nouns: Texts


class KindNouns(Nouns, frozen=True, forbid_unknown_fields=True):
    """Nouns for a kind of actor, and what ACLED calls an attack by it where it has one weapon only."""

    kind: ActorKind
    sub_event_type: SubEventType | None = None


class PostNouns(Nouns, frozen=True, forbid_unknown_fields=True):
    """Nouns for where forces stand or how they travel, and whose that is where nothing says."""

    kind: ActorKind | None = None


class AssociationNouns(Nouns, frozen=True, forbid_unknown_fields=True):
    """Nouns for one of ACLED's associated groups: `Students`."""

    label: Text


class WeaponNouns(Nouns, frozen=True, forbid_unknown_fields=True):
    """Nouns for military equipment, and what ACLED calls an attack with it, if it has a name for that."""

    sub_event_type: SubEventType | None = None


class _NounFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: tuple[KindNouns, ...]
    association: tuple[AssociationNouns, ...]
    posts: tuple[PostNouns, ...]
    heads_without_content: tuple[Nouns, ...]
    collectives: tuple[Nouns, ...]
    weapons: tuple[WeaponNouns, ...]
    property: tuple[Nouns, ...]


class ActorData(msgspec.Struct, frozen=True, dict=True):
    """What is known about actors to a reader of one language.

    Attributes:
        language: ISO 639-1.
        groups: All armed groups, whatever their country.
        organisations: All other bodies.
        kinds: What kind of actor a noun names. Nouns are in lower case, here and below.
        associations: ACLED's associated group that a noun names (`Students`).
        posts: Nouns for where forces stand or how they travel, with whose it is if nothing says: "un poste".
        heads_without_content: Nouns whose complement says who it is: "une dizaine de soldats".
        collectives: Nouns that in the singular are of many people: "une foule".
        weapons: Nouns for military equipment, and for forces with only one kind: what an attack with it is.
        property: Nouns for what is looted, burnt or wrecked.

    """

    language: str
    groups: tuple[Group, ...]
    organisations: tuple[Organisation, ...]
    kinds: dict[str, ActorKind]
    associations: dict[str, str]
    posts: dict[str, ActorKind | None]
    heads_without_content: frozenset[str]
    collectives: frozenset[str]
    weapons: dict[str, SubEventType | None]
    property: frozenset[str]

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """Read and check the files.

        Raises:
            KnowledgeError: A file or an entry is not as its format demands.

        """
        groups = tuple(_entries("groups.toml", "group", Group))
        organisations = tuple(_entries("organisations.toml", "organisation", Organisation))
        check([*groups, *organisations])
        file = read(FOLDER / language / "actors.toml", _NounFile)
        nouns = (
            *file.kind,
            *file.association,
            *file.posts,
            *file.heads_without_content,
            *file.weapons,
            *file.property,
        )
        check_nouns(f"{language}/actors.toml", nouns)
        return cls(
            language,
            groups,
            organisations,
            {noun.casefold(): entry.kind for entry in file.kind for noun in entry.nouns},
            {noun.casefold(): entry.label for entry in file.association for noun in entry.nouns},
            {noun.casefold(): entry.kind for entry in file.posts for noun in entry.nouns},
            _all_nouns(file.heads_without_content),
            _all_nouns(file.collectives),
            {noun.casefold(): entry.sub_event_type for entry in file.weapons for noun in entry.nouns}
            | {
                noun.casefold(): kind.sub_event_type
                for kind in file.kind
                if kind.sub_event_type
                for noun in kind.nouns
            },
            _all_nouns(file.property),
        )

    @cached_property
    def aliases(self) -> dict[str, Named]:
        """Every group and organisation by what a text in this language may call it."""
        return {
            alias: named
            for named in (*self.groups, *self.organisations)
            for alias in named.aliases_in(self.language)
        }


def _entries(file: str, table: str, kind: type[T]) -> Iterator[T]:
    """The tables of a file, converted one by one so that an error can name the entry."""
    for other, rows in read(FOLDER / file, dict[str, list[dict[str, object]]]).items():
        if other != table:
            raise KnowledgeError(f"{file}: [[{other}]] is none of its tables.")
        yield from convert(file, rows, kind)


def convert(file: str, rows: Iterable[dict[str, object]], kind: type[T]) -> Iterator[T]:
    """The entries that `rows` hold.

    Raises:
        KnowledgeError: One does not fit; the message names it.

    """
    for number, row in enumerate(rows, start=1):
        try:
            yield msgspec.convert(row, kind)
        except msgspec.ValidationError as error:
            raise KnowledgeError(f"{file}, entry {number}, {row.get('name')!r}: {error}.") from error


def check(entries: Iterable[Named]) -> None:
    """See to it that a name or alias means one entry, however it is spelled, and that years are in order.

    Raises:
        KnowledgeError: Not so; the message names the entries.

    """
    entries = tuple(entries)
    for entry in entries:
        if entry.since and entry.until and entry.since > entry.until:
            raise KnowledgeError(f"{entry.name!r} ends in {entry.until}, before {entry.since}.")
    _check_unique("names", ((entry.name, entry.name) for entry in entries))
    for language in sorted({language for entry in entries for language in entry.aliases}):
        aliases = ((alias, entry.name) for entry in entries for alias in entry.aliases_in(language))
        _check_unique(f"aliases in {language!r}", aliases)


def check_nouns(file: str, entries: Iterable[Nouns]) -> None:
    """See to it that a noun stands in one place.

    Raises:
        KnowledgeError: It does not; the message names the places.

    """
    _check_unique(file, ((noun, _heading(entry)) for entry in entries for noun in entry.nouns))


def _heading(entry: Nouns) -> str:
    match entry:
        case KindNouns():
            return entry.kind
        case AssociationNouns():
            return entry.label
        case _:
            return "posts, heads without content, weapons or property"


def _check_unique(what: str, owned: Iterable[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for text, owner in owned:
        if (spelling := fold(text)) in owners:
            raise KnowledgeError(f"{what}: {text!r} stands both in {owners[spelling]!r} and in {owner!r}.")
        owners[spelling] = owner


def _all_nouns(entries: Iterable[Nouns]) -> frozenset[str]:
    return frozenset(noun.casefold() for entry in entries for noun in entry.nouns)
