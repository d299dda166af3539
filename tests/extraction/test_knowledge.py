"""The files that a conflict researcher edits: what is wrong in them is named."""

import re
import tomllib
from pathlib import Path

import pytest

from schemas.errors import KnowledgeError
from schemas.taxonomy import EventType
from workers.extraction import knowledge
from workers.extraction.actors import KINDS
from workers.extraction.knowledge import FOLDER, Lexicon

LANGUAGES = sorted(path.parent.name for path in FOLDER.glob("*/triggers.toml"))

TRIGGER = """
[[trigger]]
sense = "attack"
action = "ASSAULT"
mode = "firearms"
sub_event_type = "Attack"
frame = "attack"
verbs = ["attaquer"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A knowledge folder of one language, `fr`, to spoil."""
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "triggers.toml").write_text(TRIGGER)
    (tmp_path / "fr" / "grammar.toml").write_text((FOLDER / "fr" / "grammar.toml").read_text())
    monkeypatch.setattr(knowledge, "FOLDER", tmp_path)
    Lexicon.load.cache_clear()
    return tmp_path


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ('action = "ASSAIL"', "ASSAIL"),
        ('mode = "demo"', "'attack': ASSAULT has no mode 'demo'"),
        ('sub_event_type = "Atack"', "Atack"),
        ('frame = "attacks"', "attacks"),
        ("verbs = []", "'attack': neither verbs nor nouns"),
        ('verb = ["attaquer"]', "verb"),
        ("verbs = [", "triggers.toml"),
    ],
)
def test_a_wrong_entry_is_named(folder: Path, wrong: str, complaint: str) -> None:
    key = wrong.split(" ", maxsplit=1)[0]
    line = re.compile(rf"^{'verbs' if key == 'verb' else key} = .*$", flags=re.MULTILINE)
    (folder / "fr" / "triggers.toml").write_text(line.sub(wrong, TRIGGER))
    with pytest.raises(KnowledgeError, match=r"^fr/triggers\.toml") as error:
        Lexicon.load("fr")
    assert complaint in str(error.value)


def test_a_sense_has_one_entry(folder: Path) -> None:
    (folder / "fr" / "triggers.toml").write_text(TRIGGER * 2)
    with pytest.raises(KnowledgeError, match="'attack': the sense is there twice"):
        Lexicon.load("fr")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "fr" / "grammar.toml").unlink()
    with pytest.raises(KnowledgeError, match=r"^fr/grammar\.toml is missing"):
        Lexicon.load("fr")


def test_a_new_word_is_a_new_lexicon(folder: Path) -> None:
    before = knowledge.fingerprint()
    (folder / "fr" / "triggers.toml").write_text(TRIGGER.replace("attaquer", "agresser"))
    assert knowledge.fingerprint() != before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_reaches_all_of_acleds_event_types(language: str) -> None:
    Lexicon.load.cache_clear()
    coded = {
        trigger.sub_event_type.event_type
        for trigger in Lexicon.load(language).triggers
        if trigger.sub_event_type
    }
    assert coded == set(EventType)


def test_every_kind_of_actor_has_a_name_to_fill_in() -> None:
    for kind, row in KINDS.items():
        assert "{country}" in row.name, kind


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.toml")), ids=lambda path: path.stem)
def test_every_file_explains_itself(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# "), "the format is explained at the top"
    assert tomllib.loads(text)
