"""Make Stanza's `Pipeline`, from the models that ship with Tocsin or from Stanza's official packages.

This module alone imports stanza and torch, and only when a pipeline is made. Nothing here downloads.
"""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import ModelError
from schemas.settings import Settings

if TYPE_CHECKING:
    from stanza import Pipeline

BUNDLED = Path(__file__).parent / "models"
"""A model directory of ours: `{language}/{processor}/tocsin.pt` and Stanza's `resources.json`."""

_PROCESSORS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner")
_WITH_VECTORS = ("pos", "depparse", "ner")


def name(settings: Settings, language: str) -> str:
    """What a record's `coder.models` calls the models: `bundled-fr`, `stanza-1.15.0-fr`."""
    return f"bundled-{language}" if settings.models == "bundled" else f"stanza-{version('stanza')}-{language}"


def load(language: str, settings: Settings) -> "Pipeline":
    """Load the pipeline of `language` with tokenizer, tagger, lemmatizer, parser and entities.

    torch is held to one thread: a worker forks for each article, and a thread pool does not survive a
    fork. More cores are used by more workers.

    Raises:
        ModelError: A model is missing or damaged; the message names it and how to restore it.

    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import stanza  # noqa: PLC0415 - costs seconds, and the API must never pay them
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    if settings.models == "stanza":
        options: dict[str, object] = {"dir": settings.models_dir} if settings.models_dir else {}
        restore = f"Fetch them with: python -c \"import stanza; stanza.download('{language}')\""
    else:
        options = _bundled_options(language)
        restore = f"Restore it with: git checkout -- workers/extraction/models/{language}"
    try:
        return stanza.Pipeline(
            language,
            download_method=None,
            verbose=False,
            use_gpu=False,
            processors=",".join(_processors(language)),
            **options,
        )
    except Exception as error:
        # Stanza and torch raise what their readers happen to raise, from KeyError to UnpicklingError.
        raise ModelError(
            f"The {settings.models} models for {language!r} cannot be loaded ({error}). {restore}"
        ) from error


def _processors(language: str) -> tuple[str, ...]:
    """English has no multi-word tokens to expand."""
    return tuple(processor for processor in _PROCESSORS if processor != "mwt" or language != "en")


def _bundled_options(language: str) -> dict[str, object]:
    options: dict[str, object] = {"dir": str(BUNDLED), "allow_unknown_language": True}
    wanted = {f"{processor}_model_path": processor for processor in _processors(language)}
    wanted |= {f"{processor}_pretrain_path": "pretrain" for processor in _WITH_VECTORS}
    for option, folder in wanted.items():
        path = BUNDLED / language / folder / "tocsin.pt"
        if not path.is_file():
            raise ModelError(
                f"The model workers/extraction/models/{language}/{folder}/tocsin.pt is missing. "
                f"Restore it with: git checkout -- workers/extraction/models/{language}"
            )
        options[option] = str(path)
    return options
