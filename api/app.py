"""The application."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.status_codes import HTTP_204_NO_CONTENT
from litestar.types import HTTPScope, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Send
from litestar.types import Scope as Connection

from api import access, dependencies, documentation, problems
from api.conditional import Conditional
from api.following import Followers
from api.routes import articles, batches, events, health, jobs, metrics, webhooks
from api.tracing import traced
from schemas.settings import Settings
from workers import queue, tracing
from workers.keys import KeyStore


class Service(Litestar):
    """The application, with every request traced: also those that there is no route for."""

    async def __call__(
        self,
        scope: Connection | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Answer a request, or take part in the server's life."""
        if scope["type"] != ScopeType.HTTP:
            await super().__call__(scope, receive, send)
            return
        request = cast("HTTPScope", scope)
        receiving, sending = cast("Receive", receive), cast("Send", send)
        await traced(super().__call__, request, receiving, sending, self.state.tracer)


def create_app(settings: Settings | None = None) -> Litestar:
    """Make the application; without settings, with those that the environment gives.

    Whoever serves it calls `state.followers.stop()` when it is to stop, so that held answers are given.

    Raises:
        SettingsError: The environment sets something that cannot be used, or no Redis.

    """
    settings = settings or Settings.from_environment(os.environ)
    redis = queue.connect(settings)
    return Service(
        route_handlers=[
            articles.submit_article,
            jobs.list_jobs,
            Router(
                "/",
                route_handlers=[batches.submit_batch],
                request_max_body_size=settings.max_batch_bytes,
            ),
            batches.get_batch,
            batches.stream_batch,
            batches.delete_batch,
            batches.list_batch_jobs,
            batches.get_batch_events,
            jobs.get_job,
            jobs.stream_job,
            jobs.delete_job,
            jobs.get_events,
            events.list_events,
            events.read_acled,
            webhooks.create_webhook,
            webhooks.list_webhooks,
            webhooks.get_webhook,
            webhooks.change_webhook,
            webhooks.delete_webhook,
            webhooks.rotate_webhook_secret,
            webhooks.ping_webhook,
            webhooks.list_deliveries,
            webhooks.redeliver,
            webhooks.recover_deliveries,
            webhooks.issue_callback_secret,
            health.check_liveness,
            health.check_readiness,
            metrics.read_metrics,
            documentation.show_index,
            documentation.find_document,
            documentation.explain_problem,
        ],
        dependencies={
            "settings": Provide(dependencies.provide_settings, sync_to_thread=False),
            "redis": Provide(dependencies.provide_redis, sync_to_thread=False),
            "followers": Provide(dependencies.provide_followers, sync_to_thread=False),
            "caller": Provide(dependencies.provide_caller, sync_to_thread=False),
            "listing": Provide(dependencies.provide_listing, sync_to_thread=False),
            "batches": Provide(dependencies.provide_batches, sync_to_thread=False),
            "store": Provide(dependencies.provide_store, sync_to_thread=False),
            "webhooks": Provide(dependencies.provide_webhooks, sync_to_thread=False),
            "deliveries": Provide(dependencies.provide_deliveries, sync_to_thread=False),
        },
        before_request=_tell_methods,
        before_send=[access.tell_allowance],
        exception_handlers=problems.HANDLERS,
        lifespan=[_closing_redis, _hearing_changes],
        logging_config=None,
        middleware=[Conditional()],
        openapi_config=documentation.openapi_config(),
        request_max_body_size=settings.max_body_bytes,
        state=State(
            {
                "settings": settings,
                "redis": redis,
                "key_store": KeyStore(redis, settings),
                "followers": Followers(settings),
                "tracer": tracing.tracer(settings, "tocsin-api"),
            }
        ),
    )


async def _tell_methods(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Answer OPTIONS: Litestar's own answer leaves out all but the first handler of a path."""
    if request.method != "OPTIONS":
        return None
    here = request.scope["path_template"]
    methods = next(route.methods for route in request.app.routes if route.path_format == here)
    return Response(None, status_code=HTTP_204_NO_CONTENT, headers={"Allow": ", ".join(sorted(methods))})


@asynccontextmanager
async def _closing_redis(app: Litestar) -> AsyncIterator[None]:
    """Close the Redis client in the end; it has connected when it was first used."""
    try:
        yield
    finally:
        app.state.redis.close()


@asynccontextmanager
async def _hearing_changes(app: Litestar) -> AsyncIterator[None]:
    """Listen to what changes, for those who wait for it."""
    listening = asyncio.create_task(app.state.followers.listen())
    try:
        yield
    finally:
        while not listening.done():  # Once may not do: redis-py swallows it when it is about to connect.
            listening.cancel()
            await asyncio.wait([listening], timeout=0.1)
        with suppress(asyncio.CancelledError):
            listening.result()
