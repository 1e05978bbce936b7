"""Networks, asked for each message: whether an address is in one of them."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
_REMEMBERED = 4096


class Sources:
    """A set of networks that answers fast for addresses it was asked about before."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)
        self._answers: dict[str, bool] = {}

    def become(self, networks: Iterable[Network]) -> None:
        """Be these networks from now on."""
        self._networks = tuple(networks)
        self._answers.clear()

    def __contains__(self, host: object) -> bool:
        if not isinstance(host, str):
            return False
        answer = self._answers.get(host)
        if answer is None:
            if len(self._answers) >= _REMEMBERED:
                self._answers.clear()
            answer = self._answers[host] = self._look(host)
        return answer

    def _look(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)
