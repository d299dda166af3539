"""`tocsin run`, with all the processes that it starts."""

import http.client
import os
import re
import signal
import socket
from pathlib import Path

import httpx2

from cli.run import EXAMPLE
from tests.cli.running import Start


def test_once_prints_the_records_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    run = start("run", "--once", str(EXAMPLE), COLUMNS="160")
    assert run.wait() == 0, run.output
    assert run.family == {}
    assert "Redis         Valkey" in run.output
    assert "Protests" in run.output
    assert "Bamako" in run.output
    assert "withheld unless asked for" in run.output
    assert (tmp_path / ".tocsin" / "redis" / "appendonlydir").is_dir()


def test_serves_until_ctrl_c_and_replaces_a_dead_worker(start: Start, port: int) -> None:
    run = start("run", str(EXAMPLE))
    run.wait_for("Serving until Ctrl-C.")
    assert f"http://127.0.0.1:{port}/docs" in run.output
    assert _get(port, "/health/ready") == 200
    first = run.wait_for_member("worker")
    os.kill(first, signal.SIGKILL)
    run.wait_for_member("worker", but=first)
    _refuse_a_second_one(start)
    _tell_a_receiver_on_this_machine(start, port)
    run.process.send_signal(signal.SIGINT)
    assert run.wait() == 0
    assert "Stopping." in run.output
    assert run.family == {}


def _tell_a_receiver_on_this_machine(start: Start, port: int) -> None:
    """What is registered with the address of a `tocsin listen` arrives there, and is verified."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}/v1/webhooks") as client:
        webhook = client.post("", json={"url": f"http://127.0.0.1:{free}/hook"}).raise_for_status().json()
        receiver = start("listen", "--port", str(free), "--secret", webhook["secret"])
        receiver.wait_for("until Ctrl-C")
        client.post(f"/{webhook['id']}/ping").raise_for_status()
    receiver.wait_for('"type": "ping"')
    assert re.search(r"  ping  \S+  signature valid\n", receiver.output)


def _refuse_a_second_one(start: Start) -> None:
    """The port is taken; with another port, the data are."""
    again = start("run")
    assert again.wait() == 2
    assert "TOCSIN_PORT" in again.output
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    again = start("run", TOCSIN_PORT=str(free))
    assert again.wait() == 1
    assert "TOCSIN_DATA_DIR" in again.output
    assert again.family == {}


def test_sigterm_while_it_starts_leaves_nothing(start: Start) -> None:
    run = start("run")
    run.wait_for_member("worker")
    run.process.terminate()
    assert run.wait() == 128 + signal.SIGTERM
    assert run.family == {}


def test_its_children_do_not_outlive_a_kill(start: Start) -> None:
    run = start("run")
    run.wait_for_member("worker")
    run.process.kill()
    run.wait()
    run.wait_until(lambda: not run.family, "the children to end")


def test_the_death_of_the_api_ends_it(start: Start) -> None:
    run = start("run")
    os.kill(run.wait_for_member("serve"), signal.SIGKILL)
    assert run.wait() == 1
    assert "api was ended by SIGKILL" in run.output
    assert run.family == {}


def test_shows_why_a_worker_cannot_begin(start: Start, tmp_path: Path) -> None:
    run = start("run", TOCSIN_MODELS="stanza", TOCSIN_MODELS_DIR=str(tmp_path / "none"))
    assert run.wait() == 1
    assert "worker-1 ended with status 1. From .tocsin/logs/worker-1.log:\n" in run.output
    assert run.output.splitlines()[-1].startswith("tocsin: ")  # The worker's own words.
    assert run.family == {}


def test_says_that_the_redis_it_was_given_does_not_answer(start: Start, tmp_path: Path) -> None:
    run = start("run", REDIS_URL=f"unix://{tmp_path}/none.sock")
    assert run.wait() == 1
    assert "The Redis that REDIS_URL names does not answer" in run.output


def test_a_file_that_is_no_article_is_refused_before_anything_starts(start: Start, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"text": ', encoding="utf-8")
    run = start("run", "broken.json")
    assert run.wait() == 1
    assert "broken.json: This is not JSON" in run.output
    assert not (tmp_path / ".tocsin").exists()


def test_an_article_without_records_is_no_success(start: Start, tmp_path: Path, redis_url: str) -> None:
    (tmp_path / "weather.txt").write_text(
        "Il fait beau. Le ciel est bleu et l'air est doux.", encoding="utf-8"
    )
    run = start("run", "--once", "weather.txt", REDIS_URL=redis_url)
    assert run.wait() == 1, run.output
    assert "0 records" in run.output
    assert run.family == {}


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
