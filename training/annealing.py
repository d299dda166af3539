"""Run a training program of Stanza's that goes on from a model, at the rate that its arguments say.

`python -m training.annealing tagger MODEL ARGUMENTS...`

Stanza's own options for that do not work in 1.15: the second optimizer of `tagger` takes no step (the
program sets `optimizer`, its trainer steps `optimizers`), and `ner_tagger --finetune` goes on at the rate
that the model began with, whatever `--lr` says. Both programs have a `Trainer` that can load a model and
takes its arguments over those of the model. The tagger's program would number words and tags anew from the
sentences that it is given, which need not be those that the model began with: it gets the model's numbers.
"""

import sys
from functools import partial
from importlib import import_module
from typing import Any

import torch
from stanza.models.pos.data import Dataset
from stanza.models.pos.vocab import MultiVocab


def main(program: str, model: str, *arguments: str) -> None:
    """Run `stanza.models.{program}` with `arguments`, each trainer that it would begin anew being `model`."""
    module: Any = import_module(f"stanza.models.{program}")
    module.Trainer = partial(module.Trainer, model_file=model)
    if program == "tagger":
        vocabulary = MultiVocab.load_state_dict(torch.load(model, weights_only=True)["vocab"])
        Dataset.init_vocab = staticmethod(lambda *_: vocabulary)
    module.main(list(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
