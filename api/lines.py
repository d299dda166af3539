"""NDJSON as it comes over the wire: lines out of chunks, and never more of them in memory than one group."""

from collections.abc import AsyncIterable, AsyncIterator
from typing import Final

from workers.batches import CHUNK, Line

GROUP_BYTES: Final = 4_000_000
"""How much is gathered before it is handed on, unless one line is longer."""


async def grouped(chunks: AsyncIterable[bytes], longest: int) -> AsyncIterator[list[Line]]:
    """Split a stream into numbered lines, and hand them on in groups; empty ones only count.

    Args:
        chunks: The stream.
        longest: A line of more bytes is passed on without its text, which is not kept.

    """
    group: list[Line] = []
    size = 0
    async for line in _split(chunks, longest):
        if line.raw is not None and not line.raw.strip():
            continue
        group.append(line)
        size += len(line.raw or b"")
        if len(group) == CHUNK or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


async def _split(chunks: AsyncIterable[bytes], longest: int) -> AsyncIterator[Line]:
    number = 1
    held = bytearray()
    is_too_long = False
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            is_too_long = is_too_long or len(held) + len(end) > longest
            yield Line(number, None if is_too_long else bytes(held + end))
            number += 1
            held.clear()
            is_too_long = False
        is_too_long = is_too_long or len(held) + len(rest) > longest
        if is_too_long:
            held.clear()
        else:
            held += rest
    if held or is_too_long:
        yield Line(number, None if is_too_long else bytes(held))
