"""A client of the API, as small as `tocsin run` needs it."""

import http.client
from typing import Final

import msgspec

from schemas.article import Article
from schemas.errors import TocsinError
from schemas.event import Event
from schemas.event_list import EventList
from schemas.job import Job

TIMEOUT: Final = 10.0
"""Seconds that an answer may take."""

ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach who listens everywhere


class RefusedError(TocsinError):
    """The API answered with a problem; the message is its detail."""

    code = "refused"


class _Problem(msgspec.Struct):
    title: str
    detail: str = ""


class Client:
    """Talks to the API at `host` and `port`."""

    def __init__(self, host: str, port: int) -> None:
        self._host = ANYWHERE.get(host, host)
        self._port = port
        self.key: str | None = None
        """The API key to show, where one is asked for."""

    @property
    def address(self) -> str:
        """The API's address, for people."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def is_ready(self) -> bool:
        """Whether the service is up, and a worker, too."""
        try:
            self._get("/health/ready")
        except (ConnectionError, RefusedError):
            return False
        return True

    def submit(self, article: Article) -> Job:
        """Submit an article.

        Raises:
            RefusedError: It is not accepted.

        """
        answer = self._request("POST", "/v1/articles", msgspec.json.encode(article))
        return msgspec.json.decode(answer, type=Job)

    def job(self, job_id: str) -> Job:
        """Look how a job stands."""
        return msgspec.json.decode(self._get(f"/v1/jobs/{job_id}"), type=Job)

    def events(self, job_id: str) -> list[Event]:
        """Fetch all records of a job, also those that the default view withholds."""
        answer = self._get(f"/v1/jobs/{job_id}/events?include=all")
        return msgspec.json.decode(answer, type=EventList).events

    def _get(self, path: str) -> bytes:
        return self._request("GET", path, None)

    def _request(self, method: str, path: str, body: bytes | None) -> bytes:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            if self.key:
                headers["Authorization"] = f"Bearer {self.key}"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            problem = msgspec.json.decode(answer, type=_Problem)
            raise RefusedError(problem.detail or problem.title)
        return answer
