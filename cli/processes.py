"""Processes that belong to this one: each in a session of its own, all of them gone when it is.

A session of its own keeps a terminal's Ctrl-C from the children, so that they are stopped in order; and
whatever a child forks can be found by it.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from schemas.errors import TocsinError

PATIENCE = 10.0
"""Seconds that a child may take to finish what it is doing."""

POLL = 0.1
"""Seconds between two looks at what is waited for."""

RESTARTS = 3
"""How often in a row a child is started again that does not stay up."""

STEADY = 60.0
"""Seconds after which a child counts as having stayed up."""

SAME_SIGNAL = 1.0
"""Seconds within which a signal is an echo: a terminal, make and a supervisor may all pass it on."""

LAST_LINES = 15
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class ServiceError(TocsinError):
    """A process that Tocsin needs did not start or did not stay; the message shows its last words."""

    code = "service_failed"


class InterruptedRunError(TocsinError):
    """A signal asked this process to stop."""

    code = "interrupted"

    def __init__(self, number: int) -> None:
        super().__init__("Stopped before it was done.")
        self.exit_status = 128 + number


class Interruption:
    """The signals that ask this process to stop, as something that can be asked for.

    A handler that raises could do so between the start of a child and the note of it. This one takes the
    note only, and who waits calls `check`.
    """

    def __init__(self) -> None:
        self.insists = False
        """Whether there was a second signal; one that follows at once is the first, sent twice."""
        self._first: tuple[int, float] | None = None

    def install(self) -> None:
        """Take over the signals, for the rest of this process."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # As `nohup` has it.
                signal.signal(number, self._receive)

    def check(self) -> None:
        """Go on, unless there was a signal.

        Raises:
            InterruptedRunError: There was.

        """
        if self._first:
            raise InterruptedRunError(self._first[0])

    def _receive(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = number, now
        elif now - self._first[1] > SAME_SIGNAL:
            self.insists = True


class Child:
    """A process that we started; what it writes is added to `log`.

    It inherits `environment`, if given in place of ours, and the files in `keep_open`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        keep_open: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._started = time.monotonic()
        parent = os.getpid()

        def die_with_parent() -> None:
            # Linux only; elsewhere a SIGKILL of this process leaves its children behind.
            if sys.platform == "linux":
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
                if os.getppid() != parent:
                    os._exit(1)

        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - programs of ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - forked from the main thread
                env=environment,
                pass_fds=keep_open,
            )

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self._started

    @property
    def last_words(self) -> str:
        """How it ended and the last lines that it wrote."""
        status = self._process.poll()
        ended = "is still running" if status is None else _ending(status)
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            tail = "".join(deque(lines, LAST_LINES)).rstrip()
        return f"{self.name} {ended}. From {self.log}:\n{tail or '(nothing was written)'}"

    def ask(self) -> None:
        """Ask it to end."""
        if self.is_alive:
            self._process.terminate()

    def kill(self) -> None:
        """End it, and whatever it left behind in its session."""
        self._process.kill()
        self._process.wait()
        for pid in _session(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


class Keeper:
    """Looks after children: those that are needed must stay up, the others are started again."""

    def __init__(self) -> None:
        self._needed: list[Child] = []
        self._renewed: list[tuple[Callable[[], Child], Child, int]] = []

    def need(self, child: Child) -> None:
        """Look after a child whose end ends everything."""
        self._needed.append(child)

    def renew(self, start: Callable[[], Child]) -> None:
        """Start a child, and again whenever it ends."""
        self._renewed.append((start, start(), 0))

    def check(self, *, restarts: int = RESTARTS) -> None:
        """Start again what ended.

        Raises:
            ServiceError: A needed child ended, or another did not stay up, `restarts` times in a row.

        """
        for child in self._needed:
            if not child.is_alive:
                raise ServiceError(child.last_words)
        for place, (start, child, failures) in enumerate(self._renewed):
            if child.is_alive:
                continue
            counted = failures + 1 if child.age < STEADY else 1
            if counted > restarts:
                raise ServiceError(child.last_words)
            child.kill()
            self._renewed[place] = (start, start(), counted)

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """End all children: the renewed ones together, then the needed ones, last come first gone.

        A child is asked, asked again after `PATIENCE` seconds (a worker then gives its article up, which
        is coded again later), and killed after as long once more; at once when `hurry` says so.
        """
        _stop([child for _, child, _ in self._renewed], hurry)
        for child in reversed(self._needed):
            _stop([child], hurry)


def _stop(children: Sequence[Child], hurry: Callable[[], bool]) -> None:
    for _ in range(2):
        for child in children:
            child.ask()
        deadline = time.monotonic() + PATIENCE
        while any(child.is_alive for child in children) and time.monotonic() < deadline and not hurry():
            time.sleep(POLL)
    for child in children:
        child.kill()


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _session(leader: int) -> Iterator[int]:
    """Find the processes of a session, through Linux's process file system; none elsewhere."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(int(entry.name)) == leader:
                yield int(entry.name)
