"""Train each processor with Stanza's own program for it, in a process of its own."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from training.vectors import VECTORS

MODEL = "tocsin.pt"
_LOG = "training.log"


@dataclass(frozen=True)
class Training:
    """A program of Stanza's and its arguments; files, `{vectors}` among them, are below the work folder.

    `share` is the part of a time budget that this training gets. `steps` are how many the program does, in
    its own unit; `quick` likewise for a toy. `done` finds in a line of its log how many are. `begins` names
    the training whose best model this one goes on from, see `annealing`. `rate` is for the model card.
    """

    program: str
    arguments: str
    limit: str
    steps: int
    quick: int
    share: float
    done: str
    begins: str = ""
    rate: str = ""


_TAGGER = Training(
    # Sentences of a batch: 50. What the coder does not read has no classifier: see treebank.FEATURES.
    "tagger",
    "--train_file train-tagger.conllu --eval_file dev-tagger.conllu --wordvec_pretrain_file {vectors}"
    " --hidden_dim 150 --char_hidden_dim 100 --char_emb_dim 50 --transformed_dim 100 --word_emb_dim 50"
    " --deep_biaff_hidden_dim 100 --composite_deep_biaff_hidden_dim 50 --batch_size 50"
    " --fix_eval_interval --eval_interval 100 --no_second_optim",
    "--max_steps",
    steps=3_600,
    quick=20,
    share=0.20,
    done=r"STEP (\d+)/",
    rate="Adam at 0.003",
)

_ENTITIES = Training(
    # Words of a batch: 800, of 32 sentences at most.
    "ner_tagger",
    "--train_file entities-train.json --eval_file entities-dev.json --wordvec_pretrain_file {vectors}"
    " --hidden_dim 150 --char_hidden_dim 60 --char_emb_dim 40 --word_emb_dim 100 --eval_interval 300",
    "--max_steps",
    steps=14_000,
    quick=20,
    share=0.10,
    done=r"step (\d+)/",
    rate="SGD from 0.1 down",
)

TRAININGS = {
    "tokenize": Training(
        "tokenizer",
        "--txt_file tokens-train.txt --label_file tokens-train.labels --mwt_json_file tokens-train.mwt.json"
        " --dev_txt_file tokens-dev.txt --dev_label_file tokens-dev.labels --dev_conll_gold tokens-dev.conllu"
        " --conll_file tokenize/dev-out.conllu --eval_steps 150"
        # Stanza leaves out of training what is longer than max_seqlen, which is 100 characters unless told.
        " --max_seqlen 300 --batch_size 16 --hidden_dim 100 --anneal 0.85 --anneal_after 1200",
        "--steps",
        steps=6_000,
        quick=150,
        share=0.07,
        done=r"Step +(\d+)/",
    ),
    "mwt": Training(
        "mwt_expander",
        "--train_file train.conllu --eval_file dev.conllu --gold_file dev.conllu"
        " --output_file mwt/dev-out.conllu",
        "--num_epoch",
        steps=5,
        quick=1,
        share=0.03,
        done=r"epoch (\d+)",
    ),
    "pos": _TAGGER,
    "pos-annealed": replace(
        _TAGGER,
        arguments=_TAGGER.arguments.replace("train-tagger", "train-tagger-annealed") + " --lr 0.0006",
        steps=1_000,
        share=0.05,
        begins="pos",
        rate="Adam at 0.0006",
    ),
    "lemma": Training(
        "lemmatizer",
        # The secondary file is for the dictionary alone.
        "--train_file train-words.conllu --secondary_file further-words.conllu --eval_file dev-few.conllu"
        " --output_file lemma/dev-out.conllu"
        " --batch_size 100 --hidden_dim 100",
        "--num_epoch",
        steps=6,
        quick=1,
        share=0.12,
        done=r"epoch (\d+)",
    ),
    "depparse": Training(
        # Words of a batch: 1,000. Most of a step is the biaffine layers, whose cost grows with the square of
        # deep_biaff_hidden_dim: 100 instead of Stanza's 400 makes a step of 0.4 s of one of 2. Adadelta,
        # Stanza's default, learns; Adam at 0.002 stood still at a LAS of 0.67.
        "parser",
        "--train_file train-parser.conllu --eval_file dev-parser.conllu --wordvec_pretrain_file {vectors}"
        " --hidden_dim 200 --char_hidden_dim 60 --char_emb_dim 40 --transformed_dim 100 --word_emb_dim 50"
        " --deep_biaff_hidden_dim 100 --deep_biaff_output_dim 100 --num_layers 2 --no_xpos --batch_size 1000"
        " --second_lr 0.0005 --second_warmup_steps 30 --dropout 0.33 --eval_interval 300",
        "--max_steps",
        steps=14_000,
        quick=20,
        share=0.40,
        done=r"STEP (\d+)/",
        rate="Adadelta, the last third or so Adam at 0.0005",
    ),
    "ner": _ENTITIES,
    "ner-annealed": replace(
        _ENTITIES,
        # The rate is halved whenever a further 300 steps have brought nothing.
        arguments=f"{_ENTITIES.arguments} --lr 0.05 --patience 0",
        steps=1_800,
        share=0.03,
        begins="ner",
        rate="SGD from 0.05 down",
    ),
}
"""In order: by processor, followed by what goes on from its model."""

LAST = {training.begins or name: name for name, training in TRAININGS.items()}
"""By processor, the training whose model ships."""

_WITH_LANGUAGE = frozenset({"tokenizer", "tagger", "parser"})
_SECOND_OPTIMIZER = 9 / 14  # Of the parser's steps are done when its second optimizer takes over.


class TrainingError(Exception):
    """A training program failed; the message is the end of what it wrote."""


def train(
    name: str,
    language: str,
    work: Path,
    resume: bool,
    *,
    seed: int,
    quick: bool,
    seconds: float | None,
    progress: Callable[[int, int], None],
) -> None:
    """Do one of `TRAININGS`; its best model is then `work/{name}/tocsin.pt`.

    The parser takes up an interrupted training where it last saved it if told to `resume`; the others begin
    anew. A budget of `seconds` cuts a training, but not before it has left a first model: the best until then
    is kept. `progress` is told steps done and of how many.

    Raises:
        TrainingError: The program failed.

    """
    training = TRAININGS[name]
    steps = training.quick if quick else training.steps
    if not resume or training.program != "parser":
        shutil.rmtree(work / name, ignore_errors=True)
    (work / name).mkdir(exist_ok=True)
    program = [f"stanza.models.{training.program}"]
    if training.begins:
        program = ["training.annealing", training.program, f"{training.begins}/{MODEL}"]
    command = [
        *(sys.executable, "-m", *program),
        *training.arguments.format(vectors=VECTORS).split(),
        *(training.limit, str(steps)),
        *("--shorthand", f"{language}_tocsin", "--save_dir", name, "--save_name", MODEL),
        *("--seed", str(seed)),
    ]
    if training.program in _WITH_LANGUAGE:
        command += ["--lang", language]
    if quick and "--eval_interval" in command:
        command += ["--eval_interval", str(steps // 2)]
    if training.program == "parser":
        command += ["--second_optim_start_step", str(int(steps * _SECOND_OPTIMIZER))]
    log = work / name / _LOG
    environment = os.environ | ({} if torch.cuda.is_available() else {"OMP_NUM_THREADS": "1"})
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - Stanza's, with arguments of ours
            command, cwd=work, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        remaining = seconds
        try:
            while process.poll() is None:
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    progress(_done(log, training.done), steps)
                    if remaining is not None:
                        remaining -= 1
                        if remaining <= 0 and (work / name / MODEL).is_file():
                            break
        finally:
            process.terminate()
            code = process.wait()
    cut = remaining is not None and remaining <= 0
    if (code and not cut) or not (work / name / MODEL).is_file():
        end = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise TrainingError(f"{name} was not trained:\n{end}")
    progress(steps, steps)


def told(work: Path) -> str:
    """How long each training went on, as its log tells, for the model card."""
    steps: dict[str, str] = {}
    for name, training in TRAININGS.items():
        unit = "epochs" if training.limit == "--num_epoch" else "steps"
        done = f"{_done(work / name / _LOG, training.done):,}"
        rate = f" ({training.rate})" if training.rate else ""
        if training.begins:
            steps[training.begins] += f" and {done} more{rate}"
        else:
            steps[name] = f"{name} {done} {unit}{rate}"
    return ",\n".join(steps.values())


def _done(log: Path, pattern: str) -> int:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4_000))
        found = re.findall(pattern, file.read().decode(errors="replace"))
    return int(found[-1]) if found else 0
