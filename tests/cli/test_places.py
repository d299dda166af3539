"""`tocsin places` as a shell runs it."""

import json
import subprocess
import sys


def run(questions: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", "places"], input=questions, capture_output=True, text=True, check=False
    )


def test_every_question_gets_its_answer() -> None:
    answers = run(
        '{"id": "a", "text": "There is fighting in Aleppo.", "language": "en"}\n'
        '{"id": "b", "text": "rien", "language": "fr"}\n'
    )
    first, second = map(json.loads, answers.stdout.splitlines())
    assert first == {
        "id": "a",
        "places": [
            {
                "text": "Aleppo",
                "start": 21,
                "end": 27,
                "country": "SYR",
                "admin1": "Aleppo",
                "latitude": 36.2012,
                "longitude": 37.1612,
                "geonameid": "170063",
            }
        ],
    }
    assert second == {"id": "b", "places": []}


def test_a_language_without_words_ends_in_one_line() -> None:
    answers = run('{"id": "a", "text": "Mji wa Goma", "language": "sw"}')
    assert answers.returncode == 1
    assert "language `sw`" in answers.stderr
    assert answers.stderr.count("\n") == 1
