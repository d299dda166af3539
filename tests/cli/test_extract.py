"""`tocsin extract`, on everything that it reads."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.run import EXAMPLE

EXTRACT = (sys.executable, "-P", "-m", "cli", "extract")
PROTEST = "Des centaines d'enseignants ont manifesté samedi à Bamako."
PAGE = (
    f"<html><head><title>Mali</title></head><body><article><p>{PROTEST} Ils réclament des salaires.</p>"
    "<p>Le ministre a répondu que le budget de l'année était déjà voté et ne pouvait être changé.</p>"
    "</article></body></html>"
)


def _extract(*files: str | Path, content: bytes = b"", cwd: Path | None = None) -> tuple[int, list[Any], str]:
    ended = subprocess.run(
        [*EXTRACT, *map(str, files)], input=content, capture_output=True, cwd=cwd, check=False
    )
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    return ended.returncode, lines, ended.stderr.decode()


def _submission(**fields: str) -> str:
    return json.dumps({"published_at": "2023-03-14", "language": "fr", **fields}, ensure_ascii=False)


def _without_time(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"events": [event | {"timestamp": 0} for event in line["events"]]}


def test_every_format_in_the_order_of_the_input(tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "object.json").write_text(
        json.dumps({"text": PROTEST, "published_at": "2023-03-14", "external_id": "object"}, indent=2)
    )
    content = "\n".join(
        [
            _submission(text=PROTEST, external_id="line 1"),
            '{"text": "cut o',
            _submission(text=PROTEST, external_id="line 3", titel="Mali"),
            _submission(text=PROTEST, external_id="line 4", published_at="14/03/2023"),
            "",
            _submission(html=PAGE, external_id="line 6"),
        ]
    )
    status, lines, errors = _extract(
        "article.txt", "page.html", "object.json", "-", content=content.encode(), cwd=tmp_path
    )
    assert status == 1
    assert errors == ""
    assert [list(line) for line in lines] == [
        ["external_id", "article_id", "language", "published_at", "text", "events", "error"]
    ] * len(lines)
    article, page, one, first, second, third, fourth, sixth = lines
    assert (article["language"], article["published_at"], article["error"]) == ("fr", "2023-03-14", None)
    assert {event["status"] for event in article["events"]} > {"occurred", "planned"}
    assert page["error"] is None
    assert [line["external_id"] for line in (one, first, fourth, sixth)] == [
        "object", "line 1", "line 4", "line 6"
    ]  # fmt: skip
    (event,) = first["events"]
    assert (event["event_type"], event["location"], event["event_date"]) == (
        "Protests",
        "Bamako",
        "2023-03-11",
    )
    assert sixth["events"][0]["event_type"] == "Protests"
    assert second["error"].startswith("standard input, line 2: This is not JSON: ")
    assert third["error"].startswith("standard input, line 3: /titel: `titel` is not a field of an article")
    assert fourth["error"].startswith(
        "standard input, line 4: /published_at: `14/03/2023` is not an ISO 8601"
    )
    assert second["events"] == third["events"] == fourth["events"] == []
    assert _without_time(one)["text"] == first["text"] == PROTEST


def test_what_cannot_be_coded_says_why_and_lines_are_written_at_once(tmp_path: Path) -> None:
    (tmp_path / "rubbish").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (tmp_path / "empty.txt").touch()
    process = subprocess.Popen(
        [*EXTRACT, tmp_path / "rubbish", tmp_path / "empty.txt", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin
        assert process.stdout
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdin.write(_submission(text=PROTEST).encode() + b"\n")
        process.stdin.flush()
        lines.append(json.loads(process.stdout.readline()))  # While more may follow.
        process.stdin.close()
        assert process.wait() == 1
    assert "This is not UTF-8: byte 0 (0x89)" in lines[0]["error"]
    assert "There is not a word in it." in lines[1]["error"]
    assert (lines[2]["error"], len(lines[2]["events"])) == (None, 1)


def test_a_missing_file_is_refused_before_anything_is_coded(tmp_path: Path) -> None:
    status, lines, errors = _extract(EXAMPLE, tmp_path / "nowhere.txt")
    assert (status, lines) == (2, [])
    assert "nowhere.txt" in errors


def test_no_line_is_written_to_a_reader_that_has_gone() -> None:
    content = b"{}\n" * 2000
    process = subprocess.Popen(
        [*EXTRACT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.close()
    _, errors = process.communicate(content)
    assert errors == b""
    assert process.returncode == 1


@pytest.mark.parametrize("records_to_terminal", [False, True])
def test_a_bar_on_a_terminal_keeps_out_of_the_records(records_to_terminal: bool, tmp_path: Path) -> None:
    (tmp_path / "articles.ndjson").write_text("{}\n" * 5)
    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [*EXTRACT, "articles.ndjson"],
        cwd=tmp_path,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "200"},
        stdout=terminal if records_to_terminal else subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        written = _read(controller)
        records = written if process.stdout is None else process.stdout.read().decode()
    os.close(controller)
    assert "5 articles coded" in written
    assert records.count('"error":"articles.ndjson, line ') == 5
    if not records_to_terminal:
        assert len([json.loads(line) for line in records.splitlines()]) == 5
        assert "error" not in written


def _read(terminal: int) -> str:
    """Read a terminal to its end, which Linux tells by an error."""
    content = b""
    while True:
        try:
            content += os.read(terminal, 65536)
        except OSError:
            return content.decode()
