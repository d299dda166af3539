"""Do what is not done yet: each finished stage leaves a stamp that says what it was made from."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path


class Stages:
    """The stages of one run; stamps lie in `folder` and survive an interruption."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, name: str, inputs: Iterable[Path], settings: str, action: Callable[[], None]) -> bool:
        """Do `action` unless it was done with the same input files and settings; whether it was done now."""
        digest = hashlib.sha256(settings.encode())
        for path in inputs:
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        stamp = self._folder / name
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return False
        action()
        stamp.write_text(digest.hexdigest())
        return True
