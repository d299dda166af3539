"""Words with their lemmas from lexicons on PyPI, for the dictionary of a lemmatizer.

A treebank has few of a language's words in few of their forms; what a lemmatizer has not seen it guesses.
The lexicons give the lemmas of the words that have a vector, some 40,000. They are installed for
training only: `pip install -e '.[training]'`.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from training.treebank import Sentence, word

_Lemmas = Callable[[str, str], list[str]]
_UPOS = ("NOUN", "VERB", "ADJ", "ADV")


def read(package: str, words: Iterable[str]) -> Iterator[Sentence]:
    """Yield, as sentences of one word, those of `words` that `package` knows, with each UPOS that they have.

    What may have several lemmas with one UPOS is left out.

    Raises:
        ModuleNotFoundError: The package is not installed.

    """
    lemmas = _READERS[package](package)
    for form in words:
        for upos in _UPOS:
            found = lemmas(form, upos)
            if len(found) == 1 and form.isalpha() and form.islower():
                yield word(form, upos, found[0])


def _spacy(package: str) -> _Lemmas:
    """Tables of spaCy's French lemmatizer, which are made from Lefff (LGPL-LR)."""
    lookups = import_module(package).load(exclude=["tok2vec"]).get_pipe("lemmatizer").lookups
    tables = [lookups.get_table(f"lemma_{name}") for name in ("index", "exc", "rules")]
    index = {upos: frozenset(tables[0].get(upos.lower(), ())) for upos in _UPOS}

    def lemmas(form: str, upos: str) -> list[str]:
        if form in index[upos]:
            return [form]
        exceptions, rules = (table.get(upos.lower(), ()) for table in tables[1:])
        if form in exceptions:
            # An adjective that is a participle has a verb's lemma here, and an adjective's in treebanks.
            found = dict.fromkeys(exceptions[form])
            return [lemma for lemma in found if upos != "ADJ" or lemma not in index["VERB"]]
        built = [form[: len(form) - len(old)] + new for old, new in rules if form.endswith(old)]
        return list(dict.fromkeys(lemma for lemma in built if lemma in index[upos]))

    return lemmas


def _lemminflect(package: str) -> _Lemmas:
    """The English tables of lemminflect (MIT), which are made from the NIH's SPECIALIST lexicon."""
    found = import_module(package).getAllLemmas
    return lambda form, upos: list(found(form, upos).get(upos, ()))


_READERS: dict[str, Callable[[str], _Lemmas]] = {"fr_core_news_md": _spacy, "lemminflect": _lemminflect}
