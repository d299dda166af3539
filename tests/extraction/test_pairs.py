"""Reports of one event join, reports of two do not: measured on pairs, as `docs/clusters.md` says."""

import re
import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "measure_clusters.py"
FIGURE = r"Of (\d+) pairs of (one|two) events?, (\d+) are joined"


def test_reports_of_one_event_join_and_hardly_any_of_two() -> None:
    """The coder has to find the event in both reports first, and where and when it was."""
    measured = subprocess.run([sys.executable, "-P", TOOL], capture_output=True, text=True, check=True)
    (same, _, found), (different, _, confused) = re.findall(FIGURE, measured.stdout)
    assert int(same) >= 20
    assert int(different) >= 20
    assert int(found) / int(same) >= 0.6
    assert int(confused) <= 1
