"""The models that ship: whole, small, and safe to load."""

import pytest
import torch

from workers.extraction import model_files


@pytest.mark.parametrize("language", sorted(model_files.languages()))
def test_models_are_what_was_trained_and_small(language: str) -> None:
    files = model_files.verified(language)
    assert files.keys() == {"tokenize", "mwt", "pos", "lemma", "depparse", "ner", "pretrain"}
    assert sum(path.stat().st_size for path in files.values()) < 32 * 1024**2


@pytest.mark.parametrize("language", sorted(model_files.languages()))
def test_nothing_is_unpickled_but_weights(language: str) -> None:
    for path in model_files.verified(language).values():
        assert torch.load(path, map_location="cpu", weights_only=True)
