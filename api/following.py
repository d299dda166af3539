"""Following a job or a batch until nothing further will happen to it.

However many wait, the process listens once to what changes in Redis, and none of them holds a thread.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol, TypeVar

import msgspec
from anyio import CapacityLimiter, move_on_after
from anyio.to_thread import run_sync
from litestar.response import ServerSentEventMessage
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from schemas.errors import BatchNotFoundError, JobNotFoundError
from schemas.settings import Settings
from workers import changes

RETRY_SECONDS: Final = 2
"""When to ask again, or to connect again."""
LOOK_SECONDS: Final = 15
"""How long nobody looks for changes that nobody told of; a stream says that it is alive as often."""
LOOKS_AT_A_TIME: Final = 8
"""Threads for those who wait, so that there are always some left for those who do not."""

T = TypeVar("T")


class _Status(Protocol):
    @property
    def is_final(self) -> bool: ...


class Followed(Protocol):
    """What can be followed: it has a status that is final some day, and a revision that grows until then."""

    @property
    def id(self) -> str: ...  # noqa: D102 - As the schemas say.

    @property
    def status(self) -> _Status: ...  # noqa: D102 - As the schemas say.

    @property
    def revision(self) -> int: ...  # noqa: D102 - As the schemas say.


F = TypeVar("F", bound=Followed)


class Watch:
    """One who waits for something to change."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """End the waiting."""
        self._changed.set()

    async def change(self) -> None:
        """Wait until there may be something new to see."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self._changed.wait()
        self._changed.clear()


class Followers:
    """All who wait for something to change, in this process.

    Attributes:
        stopping: Whether the server is about to stop, and nobody should wait any longer.

    """

    def __init__(self, settings: Settings) -> None:
        self.stopping = False
        self._settings = settings
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._looks = CapacityLimiter(LOOKS_AT_A_TIME)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def listen(self) -> None:
        """Wake whom a change concerns, for as long as the application lives."""
        self._loop = asyncio.get_running_loop()
        async for resource_id in changes.hear(self._settings):
            if resource_id is None:
                self._wake_all()
            else:
                for watch in self._watches.get(resource_id, ()):
                    watch.wake()

    def stop(self) -> None:
        """Let nobody wait any longer; may be called from anywhere, a signal handler included."""
        self.stopping = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_all)

    @contextmanager
    def watching(self, resource_id: str) -> Iterator[Watch]:
        """Be woken when it changes; look at it only then, so that no change is missed."""
        watch = Watch()
        self._watches[resource_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[resource_id].discard(watch)
            if not self._watches[resource_id]:
                del self._watches[resource_id]

    async def look(self, read: Callable[[], T]) -> T:
        """Read what is followed, in one of the threads that are there for this."""
        return await run_sync(read, limiter=self._looks)

    def _wake_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.wake()


def retry_after(followed: Followed) -> dict[str, str]:
    """Say when to ask again, as a header; nothing if there is no need to."""
    return {} if followed.status.is_final else {"Retry-After": str(RETRY_SECONDS)}


async def until_final(followers: Followers, followed: F, read: Callable[[], F], seconds: float) -> F:
    """Wait until it is final, but no longer than `seconds`, and return it as it is then.

    The waiting ends, too, when the server is stopping or Redis ceases to answer: what was submitted is
    recorded all the same, and its address has to be told.
    """
    with (
        followers.watching(followed.id) as watch,
        move_on_after(seconds),
        suppress(RedisConnectionError, RedisTimeoutError),
    ):
        followed = await followers.look(read)
        while not (followed.status.is_final or followers.stopping):
            await watch.change()
            followed = await followers.look(read)
    return followed


async def states(
    followers: Followers,
    name: str,
    followed_id: str,
    read: Callable[[], Followed],
    seen: str | None,
    pause: float = 0.0,
) -> AsyncIterator[ServerSentEventMessage]:
    """Tell how it stands, as server-sent events, whenever it has changed; end when it is final.

    Each tells all, so that one who was away misses nothing by getting the latest alone. Its id is the
    revision; the one that was `seen` is not told again. The stream outlasts a Redis that does not answer
    for a while, and ends without a final state when the server stops or what is followed is forgotten.

    Args:
        followers: All who wait in this process.
        name: What the events are called.
        followed_id: What is followed.
        read: Looks at it.
        seen: The id of the last event that the client has.
        pause: Seconds between two states at least, of what changes more often than anybody wants to know.

    """
    yield ServerSentEventMessage(data=None, retry=RETRY_SECONDS * 1000)
    with followers.watching(followed_id) as watch:
        while not followers.stopping:
            try:
                followed = await followers.look(read)
            except (RedisConnectionError, RedisTimeoutError):
                yield _alive()
            except (JobNotFoundError, BatchNotFoundError):
                return
            else:
                if str(followed.revision) == seen:
                    yield _alive()
                else:
                    seen = str(followed.revision)
                    yield ServerSentEventMessage(data=msgspec.json.encode(followed), event=name, id=seen)
                if followed.status.is_final:
                    return
                await asyncio.sleep(pause)
            await watch.change()


def _alive() -> ServerSentEventMessage:
    """Say nothing, so that client and proxies see that the connection holds."""
    return ServerSentEventMessage(data=None, comment="ping")
