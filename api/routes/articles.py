"""Taking articles in."""

from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import HeaderParameter, JSONBody, QueryParameter
from litestar.status_codes import HTTP_202_ACCEPTED, HTTP_415_UNSUPPORTED_MEDIA_TYPE
from redis import Redis

from api.access import Needs
from api.following import Followers, retry_after, until_final
from api.preferences import Preferences, PreferHeader
from api.problems import documented
from schemas.access import Caller, Scope
from schemas.article import Article
from schemas.errors import MalformedArticleError
from schemas.job import Job, Priority
from schemas.settings import Settings
from workers import idempotency
from workers.extraction import submission
from workers.idempotency import Answer, Claim
from workers.store import JobStore
from workers.webhooks import callbacks

T = TypeVar("T")


IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="Makes it safe to send the request again: the same key and body get the first answer, "
        "and nothing is done twice. 1 to 255 printable ASCII characters, quoted or not, yours alone and "
        "this operation's; remembered for 24 hours unless the service is set otherwise.",
        # For the document only: `idempotency.parse` says what is wrong in a problem of its own.
        schema_extra={"pattern": idempotency.PATTERN},
    ),
]


def replayed(answer: Answer, kind: type[T]) -> Response[T]:
    """Give the answer to the first request once more, and say so."""
    return Response(
        msgspec.json.decode(answer.body, type=kind),
        status_code=answer.status,
        headers={**answer.headers, "Idempotent-Replayed": "true"},
    )


class Submission(Request[Any, Any, Any]):
    """A request that brings an article; its JSON is read by the rules of submissions."""

    async def json(self) -> Article:
        """Read the article.

        Raises:
            MalformedArticleError: It is not JSON.
            InvalidArticleError: It is not an article.

        """
        return submission.decode(await self.body())


PriorityParameter = Annotated[
    Priority,
    QueryParameter(
        description="How urgent: what is `bulk` is coded when nothing `interactive` waits. Without it, a "
        "single article is `interactive` and a batch is `bulk`."
    ),
]


def require_type(request: Request[Any, Any, Any], *accepted: str) -> str:
    """Give the media type that a body is declared as, in UTF-8.

    Raises:
        ClientException: With status 415, if it is none of those accepted.

    """
    media_type, options = request.content_type
    charset = options.get("charset", "utf-8").lower()
    if media_type.lower() not in accepted or charset not in {"utf-8", "utf8"}:
        declared = request.headers.get("Content-Type", "missing")
        raise ClientException(
            f"The Content-Type is {declared}; send {' or '.join(accepted)}, in UTF-8.",
            status_code=HTTP_415_UNSUPPORTED_MEDIA_TYPE,
        )
    return media_type.lower()


async def require_json(request: Request[Any, Any, Any]) -> None:
    """Refuse a body that is not declared as JSON in UTF-8, or is none.

    Litestar would read it as JSON whatever it is declared as, and an empty one not at all.

    Raises:
        ClientException: With status 415.
        MalformedArticleError: The body is empty.

    """
    require_type(request, "application/json")
    if not await request.body():
        raise MalformedArticleError("The body is empty.")


@post(
    "/v1/articles",
    operation_id="submitArticle",
    summary="Submit an article",
    tags=["Articles"],
    status_code=HTTP_202_ACCEPTED,
    guards=[Needs(Scope.SUBMIT)],
    request_class=Submission,
    before_request=require_json,
    response_description="The article waits to be coded; this is its job.",
    responses=documented(
        "malformed_json",
        "bad_request",
        "malformed_idempotency_key",
        "request_in_progress",
        "body_too_large",
        "unsupported_media_type",
        "invalid_article",
        "idempotency_key_reused",
        "internal_error",
        "queue_unavailable",
        "webhooks_unavailable",
    ),
)
async def submit_article(
    request: Submission,
    data: JSONBody[Article],
    caller: NamedDependency[Caller],
    redis: NamedDependency[Redis],
    store: NamedDependency[JobStore],
    settings: NamedDependency[Settings],
    followers: NamedDependency[Followers],
    prefer: PreferHeader = None,
    priority: PriorityParameter = Priority.INTERACTIVE,
    idempotency_key: IdempotencyKey = None,
) -> Response[Job]:
    """Take in an article to be coded, as plain text or as the HTML of its page.

    What can be told without reading the article is checked before it is queued. What goes wrong
    later, the job tells: follow it at the address in `Location`.
    """
    preferences = Preferences.parse(prefer, settings.max_wait)

    def answer(job: Job) -> Answer:
        headers = {"Location": f"/v1/jobs/{job.id}", **retry_after(job), **preferences.applied}
        return Answer(HTTP_202_ACCEPTED, headers, msgspec.Raw(msgspec.json.encode(job)))

    claim = None
    if idempotency_key is not None:
        claim = Claim(
            key=idempotency.redis_key(idempotency.parse(idempotency_key), caller.owner, "submitArticle"),
            fingerprint=sha256(await request.body()).hexdigest(),
            answer=answer,
            kept=timedelta(hours=settings.idempotency_hours),
            held=timedelta(seconds=preferences.wait or 0),
        )
        if (first := await run_sync(idempotency.replay, redis, claim.key, claim.fingerprint)) is not None:
            return replayed(first, Job)

    def take_in() -> Job:
        submission.check(data, settings, today=datetime.now(UTC).date())
        callbacks.check(data, settings)
        return store.create(data, caller.owner, claim, priority)

    job = await run_sync(take_in)
    if preferences.wait:
        read = partial(store.get, job.id, caller.owner)
        job = await until_final(followers, job, read, preferences.wait)
        if claim is not None:
            await run_sync(claim.settle, job, redis)
    return Response(job, headers=answer(job).headers)
