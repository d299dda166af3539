"""`tocsin models`: which models there are, how good they are, and Stanza's official ones."""

import os

import msgspec
import rich_click as click
from rich.console import Console
from rich.table import Table

from schemas.errors import ModelError
from schemas.settings import Settings
from workers.extraction import model_files

_SHOWN = ("Sentences", "UPOS", "Lemmas", "UAS", "LAS")


class _Scores(msgspec.Struct, frozen=True):
    """What `training` wrote beside the models, of which more is in the model card."""

    f1: dict[str, float]
    entities: dict[str, float]


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models that ship with Tocsin: scores, size, checksums.

    Scores are F1 in percent on raw text. The files of each language are compared with their checksums; exit
    status 1 if one is damaged or missing.
    """
    if context.invoked_subcommand is not None:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Language", *_SHOWN, "Entities", "MB", "SHA-256"):
        table.add_column(heading, no_wrap=True)
    damaged: list[ModelError] = []
    for language in sorted(model_files.languages()):
        try:
            table.add_row(language, *_row(language))
        except ModelError as error:
            table.add_row(language, *("" for _ in (*_SHOWN, "Entities", "MB")), "damaged")
            damaged.append(error)
    Console().print(table)
    if damaged:
        raise damaged[0]


@models.command()
@click.argument("language")
def fetch(language: str) -> None:
    """Download Stanza's official packages for LANGUAGE, an ISO 639-1 code, into TOCSIN_MODELS_DIR.

    They are used where TOCSIN_MODELS is `stanza`. Where the hub is mirrored, STANZA_RESOURCES_URL says so.
    """
    from workers.extraction import pipeline  # noqa: PLC0415 - `tocsin models` need not wait

    settings = Settings.from_environment(os.environ)
    pipeline.fetch(language, settings)
    Console().print(f"Fetched. Use them with TOCSIN_MODELS=stanza{_folder(settings)}.", highlight=False)


def _row(language: str) -> list[str]:
    files = model_files.verified(language)
    size = sum(path.stat().st_size for path in files.values()) / 1024**2
    scores = msgspec.json.decode(
        (model_files.FOLDER / language / model_files.SCORES).read_bytes(), type=_Scores
    )
    figures = [scores.f1[name] for name in _SHOWN] + [scores.entities["all"]]
    return [*(f"{figure:.1f}" for figure in figures), f"{size:.1f}", f"all {len(files)} right"]


def _folder(settings: Settings) -> str:
    return f" TOCSIN_MODELS_DIR={settings.models_dir}" if settings.models_dir else ""
