"""Which Redis is found, and who may use its data."""

from pathlib import Path

import pytest

from cli import redis_server
from cli.processes import ServiceError


def _program(folder: Path, name: str, version: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{version} sha=00000000:0 malloc=libc bits=64'\n")
    program.chmod(0o755)
    return program


def test_a_server_on_the_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = _program(tmp_path, "redis-server", "Redis server v=7.0.15")
    assert redis_server.find() == (program, "Redis 7.0.15")


def test_one_that_is_too_old_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _program(tmp_path, "valkey-server", "nothing of the kind")
    _program(tmp_path, "redis-server", "Redis server v=6.0.16")
    program, name = redis_server.find()
    assert program.name == "valkey-server"
    assert program.parent != tmp_path
    assert name.startswith("Valkey ")


def test_data_are_used_by_one_run_at_a_time(tmp_path: Path) -> None:
    again = redis_server.locked(tmp_path)
    with redis_server.locked(tmp_path), pytest.raises(ServiceError, match="TOCSIN_DATA_DIR"):
        again.__enter__()
    with redis_server.locked(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ServiceError, match="TOCSIN_DATA_DIR"),
        redis_server.locked(tmp_path / "file" / "data"),
    ):
        pass


def test_the_socket_has_a_short_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with redis_server.runtime_folder() as folder:
        assert len(str(folder / "redis.sock")) <= redis_server.LONGEST_SOCKET_PATH
    assert not folder.exists()
