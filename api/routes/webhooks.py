"""Webhooks: registering them, trying them out, and seeing what they were sent."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

import msgspec
from anyio.to_thread import run_sync
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_202_ACCEPTED
from redis import Redis

from api.access import Needs
from api.problems import documented
from api.routes.articles import require_json
from schemas.access import Caller, Scope
from schemas.delivery import Delivery, DeliveryPage, Recovered, Recovery
from schemas.errors import InvalidWebhookError, MalformedArticleError, WebhookDisabledError
from schemas.settings import Settings
from schemas.webhook import (
    CallbackSecret,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookWithSecret,
)
from workers.webhooks import announcing, callbacks
from workers.webhooks.deliveries import DeliveryStore
from workers.webhooks.endpoints import WebhookStore

T = TypeVar("T")

WebhookId = Annotated[str, PathParameter(description="The webhook's `id`.")]
DeliveryId = Annotated[str, PathParameter(description="The delivery's `id`.")]

_BODY = ("malformed_json", "body_too_large", "unsupported_media_type", "invalid_webhook")
_USUAL = ("bad_request", "internal_error", "queue_unavailable")


class _Registration(Request[Any, Any, Any]):
    async def json(self) -> NewWebhook:
        return _decode(await self.body(), NewWebhook)


class _Changing(Request[Any, Any, Any]):
    async def json(self) -> WebhookChange:
        return _decode(await self.body(), WebhookChange)


class _Recovering(Request[Any, Any, Any]):
    async def json(self) -> Recovery:
        return _decode(await self.body(), Recovery)


def _decode(raw: bytes, kind: type[T]) -> T:
    """Read what is said about a webhook.

    Raises:
        MalformedArticleError: It is not JSON.
        InvalidWebhookError: It is, but not what it should be; points to the field at fault.

    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", ".").replace("]", "").replace(".", "/")
        raise InvalidWebhookError(f"{reason.replace('`', '')}.", pointer) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise MalformedArticleError(f"This is not JSON: {reason}.") from error


@post(
    "/v1/webhooks",
    operation_id="createWebhook",
    summary="Register a webhook",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    request_class=_Registration,
    before_request=require_json,
    response_description="The webhook with its secret, which is shown this once.",
    responses=documented(*_BODY, "internal_error", "queue_unavailable", "webhooks_unavailable"),
)
async def create_webhook(
    data: JSONBody[NewWebhook], caller: NamedDependency[Caller], webhooks: NamedDependency[WebhookStore]
) -> Response[WebhookWithSecret]:
    """Have an address told what happens.

    Messages are POSTed as JSON, signed after Standard Webhooks 1.0; what they look like, the part
    "Messages" shows. Each is delivered at least once: a consumer tells duplicates by `webhook-id`, and
    order is not promised. Only a 2xx within 15 seconds counts as accepted, and no redirect is followed.
    Else the message is sent again after 5 s, 5 min, 30 min, 2 h, 5 h, and twice 10 h, sooner or later by a
    fifth; `Retry-After` can stretch a pause to twice its length. An address that answers 410, or
    accepts nothing for five days, is disabled.
    """
    webhook = await run_sync(webhooks.create, data, caller.owner)
    return Response(webhook, headers={"Location": f"/v1/webhooks/{webhook.id}"})


@get(
    "/v1/webhooks",
    operation_id="listWebhooks",
    summary="List the webhooks",
    tags=["Webhooks"],
    guards=[Needs(Scope.READ)],
    response_description="All of your webhooks.",
    responses=documented("internal_error", "queue_unavailable"),
)
async def list_webhooks(
    caller: NamedDependency[Caller], webhooks: NamedDependency[WebhookStore]
) -> WebhookList:
    """Show all webhooks, in the order of their registration."""
    return WebhookList(webhooks=await run_sync(webhooks.all, caller.owner))


@get(
    "/v1/webhooks/{webhook_id:str}",
    operation_id="getWebhook",
    summary="See a webhook",
    tags=["Webhooks"],
    guards=[Needs(Scope.READ)],
    response_description="The webhook, without its secret.",
    responses=documented(*_USUAL, "webhook_not_found"),
)
async def get_webhook(
    webhook_id: WebhookId, caller: NamedDependency[Caller], webhooks: NamedDependency[WebhookStore]
) -> Webhook:
    """Show a webhook: what it is told, and whether it answers."""
    return await run_sync(webhooks.get, webhook_id, caller.owner)


@patch(
    "/v1/webhooks/{webhook_id:str}",
    operation_id="changeWebhook",
    summary="Change a webhook",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    request_class=_Changing,
    before_request=require_json,
    response_description="The webhook as it is now.",
    responses=documented(*_BODY, *_USUAL, "webhook_not_found"),
)
async def change_webhook(
    webhook_id: WebhookId,
    data: JSONBody[WebhookChange],
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
) -> Webhook:
    """Change what is given and leave the rest; `"disabled": false` enables a disabled webhook."""
    return await run_sync(webhooks.change, webhook_id, data, caller.owner)


@delete(
    "/v1/webhooks/{webhook_id:str}",
    operation_id="deleteWebhook",
    summary="Forget a webhook",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    response_description="The webhook is gone, and its deliveries with it.",
    responses=documented(*_USUAL, "webhook_not_found"),
)
async def delete_webhook(
    webhook_id: WebhookId,
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
    deliveries: NamedDependency[DeliveryStore],
) -> None:
    """Forget a webhook and all deliveries to it, those that wait for another attempt included."""

    def forget() -> None:
        webhooks.delete(webhook_id, caller.owner)
        deliveries.forget(webhook_id)

    await run_sync(forget)


@post(
    "/v1/webhooks/{webhook_id:str}/rotate-secret",
    operation_id="rotateWebhookSecret",
    summary="Give a webhook another secret",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=200,
    response_description="The webhook with its new secret, which is shown this once.",
    responses=documented(*_USUAL, "webhook_not_found", "webhooks_unavailable"),
)
async def rotate_webhook_secret(
    webhook_id: WebhookId, caller: NamedDependency[Caller], webhooks: NamedDependency[WebhookStore]
) -> WebhookWithSecret:
    """Make another secret. For 24 hours messages bear the signatures of both, so that none is missed."""
    return await run_sync(webhooks.rotate_secret, webhook_id, caller.owner)


@post(
    "/v1/webhooks/{webhook_id:str}/ping",
    operation_id="pingWebhook",
    summary="Try a webhook out",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=HTTP_202_ACCEPTED,
    response_description="The delivery of a `ping`; its log shows what became of it.",
    responses=documented(*_USUAL, "webhook_not_found", "webhook_disabled"),
)
async def ping_webhook(
    webhook_id: WebhookId,
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
    deliveries: NamedDependency[DeliveryStore],
) -> Delivery:
    """Send a message of the type `ping`, whatever the webhook is told about otherwise."""

    def ping() -> Delivery:
        entry = announcing.ping(_enabled(webhooks, webhook_id, caller), caller.owner)
        deliveries.add([entry])
        return entry.delivery

    return await run_sync(ping)


@get(
    "/v1/webhooks/{webhook_id:str}/deliveries",
    operation_id="listDeliveries",
    summary="See what a webhook was sent",
    tags=["Webhooks"],
    guards=[Needs(Scope.READ)],
    response_description="Deliveries with all attempts, the latest first.",
    responses=documented(*_USUAL, "webhook_not_found", "delivery_not_found"),
)
async def list_deliveries(
    webhook_id: WebhookId,
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
    deliveries: NamedDependency[DeliveryStore],
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many; 100 at most.")] = 20,
    starting_after: Annotated[
        str | None, QueryParameter(description="The last delivery of the page before: its `next`.")
    ] = None,
) -> DeliveryPage:
    """Show the deliveries to a webhook: how they stand, every attempt, and when the next one is due."""

    def page() -> DeliveryPage:
        webhooks.get(webhook_id, caller.owner)
        return deliveries.page(webhook_id, limit, starting_after)

    return await run_sync(page)


@post(
    "/v1/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}/redeliver",
    operation_id="redeliver",
    summary="Deliver a message again",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=HTTP_202_ACCEPTED,
    response_description="The delivery, due now.",
    responses=documented(*_USUAL, "webhook_not_found", "delivery_not_found", "webhook_disabled"),
)
async def redeliver(
    webhook_id: WebhookId,
    delivery_id: DeliveryId,
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
    deliveries: NamedDependency[DeliveryStore],
) -> Delivery:
    """Send a message again at once, whatever became of it, under the same id and with the whole schedule."""

    def again() -> Delivery:
        _enabled(webhooks, webhook_id, caller)
        return deliveries.redeliver(webhook_id, delivery_id)

    return await run_sync(again)


@post(
    "/v1/webhooks/{webhook_id:str}/recover",
    operation_id="recoverDeliveries",
    summary="Deliver again what has failed",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=HTTP_202_ACCEPTED,
    request_class=_Recovering,
    before_request=require_json,
    response_description="How many deliveries are due now.",
    responses=documented(*_BODY, *_USUAL, "webhook_not_found", "webhook_disabled"),
)
async def recover_deliveries(
    webhook_id: WebhookId,
    data: JSONBody[Recovery],
    caller: NamedDependency[Caller],
    webhooks: NamedDependency[WebhookStore],
    deliveries: NamedDependency[DeliveryStore],
) -> Recovered:
    """Send all messages again that were given up since a time: after an outage of the consumer."""

    def recover() -> Recovered:
        _enabled(webhooks, webhook_id, caller)
        return Recovered(redelivered=deliveries.recover(webhook_id, data.since))

    return await run_sync(recover)


@post(
    "/v1/callback-secret",
    operation_id="issueCallbackSecret",
    summary="Get a secret for callbacks",
    tags=["Webhooks"],
    guards=[Needs(Scope.SUBMIT)],
    status_code=200,
    response_description="The secret, which is shown this once.",
    responses=documented("internal_error", "queue_unavailable", "webhooks_unavailable"),
)
async def issue_callback_secret(
    caller: NamedDependency[Caller], redis: NamedDependency[Redis], settings: NamedDependency[Settings]
) -> CallbackSecret:
    """Make the secret that messages to any `callback_url` of yours are signed with.

    Asked again, it makes another; for 24 hours messages bear the signatures of both.
    """
    issue: Callable[[], str] = partial(callbacks.issue_secret, redis, settings, caller.owner)
    return CallbackSecret(secret=await run_sync(issue))


def _enabled(webhooks: WebhookStore, webhook_id: str, caller: Caller) -> Webhook:
    webhook = webhooks.get(webhook_id, caller.owner)
    if webhook.disabled:
        raise WebhookDisabledError(f"Webhook {webhook_id} is disabled; enable it first.")
    return webhook
