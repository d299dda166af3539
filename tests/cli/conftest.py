"""Start the `tocsin` command as a user does."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.cli.running import Running, Start

TOCSIN = (sys.executable, "-P", "-m", "cli")


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Start `tocsin` in an empty folder, with one worker, settings of ours and no others."""
    started: list[Running] = []

    def start(*arguments: str, **variables: str) -> Running:
        mark = uuid4().hex
        environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
        environment |= {"MARK": mark, "TOCSIN_PORT": str(port), "TOCSIN_WORKERS": "1", **variables}
        output = tmp_path / f"output-{mark}"
        with output.open("w") as stream:
            process = subprocess.Popen(
                [*TOCSIN, *arguments],
                cwd=tmp_path,
                env=environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        started.append(Running(process, mark, output))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.terminate()
            running.wait()
