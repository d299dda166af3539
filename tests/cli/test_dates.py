"""`tocsin dates` as a shell runs it."""

import re
import subprocess
import sys

import pytest


def run(questions: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "dates"], input=questions, capture_output=True, text=True, check=False
    )


def test_every_question_gets_its_answer() -> None:
    answers = run(
        '{"id": "a", "text": "Manifestation le 16 décembre", "language": "fr", "reference": "2022-01-06"}\n'
        "\n"
        '{"id": "b", "text": "Riots in March 2021", "language": "en", "reference": "2022-01-06"}\n'
        '{"id": "c", "text": "Rien du tout", "language": "fr", "reference": "2022-01-06"}\n'
    )
    assert answers.stdout.splitlines() == [
        '{"id":"a","date":"2021-12-16","precision":"day"}',
        '{"id":"b","date":"2021-03-16","precision":"month"}',
        '{"id":"c","date":null,"precision":null}',
    ]
    assert answers.returncode == 0


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("nonsense", "Line 1: JSON is malformed"),
        ('{"id": "a", "text": "hier", "language": "fr"}', "Line 1: .*missing required field `reference`"),
        ('{"id": "a", "text": "jana", "language": "sw", "reference": "2022-01-06"}', "language `sw`"),
    ],
)
def test_what_is_no_question_ends_in_one_line(question: str, reason: str) -> None:
    answers = run(question)
    assert answers.returncode == 1
    assert answers.stderr.count("\n") == 1
    assert re.search(reason, answers.stderr)
