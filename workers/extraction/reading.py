"""Read an article: its text, title, language and day of publication, whatever it came in as."""

import hashlib
import importlib
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from schemas.article import Article, PublicationSource
from schemas.errors import (
    InvalidArticleError,
    NoTextError,
    PublicationDateError,
    TextTooLongError,
    UnsupportedLanguageError,
)
from schemas.event import Span
from schemas.settings import Settings
from workers.extraction import languages, pages, publication, submission
from workers.extraction.folding import fold
from workers.extraction.normalising import Normalised
from workers.extraction.pages import Page

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE: Final = 5_000
"""So many characters tell the language."""

SURE: Final = 0.9
"""A language is what it seems to be with at least this probability: less says that two look alike.

"Gunmen killed five farmers in Maiduguri" is English to 0.28 and Nigerian Pidgin, for its places, to 0.71.
"""

POSSIBLE: Final = 0.05
"""Else it is taken for a supported one that has at least this: a headline alone says little."""

ID_LENGTH: Final = 20


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it is coded.

    Attributes:
        article_id: Derived from `text`.
        title: The headline, if it was given or the HTML has one.
        text: What is coded and what spans count in: the title, unless the text begins with it, an empty
            line, and the text.
        language: ISO 639-1.
        published_at: The day of publication.
        published_at_source: Where that was found.
        published_span: Where in `text` it was found, if there.

    """

    article_id: str
    title: str | None
    text: str
    language: str
    published_at: date
    published_at_source: PublicationSource
    published_span: Span | None


def read(article: Article, submitted_at: datetime, settings: Settings) -> Reading:
    """Read `article`, which was submitted at `submitted_at`.

    Raises:
        NoTextError: There is no article in it.
        TextTooLongError: It is longer than the settings allow.
        UnsupportedLanguageError: It is in a language that cannot be coded here.
        PublicationDateError: It claims to be published on no day, or in the future.

    """
    today = submitted_at.astimezone(UTC).date()
    latest = today + submission.CLOCK_SLACK
    submitted = _submitted(article.published_at, latest)
    page = Page(article.text or "") if article.html is None else pages.read(article.html, latest)
    _check(page.text, settings)
    title = (article.title or "").strip() or page.title
    text = _titled(page.text, title)
    language = _language(article.language, text, settings)

    span = None
    if submitted:
        published_at, source = submitted, PublicationSource.SUBMITTED
    elif page.declared:
        published_at, source = page.declared, PublicationSource.HTML
    elif found := publication.find((normalised := Normalised(text)).text, language, latest):
        published_at, source = found[0], PublicationSource.TEXT
        span = normalised.span(*found[1:])
    elif page.shown:
        published_at, source = page.shown, PublicationSource.HTML
    else:
        published_at, source = today, PublicationSource.SUBMISSION_TIME
    return Reading(
        article_id=hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:ID_LENGTH],
        title=title,
        text=text,
        language=language,
        published_at=published_at,
        published_at_source=source,
        published_span=span,
    )


def _submitted(published_at: str | None, latest: date) -> date | None:
    if published_at is None:
        return None
    try:
        day = submission.publication_date(published_at)
    except InvalidArticleError as error:
        raise PublicationDateError(str(error)) from error
    if day > latest:
        raise PublicationDateError(f"The publication date {day.isoformat()} is in the future.")
    return day


def warm_up() -> None:
    """Load what reading needs, so that a process forked after it need not."""
    importlib.import_module("trafilatura")
    _identifier()


def _check(text: str, settings: Settings) -> None:
    if len(text) > settings.max_text_characters:
        raise TextTooLongError(
            f"The article has {len(text):,} characters; "
            f"at most {settings.max_text_characters:,} are accepted."
        )
    if reason := submission.illegible(text):
        raise NoTextError(reason)


def _titled(text: str, title: str | None) -> str:
    if title is None:
        return text
    # Folding leaves out accents, case and white space; the margin makes up for what it leaves out.
    beginning = fold(text[: 2 * len(title) + 100])
    return text if beginning.startswith(fold(title)) else f"{title}\n\n{text}"


def _language(given: str | None, text: str, settings: Settings) -> str:
    supported = languages.supported(settings)
    if given is not None:
        if given in supported:
            return given
        raise UnsupportedLanguageError(
            f"`{given}` is not supported; the languages are {', '.join(supported)}."
        )
    ranked: list[tuple[str, float]] = _identifier().rank(text[:SAMPLE])
    detected, probability = ranked[0]
    if detected in supported:
        return detected
    if probability < SURE:
        for language, chance in ranked:
            if language in supported and chance >= POSSIBLE:
                return language
    raise UnsupportedLanguageError(
        f"The article seems to be in a language that is not supported (`{detected}`); the languages are "
        f"{', '.join(supported)}. If it is in one of these, say so in `language`."
    )


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    # Half a second, and numpy: only for articles that do not say their language.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
