"""Who may make a request: the API key that it shows, the scope that its route needs, and how often.

A route says `guards=[Needs(Scope.READ)]`. One that says nothing is open to everybody and is given no caller.
"""

from collections.abc import Mapping
from typing import Any, Final

from anyio.to_thread import run_sync
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import SecurityScheme
from litestar.types import Message
from litestar.types import Scope as Connection

from schemas.access import Allowance, Scope
from schemas.errors import KeyInvalidError, QuotaExceededError
from workers.keys import KeyStore

SCHEME: Final = "apiKey"
"""What the OpenAPI document calls the way to show a key."""

SECURITY_SCHEMES: Final = {
    SCHEME: SecurityScheme(
        type="http",
        scheme="bearer",
        bearer_format="tocsin_ID_SECRET",
        description="An API key, as `tocsin keys create` makes it. The names beside an operation are the "
        "scopes, one of which the key must have. A service on a loopback address asks for none until the "
        "first key is made.",
    )
}


class Needs:
    """A guard: lets in who has a scope, and leaves the request's caller and allowance on the connection."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        """Find out who makes the request, and whether they may.

        Raises:
            KeyMissingError: A key is asked for, and there is none.
            KeyInvalidError: What there is, is not one.
            ScopeMissingError: The key does not allow it.
            QuotaExceededError: The key was used too often.

        """
        del handler
        keys: KeyStore = connection.app.state.key_store
        admission = await run_sync(keys.admit, _token(connection.headers.get("Authorization")), self.scope)
        connection.scope["user"] = admission.caller
        connection.scope["auth"] = admission.allowance
        if admission.allowance and admission.allowance.retry_after:
            raise QuotaExceededError(admission.allowance)


def scopes(app: Litestar) -> Mapping[str, Scope]:
    """List what each operation needs, by its id; those that need nothing are not in it."""
    return {
        handler.operation_id: guard.scope
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for guard in handler.guards or ()
        if isinstance(guard, Needs)
    }


async def tell_allowance(message: Message, connection: Connection) -> None:
    """Say in every answer to a key what is left to it (draft-ietf-httpapi-ratelimit-headers)."""
    allowance = connection.get("auth")
    if message["type"] != "http.response.start" or not isinstance(allowance, Allowance):
        return
    quota = allowance.quota
    headers = MutableScopeHeaders.from_message(message)
    headers["RateLimit-Policy"] = f'"{quota.name}";q={quota.requests};w={quota.window}'
    headers["RateLimit"] = f'"{quota.name}";r={allowance.remaining};t={allowance.reset}'


def _token(authorization: str | None) -> str | None:
    if authorization is None:
        return None
    method, _, token = authorization.partition(" ")
    if method.lower() != "bearer":
        raise KeyInvalidError("API keys are sent as `Authorization: Bearer KEY`.")
    return token.strip()
