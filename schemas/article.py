"""What a client submits, and what reading it gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from schemas.event import Event

Label = Annotated[str, msgspec.Meta(max_length=2000)]
"""What is known about an article; bounded, since it is repeated in every record."""


class Article(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An article as submitted: `text` or `html`, never both, and what is known about it.

    Attributes:
        text: The article as plain text.
        html: The article's page; text, title and publication date are taken from it.
        title: The headline.
        language: ISO 639-1 code in lower case; detected when absent.
        published_at: ISO 8601 date or date-time. When absent it is read from the HTML or the text, else
            the time of submission is used, and the job says so.
        source: Who published it; carried through to the records.
        url: Where it was published; carried through to the records.
        external_id: Your own identifier of it; carried through to the records.
        callback_url: Where to POST how the job ended, as a message of the type `job.succeeded` or
            `job.failed`. `POST /v1/callback-secret` gives what it is signed with.

    """

    text: str | None = None
    html: str | None = None
    title: Label | None = None
    language: str | None = None
    published_at: str | None = None
    source: Label | None = None
    url: Label | None = None
    external_id: Label | None = None
    callback_url: Label | None = None


class PublicationSource(StrEnum):
    """Where the publication date was found."""

    SUBMITTED = "submitted"
    HTML = "html"
    TEXT = "text"
    SUBMISSION_TIME = "submission_time"


class Extraction(msgspec.Struct, kw_only=True):
    """What coding an article gave.

    `article_id` is derived from the content, so that the same article gives the same records whichever
    way it comes in. `text` is what the spans of the records count in: the title, where there is one
    that the text does not begin with, an empty line, and the text. `warnings` name what was left out
    (a sentence too long to parse), for a reader of the records to know.
    """

    article_id: str
    title: str | None
    language: str
    published_at: date
    published_at_source: PublicationSource
    text: str
    events: list[Event]
    warnings: list[str]


class ExtractLine(msgspec.Struct, kw_only=True):
    """A line of `tocsin extract`; `error` is None unless the article could not be coded."""

    external_id: str | None
    article_id: str | None
    language: str | None
    published_at: date | datetime | None
    text: str | None
    events: list[Event]
    error: str | None
