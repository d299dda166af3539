"""Make of a trained model what ships: weights in 16 bits, nothing that only training needs."""

from pathlib import Path
from typing import Any

import torch

_GZIP = b"\x1f\x8b"
_LEAST = 0.01
"""As long must be what the entity model adds to a word's vector, itself about 5 long, to be kept."""

_SPECIAL = 4  # Words at the beginning of a vocabulary that are none: padding, unknown, empty, root.


def shrink(source: Path, target: Path) -> None:
    """Write the model file `source` in 16 bits to `target`; Stanza loads it as it is.

    The same weights make the same file, byte by byte: the lemmatizer's dictionary loses its time of packing.
    """
    content = torch.load(source, map_location="cpu", weights_only=True)
    _forget(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(_halved(content), target)


def _forget(content: dict[str, Any]) -> None:
    """Take words from an entity model to whose vectors it adds next to nothing: two fifths of the English.

    To a word that it does not know it adds nothing.
    """
    weights = content.get("model") or {}
    added = weights.get("delta_emb.weight")
    if added is None:
        return
    vocabulary = content["vocab"]["delta"]
    kept = [
        number
        for number, length in enumerate(added.norm(dim=1).tolist())
        if number < _SPECIAL or length >= _LEAST
    ]
    words = [vocabulary["_id2unit"][number] for number in kept]
    weights["delta_emb.weight"] = added[kept]
    vocabulary["_id2unit"] = words
    vocabulary["_unit2id"] = {word: number for number, word in enumerate(words)}


def _halved(value: object) -> object:
    if isinstance(value, torch.Tensor):
        return value.half().clone() if value.dtype == torch.float32 else value
    if isinstance(value, bytes) and value.startswith(_GZIP):
        return value[:4] + bytes(4) + value[8:]
    if isinstance(value, dict):
        return type(value)((key, _halved(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value)(_halved(item) for item in value)
    return value
