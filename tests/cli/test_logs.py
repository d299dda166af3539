"""What all processes log of an article and send to a collector: its request, and not a word of it."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from operator import contains
from threading import Thread
from typing import Any

import pytest
from redis import Redis

from tests.cli.running import Start

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
QUOTED = "Zorglubie"
"""A word that is in no log unless an article is quoted."""
TEXT = (
    f"Des centaines de manifestants de {QUOTED} ont défilé mardi à Paris. La police a arrêté dix personnes."
)
SUBMISSIONS: list[dict[str, Any]] = [
    {"text": TEXT, "title": QUOTED, "language": "fr"},
    {"html": f"<html><title>{QUOTED}</title><body><article><p>{TEXT * 3}</p></article></body></html>"},
    {"text": QUOTED},
    {"text": TEXT, "callback_url": "http://127.0.0.1:1/"},
    {"text": 7, "title": QUOTED},
    {"text": TEXT, "published_at": QUOTED},
]


BATCH = {
    "articles": [{"text": TEXT}, {"text": 7, "title": QUOTED}, {"text": TEXT, "language": QUOTED}, QUOTED]
}


class Collector:
    """Receives spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        received = self.received = bytearray()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.extend(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()
    collector.server.server_close()


def test_a_request_is_followed_and_no_article_quoted(
    start: Start, port: int, redis: Redis, redis_url: str, collector: Collector
) -> None:
    assert not redis.keys()
    variables = {
        "REDIS_URL": redis_url,
        "TOCSIN_LOG_FORMAT": "json",
        "TOCSIN_LOG_LEVEL": "DEBUG",
        "TOCSIN_SECRET": "not known to anybody, and rather long",
        "TOCSIN_WEBHOOK_ALLOW_HTTP": "true",
        "TOCSIN_WEBHOOK_ALLOW_NETWORKS": "127.0.0.0/8",
        "TOCSIN_OTEL": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    api, worker, deliverer = (start(name, **variables) for name in ("serve", "worker", "deliver"))
    worker.wait_until(lambda: _ask(port, "GET", "/health/ready") == 200, "a worker")
    statuses = [_ask(port, "POST", "/v1/articles", submission) for submission in SUBMISSIONS]
    assert statuses == [202, 202, 202, 202, 422, 422]
    assert _ask(port, "POST", "/v1/batches", BATCH) == 202
    worker.wait_until(lambda: not redis.exists("tocsin:open"), "all jobs to be final")
    deliverer.wait_for("attempt 1 failed")
    for name in (
        *(b"POST /v1/articles", b"POST /v1/batches", b"code article", b"reading", b"parsing", b"coding"),
        *(b"deliver message", b"tocsin-api", b"tocsin-worker", b"tocsin-deliverer"),
    ):
        worker.wait_until(partial(contains, collector.received, name), f"the span {name!r}")
    assert bytes.fromhex(TRACE) in collector.received
    assert QUOTED.encode() not in collector.received
    for process in (api, deliverer, worker):
        process.process.terminate()
        process.wait()
        assert QUOTED not in process.output
        lines = [json.loads(line) for line in process.output.splitlines()]
        assert {"event", "level", "logger", "timestamp"} <= set.intersection(*map(set, lines))
        assert [line for line in lines if line.get("request_id") == TRACE]
    coded = [line for line in lines if line.get("request_id") == TRACE and " records in " in line["event"]]
    assert coded
    assert all(line["job_id"] in line["event"] for line in coded)


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_the_message_of_an_exception_is_not_logged(log_format: str) -> None:
    program = f"""
import logging
from schemas.settings import Settings
from workers import logs
logs.configure(Settings(log_format="{log_format}"))
def parse():
    try:
        {{}}[chr(90) + "orglubie"]
    except KeyError as error:
        raise ValueError(chr(90) + "orglubie") from error
try:
    parse()
except ValueError:
    logging.getLogger("workers").exception("It failed")
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert QUOTED not in done.stderr
    for word in ("It failed", "ValueError", "KeyError", "in parse"):
        assert word in done.stderr


def _ask(port: int, method: str, path: str, submission: dict[str, Any] | None = None) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/json", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    try:
        connection.request(method, path, json.dumps(submission) if submission else None, headers)
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()
