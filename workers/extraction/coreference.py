"""Find whom pronouns and bare roles mean: "they", "ils", "les deux hommes", "the group", "the president".

Whom a pronoun means is sought where it usually is: among the subjects of the clauses around it, then among
those of the sentence before. Number, gender and kind must fit; where two fit equally well, it stays open.
"""

from collections import deque
from collections.abc import Iterator

import msgspec

from workers.extraction import grammar
from workers.extraction.actors import Describer, Description
from workers.extraction.knowledge import Grammar
from workers.extraction.parsing import Sentence, Word

REASON = "coreference"
"""Why an actor is who it is, where the clause has only a pronoun or a role for it."""

_MEMORY = 3
"""So many sentences back a bare role may have been named."""

_NAMING = ("nsubj", "obj", "obl", "nmod", "appos", "conj", "root")
_IMPERSONAL = frozenset({"country", "group", "organisation", "weapons", "place"})
_COLLECTIVE = frozenset({"group", "organisation", "military", "police", "people", "government", "country"})


class Referents:
    """Whom an article has named so far; it must be told of each sentence once that is done with."""

    def __init__(self, describer: Describer, words: Grammar) -> None:
        self._describer = describer
        self._words = words
        self._before: deque[Sentence] = deque(maxlen=_MEMORY)

    def read(self, sentence: Sentence) -> None:
        """Remember `sentence`."""
        self._before.append(sentence)

    def of_pronoun(self, sentence: Sentence, pronoun: Word) -> list[Description]:
        """Whom `pronoun` of `sentence` means; nobody if that is not sure.

        The words are those of the sentence itself, if it names them, else the pronoun.
        """
        verb = sentence.head(pronoun)
        itself = {
            subject.index
            for subject in (grammar.subjects(sentence, verb) if verb is not None else ())
            if pronoun.relation in ("obj", "iobj")
        }
        for heads in _subjects_around(sentence, pronoun):
            if itself.intersection(head.index for head in heads):
                # "Police fired tear gas to disperse them": nobody is "them" to himself.
                continue
            if found := self._fitting(sentence, heads, pronoun):
                return [_by_reference(side) for side in found]
        previous = self._before[-1] if self._before else None
        if previous is None or previous.index != sentence.index - 1:
            return []
        fitting = [
            found
            for word in previous.words
            if word.relation == "nsubj"
            and word.upos in ("NOUN", "PROPN")
            and (found := self._fitting(previous, grammar.conjuncts(previous, word), pronoun))
        ]
        if len(fitting) != 1:
            return []
        return [
            _by_reference(side, start=pronoun.start, end=pronoun.end, together=None) for side in fitting[0]
        ]

    def of_role(self, sentence: Sentence, head: Word, described: Description) -> list[Description]:
        """Whom a phrase such as "the president", "the group" or "les deux hommes" means.

        It is definite and says nothing more; who was named before must be of the same kind, and one, or as
        many as it says.
        """
        if described.country or described.named or not self._is_bare(sentence, head):
            return [described]
        anaphora = self._words.anaphora
        lemma = head.lemma.casefold()
        number = next(
            (
                self._words.quantities.numbers.get(child.lemma.casefold())
                for child in sentence.children(head, "nummod")
            ),
            None,
        )
        kinds: frozenset[str]
        if lemma in anaphora.group:
            kinds = frozenset({"group", "organisation"})
        elif lemma in anaphora.country and number:
            kinds = frozenset({"country"})
        elif lemma in anaphora.people and number:
            kinds = frozenset({"person", "government"})
        elif described.kind in ("government", "military", "police", "rebels", "armed_group"):
            # The police are no group of any other name.
            may_be_group = described.kind in ("rebels", "armed_group")
            kinds = frozenset({described.kind, "group"} if may_be_group else {described.kind})
        else:
            return [described]
        wanted = number or 1
        named: dict[str, Description] = {}
        for other in self._named_before(sentence, head):
            if other.kind in kinds and (other.country or other.named or other.kind == "person"):
                named.setdefault(_identity(other), other)
        if len(named) < wanted or (wanted == 1 and len(named) > 1):
            return [described]
        span = {"start": described.start, "end": described.end, "together": None}
        return [_by_reference(other, **span) for other in list(named.values())[:wanted]]

    def _is_bare(self, sentence: Sentence, head: Word) -> bool:
        """Whether a phrase is definite and says no more than what its noun does, and how many they are."""
        return grammar.points_back(sentence, head, self._words) and not sentence.children(
            head, "amod", "nmod", "compound", "appos", "flat", "acl"
        )

    def _named_before(self, sentence: Sentence, head: Word) -> Iterator[Description]:
        """Who is named before `head`, the nearest first."""
        for earlier in (sentence, *reversed(self._before)):
            for word in reversed(earlier.words):
                if earlier is sentence and word.index >= head.index:
                    continue
                if word.upos in ("NOUN", "PROPN") and word.relation in _NAMING:
                    yield self._describer.describe(earlier, word)

    def _fitting(self, sentence: Sentence, heads: list[Word], pronoun: Word) -> list[Description]:
        """What `heads` are, if number, gender and kind are those of `pronoun`."""
        described = [self._describer.describe(sentence, head) for head in heads]
        described = [
            side
            for side in described
            if side.kind not in ("unknown", "weapons", "place") or (side.national and not side.adjective)
        ]
        if not described:
            return []
        number = pronoun.feats.get("Number")
        several = len(heads) > 1 or described[0].many
        if number == "Plur" and not several and described[0].kind not in _COLLECTIVE:
            return []
        if number == "Sing" and several:
            return []
        pronouns, written = self._words.pronouns, pronoun.text.casefold()
        kind = described[0].kind
        if written in pronouns.persons and kind in _IMPERSONAL:
            return []
        office = heads[0].lemma.casefold() in self._words.anaphora.people
        if written in pronouns.things and (office or kind not in _IMPERSONAL | _COLLECTIVE):
            # "The government said it would", but not "the president said it would".
            return []
        gender = pronoun.feats.get("Gender") if number == "Sing" else None
        return described if gender is None or heads[0].feats.get("Gender", gender) == gender else []


def _subjects_around(sentence: Sentence, pronoun: Word) -> Iterator[list[Word]]:
    """The subjects of the clauses that `pronoun` stands in, the innermost first, that stand before it."""
    for above in sentence.ancestors(pronoun):
        for subject in sentence.children(above, "nsubj"):
            if subject.index < pronoun.index and subject.upos in ("NOUN", "PROPN"):
                if pronoun not in sentence.subtree(subject):
                    yield grammar.conjuncts(sentence, subject)


def _identity(side: Description) -> str:
    """Whom two phrases mean in common: a group, a country, a person of none."""
    if side.named:
        return side.named.name
    return side.country.iso2 if side.country else side.text


def _by_reference(side: Description, **changes: object) -> Description:
    return msgspec.structs.replace(side, reason=REASON, **changes)
