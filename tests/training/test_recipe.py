"""The recipe from data to a model directory that a pipeline reads with, on a toy language of a few words."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from schemas.errors import ModelError
from schemas.settings import Settings
from training import treebank
from workers.extraction import model_files, pipeline

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
    for name in ("treebanks/en", "ner", "models/en/pretrain"):
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
    generator = torch.Generator().manual_seed(1)
    rows = [
        " ".join([word, *(f"{x:.3f}" for x in torch.randn(100, generator=generator).tolist())])
        for word in words
    ]
    vectors = folder / "vectors.txt"
    vectors.write_text("\n".join(rows) + "\n")
    program = "import sys; from stanza.models.common.pretrain import Pretrain as P; P(*sys.argv[1:]).load()"
    target = folder / "models/en/pretrain/tocsin.pt"
    subprocess.run(
        [sys.executable, "-c", program, str(target), str(vectors)], check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models")
    run(data, out)
    return out


def run(data: Path, out: Path) -> str:
    command = [sys.executable, "-m", "training", "en", "--data", str(data), "--out", str(out), "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_quick_recipe_makes_models_that_read(trained: Path) -> None:
    reader = pipeline.load("en", Settings(), trained)
    document = reader("The mayor's men left Goma.")
    assert [token.text for token in document.sentences[0].tokens][:1] == ["The"]
    assert all(word.upos and word.lemma and word.deprel for word in document.sentences[0].words)


def test_the_card_tells_scores_speed_and_licences(trained: Path) -> None:
    card = (trained / "en" / "README.md").read_text()
    for told in ("| LAS |", "| Entities |", "Words a second", "CC BY 4.0", "| 100 % |"):
        assert told in card


def test_a_second_run_trains_nothing_again(data: Path, trained: Path) -> None:
    logs = sorted((trained / "en-work").glob("*/training.log"))
    assert len(logs) == 6
    before = [log.stat().st_mtime_ns for log in logs]
    run(data, trained)
    assert [log.stat().st_mtime_ns for log in logs] == before


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


def test_a_dictionary_knows_capitals_and_the_words_of_a_lexicon() -> None:
    known = [treebank.word("houses", "NOUN", "house"), treebank.word("Paris", "PROPN", "Paris")]
    lexicon = [treebank.word("houses", "NOUN", "hous"), treebank.word("houses", "VERB", "house")]
    assert [tuple(row[1:4]) for one in treebank.further(known, lexicon) for row in one.rows] == [
        ("houses", "house", "VERB"),
        ("Houses", "house", "NOUN"),
        ("Houses", "house", "VERB"),
    ]
