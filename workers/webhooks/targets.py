"""Where webhooks may go: to addresses that anyone could reach, and to networks that the operator names.

Whoever registers an endpoint makes Tocsin send requests from inside its operator's network. So the
address is checked twice: as it is written, when it is registered, and as what it means, at the moment of
every connection. The address that was checked is the one connected to, whatever its name means by then.
"""

import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias

import httpcore2
import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from schemas.errors import RefusedTargetError
from schemas.settings import Settings, networks, variable

Address: TypeAlias = IPv4Address | IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Looks up the addresses of a name, best first, for a port; raises `socket.gaierror` if there is none."""

MAX_CHARACTERS: Final = 2048
MAX_LOOKUPS: Final = 256
"""Names that are looked up at a time; those that hang must not keep the others waiting."""

SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network (RFC 791)
            "10.0.0.0/8",  # private (RFC 1918)
            "100.64.0.0/10",  # shared by a provider's customers (RFC 6598); Alibaba's metadata
            "127.0.0.0/8",  # loopback (RFC 1122)
            "168.63.129.16/32",  # Azure's platform, reachable from inside only
            "169.254.0.0/16",  # link-local (RFC 3927); the metadata of most clouds
            "172.16.0.0/12",  # private (RFC 1918)
            "192.0.0.0/24",  # protocol assignments (RFC 6890); Oracle's metadata
            "192.0.2.0/24",  # documentation (RFC 5737)
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "192.168.0.0/16",  # private (RFC 1918)
            "198.18.0.0/15",  # benchmarks (RFC 2544)
            "198.51.100.0/24",  # documentation (RFC 5737)
            "203.0.113.0/24",  # documentation (RFC 5737)
            "224.0.0.0/4",  # multicast (RFC 5771)
            "240.0.0.0/4",  # reserved, and broadcast (RFC 1112, RFC 919)
            "2001::/23",  # protocol assignments (RFC 2928): Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation (RFC 3849)
            "2002::/16",  # 6to4 (RFC 3056): holds an IPv4 address
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
"""What IANA's registries of special-purpose addresses, and clouds, keep from the public.

Python's `is_global` knows less, and each release something else.
"""

PUBLIC_IPV6: Final = ip_network("2000::/3")
"""All that is assigned of IPv6 for the public; NAT64, unique local, link-local and multicast are not."""

_LOCAL_NAME: Final = re.compile(r"[^.]+|.*\.(?:localhost|local|internal|home\.arpa|lan|intranet|corp)")
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)([^#]*)")
_AUTHORITY: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]+)(?::([0-9]{1,5}))?")
_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?\.)*[a-z0-9_\-]{1,63}")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS: Final = {"http": 80, "https": 443}


class Target(msgspec.Struct, frozen=True):
    """An address that may be told, in parts that leave nothing to interpret.

    Attributes:
        scheme: `https`, or `http` where the settings allow it.
        host: A name in lower case, or an address, without brackets.
        port: The port, given or by default.
        path: Path and query, as they go into the request.

    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def check(url: str, settings: Settings) -> Target:
    """Read the address of an endpoint, and make sure that it may be one, as far as it can be told from it.

    There is one way to write each part, and any other is refused: programs that read an address
    differently are how one that was checked becomes one that was not. What a name means is not looked
    up: `GuardedBackend` does that whenever it connects.

    Raises:
        RefusedTargetError: It may not; the message says why.

    """
    if len(url) > MAX_CHARACTERS:
        raise RefusedTargetError(f"The address has more than {MAX_CHARACTERS:,} characters.")
    if not _CHARACTERS.fullmatch(url):
        raise RefusedTargetError(
            "The address has characters that none may have (RFC 3986). Names that are not ASCII are written "
            "as `xn--...`, other such characters as `%..`."
        )
    if "#" in url:
        raise RefusedTargetError("The address has a fragment (`#...`), which is never sent.")
    parts = _URL.fullmatch(url)
    if not parts:
        raise RefusedTargetError("The address is not of the form `https://host/path`.")
    scheme, authority, path = parts[1].lower(), parts[2], parts[3]
    if scheme not in _PORTS or (scheme == "http" and not settings.webhook_allow_http):
        raise RefusedTargetError(f"The address begins with `{scheme}://`; only `https://` may be told.")
    if "@" in authority:
        raise RefusedTargetError("The address holds a user name or password; verify the signature instead.")
    host_and_port = _AUTHORITY.fullmatch(authority)
    if not host_and_port:
        raise RefusedTargetError(f"`{authority}` is not a host, or a host and a port.")
    port = int(host_and_port[2] or _PORTS[scheme])
    if not 0 < port < 2**16:
        raise RefusedTargetError(f"{port} is not a port.")
    return Target(
        scheme=scheme,
        host=_check_host(host_and_port[1].lower(), settings),
        port=port,
        path=path if path.startswith("/") else "/" + path,
    )


def is_allowed(address: Address, settings: Settings) -> bool:
    """Tell whether a connection may go to an address.

    An IPv4 address that is mapped into IPv6 is judged as what it is.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in networks(settings.webhook_allow_networks)):
        return True
    if isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
        return False
    return not any(address in network for network in SPECIAL)


async def resolve(name: str, port: int) -> Sequence[Address]:
    """Ask the system what a name means.

    Raises:
        socket.gaierror: Nothing, or it cannot be told.

    """
    found = await run_sync(
        lambda: socket.getaddrinfo(name, port, type=socket.SOCK_STREAM),
        abandon_on_cancel=True,
        limiter=_lookups,
    )
    return list(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))


_lookups = CapacityLimiter(MAX_LOOKUPS)


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Makes connections for httpcore, to allowed addresses only."""

    def __init__(self, settings: Settings, resolver: Resolver = resolve) -> None:
        self._settings = settings
        self._resolve = resolver
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a host that is allowed and answers.

        Raises:
            RefusedTargetError: None of its addresses is allowed.
            socket.gaierror: It has no address.

        """
        addresses = [each for each in await self._addresses(host, port) if is_allowed(each, self._settings)]
        if not addresses:
            raise RefusedTargetError(f"{host} is not in a public network.")
        # An address that swallows everything must leave time for the next one.
        share = (timeout or self._settings.webhook_timeout) / (2 * len(addresses))
        *others, last = addresses
        for address in others:
            try:
                return await self._backend.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as httpcore calls it
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: no endpoint is a socket of this machine.

        Raises:
            RefusedTargetError: Always.

        """
        raise RefusedTargetError(f"{path} is a socket of this machine.")

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            return await self._resolve(host, port)


def _check_host(host: str, settings: Settings) -> str:
    """Make sure that a host is written in the one way, and does not plainly mean a forbidden place."""
    address = _literal(host)
    if address:
        if not is_allowed(address, settings):
            raise RefusedTargetError(f"{address} is not in a public network.")
        return str(address)
    if not _NAME.fullmatch(host):
        raise RefusedTargetError(f"`{host}` is not the name of a host.")
    if _LOCAL_NAME.fullmatch(host) and not settings.webhook_allow_networks:
        raise RefusedTargetError(
            f"`{host}` means something inside of a network only, and {variable('webhook_allow_networks')} "
            "names none."
        )
    return host


def _literal(host: str) -> Address | None:
    """Read a host that is an address; None if it is a name."""
    try:
        if host.startswith("["):
            address = IPv6Address(host.strip("[]"))
            if address.scope_id:
                raise RefusedTargetError(f"`{host}` has a zone, which means something on one machine only.")
            return address
        # Whatever ends in a number, programs read as an address, each in its own way (WHATWG URL).
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return IPv4Address(host)
    except AddressValueError as error:
        raise RefusedTargetError(f"`{host}` is not an address as addresses are written: {error}.") from error
    return None
