"""What was done is not done again, and what was interrupted goes on."""

from pathlib import Path

import pytest

from training.stages import Stages


def test_a_stage_is_done_again_only_when_something_changed(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("one")
    stages = Stages(tmp_path / "stamps")
    told: list[bool] = []
    assert stages.run("pos", [source], "seed 1", told.append)
    assert not stages.run("pos", [source], "seed 1", told.append)
    assert stages.run("pos", [source], "seed 2", told.append)
    source.write_text("two")
    assert stages.run("pos", [source], "seed 2", told.append)
    assert told == [False, False, False]


def test_an_interrupted_stage_goes_on_unless_something_changed(tmp_path: Path) -> None:
    stages = Stages(tmp_path / "stamps")
    told: list[bool] = []

    def interrupted(resume: bool) -> None:
        told.append(resume)
        raise KeyboardInterrupt

    for settings in ("seed 1", "seed 1", "seed 2"):
        with pytest.raises(KeyboardInterrupt):
            stages.run("pos", [], settings, interrupted)
    assert told == [False, True, False]
