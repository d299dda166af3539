"""Measure finished models as articles meet them: raw text in, all processors in a row, on one core."""

import json
import resource
import tempfile
import time
from importlib import import_module
from pathlib import Path

import msgspec
import torch
from stanza import Document, Pipeline
from stanza.models.common.utils import ud_scores
from stanza.utils.conll import CoNLL

from schemas.settings import Settings
from training import treebank
from training.preparing import spans
from workers.extraction import pipeline

UD_SCORES = ("Tokens", "Sentences", "Words", "UPOS", "UFeats", "Lemmas", "UAS", "LAS")


class Scores(msgspec.Struct, frozen=True):
    """F1 in percent; words a second by processor, and under `all` of the pipeline; seconds; megabytes.

    Times are those that the processor spent on this process, so that a busy machine measures the same.
    `beside` is the words a second of a spaCy package on the same text, None where it is not installed.
    """

    f1: dict[str, float]
    entities: dict[str, float]
    words_per_second: dict[str, float]
    loading_s: float
    loading_mb: float
    beside: float | None = None


def score(language: str, models: Path, work: Path, beside: str = "") -> Scores:
    """Score the models in `models/{language}` on the test files in `work`; time the spaCy package `beside`.

    The test treebank is one text without paragraph breaks, which is harder than an article. Entities are
    scored on the tokens of their own test file: its sentences cannot be put back into the text they were.
    """
    torch.set_num_threads(1)
    before = _resident_mb()
    start = time.process_time()
    loaded = pipeline.load(language, Settings(), models)
    loading = time.process_time() - start
    added = _resident_mb() - before
    gold = work / "test.conllu"
    text = " ".join(sentence.text for sentence in treebank.read([gold]))
    document, seconds = timed(loaded, text)
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.conllu"
        CoNLL.write_doc2conll(document, found)
        scores = ud_scores(str(gold), str(found))
    return Scores(
        f1={name: round(100 * scores[name].f1, 2) for name in UD_SCORES},
        entities=_entities(loaded, json.loads((work / "entities-test.json").read_text())),
        words_per_second={name: round(document.num_words / spent) for name, spent in seconds.items()},
        loading_s=round(loading, 2),
        loading_mb=round(added),
        beside=spacy_speed(beside, text),
    )


def spacy_speed(package: str, text: str) -> float | None:
    """Words a second of a spaCy package on one core, None if it or spaCy is not installed."""
    try:
        spacy = import_module("spacy")
        loaded = import_module(package).load() if package else None
    except ModuleNotFoundError:
        return None
    if loaded is None:
        return None
    spacy.require_cpu()
    start = time.process_time()
    document = loaded(text)
    spent = time.process_time() - start
    return round(sum(not token.is_space for token in document) / spent)


def timed(loaded: Pipeline, text: str) -> tuple[Document, dict[str, float]]:
    """Read `text`; the seconds of each processor, and under `all` their sum."""
    document: Document | str = text
    seconds: dict[str, float] = {}
    for name, processor in loaded.processors.items():
        start = time.process_time()
        document = processor.process(document)
        seconds[name] = time.process_time() - start
    seconds["all"] = sum(seconds.values())
    return document, seconds


def _entities(loaded: Pipeline, sentences: list[list[dict[str, str]]]) -> dict[str, float]:
    """F1 by kind, and under `all`: a hit is an entity of the same kind, beginning and end."""
    document = Document(
        [
            [{"id": (number,), "text": word["text"]} for number, word in enumerate(sentence, start=1)]
            for sentence in sentences
        ]
    )
    loaded.processors["ner"].process(document)
    wanted: set[tuple[int, int, int, str]] = set()
    found: set[tuple[int, int, int, str]] = set()
    for number, (sentence, parsed) in enumerate(zip(sentences, document.sentences, strict=True)):
        wanted |= {(number, *span) for span in spans([word["ner"] for word in sentence])}
        found |= {(number, *span) for span in spans([token.ner for token in parsed.tokens])}
    kinds = sorted({span[3] for span in wanted})
    scores = {
        kind: _f1({span for span in wanted if span[3] == kind}, {span for span in found if span[3] == kind})
        for kind in kinds
    }
    return {"all": _f1(wanted, found)} | scores


def _f1(wanted: set[tuple[int, int, int, str]], found: set[tuple[int, int, int, str]]) -> float:
    return round(200 * len(wanted & found) / (len(wanted) + len(found) or 1), 2)


def _resident_mb() -> float:
    """The memory that this process has in use; /proc is Linux's."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024**2
