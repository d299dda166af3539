"""What a submission must be before it is coded: all that can be said without reading the article.

The API and `tocsin extract` take articles in through here, so that both refuse the same ones in the
same words.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from schemas.article import Article
from schemas.errors import InvalidArticleError, MalformedArticleError
from schemas.settings import Settings
from workers.extraction import languages

CLOCK_SLACK: Final = timedelta(days=1)
"""How far ahead of ours a publisher's calendar may be."""

BINARY_SHARE: Final = 0.05
"""A text with a greater share of control characters is taken for binary data."""

QUOTED: Final = 60
"""How much of a value a message repeats, in characters."""

_RUBBISH: Final = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_AT: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN: Final = re.compile(r"unknown field `(?P<name>.*)`", re.DOTALL)


def decode(raw: bytes) -> Article:
    """Read the JSON of a submission.

    Raises:
        MalformedArticleError: It is not JSON in UTF-8.
        InvalidArticleError: It is, but not an object with the fields of an article.

    """
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise MalformedArticleError(
            f"This is not UTF-8: byte {error.start} (0x{raw[error.start]:02x}), {error.reason}."
        ) from error
    try:
        return msgspec.json.decode(raw, type=Article)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    except msgspec.DecodeError as error:
        raise malformed(error) from error


def malformed(error: msgspec.DecodeError) -> MalformedArticleError:
    """Say in our words where something ceases to be JSON."""
    reason = str(error).removeprefix("JSON is malformed: ")
    return MalformedArticleError(f"This is not JSON: {reason}.")


def check(article: Article, settings: Settings, today: date) -> None:
    """Refuse what no worker could code.

    Raises:
        InvalidArticleError: With the JSON Pointer of the field at fault.

    """
    if article.text is not None and article.html is not None:
        raise InvalidArticleError("Send either `text` or `html`, not both.", "/html")
    if article.text is None and article.html is None:
        raise InvalidArticleError("One of `text` and `html` is required.", "")
    for field, value in _strings(article):
        if (at := value.find("\0")) >= 0:
            raise InvalidArticleError(f"Character {at} is U+0000, which no text contains.", f"/{field}")
    if article.text is not None and len(article.text) > settings.max_text_characters:
        raise InvalidArticleError(
            f"The text has {len(article.text):,} characters; "
            f"at most {settings.max_text_characters:,} are accepted.",
            "/text",
        )
    for field in ("text", "html"):
        body = getattr(article, field)
        if body is not None and (reason := illegible(body)):
            raise InvalidArticleError(reason, f"/{field}")
    if article.language is not None:
        _check_language(article.language, settings)
    if article.published_at is not None:
        _check_publication(article.published_at, today)


def illegible(text: str) -> str | None:
    """Why `text` is nothing to read, None if it is."""
    if not any(map(str.isalpha, text)):
        return "There is not a word in it."
    rubbish = len(_RUBBISH.findall(text))
    if rubbish <= BINARY_SHARE * len(text):
        return None
    return (
        f"{rubbish:,} of {len(text):,} characters are control or replacement characters: "
        "this looks like binary data, or text in the wrong encoding."
    )


def publication_date(published_at: str) -> date:
    """Read an ISO 8601 date or date-time: the day as the publisher's calendar has it.

    Raises:
        InvalidArticleError: It is neither.

    """
    try:
        return datetime.fromisoformat(published_at).date()
    except ValueError as error:
        raise InvalidArticleError(
            f"{_quoted(published_at)} is not an ISO 8601 date or date-time, "
            "such as 2022-01-06 or 2022-01-06T14:30:00Z.",
            "/published_at",
        ) from error


def _invalid(message: str) -> InvalidArticleError:
    if unknown := _UNKNOWN.search(message):
        name = unknown["name"]
        known = ", ".join(Article.__struct_fields__)
        pointer = "/" + name.replace("~", "~0").replace("/", "~1") if len(name) <= QUOTED else ""
        return InvalidArticleError(
            f"{_quoted(name)} is not a field of an article; the fields are {known}.", pointer
        )
    located = _AT.search(message)
    reason = _AT.sub("", message).replace("`", "")
    return InvalidArticleError(f"{reason}.", f"/{located['path']}" if located else "")


def _strings(article: Article) -> Iterator[tuple[str, str]]:
    for field in article.__struct_fields__:
        if (value := getattr(article, field)) is not None:
            yield field, value


def _check_language(language: str, settings: Settings) -> None:
    supported = languages.supported(settings)
    if language not in supported:
        raise InvalidArticleError(
            f"{_quoted(language)} is not supported; the languages are {', '.join(supported)}.",
            "/language",
        )


def _check_publication(published_at: str, today: date) -> None:
    published = publication_date(published_at)
    if published > today + CLOCK_SLACK:
        raise InvalidArticleError(
            f"{published.isoformat()} is in the future; today is {today.isoformat()}.",
            "/published_at",
        )


def _quoted(value: str) -> str:
    return f"`{value if len(value) <= QUOTED else value[:QUOTED] + '…'}`"
