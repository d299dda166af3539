"""Taking articles in."""

from datetime import UTC, datetime
from threading import Event
from typing import Annotated, Any

from anyio.to_thread import run_sync
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import HeaderParameter, JSONBody
from litestar.status_codes import HTTP_202_ACCEPTED, HTTP_415_UNSUPPORTED_MEDIA_TYPE

from api.following import retry_after, until_final
from api.preferences import Preferences
from api.problems import documented
from schemas.access import Caller
from schemas.article import Article
from schemas.errors import MalformedArticleError
from schemas.job import Job
from schemas.settings import Settings
from workers.extraction import submission
from workers.store import JobStore


class Submission(Request[Any, Any, Any]):
    """A request that brings an article; its JSON is read by the rules of submissions."""

    async def json(self) -> Article:
        """Read the article.

        Raises:
            MalformedArticleError: It is not JSON.
            InvalidArticleError: It is not an article.

        """
        return submission.decode(await self.body())


async def require_json(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that is not declared as JSON in UTF-8, or is none.

    Litestar would read it as JSON whatever it is declared as, and an empty one not at all.

    Raises:
        ClientException: With status 415.
        MalformedArticleError: The body is empty.

    """
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    if media_type.lower() != "application/json" or charset not in {"utf-8", "utf8"}:
        declared = request.headers.get("Content-Type", "missing")
        raise ClientException(
            f"The Content-Type is {declared}; send application/json, in UTF-8.",
            status_code=HTTP_415_UNSUPPORTED_MEDIA_TYPE,
        )
    if not await request.body():
        raise MalformedArticleError("The body is empty.")


@post(
    "/v1/articles",
    operation_id="submitArticle",
    summary="Submit an article",
    tags=["Articles"],
    status_code=HTTP_202_ACCEPTED,
    request_class=Submission,
    before_request=require_json,
    response_description="The article waits to be coded; this is its job.",
    responses=documented(
        "malformed_json",
        "body_too_large",
        "unsupported_media_type",
        "invalid_article",
        "internal_error",
        "queue_unavailable",
    ),
)
async def submit_article(
    data: JSONBody[Article],
    caller: NamedDependency[Caller],
    store: NamedDependency[JobStore],
    settings: NamedDependency[Settings],
    stopping: NamedDependency[Event],
    prefer: Annotated[
        str | None,
        HeaderParameter(
            name="Prefer",
            description="`wait=N` holds the answer until the job is final, but N seconds at most; "
            "`respond-async` is understood, everything else ignored (RFC 7240).",
        ),
    ] = None,
) -> Response[Job]:
    """Take in an article to be coded, as plain text or as the HTML of its page.

    What can be told without reading the article is checked before it is queued. What goes wrong
    later, the job tells: follow it at the address in `Location`.
    """
    preferences = Preferences.parse(prefer, settings.max_wait)

    def take_in() -> Job:
        submission.check(data, settings, today=datetime.now(UTC).date())
        return store.create(data, caller.owner)

    job = await run_sync(take_in)
    if preferences.wait:
        job = await until_final(store, caller, job, preferences.wait, stopping)
    headers = {"Location": f"/v1/jobs/{job.id}", **retry_after(job)}
    if preferences.applied:
        headers["Preference-Applied"] = preferences.applied
    return Response(job, headers=headers)
