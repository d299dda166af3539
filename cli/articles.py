"""Read articles from files and streams: plain text, HTML, a JSON object, or JSON objects a line."""

import codecs
import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

import msgspec

from schemas.article import Article
from schemas.errors import MalformedArticleError
from workers.extraction import submission


class Format(StrEnum):
    """What the bytes of an article are."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


SUFFIXES = {
    ".txt": Format.TEXT,
    ".md": Format.TEXT,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".json": Format.JSON,
    ".jsonl": Format.JSON,
    ".ndjson": Format.JSON,
}
"""Files that say by their names what they are; the content of all others tells."""

_LINES = frozenset({".jsonl", ".ndjson"})
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]+charset=["']?\s*(?P<name>[\w.:-]+)""", re.IGNORECASE)


class Source(msgspec.Struct, frozen=True):
    """An article as it was found; `where` names the place for people."""

    where: str
    format: Format
    raw: bytes

    def json(self) -> bytes:
        """Give it as the JSON of a submission; what is JSON already is for the service to judge.

        Raises:
            MalformedArticleError: It is not in UTF-8.

        """
        return self.raw if self.format is Format.JSON else msgspec.json.encode(self.article())

    def article(self) -> Article:
        """Read it.

        Raises:
            MalformedArticleError: It is not in UTF-8, or not JSON.
            InvalidArticleError: It is JSON, but not of an article.

        """
        match self.format:
            case Format.JSON:
                return submission.decode(self.raw)
            case Format.HTML:
                charset = _CHARSET.search(self.raw)
                return Article(html=_decoded(self.raw, charset["name"].decode() if charset else "utf-8"))
            case Format.TEXT:
                return Article(text=_decoded(self.raw, "utf-8"))


def split(stream: BinaryIO, name: str) -> Iterator[Source]:
    """Find the articles in `stream`: one, but for JSON objects a line, which are read one at a time."""
    suffix = PurePath(name).suffix.lower()
    head = b""
    while not head.strip() and (line := stream.readline()):
        head += line
    head = head.removeprefix(codecs.BOM_UTF8)
    form = SUFFIXES.get(suffix) or _guess(head)
    if form is Format.JSON and (suffix in _LINES or head.rstrip().endswith(b"}")):
        for number, line in enumerate(chain(head.splitlines(keepends=True), stream), start=1):
            if line.strip():
                yield Source(f"{name}, line {number}", form, line)
    else:
        yield Source(name, form, head + stream.read())


def _guess(head: bytes) -> Format:
    if head.lstrip().startswith(b"{"):
        return Format.JSON
    return Format.HTML if _MARKUP.match(head) else Format.TEXT


def _decoded(raw: bytes, charset: str) -> str:
    """Decode as UTF-8, or else in the character set that a page declares."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeDecodeError):
            raise MalformedArticleError(
                f"This is not UTF-8: byte {error.start} (0x{raw[error.start]:02x}), {error.reason}."
            ) from error
