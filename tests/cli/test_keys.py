"""`tocsin keys`, and a service that asks for them."""

import http.client
import os
import signal

from redis import Redis

from cli.run import EXAMPLE
from tests.cli.running import Running, Start


def test_a_service_that_others_reach_needs_a_key(
    start: Start, port: int, redis: Redis, redis_url: str
) -> None:
    assert not redis.keys()
    variables = {"REDIS_URL": redis_url, "TOCSIN_HOST": "0.0.0.0"}  # noqa: S104 - what is refused
    refused = start("serve", **variables)
    assert refused.wait() == 2
    assert refused.output.startswith("tocsin: TOCSIN_HOST='0.0.0.0' can be reached")
    assert "`tocsin keys create NAME`" in refused.output
    token = _token(start("keys", "create", "first", REDIS_URL=redis_url))
    served = start("serve", **variables)
    served.wait_until(lambda: _get(port, "/health/live") == 200, "the API")
    assert _get(port, "/v1/jobs/x") == 401
    assert _get(port, "/v1/jobs/x", token) == 404


def test_keys_are_listed_rotated_and_revoked(start: Start, redis: Redis, redis_url: str) -> None:
    assert not redis.keys()
    variables = {"REDIS_URL": redis_url, "COLUMNS": "200"}
    token = _token(
        start("keys", "create", "[red]watcher", "--owner", "newsroom", "--scope", "read", **variables)
    )
    key_id = token.split("_")[1]
    shown = start("keys", "list", **variables)
    assert shown.wait() == 0
    row = next(line for line in shown.output.splitlines() if key_id in line)
    assert [cell.strip() for cell in row.split("│")][2:5] == ["[red]watcher", "newsroom", "read"]
    assert token not in shown.output
    assert _token(start("keys", "rotate", key_id, "--overlap", "24", **variables)) != token
    revoked = start("keys", "revoke", key_id, **variables)
    assert revoked.wait() == 0
    assert "It was the last" in revoked.output
    again = start("keys", "revoke", key_id, **variables)
    assert again.wait() == 1
    assert again.output.startswith(f"tocsin: There is no key {key_id}")


def test_the_keys_of_a_run_are_made_whether_it_runs_or_not(start: Start, port: int) -> None:
    before = _token(start("keys", "create", "before"))
    run = start("run", str(EXAMPLE))
    run.wait_for("Serving until Ctrl-C.")
    during = _token(start("keys", "create", "during"))
    assert _get(port, "/v1/jobs/x") == 401
    assert [_get(port, "/v1/jobs/x", token) for token in (before, during)] == [404, 404]
    listed = start("keys", "list", COLUMNS="200")
    assert listed.wait() == 0
    assert "before" in listed.output
    assert "during" in listed.output
    assert "run " not in listed.output
    os.kill(run.process.pid, signal.SIGINT)
    assert run.wait() == 0
    assert run.family == {}


def _token(command: Running) -> str:
    assert command.wait() == 0, command.output
    return command.output.splitlines()[0]


def _get(port: int, path: str, token: str | None = None) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        return connection.getresponse().status
    except ConnectionRefusedError:
        return None
    finally:
        connection.close()
