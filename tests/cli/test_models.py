"""`tocsin models`, with a stand-in on loopback for the hub of Stanza's packages."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.running import Start


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class calls it
        """Write nothing into the test's output."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """Address of a hub that has one package, of one file, for French."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("tokenize/standin.pt", b"weights")
    folder = tmp_path / "hub"
    (folder / "fr").mkdir(parents=True)
    (folder / "fr" / "default.zip").write_bytes(content.getvalue())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder)) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        known = {
            "fr": {"lang_name": "French", "default_md5": hashlib.md5(content.getvalue()).hexdigest()},  # noqa: S324
            "url": f"{address}/{{lang}}/{{filename}}",
        }
        (folder / "resources_1.15.0.json").write_text(json.dumps(known))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address
        server.shutdown()


def test_lists_what_ships_with_scores(start: Start) -> None:
    listed = start("models")
    assert listed.wait() == 0
    heading, *rows = listed.output.splitlines()
    assert heading.split()[:2] == ["Language", "Sentences"]
    assert {row.split()[0] for row in rows} >= {"fr"}
    assert all(row.rstrip().endswith("all 7 right") for row in rows)


def test_fetches_the_official_packages(start: Start, hub: str, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    environment = {
        "STANZA_RESOURCES_URL": hub,
        "STANZA_RESOURCES_VERSION": "1.15.0",
        "TOCSIN_MODELS_DIR": str(folder),
    }
    fetched = start("models", "fetch", "fr", **environment)
    assert fetched.wait() == 0, fetched.output
    assert "100%" in fetched.output
    assert "TOCSIN_MODELS=stanza" in fetched.output
    assert (folder / "fr" / "tokenize" / "standin.pt").read_bytes() == b"weights"


def test_says_why_nothing_could_be_fetched(start: Start, hub: str, tmp_path: Path) -> None:
    environment = {
        "STANZA_RESOURCES_URL": hub,
        "STANZA_RESOURCES_VERSION": "1.15.0",
        "TOCSIN_MODELS_DIR": str(tmp_path / "models"),
    }
    refused = start("models", "fetch", "xx", **environment)
    assert refused.wait() == 1
    assert "tocsin: Stanza's packages for 'xx' could not be fetched: Unknown language" in refused.output
