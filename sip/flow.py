"""Where a peer is, and over what it is talked to (RFC 3261 §18; "flow" is RFC 5626's word)."""

from typing import NamedTuple

UDP, TCP, TLS, WS, WSS = "UDP", "TCP", "TLS", "WS", "WSS"
WEBSOCKETS = (WS, WSS)
"""Of browsers, which can be reached by the connection that they opened and by no other."""
STREAMS = (TCP, TLS, *WEBSOCKETS)
SECURE = (TLS, WSS)
DEFAULT_PORTS = {UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443}
"""RFC 3261 §19.1.2, RFC 7118 §5.3"""


class Flow(NamedTuple):
    """A peer reached otherwise than by datagrams from our first port."""

    host: str
    port: int
    """For a stream: where a new connection would be opened to."""
    transport: str = UDP
    local: int = 0
    """Which of our listening addresses it came to; 0 is the first UDP port."""
    connection: int = 0
    """The number of the connection that it came by; 0 for any that leads there, or a new one."""


Address = tuple[str, int] | Flow
"""Host and port of a peer of the first UDP port; or a flow."""


def transport_of(address: Address) -> str:
    """Return `UDP`, `TCP`, `TLS`, `WS` or `WSS`."""
    return address.transport if isinstance(address, Flow) else UDP


def local_of(address: Address) -> int:
    """Return which of our listening addresses leads there."""
    return address.local if isinstance(address, Flow) else 0


def reliable(address: Address) -> bool:
    """Tell whether the transport itself repeats what is lost."""
    return isinstance(address, Flow) and address.transport in STREAMS


def moved(address: Address, host: str, port: int) -> Address:
    """Return the same way to another host and port."""
    if isinstance(address, Flow):
        return address._replace(host=host, port=port)
    return host, port
