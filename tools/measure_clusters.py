"""Measure how often records of one event are found to be; `docs/clusters.md` has the figures.

Each report of the pairs in `tests/data/pairs.toml` is coded as an article of its own. A pair is joined if a
record of one report is in the cluster of a record of the other. `--wrong` shows the pairs that are judged
wrongly, with their records.
"""
# ruff: noqa: INP001  A script, not a package.

import argparse
import sys
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from schemas.article import Article
from schemas.event import Event
from schemas.settings import Settings
from workers.extraction.clustering import Clusters
from workers.extraction.extractor import Extractor

PAIRS: Final = Path(__file__).resolve().parent.parent / "tests" / "data" / "pairs.toml"


def main() -> None:
    """Print how many pairs of either kind are joined."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="show the pairs that are judged wrongly")
    show = parser.parse_args().wrong
    extractor = Extractor(Settings())
    counts: Counter[tuple[bool, bool]] = Counter()
    placed: Counter[bool] = Counter()
    for pair in tomllib.loads(PAIRS.read_text(encoding="utf-8"))["pair"]:
        one, other = coded(pair, extractor)
        joined = are_joined(one, other)
        counts[pair["same"], joined] += 1
        placed[pair["same"]] += all(map(has_place, (one, other)))
        if show and joined is not pair["same"]:
            sys.stdout.write(f"\n{pair['about']}\n")
            for events in (one, other):
                sys.stdout.writelines(f"  {_line(event)}\n" for event in events)
                sys.stdout.write("\n")
    for same, name in ((True, "one event"), (False, "two events")):
        total = counts[same, True] + counts[same, False]
        sys.stdout.write(
            f"Of {total} pairs of {name}, {counts[same, True]} are joined; "
            f"in {placed[same]} a place was found in both reports.\n"
        )


def coded(pair: dict[str, Any], extractor: Extractor) -> tuple[list[Event], list[Event]]:
    """Code both reports, the first before the other, and put their records into clusters."""
    clusters = Clusters()
    now = datetime.now(UTC)
    one, other = (
        clusters.add(extractor.extract(Article(**pair[side]), now).events) for side in ("one", "other")
    )
    return one, other


def are_joined(one: list[Event], other: list[Event]) -> bool:
    """Whether any record of one report is in the cluster of one of the other."""
    return bool({event.cluster_id for event in one} & {event.cluster_id for event in other})


def has_place(events: list[Event]) -> bool:
    """Whether an event that ACLED would code was found, and where it was."""
    return any(event.location and event.withheld_because is None for event in events)


def _line(event: Event) -> str:
    what = event.sub_event_type or event.action
    return (
        f"{what} ({event.status}), {event.event_date} ({event.evidence.reasons.get('event_date', 'told')}), "
        f"{event.location}, {event.country}: {event.actor1} / {event.actor2}, {event.fatalities} dead"
    )


if __name__ == "__main__":
    main()
