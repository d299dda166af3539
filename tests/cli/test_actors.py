"""`tocsin actors` as a shell runs it."""

import re
import subprocess
import sys

import pytest


def run(questions: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "actors"], input=questions, capture_output=True, text=True, check=False
    )


def test_every_question_gets_its_answer() -> None:
    answers = run(
        '{"id": "a", "text": "Malian soldiers", "language": "en", "context": null, "date": "2022-05-01"}\n'
        "\n"
        '{"id": "b", "text": "une foule", "language": "fr"}\n'
    )
    assert answers.stdout.splitlines() == [
        '{"id":"a","country":"MLI","sector":"MIL"}',
        '{"id":"b","country":null,"sector":"CVL"}',
    ]
    assert answers.returncode == 0


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("nonsense", "Line 1: JSON is malformed"),
        ('{"id": "a", "text": "jeshi", "language": "sw"}', "language `sw`"),
    ],
)
def test_what_is_no_question_ends_in_one_line(question: str, reason: str) -> None:
    answers = run(question)
    assert answers.returncode == 1
    assert answers.stderr.count("\n") == 1
    assert re.search(reason, answers.stderr)
