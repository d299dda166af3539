"""The way through the house: who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = frozenset({"api", "cli", "client", "schemas", "workers"})
MAY_IMPORT = {
    "schemas": {"schemas"},
    "client": {"schemas", "client"},
    "workers/extraction": {"schemas", "workers.extraction"},
    "training": {"schemas", "workers.extraction"},
    "workers": {"schemas", "workers"},
    "api": {"schemas", "workers", "api"},
    "cli": {"schemas", "workers", "api", "cli", "client"},
}
FOREIGN = {
    "client": {"redis", "rq", "litestar", "os", "pathlib"},
    "schemas": {"redis", "rq", "litestar", "httpx", "os", "pathlib"},
    "workers/extraction": {"redis", "rq", "litestar", "httpx", "httpcore", "socket"},
}


def modules(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_nobody_imports_from_above(folder: str) -> None:
    for path in modules(folder):
        ours = {name for name in imports(path) if name.partition(".")[0] in OURS - {"workers"}}
        ours |= {name for name in imports(path) if name.startswith("workers.")}
        for name in ours:
            assert any(f"{name}.".startswith(f"{allowed}.") for allowed in MAY_IMPORT[folder]), (path, name)


@pytest.mark.parametrize("folder", FOREIGN)
def test_what_is_pure_stays_pure(folder: str) -> None:
    for path in modules(folder):
        top_level = {name.partition(".")[0] for name in imports(path)}
        if folder == "workers/extraction":
            top_level -= {"os", "pathlib"}
        assert not top_level & FOREIGN[folder], path


def test_only_the_pipeline_knows_stanza_and_torch() -> None:
    importing = {
        path.relative_to(ROOT).as_posix()
        for folder in OURS
        for path in modules(folder)
        if {name.partition(".")[0] for name in imports(path)} & {"stanza", "torch"}
    }
    assert importing == {"workers/extraction/pipeline.py"}
