"""A `tocsin` that runs, and every process that it starts."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 90.0
"""Seconds until a test gives up waiting; generous, since other work may share the machine."""


class Running:
    """A `tocsin` that runs; its descendants are known by a mark in their environment."""

    def __init__(self, process: subprocess.Popen[str], mark: str, output: Path) -> None:
        self.process = process
        self._mark = f"MARK={mark}".encode()
        self._output = output

    @property
    def output(self) -> str:
        """What it has written so far, errors included."""
        return self._output.read_text(encoding="utf-8")

    @property
    def family(self) -> dict[int, str]:
        """The processes that it started and that still run, itself included: id and command line."""
        family = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark in (folder / "environ").read_bytes().split(b"\0"):
                    words = (folder / "cmdline").read_text(encoding="utf-8").split("\0")
                    family[int(folder.name)] = " ".join(words).rstrip()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return family

    def member(self, subcommand: str) -> int | None:
        """The process that runs a subcommand, the parent of its forks; None if there is none."""
        ending = f" -m cli {subcommand}"
        return min((pid for pid, command in self.family.items() if command.endswith(ending)), default=None)

    def wait_for_member(self, subcommand: str, but: int | None = None) -> int:
        """Wait until a process that is not `but` runs a subcommand."""
        self.wait_until(lambda: self.member(subcommand) not in {None, but}, subcommand)
        return self.member(subcommand) or 0

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for `condition`."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"Waited in vain for {what}. Output:\n{self.output}"
            time.sleep(0.05)

    def wait_for(self, text: str) -> None:
        """Wait until it has written `text`."""
        self.wait_until(
            lambda: text in self.output or self.process.poll() is not None, f"{text!r} in the output"
        )
        assert text in self.output

    def wait(self) -> int:
        """Wait for its end and return its exit status."""
        return self.process.wait(PATIENCE)


Start = Callable[..., Running]
"""Starts `tocsin` with the arguments given, and with variables given by name."""
