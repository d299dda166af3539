"""`tocsin submit`, to a real service."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from schemas.access import Scope
from schemas.settings import Settings
from tests.client.conftest import coding, jobs, server
from workers.keys import KeyStore

__all__ = ["coding", "jobs", "server"]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A text, a page, and three lines of which the second is no article and the third cannot be coded."""
    (tmp_path / "a.txt").write_text("Des habitants ont manifesté.", encoding="utf-8")
    (tmp_path / "b.html").write_text("<p>Des habitants ont manifesté.</p>", encoding="utf-8")
    (tmp_path / "c.ndjson").write_text(
        '{"text": "Bonjour."}\n{"text": ""}\n{"text": "Bonjour.", "source": "unreadable"}\n', encoding="utf-8"
    )
    (tmp_path / "d.txt").write_bytes(b"\xe9t\xe9")
    return [str(tmp_path / name) for name in ("a.txt", "b.html", "c.ndjson", "d.txt")]


def submit(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "cli", "submit", *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_articles_become_records(server: str, coding: Callable[[], None], files: list[str]) -> None:
    coding()
    run = submit(*files, "--wait", "--format", "csv", "--url", server)
    assert run.returncode == 1
    assert len(list(csv.reader(io.StringIO(run.stdout)))) == 1 + 3
    assert "4 articles accepted: " in run.stderr
    assert "c.ndjson, line 2: There is not a word in it." in run.stderr
    assert "c.ndjson, line 3: There is no article in it." in run.stderr
    assert "d.txt: This is not UTF-8" in run.stderr


def test_without_waiting_the_address_is_printed(server: str, files: list[str]) -> None:
    run = submit(files[0], TOCSIN_URL=server)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{server}/v1/batches/")


def test_a_key_is_shown(server: str, redis: Redis, settings: Settings, files: list[str]) -> None:
    _, token = KeyStore(redis, settings).create("mine", "me", frozenset(Scope))
    refused = submit(files[0], "--url", server)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "tocsin: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert submit(files[0], "--url", server, TOCSIN_API_KEY=token).returncode == 0


def test_a_service_that_is_not_there_is_told_of() -> None:
    run = submit("-", "--url", "http://127.0.0.1:1")
    assert run.returncode == 1
    assert run.stderr.startswith("tocsin: Tocsin does not answer")
