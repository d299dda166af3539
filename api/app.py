"""The application."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.status_codes import HTTP_204_NO_CONTENT

from api import access, dependencies, documentation, problems
from api.routes import articles, health, jobs
from schemas.settings import Settings
from workers import queue
from workers.keys import KeyStore


def create_app(settings: Settings | None = None) -> Litestar:
    """Make the application; without settings, with those that the environment gives.

    Whoever serves it sets `state.stopping` when it is to stop, so that held answers are given.

    Raises:
        SettingsError: The environment sets something that cannot be used, or no Redis.

    """
    settings = settings or Settings.from_environment(os.environ)
    redis = queue.connect(settings)
    return Litestar(
        route_handlers=[
            articles.submit_article,
            jobs.get_job,
            jobs.delete_job,
            jobs.get_events,
            health.check_liveness,
            health.check_readiness,
            documentation.show_index,
            documentation.find_document,
            documentation.explain_problem,
        ],
        dependencies={
            "settings": Provide(dependencies.provide_settings, sync_to_thread=False),
            "redis": Provide(dependencies.provide_redis, sync_to_thread=False),
            "stopping": Provide(dependencies.provide_stopping, sync_to_thread=False),
            "caller": Provide(dependencies.provide_caller, sync_to_thread=False),
            "store": Provide(dependencies.provide_store, sync_to_thread=False),
        },
        before_request=_tell_methods,
        before_send=[access.tell_allowance],
        exception_handlers=problems.HANDLERS,
        lifespan=[_closing_redis],
        logging_config=None,
        openapi_config=documentation.openapi_config(),
        request_max_body_size=settings.max_body_bytes,
        state=State(
            {
                "settings": settings,
                "redis": redis,
                "key_store": KeyStore(redis, settings),
                "stopping": Event(),
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
