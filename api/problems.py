"""Every error that the service answers with: problem documents after RFC 9457.

The one place that knows which HTTP status a domain error has.
"""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.datastructures import Headers
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.types import ExceptionHandlersMap
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from schemas.errors import (
    IdempotencyKeyError,
    InvalidArticleError,
    InvalidWebhookError,
    QuotaExceededError,
    TocsinError,
)

TYPE_BASE: Final = "/problems/"
MEDIA_TYPE: Final = "application/problem+json"

logger = logging.getLogger(__name__)


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a request.

    Attributes:
        pointer: JSON Pointer of the field of the body at fault; empty for the body as a whole.
        parameter: Name of the query parameter or header at fault.
        detail: What is wrong with it.

    """

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not answered as it hoped to be (RFC 9457).

    Attributes:
        type: What kind of problem this is; the address explains it.
        title: The kind in words; the same for all problems of a type.
        status: The HTTP status.
        detail: What went wrong this time.
        instance: The path that was asked for.
        errors: What in the request is at fault, where that can be told.
        violated_policies: The quotas that are used up, by their names in `RateLimit-Policy`.

    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[Fault] = []
    violated_policies: list[str] = msgspec.field(default_factory=list, name="violated-policies")


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A type of problem.

    Attributes:
        status: The HTTP status.
        title: What it is, in a few words.
        explanation: What it means and what to do about it.
        example: The `detail` of such a problem.
        errors: The `errors` of such a problem.
        violated_policies: The `violated-policies` of such a problem.
        type: Its address where it is not one of ours, but a registered one.
        challenge: The `WWW-Authenticate` of its answers (RFC 6750).
        retry_after: Seconds after which trying again may help, or None if it would not.

    """

    status: HTTPStatus
    title: str
    explanation: str
    example: str
    errors: tuple[Fault, ...] = ()
    violated_policies: tuple[str, ...] = ()
    type: str | None = None
    challenge: str | None = None
    retry_after: int | None = None


KINDS: Final[Mapping[str, Kind]] = {
    "malformed_json": Kind(
        status=HTTPStatus.BAD_REQUEST,
        title="The body is not JSON",
        explanation="The body must be JSON in UTF-8. The detail says at which byte it ceases to be.",
        example="This is not UTF-8: byte 9 (0xe9), invalid continuation byte.",
    ),
    "bad_request": Kind(
        status=HTTPStatus.BAD_REQUEST,
        title="The request does not fit",
        explanation="A query parameter or a header has a value that it cannot have; `errors` names it.",
        example="The value of `format` does not fit.",
        errors=(Fault(parameter="format", detail="Invalid enum value 'xml'"),),
    ),
    "malformed_idempotency_key": Kind(
        status=HTTPStatus.BAD_REQUEST,
        title="The Idempotency-Key is none",
        explanation="An `Idempotency-Key` is 1 to 255 printable ASCII characters, quoted or not; a UUID "
        "is a good one.",
        example="An Idempotency-Key is 1 to 255 printable ASCII characters, quoted or not.",
        errors=(Fault(parameter="Idempotency-Key", detail="It is empty."),),
    ),
    "key_missing": Kind(
        status=HTTPStatus.UNAUTHORIZED,
        title="An API key is asked for",
        explanation="The service does not answer everybody. Send `Authorization: Bearer KEY`; who runs the "
        "service makes keys with `tocsin keys create`.",
        example="This service asks for an API key: send `Authorization: Bearer KEY`.",
        challenge='Bearer realm="tocsin"',
    ),
    "key_invalid": Kind(
        status=HTTPStatus.UNAUTHORIZED,
        title="The API key is not valid",
        explanation="The key never was one of this service, was revoked or rotated, or has expired.",
        example="This API key is not, or no longer, valid.",
        challenge='Bearer realm="tocsin", error="invalid_token"',
    ),
    "scope_missing": Kind(
        status=HTTPStatus.FORBIDDEN,
        title="The API key does not allow this",
        explanation="The key is valid, but lacks the scope that the detail names: `submit` to submit and to "
        "cancel, `read` to follow and to fetch, `admin` for the running of the service.",
        example="This API key does not have the scope `submit`.",
        challenge='Bearer realm="tocsin", error="insufficient_scope"',
    ),
    "quota_exceeded": Kind(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        title="The key was used too often",
        explanation="Each key may submit and read so many times a minute (TOCSIN_SUBMISSIONS_PER_MINUTE, "
        "TOCSIN_READS_PER_MINUTE); the headers `RateLimit-Policy` and `RateLimit` of every answer tell how "
        "many, and how many are left. Ask again after the seconds that `Retry-After` gives.",
        example="The quota of this key, 6000 submit requests in 60 s, is used up; 1 s from now it is not.",
        violated_policies=("submit",),
        type="https://iana.org/assignments/http-problem-types#quota-exceeded",
    ),
    "not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is nothing here",
        explanation="The service does not know this address. Its documentation is at /docs.",
        example="There is nothing at /v1/article.",
    ),
    "batch_not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such batch",
        explanation="The batch never was, was forgotten on request, or was completed longer ago than "
        "batches are kept.",
        example="There is no batch 7c1e0a52-93b1-4f4b-8a55-0f3c7d1f2b60.",
    ),
    "job_not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such job",
        explanation="The job never was, was forgotten on request, or was finished longer ago than "
        "jobs are kept.",
        example="There is no job 0b6f5d0e-6f1c-4c8e-9d43-5b8f2f6f7a10.",
    ),
    "method_not_allowed": Kind(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title="This method does not apply here",
        explanation="The address exists, the method does not; the header `Allow` lists those that do.",
        example="PUT does not apply to /v1/articles; POST does.",
    ),
    "not_acceptable": Kind(
        status=HTTPStatus.NOT_ACCEPTABLE,
        title="None of the accepted formats can be given",
        explanation="The header `Accept` names no format that the records come in.",
        example="The records come as application/json, application/x-ndjson, text/csv or "
        "application/geo+json.",
    ),
    "job_not_finished": Kind(
        status=HTTPStatus.CONFLICT,
        title="The job has no records yet",
        explanation="The article is still waiting or being coded. Ask again after the seconds that "
        "`Retry-After` gives, or submit with `Prefer: wait=N`.",
        example="The job is running; its records come when it has succeeded.",
        retry_after=2,
    ),
    "job_failed": Kind(
        status=HTTPStatus.CONFLICT,
        title="The job has no records and will not have any",
        explanation="The job failed or was cancelled. The detail, and the job's `error`, say why.",
        example="The job failed: there is no article in the page.",
    ),
    "request_in_progress": Kind(
        status=HTTPStatus.CONFLICT,
        title="The first request with this key is not answered yet",
        explanation="A request with the same `Idempotency-Key` is still being answered. Send this one "
        "again after the seconds that `Retry-After` gives.",
        example="The first request with this Idempotency-Key is not answered yet.",
        retry_after=1,
    ),
    "body_too_large": Kind(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        title="The body is too large",
        explanation="The service limits the size of a request (TOCSIN_MAX_BODY_BYTES, and for batches "
        "TOCSIN_MAX_BATCH_BYTES).",
        example="The body has more than 4,000,000 bytes.",
    ),
    "batch_too_large": Kind(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        title="The batch has too many articles",
        explanation="The service limits how many articles a batch may have (TOCSIN_MAX_BATCH_ARTICLES), and "
        "gives it an hour to arrive. Nothing was queued; submit it in parts.",
        example="The batch has more than 10,000 articles.",
    ),
    "unsupported_media_type": Kind(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        title="The body has a type that is not understood",
        explanation="Articles are sent as `Content-Type: application/json`, batches also as "
        "`application/x-ndjson`, in UTF-8.",
        example="The Content-Type is text/plain; send application/json.",
    ),
    "invalid_article": Kind(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The article cannot be accepted",
        explanation="The body is JSON, but not an article that can be coded; `errors` points to the "
        "field at fault. Nothing was queued.",
        example="`xx` is not supported; the languages are en, fr.",
        errors=(Fault(pointer="/language", detail="`xx` is not supported; the languages are en, fr."),),
    ),
    "invalid_batch": Kind(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The batch is not a list of articles",
        explanation="The body is JSON, but not an object whose only field `articles` is a list, or there is "
        "no article in it. Nothing was queued.",
        example="A batch is an object with a list `articles`: Expected object, got array.",
    ),
    "idempotency_key_reused": Kind(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The Idempotency-Key was used for another request",
        explanation="The key came with another body before, and is remembered for the hours that "
        "TOCSIN_IDEMPOTENCY_HOURS gives. A new request needs a new key.",
        example="This Idempotency-Key came with another body before.",
    ),
    "webhook_not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such webhook",
        explanation="The webhook never was, or was forgotten on request.",
        example="There is no webhook 5d0c6a3e-8e0b-4f6e-9a51-1f1d6c1a7c55.",
    ),
    "delivery_not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such delivery",
        explanation="The webhook was never sent this, or longer ago than deliveries are kept.",
        example="There is no delivery msg_2c26b46b68ffc68ff99b453c1d304134 to this webhook, or no longer.",
    ),
    "webhook_disabled": Kind(
        status=HTTPStatus.CONFLICT,
        title="The webhook is disabled",
        explanation="Nothing is sent to a disabled webhook. Its `disabled_because` says why it is; PATCH it "
        'with `{"disabled": false}` to enable it.',
        example="Webhook 5d0c6a3e-8e0b-4f6e-9a51-1f1d6c1a7c55 is disabled; enable it first.",
    ),
    "invalid_webhook": Kind(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The webhook cannot be had like this",
        explanation="The body is JSON, but not what this takes; `errors` points to the field at fault. "
        "Nothing is sent to addresses inside of networks that are not public, unless the service's "
        "operator allows it.",
        example="10.0.0.1 is not in a public network.",
        errors=(Fault(pointer="/url", detail="10.0.0.1 is not in a public network."),),
    ),
    "webhooks_unavailable": Kind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="The service has no webhooks",
        explanation="Messages are signed, and the service has not been given what their secrets are derived "
        "from (TOCSIN_SECRET).",
        example="TOCSIN_SECRET is not set.",
    ),
    "internal_error": Kind(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        title="The service has a fault",
        explanation="This is not the request's fault. The service's log says more.",
        example="The service failed to answer; its log says why.",
    ),
    "queue_unavailable": Kind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="The queue does not answer",
        explanation="Redis, which keeps the jobs, cannot be reached. Nothing is lost; try again after "
        "the seconds that `Retry-After` gives.",
        example="Redis does not answer.",
        retry_after=5,
    ),
    "not_ready": Kind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="The service is not ready",
        explanation="Articles are taken in, but not coded until what the detail names is there.",
        example="No worker is alive that has its models loaded.",
        retry_after=5,
    ),
}
"""The types of problems by their code, which ends their address."""

_CODES: Final = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
    500: "internal_error",
    503: "not_ready",
}


def problem(
    code: str,
    detail: str,
    instance: str,
    errors: Iterable[Fault] = (),
    violated_policies: Iterable[str] = (),
) -> Problem:
    """Describe an occurrence of a type of problem."""
    kind = KINDS[code]
    return Problem(
        type=kind.type or TYPE_BASE + code,
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=instance,
        errors=list(errors),
        violated_policies=list(violated_policies),
    )


def documented(*codes: str) -> dict[int, ResponseSpec]:
    """Describe, for the OpenAPI document, the problems that an operation may answer with."""
    grouped: dict[int, list[str]] = {}
    for code in codes:
        grouped.setdefault(KINDS[code].status, []).append(code)
    return {
        status: ResponseSpec(
            Problem,
            media_type=MEDIA_TYPE,
            description=" ".join(KINDS[code].explanation for code in group),
            examples=[_example(code) for code in group],
        )
        for status, group in sorted(grouped.items())
    }


_INSTANCES: Final = {
    "job": "/v1/jobs/0b6f5d0e-6f1c-4c8e-9d43-5b8f2f6f7a10",
    "batch": "/v1/batches/7c1e0a52-93b1-4f4b-8a55-0f3c7d1f2b60",
    "webhook": "/v1/webhooks/5d0c6a3e-8e0b-4f6e-9a51-1f1d6c1a7c55",
    "delivery": "/v1/webhooks/5d0c6a3e-8e0b-4f6e-9a51-1f1d6c1a7c55",
}


def _example(code: str) -> Example:
    kind = KINDS[code]
    instance = _INSTANCES.get(code.partition("_")[0], "/v1/articles")
    occurrence = problem(code, kind.example, instance, kind.errors, kind.violated_policies)
    return Example(id=code, summary=kind.title, value=msgspec.to_builtins(occurrence))


def _answer(
    request: Request[Any, Any, Any],
    code: str,
    detail: str,
    errors: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
    violated_policies: Iterable[str] = (),
) -> Response[Problem]:
    kind = KINDS[code]
    retry = {"Retry-After": str(kind.retry_after)} if kind.retry_after else {}
    challenge = {"WWW-Authenticate": kind.challenge} if kind.challenge else {}
    return Response(
        problem(code, detail, request.url.path, errors, violated_policies),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), **retry, **challenge},
    )


def _on_domain_error(request: Request[Any, Any, Any], error: TocsinError) -> Response[Problem]:
    if error.code not in KINDS:
        return _on_unexpected_error(request, error)
    errors = []
    if isinstance(error, InvalidArticleError | InvalidWebhookError):
        errors.append(Fault(pointer=error.pointer, detail=str(error)))
    if isinstance(error, IdempotencyKeyError):
        errors.append(Fault(parameter="Idempotency-Key", detail=str(error)))
    return _answer(request, error.code, str(error), errors)


def _on_exceeded_quota(request: Request[Any, Any, Any], error: QuotaExceededError) -> Response[Problem]:
    headers = {"Retry-After": str(error.allowance.retry_after)}
    policies = [error.allowance.quota.name]
    return _answer(request, error.code, str(error), headers=headers, violated_policies=policies)


def _on_redis_error(
    request: Request[Any, Any, Any], error: RedisConnectionError | RedisTimeoutError
) -> Response[Problem]:
    logger.error("Redis does not answer: %s", error)
    return _answer(request, "queue_unavailable", KINDS["queue_unavailable"].example)


def _on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    code = _CODES.get(error.status_code)
    if code == "internal_error":
        return _on_unexpected_error(request, error)
    if code is None:
        return _answer_untyped(request, error)
    return _answer(request, code, _detail(request, error), _faults(error), error.headers)


def _on_unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _answer(request, "internal_error", KINDS["internal_error"].example)


def _answer_untyped(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    status = HTTPStatus(error.status_code)
    return Response(
        Problem(
            type="about:blank",
            title=status.phrase,
            status=status,
            detail=error.detail,
            instance=request.url.path,
        ),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=error.headers,
    )


def _detail(request: Request[Any, Any, Any], error: HTTPException) -> str:
    """Say in our words what the framework says in its own."""
    path = request.url.path
    match error:
        case ValidationException():
            return "; ".join(f"{fault.parameter}: {fault.detail}" for fault in _faults(error)) + "."
        case NotFoundException():
            return f"There is nothing at {path}."
        case MethodNotAllowedException():
            allowed = Headers(error.headers).get("Allow", "")
            return f"{request.method} does not apply to {path}; what does: {allowed}."
        case RequestEntityTooLarge():
            limit = request.route_handler.resolve_request_max_body_size()
            return f"The body has more than {limit:,} bytes."
        case _:
            return error.detail


def _faults(error: HTTPException) -> list[Fault]:
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return []
    return [Fault(parameter=item.get("key"), detail=item["message"]) for item in error.extra]


HANDLERS: Final[ExceptionHandlersMap] = {
    TocsinError: _on_domain_error,
    QuotaExceededError: _on_exceeded_quota,
    RedisConnectionError: _on_redis_error,
    RedisTimeoutError: _on_redis_error,
    HTTPException: _on_http_error,
    Exception: _on_unexpected_error,
}
