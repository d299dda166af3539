"""Write the model card: what the models learned from, and how good and fast they are."""

from collections import Counter
from importlib.metadata import version
from pathlib import Path

from training import treebank
from training.recipes import Recipe
from training.scoring import Scores

_NAMES = {"UFeats": "features kept"}


def write(recipe: Recipe, language: str, scores: Scores, *, data: Path, models: Path, made: str) -> None:
    """Write `README.md` into a finished model directory; `made` tells, in a sentence, how that was done."""
    folder = models / language
    size = sum(path.stat().st_size for path in folder.glob("*/*.pt")) / 1024**2
    lines = [
        f"# {recipe.name} models for Stanza",
        "",
        made,
        f"Stanza {version('stanza')}, torch {version('torch')}.",
        f"Tokenizer, multi-word tokens, tagger, lemmatizer, parser, entities: {size:.1f} MB.",
        "",
        "## Scores",
        "F1 in percent. Raw text in, through the whole pipeline: errors of one processor count in all that",
        "follow. The test treebank is one text without paragraph breaks. Entities: on given tokens.",
        "Beside them stands what Stanza publishes of its official packages (release 1.5.1 on UD 2.12): each",
        "was scored on the test set of its own data, which is not the one that ours were scored on.",
        "",
        *_row("", "F1", "aimed at", *(f"Stanza {name}" for name in recipe.published)),
        *_row(*["---"] * (3 + len(recipe.published))),
    ]
    for name, value in (scores.f1 | {"Entities": scores.entities["all"]}).items():
        others = [published.get(name, "") for published in recipe.published.values()]
        lines += _row(_NAMES.get(name, name), f"{value:.2f}", recipe.bars.get(name, ""), *others)
    lines += [
        "",
        "Entities by kind: "
        + ", ".join(f"{kind} {value:.1f}" for kind, value in scores.entities.items() if kind != "all")
        + ".",
        "",
        "## Speed",
        f"Words a second on one core: {_speeds(scores)}.",
        *_beside(recipe, scores),
        f"Loading: {scores.loading_s:.1f} s, {scores.loading_mb:.0f} MB of memory.",
        "",
        "## What they learned from",
        "",
        "| data | licence | share of the words |",
        "| --- | --- | --- |",
        *_shares(recipe, data),
        *(f"| {other.name} | {other.licence} | |" for other in recipe.others),
        "",
        f"Features kept: {', '.join(sorted(treebank.FEATURES))}.",
    ]
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(*cells: object) -> list[str]:
    return ["| " + " | ".join(map(str, cells)) + " |"]


def _beside(recipe: Recipe, scores: Scores) -> list[str]:
    if not recipe.beside:
        return []
    if scores.beside is None:
        return [f"spaCy's `{recipe.beside}` was not installed, and so was not timed beside them."]
    return [f"spaCy's `{recipe.beside}`, on the same text and core: {scores.beside:,.0f}."]


def _speeds(scores: Scores) -> str:
    return ", ".join(f"{name} {speed:,.0f}" for name, speed in scores.words_per_second.items())


def _shares(recipe: Recipe, data: Path) -> list[str]:
    """Table rows of the treebanks, by how many of the tagger's and the parser's words are from them."""
    words: Counter[str] = Counter()
    for sentence in treebank.read(data / name for name in (*recipe.treebanks, *recipe.further)):
        source = recipe.source(sentence.sent_id)
        if source:
            words[source.name] += len(sentence.words)
    total = words.total() or 1
    return [
        f"| {source.name} | {source.licence} | {100 * words[source.name] / total:.0f} % |"
        for source in recipe.sources
        if words[source.name]
    ]
