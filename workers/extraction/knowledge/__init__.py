"""What Tocsin knows about words, read from the files of this folder and validated as it is read.

Each file explains its format at the top. `fr/`, `en/`, ... hold what belongs to a language; the files
beside them hold for all. Nothing here decides anything: the grammar is in the modules of `extraction`.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import msgspec

from schemas.errors import KnowledgeError
from schemas.taxonomy import MODES, Action, SubEventType

FOLDER = Path(__file__).parent

T = TypeVar("T")
Words = tuple[str, ...]
Frame = Literal["attack", "capture", "clash", "demonstration", "meeting", "movement", "statement"]


class Trigger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sense that words report an event in; the fields are explained in `fr/triggers.toml`."""

    sense: Annotated[str, msgspec.Meta(min_length=1)]
    action: Action
    mode: str | None = None
    sub_event_type: SubEventType | None = None
    frame: Frame
    verbs: Words = ()
    nouns: Words = ()
    of: Literal["agent", "patient"] = "patient"
    about: Words = ()
    by: Words = ()
    without: frozenset[str] = frozenset()
    by_verb: frozenset[str] = frozenset()
    with_: frozenset[str] = msgspec.field(default=frozenset(), name="with")
    objects: frozenset[str] = frozenset()
    requires: Literal["agent", "patient", "any"] | None = None
    joint: bool = False

    @property
    def is_interaction(self) -> bool:
        """Whether it is politics without violence, in which what stands for an actor need not be one."""
        return self.sub_event_type is None and self.frame in ("statement", "meeting")


class Phrase(msgspec.Struct, frozen=True):
    """A trigger's words in lower case, `("prise", "d'", "otages")`; `reflexive` asks for a pronoun."""

    words: Words
    trigger: Trigger
    reflexive: bool = False

    @property
    def length(self) -> int:
        """How many words it has; of several phrases that fit, the longest are meant."""
        return len(self.words) + self.reflexive

    @property
    def exactness(self) -> tuple[int, bool, bool]:
        """What is tried first: the longest, what ACLED codes, what asks for an object."""
        return self.length, self.trigger.sub_event_type is not None, bool(self.trigger.objects)


class Prepositions(msgspec.Struct, frozen=True, dict=True, forbid_unknown_fields=True):
    """Prepositions by what they make of their noun."""

    place: frozenset[str]
    near: frozenset[str]
    toward: frozenset[str]
    of: frozenset[str]
    by: frozenset[str]
    against: frozenset[str]
    with_: frozenset[str] = msgspec.field(name="with")
    recipient: frozenset[str]
    between: frozenset[str]
    temporal: frozenset[str]
    cause: frozenset[str]
    source: frozenset[str]
    origin: frozenset[str]
    reason: frozenset[str]
    inside: frozenset[str]
    simultaneous: frozenset[str] = frozenset()

    @cached_property
    def compounds(self) -> tuple[str, ...]:
        """All prepositions of several words, the longest first."""
        classes = (getattr(self, field) for field in self.__struct_fields__)
        phrases = {phrase for group in classes for phrase in group if " " in phrase}
        return tuple(sorted(phrases, key=len, reverse=True))


class Verbs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Verbs and small words by what they do to the event below them."""

    unaccusative: frozenset[str]
    on_places: frozenset[str]
    taking: frozenset[str]
    light: frozenset[str]
    suffering: frozenset[str]
    undergoing: frozenset[str]
    giving: frozenset[str]
    continuing: frozenset[str]
    happening: frozenset[str]
    planning: frozenset[str]
    intending: frozenset[str]
    reporting: frozenset[str]
    threatening: frozenset[str]
    warning: frozenset[str]
    denying: frozenset[str]
    accusing: frozenset[str]
    negation: frozenset[str]
    hypothetical: frozenset[str]
    commemorating: frozenset[str]
    near_future: frozenset[str]
    dying: frozenset[str]
    cancelling: frozenset[str] = frozenset()
    passive_auxiliaries: frozenset[str] = frozenset()
    future_auxiliaries: frozenset[str] = frozenset()
    past_future_auxiliaries: frozenset[str] = frozenset()
    modal_auxiliaries: frozenset[str] = frozenset()
    obliging: frozenset[str] = frozenset()
    depicting: frozenset[str] = frozenset()
    crashing: frozenset[str] = frozenset()


class Pronouns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a reflexive verb is written in the data, and what its pronoun's lemma is."""

    reflexive: Words
    reflexive_lemmas: frozenset[str]
    persons: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()


class Anaphora(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Determiners that point back, as written; nouns that stand for who was named, or tell a place.

    `toponyms` begin names of places of several words, `clocks` stand beside the place whose time it is.
    """

    determiners: frozenset[str]
    country: frozenset[str]
    city: frozenset[str]
    group: frozenset[str]
    people: frozenset[str]
    borders: frozenset[str]
    place_nouns: frozenset[str]
    surroundings: frozenset[str]
    quarters: frozenset[str]
    toponyms: frozenset[str]
    clocks: frozenset[str]


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that say that a sentence does not report the present world."""

    sport: frozenset[str]
    fiction: frozenset[str]
    disaster: frozenset[str]
    anniversary: frozenset[str]
    claim: frozenset[str]
    politics: frozenset[str]
    habitual: frozenset[str] = frozenset()
    lifetime: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    judicial: frozenset[str] = frozenset()


class Manner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that say how something was done."""

    violent: frozenset[str]
    unopposed: frozenset[str]


class Nouns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nouns that add nothing to the event below them, or to which it adds no more than a kind."""

    transparent: frozenset[str]
    classifying: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    capitals_are_names: bool = False


class Quantities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number words, and the words that count people hurt."""

    numbers: dict[str, int]
    vague: dict[str, int]
    dead_nouns: frozenset[str]
    dead_verbs: frozenset[str]
    injured_nouns: frozenset[str]
    injured_verbs: frozenset[str]
    losing: dict[str, str]
    costing: dict[str, str]
    including: frozenset[str]
    approximate: frozenset[str]
    joints: frozenset[str]


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word form is where the models err."""

    lemma: str
    upos: str | None = None
    tense: str | None = None


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ending of finite verbs, that of their dictionary form, and the tense."""

    ending: str
    lemma: str
    tense: str


class Inflection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ending of inflected forms of a part of speech, and that of their dictionary form."""

    upos: Literal["VERB", "NOUN"]
    ending: str
    lemma: str


class Grammar(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The classes of words that the shared grammar asks for."""

    prepositions: Prepositions
    verbs: Verbs
    pronouns: Pronouns
    anaphora: Anaphora
    setting: Setting
    manner: Manner
    nouns: Nouns
    quantities: Quantities
    corrections: dict[str, Correction]
    endings: tuple[Ending, ...] = ()
    inflections: tuple[Inflection, ...] = ()


class _TriggerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trigger: tuple[Trigger, ...]


def read(path: Path, kind: type[T]) -> T:
    """Decode a TOML knowledge file into `kind`.

    Raises:
        KnowledgeError: The file is missing, is not TOML or does not fit; the message names the place.

    """
    name = path.relative_to(FOLDER)
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise KnowledgeError(f"{name} is missing.") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise KnowledgeError(f"{name}: {error}.") from error


class Lexicon(msgspec.Struct, frozen=True, dict=True):
    """The triggers and grammar words of one language."""

    language: str
    triggers: tuple[Trigger, ...]
    grammar: Grammar

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """Read and check the files of `language`.

        Raises:
            KnowledgeError: A file or an entry is not as its format demands.

        """
        folder = FOLDER / language
        triggers = read(folder / "triggers.toml", _TriggerFile).trigger
        senses: set[str] = set()
        for trigger in triggers:
            where = f"{language}/triggers.toml, {trigger.sense!r}"
            if trigger.sense in senses:
                raise KnowledgeError(f"{where}: the sense is there twice.")
            senses.add(trigger.sense)
            if not trigger.verbs and not trigger.nouns:
                raise KnowledgeError(f"{where}: neither verbs nor nouns.")
            if trigger.mode and trigger.mode not in MODES.get(trigger.action, ()):
                raise KnowledgeError(f"{where}: {trigger.action} has no mode {trigger.mode!r}.")
        return cls(language, triggers, read(folder / "grammar.toml", Grammar))

    @cached_property
    def verbs(self) -> dict[str, tuple[Phrase, ...]]:
        """The verb phrases of all triggers by their verb, the most exact first."""
        return _by_first_word(
            _phrase(words, trigger, self.grammar.pronouns.reflexive)
            for trigger in self.triggers
            for words in trigger.verbs
        )

    @cached_property
    def nouns(self) -> dict[str, tuple[Phrase, ...]]:
        """The noun phrases of all triggers by their first noun, the most exact first."""
        return _by_first_word(
            _phrase(words, trigger, ()) for trigger in self.triggers for words in trigger.nouns
        )

    def correct(self, form: str) -> Correction | None:
        """What `form` is if the models are known to err on it."""
        form = form.casefold()
        if known := self.grammar.corrections.get(form):
            return known
        for ending in self.grammar.endings:
            lemma = form.removesuffix(ending.ending) + ending.lemma
            if form.endswith(ending.ending) and (lemma in self.verbs or lemma in self._auxiliary_verbs):
                return Correction(lemma, "VERB", ending.tense)
        return None

    def lemma(self, form: str, lemma: str, upos: str) -> str:
        """The dictionary form of a word: `lemma`, or that of ours which its ending makes of it."""
        form = form.casefold()
        known = {"VERB": self._known_verbs, "NOUN": self._known_nouns}.get(upos, frozenset())
        if form in known or lemma.casefold() in known:
            return lemma
        for rule in self.grammar.inflections:
            base = form.removesuffix(rule.ending) + rule.lemma
            if rule.upos == upos and form.endswith(rule.ending) and base in known:
                return base
        return lemma

    @cached_property
    def _known_verbs(self) -> frozenset[str]:
        classes = self.grammar.verbs
        return frozenset(
            self.verbs.keys()
            | self._auxiliary_verbs
            | classes.threatening
            | classes.warning
            | classes.denying
            | self.grammar.quantities.dead_verbs
            | self.grammar.quantities.injured_verbs
        )

    @cached_property
    def _known_nouns(self) -> frozenset[str]:
        return frozenset(
            self.nouns.keys() | {phrase.words[-1] for same in self.nouns.values() for phrase in same}
        )

    @cached_property
    def _auxiliary_verbs(self) -> frozenset[str]:
        classes = self.grammar.verbs
        return classes.light | classes.happening | classes.continuing | classes.planning

    @cached_property
    def telling(self) -> frozenset[str]:
        """Lemmas and forms without which a sentence tells neither of an event nor of a toll."""
        quantities = self.grammar.quantities
        return frozenset(
            self.verbs.keys()
            | self.nouns.keys()
            | quantities.dead_nouns
            | quantities.dead_verbs
            | quantities.injured_nouns
            | quantities.injured_verbs
        )


def _phrase(written: str, trigger: Trigger, reflexive: Words) -> Phrase:
    found = words(written)
    rest = [word for word in found if word not in reflexive]
    return Phrase(tuple(rest), trigger, reflexive=rest != found)


def words(written: str) -> list[str]:
    """The words of a phrase of the data as the tokenizer would have them, in lower case."""
    return re.findall(r"[\w-]+[’']?", written.casefold())


def _by_first_word(phrases: Iterable[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        found.setdefault(phrase.words[0], []).append(phrase)
        for border in ("(?<=.)(-)(?=.)", "(?<=.)(?=-.)"):
            parts = tuple(part for word in phrase.words for part in re.split(border, word))
            if parts != phrase.words:
                # Tokenizers part words at hyphens, or do not; some leave the hyphen with what follows.
                found.setdefault(parts[0], []).append(msgspec.structs.replace(phrase, words=parts))
    return {
        word: tuple(sorted(same, key=lambda phrase: phrase.exactness, reverse=True))
        for word, same in found.items()
    }


def fingerprint() -> str:
    """Twelve hexadecimal digits that change with any word of any knowledge file."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.toml")):
        digest.update(path.relative_to(FOLDER).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
