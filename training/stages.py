"""Do what is not done yet: each finished stage leaves a stamp that says what it was made from."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path


class Stages:
    """The stages of one run; stamps lie in `folder` and survive an interruption."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, name: str, inputs: Iterable[Path], settings: str, action: Callable[[bool], None]) -> bool:
        """Do `action` unless it was done with the same input files and settings; whether it was done now.

        The action is told whether it was begun with the same, and interrupted, so that it may go on.
        """
        digest = hashlib.sha256(settings.encode())
        for path in inputs:
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        stamp = self._folder / name
        if stamp.is_file() and stamp.read_text() == digest.hexdigest():
            return False
        begun = self._folder / f"{name}.begun"
        interrupted = begun.is_file() and begun.read_text() == digest.hexdigest()
        begun.write_text(digest.hexdigest())
        action(interrupted)
        stamp.write_text(digest.hexdigest())
        begun.unlink()
        return True
