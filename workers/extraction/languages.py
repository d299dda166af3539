"""Which languages can be coded here."""

from pathlib import Path

from schemas.settings import Settings
from workers.extraction import model_files

KNOWLEDGE = Path(__file__).parent / "knowledge"
LEXICON = "triggers.toml"
"""The file without which a language has no events; dates alone make none."""


def supported(settings: Settings) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that there are words and, where they ship with us, models for."""
    known = {path.parent.name for path in KNOWLEDGE.glob(f"*/{LEXICON}")}
    if settings.models == "bundled":
        known &= model_files.languages()
    return tuple(sorted(known))
