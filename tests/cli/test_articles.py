"""What a file or stream is taken for, and how many articles are in it."""

import io

import pytest

from cli.articles import Format, Source, split
from schemas.article import Article
from schemas.errors import MalformedArticleError


def _sources(content: bytes, name: str = "standard input") -> list[Source]:
    return list(split(io.BytesIO(content), name))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", b"<p>Not markup, a text that begins so.", Format.TEXT),
        ("a.html", b"Sans balises", Format.HTML),
        ("standard input", b"\n <!DOCTYPE html><p>Bonjour", Format.HTML),
        ("standard input", b"<html lang=fr>", Format.HTML),
        ("standard input", b"Bonjour.\n{}", Format.TEXT),
        ("standard input", b'\n{"text": "Bonjour."}', Format.JSON),
        ("standard input", b"", Format.TEXT),
    ],
)
def test_name_or_content_tell_the_format(name: str, content: bytes, expected: Format) -> None:
    assert [source.format for source in _sources(content, name)] == [expected]


def test_a_text_is_kept_as_it_is() -> None:
    assert _sources("\n\n  Été.\n\nFin.\n".encode())[0].article() == Article(text="\n\n  Été.\n\nFin.\n")


def test_a_byte_order_mark_is_no_text() -> None:
    assert _sources(b"\xef\xbb\xbfBonjour.")[0].article() == Article(text="Bonjour.")


def test_an_object_may_take_many_lines() -> None:
    (source,) = _sources(b'{\n  "text": "Bonjour.",\n  "language": "fr"\n}\n', "a.json")
    assert source.article() == Article(text="Bonjour.", language="fr")


def test_objects_may_stand_one_a_line() -> None:
    first, second = _sources(b'\n{"text": "Un."}\n\n{"text": "Deux."}\n')
    assert (first.where, second.where) == ("standard input, line 2", "standard input, line 4")
    assert second.article() == Article(text="Deux.")


def test_a_broken_line_is_not_the_end_of_a_file_of_lines() -> None:
    assert len(_sources(b'{"text": "Un\n{"text": "Deux."}\n', "a.ndjson")) == 2


def test_lines_are_read_when_they_are_asked_for() -> None:
    stream = io.BytesIO(b'{"text": "Un."}\n' + b'{"text": "Deux."}\n')
    next(split(stream, "a.ndjson"))
    assert stream.read() == b'{"text": "Deux."}\n'


def test_a_page_in_the_encoding_that_it_declares() -> None:
    page = '<html><meta charset="windows-1252"><p>L’été</p>'.encode("windows-1252")
    assert _sources(page)[0].article() == Article(html='<html><meta charset="windows-1252"><p>L’été</p>')


@pytest.mark.parametrize("charset", ["utf-8", "klingon", ""])
def test_a_page_that_is_not_in_the_encoding_that_it_declares(charset: str) -> None:
    (source,) = _sources(f'<html><meta charset="{charset}">'.encode() + b"\xe9")
    with pytest.raises(MalformedArticleError, match="not UTF-8: byte"):
        source.article()


def test_a_text_that_is_not_utf_8() -> None:
    with pytest.raises(MalformedArticleError, match=r"not UTF-8: byte 1 \(0xe9\)"):
        _sources(b"\n\xe9t\xe9")[0].article()
