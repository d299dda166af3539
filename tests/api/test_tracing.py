"""Every answer says which request it answers."""

import re

import pytest
from litestar import Litestar
from litestar.testing import TestClient

Client = TestClient[Litestar]

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.mark.parametrize("path", ["/health/live", "/v1/jobs/x", "/nothing", "/docs"])
def test_the_trace_of_a_request_goes_on_in_its_answer(client: Client, path: str) -> None:
    answer = client.get(path, headers={"traceparent": f"00-{TRACE}-{SPAN}-01"})
    assert answer.headers["X-Request-Id"] == TRACE
    version, trace, span, flags = answer.headers["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert re.fullmatch("[0-9a-f]{16}", span)
    assert span != SPAN


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
    ],
)
def test_a_request_without_a_trace_begins_one(client: Client, header: str | None) -> None:
    answers = [
        client.get("/health/live", headers={} if header is None else {"traceparent": header})
        for _ in range(2)
    ]
    ids = {answer.headers["X-Request-Id"] for answer in answers}
    assert len(ids) == 2
    assert TRACE not in ids
    for answer in answers:
        assert answer.headers["traceparent"].split("-")[1] == answer.headers["X-Request-Id"]


def test_a_later_version_is_read_as_far_as_it_is_known(client: Client) -> None:
    answer = client.get("/health/live", headers={"traceparent": f"01-{TRACE}-{SPAN}-01-later"})
    assert answer.headers["X-Request-Id"] == TRACE
