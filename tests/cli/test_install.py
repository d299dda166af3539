"""The Makefile and what it installs with, as far as this can be tried without installing."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_names_every_target() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    shown = _make("help").stdout
    assert targets == ["help", "run", "test", "evaluate"]
    assert all(f"make {target} " in shown for target in targets)


def test_says_when_there_is_no_such_python() -> None:
    made = _make("--always-make", "run", "PYTHON=python-of-nowhere")
    assert made.returncode == 2
    assert "There is no python-of-nowhere here" in made.stdout


def test_an_old_python_can_read_the_installer_and_is_refused() -> None:
    source = (ROOT / "cli" / "install.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    old = next(filter(None, map(shutil.which, ("python3.6", "python3.8", "python3.9", "python3.10"))), None)
    if old is None or subprocess.run([old, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("There is no Python here that is older than 3.11.")
    made = _make("--always-make", "run", f"PYTHON={old}")
    assert made.returncode == 2
    assert "Tocsin needs Python 3.11 or newer" in made.stderr
    assert "make run PYTHON=" in made.stderr
