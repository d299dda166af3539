"""Make Stanza's `Pipeline`, from the models that ship with Tocsin or from Stanza's official packages.

This module alone imports stanza and torch, and only when a pipeline is made. Nothing is downloaded but by
`fetch`, which a person asks for.
"""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.errors import ModelError
from schemas.settings import Settings
from workers.extraction import contractions, model_files

if TYPE_CHECKING:
    from stanza import Pipeline

_PROCESSORS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner")
_WITH_VECTORS = ("pos", "depparse", "ner")


def name(settings: Settings, language: str) -> str:
    """What a record's `coder.models` calls the models: `bundled-fr`, `stanza-1.15.0-fr`."""
    return f"bundled-{language}" if settings.models == "bundled" else f"stanza-{version('stanza')}-{language}"


def load(language: str, settings: Settings, folder: Path = model_files.FOLDER) -> "Pipeline":
    """Load the pipeline of `language` with tokenizer, tagger, lemmatizer, parser and entities.

    torch is held to one thread: a worker forks for each article, and a thread pool does not survive a
    fork. More cores are used by more workers. `folder` is where bundled models lie.

    Raises:
        ModelError: A model is missing or damaged; the message names it and how to restore it.

    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import stanza  # noqa: PLC0415 - costs seconds, and the API must never pay them
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    if settings.models == "stanza":
        options: dict[str, object] = {"dir": settings.models_dir} if settings.models_dir else {}
        restore = f"Fetch them with: tocsin models fetch {language}"
    else:
        options = _bundled_options(language, folder)
        restore = f"Restore them with: git checkout -- workers/extraction/models/{language}"
    try:
        loaded = stanza.Pipeline(
            language,
            download_method=None,
            verbose=False,
            use_gpu=False,
            processors=",".join(_PROCESSORS),
            **options,
        )
    except Exception as error:
        # Stanza and torch raise what their readers happen to raise, from KeyError to UnpicklingError.
        raise ModelError(
            f"The {settings.models} models for {language!r} cannot be loaded ({error}). {restore}"
        ) from error
    if settings.models == "bundled" and (ambiguous := contractions.load().get(language)):
        for processor, then in (("mwt", contractions.join), ("pos", contractions.split)):
            loaded.processors[processor] = contractions.Followed(
                loaded.processors[processor], then, ambiguous
            )
    return loaded


def fetch(language: str, settings: Settings) -> None:
    """Download Stanza's official packages for `language` into `models_dir`, with a progress bar on stderr.

    Raises:
        ModelError: There are none, the hub does not answer, or what came is not what it announced.

    """
    import stanza  # noqa: PLC0415 - see load

    options = {"model_dir": settings.models_dir} if settings.models_dir else {}
    try:
        stanza.download(language, **options)
    except Exception as error:
        # What requests, zipfile and Stanza raise has no common base.
        raise ModelError(f"Stanza's packages for {language!r} could not be fetched: {error}") from error


def _bundled_options(language: str, folder: Path) -> dict[str, object]:
    """What `Pipeline` needs to find the files of ours, which have all been checked.

    The word vectors are stored in 16 bits. Stanza turns the weights of its models into 32 when it loads
    them, but computes with vectors as they are: they are put in its cache as 32.
    """
    from stanza.models.common.foundation_cache import FoundationCache  # noqa: PLC0415 - see load

    files = model_files.verified(language, folder)
    vectors = str(files["pretrain"])
    cache = FoundationCache()
    pretrain = cache.load_pretrain(vectors)
    pretrain._emb = pretrain.emb.float()  # noqa: SLF001 - there is no other way in
    options: dict[str, object] = {
        "dir": str(folder),
        "allow_unknown_language": True,
        "foundation_cache": cache,
    }
    options |= {f"{processor}_model_path": str(files[processor]) for processor in _PROCESSORS}
    options |= {f"{processor}_pretrain_path": vectors for processor in _WITH_VECTORS}
    return options
