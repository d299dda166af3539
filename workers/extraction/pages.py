"""Find the article in an HTML page: its text, its title, and the day that the page names."""

from copy import deepcopy
from datetime import date
from typing import Any, Final, TypeAlias

import msgspec

from schemas.errors import NoTextError

Tree: TypeAlias = Any
"""An lxml tree; lxml comes without types."""

FEWEST_WORDS: Final = 10
"""Less than this is a notice, a menu or a form, not an article."""


class Page(msgspec.Struct, frozen=True):
    """What a page holds.

    `declared` is the day of publication as its metadata have it, `shown` as its layout has it outside of
    the article: the first is made for programs, the second a guess.
    """

    text: str
    title: str | None = None
    declared: date | None = None
    shown: date | None = None


def read(html: str, latest: date) -> Page:
    """Read an HTML page; dates after `latest` are ignored.

    Raises:
        NoTextError: There is no article in it.

    """
    # They bring lxml and dateparser along: only those who send HTML wait for that.
    from trafilatura import bare_extraction, load_html  # noqa: PLC0415

    tree = load_html(html)
    if tree is None:
        raise NoTextError("This is no HTML.")
    metadata, layout = _metadata(tree), _layout(tree)
    document: Any = bare_extraction(tree, with_metadata=True, include_comments=False, include_tables=False)
    # A line is a paragraph here; in plain text an empty line ends one.
    lines = (document.text or "").split("\n") if document is not None else []
    text = "\n\n".join(line.strip() for line in lines if line.strip())
    if len(text.split()) < FEWEST_WORDS:
        raise NoTextError("There is no article in this HTML, only menus or notices.")
    return Page(
        text=text,
        title=(document.title or "").strip() or None,
        declared=_date(metadata, latest),
        shown=_date(layout, latest),
    )


def _metadata(tree: Tree) -> Tree:
    """A page of nothing but what `tree` says to programs."""
    from lxml.html import document_fromstring  # type: ignore[import-untyped] # noqa: PLC0415

    page = document_fromstring("<html><head></head><body></body></html>")
    for element in tree.xpath("//meta | //script[contains(@type, 'ld+json')]"):
        page.head.append(deepcopy(element))
    for element in tree.xpath("//article//time | //header//time"):
        page.body.append(deepcopy(element))
    return page


def _layout(tree: Tree) -> Tree:
    """A page without the parts whose dates are the site's."""
    page = deepcopy(tree)
    for element in page.xpath("//footer | //aside | //nav"):
        element.drop_tree()
    return page


def _date(page: Tree, latest: date) -> date | None:
    from htmldate import find_date  # noqa: PLC0415

    # Without an extensive search, which would take dates of the story.
    found = find_date(page, extensive_search=False, original_date=True, max_date=latest.isoformat())
    return date.fromisoformat(found) if found else None
