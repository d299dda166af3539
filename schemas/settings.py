"""Every setting: its environment variable, its default, and what it is for.

`Settings.from_environment` takes the environment as a mapping, so that nothing here reads the outside
world. A test compares this module with the README's table.
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Literal, Self

import msgspec

from schemas.errors import SettingsError

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]

PREFIX = "TOCSIN_"
UNPREFIXED = frozenset({"redis_url"})
"""Settings whose variable is the one that other programs use, too."""


def variable(field: str) -> str:
    """The environment variable of a setting: `port` is `TOCSIN_PORT`, `redis_url` is `REDIS_URL`."""
    return field.upper() if field in UNPREFIXED else PREFIX + field.upper()


@lru_cache
def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks that are separated by commas: `127.0.0.0/8,::1/128`.

    Raises:
        ValueError: One of them is none.

    """
    return tuple(ip_network(network.strip()) for network in text.split(",") if network.strip())


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of API, workers and command line.

    Attributes:
        redis_url: Redis or Valkey 6.2 or newer (`redis://`, `rediss://`, `unix://`). Without it
            `tocsin run` starts a server of its own.
        host: The address that the API listens on. On one that other machines reach, API keys are asked for
            from the start; on a loopback address, as soon as there are any.
        port: The port that the API listens on.
        workers: How many workers `tocsin run` starts; 0 for one a core.
        data_dir: Where `tocsin run` keeps Redis's data and the logs.
        retention_days: How long a finished job and its records are kept.
        idempotency_hours: How long a request with an `Idempotency-Key` that was seen before gets the
            first one's answer.
        deduplicate: Whether an article whose content the same owner has submitted within the retention
            is answered with the job that it has.
        job_timeout: Seconds that coding one article may take.
        max_attempts: How often an article is begun before its job fails.
        maintenance_interval: Seconds between a worker's searches for jobs that a dead worker left.
        max_body_bytes: The largest request body that is accepted.
        max_batch_bytes: The largest body of a batch that is accepted.
        max_batch_articles: The most articles that a batch may have.
        max_text_characters: The longest article that is accepted, counted after reading.
        max_sentence_words: Longer sentences are left out of the parse, and a warning says so.
        submissions_per_minute: How many requests with one API key may submit something; 0 for any number.
        reads_per_minute: How many requests with one API key may read something; 0 for any number.
        max_wait: The longest that `Prefer: wait` holds an answer, in seconds.
        models: `bundled` for the models that ship with Tocsin, `stanza` for Stanza's official
            packages in `models_dir`.
        models_dir: Where Stanza's official packages lie; Stanza's own default when empty.
        webhook_timeout: Seconds that a webhook's receiver has to answer.
        webhook_allow_http: Whether webhooks may go to `http://` addresses.
        webhook_allow_networks: Networks that are not public and that webhooks may go to all the same,
            separated by commas: `127.0.0.0/8,10.1.0.0/16`.
        webhook_schedule: Seconds between the attempts to deliver a message, separated by commas.
        webhook_jitter: By which part a pause between attempts is longer or shorter at random.
        webhook_throttle: The least pause, in seconds, after a timeout or a 429.
        webhook_disable_days: After how many days of nothing but failures a webhook is disabled.
        webhook_concurrency: How many messages a deliverer sends at a time.
        webhook_endpoint_concurrency: How many messages one receiver is sent at a time.
        secret: What the secrets of webhooks are derived from, 32 characters or more, the same for API
            and deliverers. Without it there are no webhooks; `tocsin run` makes one.
        otel: Whether spans of requests and of articles are sent to an OpenTelemetry collector; needs the
            extra `otel`, and takes OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT`).
        log_format: How log messages are written: `console` for people, `json` for programs.
        url: Where `tocsin submit` finds the service; where `host` and `port` say when empty.
        api_key: The API key that `tocsin submit` shows.
        log_level: The least severe log messages that are written.

    """

    redis_url: str | None = None
    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    data_dir: str = ".tocsin"
    retention_days: Annotated[float, msgspec.Meta(gt=0)] = 7.0
    idempotency_hours: Annotated[float, msgspec.Meta(gt=0)] = 24.0
    deduplicate: bool = False
    job_timeout: Count = 300
    max_attempts: Count = 3
    maintenance_interval: Annotated[int, msgspec.Meta(ge=1, le=60)] = 30
    max_body_bytes: Count = 4_000_000
    max_batch_bytes: Count = 100_000_000
    max_batch_articles: Count = 10_000
    max_text_characters: Count = 200_000
    max_sentence_words: Count = 300
    submissions_per_minute: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 6_000
    reads_per_minute: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 60_000
    max_wait: Seconds = 60.0
    models: Literal["bundled", "stanza"] = "bundled"
    models_dir: str = ""
    webhook_timeout: Seconds = 15.0
    webhook_allow_http: bool = False
    webhook_allow_networks: str = ""
    webhook_schedule: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?(,[0-9]+(\.[0-9]+)?)*$")] = (
        "5,300,1800,7200,18000,36000,36000"
    )
    webhook_jitter: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.2
    webhook_throttle: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    webhook_disable_days: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    webhook_concurrency: Count = 500
    webhook_endpoint_concurrency: Count = 4
    secret: Annotated[str, msgspec.Meta(pattern=r"^$|^.{32,}$")] = ""
    otel: bool = False
    log_format: Literal["console", "json"] = "console"
    url: str = ""
    api_key: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    def __post_init__(self) -> None:
        networks(self.webhook_allow_networks)

    @property
    def is_loopback(self) -> bool:
        """Whether `host` is an address that this machine alone reaches; of names, only `localhost` is."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings that `environment` sets; an empty variable counts as not set.

        Raises:
            SettingsError: A value does not fit, or a `TOCSIN_` variable is not a setting.

        """
        variables = {variable(field): field for field in cls.__struct_fields__}
        unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in variables)
        if unknown:
            raise SettingsError(
                f"{unknown[0]} is not a setting; the settings are {', '.join(sorted(variables))}."
            )
        given = {field: environment[name] for name, field in variables.items() if environment.get(name)}
        for field, value in given.items():
            try:
                msgspec.convert({field: value}, cls, strict=False)
            except msgspec.ValidationError as error:
                reason = str(error).split(" - at ")[0]
                raise SettingsError(f"{variable(field)}={value!r}: {reason}.") from error
        return msgspec.convert(given, cls, strict=False)
