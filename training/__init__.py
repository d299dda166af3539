"""The recipe of the models that ship with Tocsin: `python -m training fr --data ../shared --out DIR`.

Runs from the checkout and is no part of the installed service. `recipes.toml` says what is learned from which
data; `treebank`, `newspapers`, `lexicon`, `vectors` and `preparing` turn the data into what Stanza's programs
read, `processors` runs these programs (and `annealing` those that go on from a model), `retagging` lets the
parser hear the tagger, `shrinking` makes 16-bit files of what they write, `scoring` measures the whole
pipeline on raw text, `card` writes the model card, and `stages` leaves out what is done already.
"""
