"""What becomes of a message to an endpoint."""

from enum import StrEnum


class Failure(StrEnum):
    """Why an attempt to deliver a message got no answer."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    """Refused, or cut before there was an answer."""
    TLS = "tls"
    """The certificate is not valid for the name, or what answers does not speak TLS."""
    DNS = "dns"
    """The name has no address."""
    REFUSED_TARGET = "refused_target"
    """The name's addresses are none that may be told."""
    PROTOCOL = "protocol"
    """What was answered is not HTTP."""
