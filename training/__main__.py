"""The command of the recipe; `python -m training --help`."""

import hashlib
import json
import logging
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import msgspec
import rich_click as click
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from training import card, preparing, processors, recipes, retagging, scoring, shrinking
from training.processors import LAST, MODEL, TRAININGS
from training.stages import Stages
from training.vectors import VECTORS
from workers.extraction import contractions
from workers.extraction.model_files import CHECKSUMS, SCORES

QUICK_SENTENCES = 200

_PREPARED = {
    "tokenize": ("tokens-train.txt", "tokens-train.labels", "tokens-dev.txt"),
    "mwt": ("train.conllu", "dev.conllu"),
    "pos": ("train-tagger.conllu", "train-tagger-annealed.conllu", "dev-tagger.conllu"),
    "lemma": ("train-words.conllu", "further-words.conllu", "dev-few.conllu"),
    "depparse": ("train-parser.conllu", "dev-parser.conllu"),
    "ner": ("entities-train.json", "entities-dev.json"),
}
"""The files that a processor learns from, besides the word vectors: a training's stamp covers them."""

_RETAGGED = ("train.conllu", "train-further.conllu", "dev-few.conllu")
"""The files whose words get the tagger's tags for the parser."""


@click.command()
@click.argument("language", type=click.Choice(sorted(recipes.load())))
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
              help="Folder of treebanks/, ner/ and word vectors as recipes.toml names them.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Where the models go: OUT/LANGUAGE.")  # fmt: skip
@click.option("--work", type=click.Path(path_type=Path, file_okay=False),
              help="Folder of what training reads and leaves; OUT/LANGUAGE-work unless given.")  # fmt: skip
@click.option("--minutes", type=float,
              help="Stop training after so many minutes altogether; the best models are kept.")  # fmt: skip
@click.option("--seed", default=1234, show_default=True)
@click.option("--quick", is_flag=True, help="A toy from a few sentences, to try the recipe.")
def main(
    language: str, data: Path, out: Path, work: Path | None, minutes: float | None, seed: int, *, quick: bool
) -> None:
    """Train, shrink, score and describe the models of LANGUAGE.

    Interrupted, it goes on where it was when started again in the same way. A GPU is used if torch sees one.
    """
    recipe = recipes.load()[language]
    if not quick and find_spec(recipe.lexicon) is None:
        raise click.ClickException(f"{recipe.lexicon} is not installed: pip install -e '.[training]'")
    work = work or out / f"{language}-work"
    stages = Stages(work / "stamps")
    console = Console()
    console.print(f"{recipe.name}, on {'a GPU' if torch.cuda.is_available() else 'the CPU'}.")
    logging.getLogger("stanza").setLevel(logging.ERROR)

    entities = [f"{recipe.entities}.{part}.bio" for part in ("train", "dev", "test")]
    names = (*recipe.treebanks, *recipe.further, recipe.dev, recipe.test, recipe.vectors, *entities)
    sources = [data / name for name in names]
    missing = ", ".join(str(source) for source in sources if not source.is_file())
    if missing:
        raise click.ClickException(f"There is no {missing}: training/recipes.toml tells what belongs there.")
    sentences = QUICK_SENTENCES if quick else None
    stages.run(
        "prepare", sources, f"{seed} {sentences}",
        lambda _: preparing.prepare(recipe, language, data, work, seed, sentences),
    )  # fmt: skip

    with Progress(
        TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    ) as progress:  # fmt: skip
        for name, training in TRAININGS.items():
            if name == "depparse":
                stages.run(
                    "retag",
                    [*(work / file for file in _RETAGGED), work / LAST["pos"] / MODEL],
                    str(seed),
                    lambda _: retagging.retag(work, LAST["pos"], contractions.load().get(language, {}), seed),
                )
            task = progress.add_task(name, total=training.quick if quick else training.steps)
            seconds = None if minutes is None else minutes * 60 * training.share

            def tell(done: int, total: int, task: TaskID = task) -> None:
                progress.update(task, completed=done, total=total)

            inputs = [work / file for file in (*_PREPARED[training.begins or name], VECTORS)]
            if training.begins:
                inputs.append(work / training.begins / MODEL)
            stages.run(
                name,
                inputs,
                f"{training} {seed} {quick} {seconds}",
                partial(
                    processors.train, name, language, work,
                    seed=seed, quick=quick, seconds=seconds, progress=tell,
                ),
            )  # fmt: skip
            progress.update(task, completed=progress.tasks[task].total)

    command = _told(language, minutes, seed, quick=quick)
    finish(language, data, out, work, f"{command}:\n{processors.told(work)}.")
    console.print((out / language / "README.md").read_text(), markup=False, highlight=False)


def finish(language: str, data: Path, out: Path, work: Path, made: str) -> None:
    """Make of the trained models in `work` a model directory with checksums, scores and card.

    `made` is the sentence of the card that tells how they were trained.
    """
    recipe = recipes.load()[language]
    for processor, name in LAST.items():
        shrinking.shrink(work / name / MODEL, out / language / processor / MODEL)
    shrinking.shrink(work / VECTORS, out / language / "pretrain" / MODEL)
    _describe_to_stanza(out)
    names = sorted(path.relative_to(out / language) for path in (out / language).glob(f"*/{MODEL}"))
    sums = [(hashlib.sha256((out / language / name).read_bytes()).hexdigest(), name) for name in names]
    (out / language / CHECKSUMS).write_text(
        "".join(f"{checksum}  {name.as_posix()}\n" for checksum, name in sums)
    )
    scores = scoring.score(language, out, work, recipe.beside)
    (out / language / SCORES).write_bytes(msgspec.json.format(msgspec.json.encode(scores), indent=2) + b"\n")
    card.write(recipe, language, scores, data=data, models=out, made=made)


def _describe_to_stanza(out: Path) -> None:
    """Add the languages to `resources.json`, without which Stanza loads nothing."""
    names = {code: recipe.name for code, recipe in recipes.load().items() if (out / code).is_dir()}
    known: dict[str, object] = {
        code: {"lang_name": name, "packages": {}} for code, name in sorted(names.items())
    }
    (out / "resources.json").write_text(json.dumps(known | {"url": "none"}) + "\n")


def _told(language: str, minutes: float | None, seed: int, *, quick: bool) -> str:
    told = [f"Made by `python -m training {language} --data DATA --out OUT", f"--seed {seed}"]
    if minutes is not None:
        told.append(f"--minutes {minutes:g}")
    if quick:
        told.append("--quick")
    return " ".join(told) + "`"


if __name__ == "__main__":
    main()
