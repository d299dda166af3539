"""Make of a trained model what ships: weights in 16 bits, nothing that only training needs."""

from pathlib import Path

import torch

_GZIP = b"\x1f\x8b"


def shrink(source: Path, target: Path) -> None:
    """Write the model file `source` in 16 bits to `target`; Stanza loads it as it is.

    The same weights make the same file, byte by byte: the lemmatizer's dictionary loses its time of packing.
    """
    content = torch.load(source, map_location="cpu", weights_only=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(_halved(content), target)


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
