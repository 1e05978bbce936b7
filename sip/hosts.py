"""IP addresses as they are written: the same few come again and again."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from ipaddress import ip_address as _read


@lru_cache(maxsize=4096)
def ip_address(host: str) -> IPv4Address | IPv6Address:
    """Return the address that a text is; raise ValueError if it is none."""
    return _read(host)
