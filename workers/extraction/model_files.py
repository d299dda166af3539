"""The model files that ship with Tocsin: where they are, and whether they are still what was trained."""

import hashlib
from pathlib import Path

from schemas.errors import ModelError

FOLDER = Path(__file__).parent / "models"
"""`{language}/{processor}/tocsin.pt`, a language's checksums beside them, and Stanza's `resources.json`."""

CHECKSUMS = "SHA256SUMS"
"""What `training` writes when a model directory is finished, in the format of sha256sum."""

SCORES = "scores.json"
"""How good and fast they are, likewise from `training`."""


def languages() -> frozenset[str]:
    """ISO 639-1 codes of the languages that models ship for."""
    return frozenset(path.parent.name for path in FOLDER.glob(f"*/{CHECKSUMS}"))


def verified(language: str, folder: Path = FOLDER) -> dict[str, Path]:
    """The model file of each processor of `language`, and `pretrain`'s, once all checksums are right.

    Raises:
        ModelError: A file is missing or is not what was trained; the message names it.

    """
    files: dict[str, Path] = {}
    for name, checksum in checksums(language, folder).items():
        path = folder / language / name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _unusable(path, language, error.strerror or "cannot be read") from error
        if found != checksum:
            raise _unusable(path, language, f"damaged: its SHA-256 is {found}, not {checksum}")
        files[path.parent.name] = path
    return files


def checksums(language: str, folder: Path = FOLDER) -> dict[str, str]:
    """The SHA-256 of each file of `language`, by its path below the language's folder."""
    path = folder / language / CHECKSUMS
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        return {name: checksum for checksum, name in (line.split("  ", 1) for line in lines)}
    except OSError as error:
        raise _unusable(path, language, error.strerror or "cannot be read") from error
    except ValueError as error:
        raise _unusable(path, language, "damaged") from error


def _unusable(path: Path, language: str, why: str) -> ModelError:
    folder = f"workers/extraction/models/{language}"
    return ModelError(f"The model file {path} is unusable ({why}). Restore it with: git checkout -- {folder}")
