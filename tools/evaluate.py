"""Measure Tocsin on the development sets and print each figure beside its bar: `make evaluate [SET=NAME]`.

The sets (`gold/`) and their scorer (`eval/score.py`) are not part of the project: they are found in the
folder `shared` beside it, or in the one that `--shared` names. What was predicted stays in
`.tocsin/evaluation/`, one file a set; `--misses N` shows what was wrong with it.
"""
# ruff: noqa: INP001  A script, not a package.

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

PROJECT: Final = Path(__file__).resolve().parent.parent
PREDICTIONS: Final = PROJECT / ".tocsin" / "evaluation"

COMMANDS: Final = {"dates": "dates", "places": "places", "actor_codes": "actors"}
"""Kinds of sets that ask for a part of the extraction, and the command that answers."""

AT_LEAST: Final = {
    "case21-dev": {"sub.weighted_f1": 0.80},
    "popcorn-dev": {"doc_types.f1": 0.85, "event.trigger": 0.80, "given.event.place": 0.80},
    "muc4-dev": {"doc_types.f1": 0.65},
    "plover-dev": {"dyad.action.accuracy": 0.70},
    "roles-dev": {"dyad.found": 0.86},
    "location-dev": {"accuracy": 0.75},
    "actors-dev": {"actor.overlap.f1": 0.60},
    "dates-dev": {"accuracy.fr": 0.90, "accuracy.en": 0.90},
    "places-dev": {"text.all_met": 1.0},
    "actor-codes-dev": {"country.accuracy": 0.85, "sector.accuracy": 0.75},
}
"""What each measure should reach."""

AT_MOST: Final = {
    "case21-dev": {"outside.false_positive_rate": 0.10, "coded_per_snippet": 1.3},
    "popcorn-dev": {"negatives.false_positive_rate": 0.05},
}
"""What each error rate may reach."""


def main() -> int:
    """Predict, score, print; status 1 if a bar does not hold, 2 if there is nothing to measure."""
    arguments = _arguments()
    gold = arguments.shared / "gold"
    sets = sorted(path for path in gold.glob("*/") if arguments.set in {None, path.name})
    if not sets:
        sys.stderr.write(f"There is no development set {arguments.set or ''} in {gold}.\n".replace("  ", " "))
        return 2
    PREDICTIONS.mkdir(parents=True, exist_ok=True)
    kinds = {path: json.loads((path / "meta.json").read_text(encoding="utf-8"))["kind"] for path in sets}
    if not arguments.reuse:
        _extract([path for path in sets if kinds[path] not in COMMANDS])
        for path in sets:
            if kinds[path] in COMMANDS:
                _ask(COMMANDS[kinds[path]], path)
    table = Table("set", "measure", "value", "bar", "", title="Development sets")
    holds = [_score(path, arguments, table) for path in sets]
    Console().print(table)
    return 0 if all(holds) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Tocsin on the development sets.")
    parser.add_argument("set", nargs="?", help="only this set")
    parser.add_argument(
        "--shared", type=Path, default=PROJECT.parent / "shared", help="where gold/ and eval/ are"
    )
    parser.add_argument("--reuse", action="store_true", help="score the predictions of the last time")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="also show the first N misses")
    return parser.parse_args()


def _extract(sets: list[Path]) -> None:
    """Code the articles of all sets in one process: loading the models takes longer than a small set."""
    if not sets:
        return
    inputs = [path / "input.ndjson" for path in sets]
    counts = [sum(1 for line in source.open(encoding="utf-8") if line.strip()) for source in inputs]
    command = [sys.executable, "-m", "cli", "extract", *map(str, inputs)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as coder:  # noqa: S603 - our own command
        if coder.stdout is None:
            raise AssertionError(command)
        for path, count in zip(sets, counts, strict=True):
            with _predictions(path).open("w", encoding="utf-8") as output:
                for _ in range(count):
                    output.write(coder.stdout.readline())


def _ask(command: str, path: Path) -> None:
    with (path / "input.ndjson").open("rb") as questions, _predictions(path).open("wb") as answers:
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "cli", command], cwd=PROJECT, stdin=questions, stdout=answers, check=False
        )


def _score(path: Path, arguments: argparse.Namespace, table: Table) -> bool:
    """Add the lines of a set to the table; whether all its bars hold."""
    scorer = [sys.executable, str(arguments.shared / "eval" / "score.py"), str(path), str(_predictions(path))]
    report = subprocess.run([*scorer, "--json"], check=True, capture_output=True, text=True)  # noqa: S603 - the scorer
    if arguments.misses:
        subprocess.run([*scorer, "--misses", str(arguments.misses)], check=True)  # noqa: S603 - the scorer
    result: dict[str, Any] = json.loads(report.stdout)
    table.add_section()
    held = True
    for bars, sign in ((AT_LEAST, 1), (AT_MOST, -1)):
        for name, bar in bars.get(path.name, {}).items():
            value = result["metrics"].get(name, {}).get("value")
            holds = value is not None and sign * value >= sign * bar
            held &= holds
            shown = "-" if value is None else f"{value:.4f}"
            table.add_row(path.name, name, shown, f"{'≥' if sign > 0 else '≤'} {bar:.2f}", _mark(holds=holds))
    problems = sum(result["sanity"].values())
    table.add_row(path.name, "contract violations", str(problems), "0", _mark(holds=not problems))
    return held and not problems


def _predictions(path: Path) -> Path:
    return PREDICTIONS / f"{path.name}.ndjson"


def _mark(*, holds: bool) -> str:
    return "[green]holds[/]" if holds else "[red]misses[/]"


if __name__ == "__main__":
    sys.exit(main())
