"""What the handlers are given."""

from typing import Any

from litestar import Request
from litestar.datastructures import State
from redis import Redis

from api.following import Followers
from schemas.access import Caller
from schemas.settings import Settings
from workers.batches import BatchStore
from workers.listing import Listing
from workers.store import JobStore
from workers.webhooks.deliveries import DeliveryStore
from workers.webhooks.endpoints import WebhookStore


def provide_settings(state: State) -> Settings:
    """Give the settings that the application was made with."""
    settings: Settings = state.settings
    return settings


def provide_redis(state: State) -> Redis:
    """Give the client that the application shares."""
    redis: Redis = state.redis
    return redis


def provide_followers(state: State) -> Followers:
    """Give all who wait for something to change."""
    followers: Followers = state.followers
    return followers


def provide_store(state: State) -> JobStore:
    """Give the records of the jobs."""
    return JobStore(state.redis, state.settings)


def provide_webhooks(state: State) -> WebhookStore:
    """Give the records of the webhooks."""
    return WebhookStore(state.redis, state.settings)


def provide_deliveries(state: State) -> DeliveryStore:
    """Give the deliveries to webhooks."""
    return DeliveryStore(state.redis, state.settings)


def provide_listing(state: State) -> Listing:
    """Give the lists of what an owner has."""
    return Listing(state.redis, JobStore(state.redis, state.settings))


def provide_batches(state: State) -> BatchStore:
    """Give the records of the batches."""
    return BatchStore(state.redis, state.settings)


def provide_caller(request: Request[Caller, Any, Any]) -> Caller:
    """Give whoever makes the request, as the route's guard found out."""
    return request.user
