"""Telling those who wait what has changed: a message on a Redis channel, sent by the change's transaction.

Messages of Redis are heard or lost. Who waits looks at the record after having begun to listen, again
for each message, again when messages may have been lost, and now and then for good measure.
"""

import logging
from asyncio import sleep
from collections.abc import AsyncIterator
from typing import Final

from redis.asyncio import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq.utils import as_text

from schemas.settings import Settings

CHANNEL: Final = "tocsin:changes"
RECONNECT_SECONDS: Final = 1

logger = logging.getLogger(__name__)


def announce(resource_id: str, pipeline: Pipeline) -> None:
    """Tell that a job or a batch has changed, as part of the transaction that changes it."""
    pipeline.publish(CHANNEL, resource_id)


async def hear(settings: Settings) -> AsyncIterator[str | None]:
    """Yield the id of whatever changes, and None when changes may have gone unheard; without an end.

    None comes first, and again whenever the connection to Redis had to be made anew.
    """
    while True:
        try:
            async with Redis.from_url(str(settings.redis_url)) as redis, redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                async for message in channel.listen():
                    if message["type"] == "subscribe":
                        yield None
                    elif message["type"] == "message":
                        yield as_text(message["data"])
        except RedisError as error:
            logger.warning("What changes goes unheard; Redis does not answer: %s", error)
            await sleep(RECONNECT_SECONDS)
