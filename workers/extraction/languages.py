"""Which languages can be coded here."""

from pathlib import Path

from schemas.settings import Settings

KNOWLEDGE = Path(__file__).parent / "knowledge"
MODELS = Path(__file__).parent / "models"
_ISO_639_1_LENGTH = 2


def supported(settings: Settings) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that there are words and, where they ship with us, models for."""
    known = _folders(KNOWLEDGE)
    if settings.models == "bundled":
        known &= _folders(MODELS)
    return tuple(sorted(known))


def _folders(parent: Path) -> set[str]:
    return {
        entry.name for entry in parent.iterdir() if entry.is_dir() and len(entry.name) == _ISO_639_1_LENGTH
    }
