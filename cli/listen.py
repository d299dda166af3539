"""`tocsin listen`: a receiver of webhooks for those who build one."""

import json
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import rich_click as click
from rich.console import Console

from workers.webhooks import signatures
from workers.webhooks.signatures import ID_HEADER, TIMESTAMP_HEADER, Verdict

MAX_BODY_BYTES: Final = 10_000_000
SHOWN_CHARACTERS: Final = 2000
"""How much is shown of a body that is not JSON."""

VERDICTS: Final = {
    Verdict.VALID: "[green]signature valid[/]",
    Verdict.OUTDATED: "[yellow]signature valid, but outdated by {age:.0f} s[/]",
    Verdict.INVALID: "[red]signature wrong[/]",
    Verdict.UNSIGNED: "[red]not signed[/]",
}


@click.command()
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(0, 65535), help="0 is any free one."
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="whsec_...",
    help="Verify with this secret; give both while an old one still counts.",
)
@click.option(
    "--answer",
    default=int(HTTPStatus.NO_CONTENT),
    show_default=True,
    type=click.IntRange(200, 599),
    help="The status to answer with, to see what Tocsin makes of it.",
)
def listen(port: int, secrets: tuple[str, ...], answer: int) -> None:
    """Receive webhooks on this machine, and print and verify them.

    Register the address that it prints with `POST /v1/webhooks`, and give the secret that you are shown.
    A Tocsin that was started by `tocsin run` delivers to this machine; any other one does only if
    TOCSIN_WEBHOOK_ALLOW_HTTP and TOCSIN_WEBHOOK_ALLOW_NETWORKS let it.
    """
    for secret in secrets:
        signatures.key(secret)
    try:
        server = _Server(port, _Printer(secrets), answer)
    except OSError as error:
        raise click.BadParameter(f"{error.strerror}: {port}", param_hint="--port") from error
    with server:
        sys.stdout.write(f"Listening on http://127.0.0.1:{server.server_port}/ until Ctrl-C.\n")
        if not secrets:
            sys.stdout.write("Without --secret, signatures are not verified.\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


class _Printer:
    """Prints what arrives, one message at a time."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self._console = Console(highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._seen: set[str] = set()

    def show(self, received: dict[str, str], body: bytes) -> None:
        """Print a message: when it came, what it is, whether to believe it, and what it says."""
        now = time.time()
        message_id = received.get(ID_HEADER, "")
        try:
            content = json.loads(body)
        except ValueError:
            content = None
        kind = content.get("type", "?") if isinstance(content, dict) else "?"
        with self._lock:
            self._console.print(
                f"\n{datetime.fromtimestamp(now).astimezone():%H:%M:%S}  "
                f"[bold]{_plain(str(kind))}[/]  {_plain(message_id) or 'without id'}  ",
                end="",
            )
            self._console.print(self._verdict(received, body, now), end="")
            self._console.print("  [yellow]duplicate[/]" if message_id in self._seen else "")
            if message_id:
                self._seen.add(message_id)
            if content is None:
                text = body.decode(errors="replace")[:SHOWN_CHARACTERS]
                self._console.print(_plain(text))
            else:
                self._console.print_json(data=content, ensure_ascii=False)

    def _verdict(self, received: dict[str, str], body: bytes, now: float) -> str:
        if not self._secrets:
            return "not verified"
        verdict = signatures.verify(self._secrets, received, body, now)
        age = abs(now - int(received[TIMESTAMP_HEADER])) if verdict is Verdict.OUTDATED else 0
        return VERDICTS[verdict].format(age=age)


class _Server(ThreadingHTTPServer):
    """Hands messages to the printer, and answers them all with the same status."""

    daemon_threads = True

    def __init__(self, port: int, printer: _Printer, answer: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.printer = printer
        self.answer = answer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30.0

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._answer(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > MAX_BODY_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = self.rfile.read(int(length))
            self.server.printer.show({name.lower(): value for name, value in self.headers.items()}, body)
            self._answer(self.server.answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library calls it
        """Say nothing: what arrives is printed already."""

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", "0")
        self.end_headers()


def _plain(text: str) -> str:
    """Take out what would do something to a terminal, or to Rich's markup."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text).replace("[", "\\[")
