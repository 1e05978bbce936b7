"""A network between stacks that loses, doubles, delays and reorders: by script or by seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from random import Random

from sip.events import SipEvent
from sip.message import Address
from sip.settings import StackSettings
from sip.stack import Stack
from tests.helpers.sip_messages import first_line


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to datagrams: shares of them, and seconds."""

    lost: float = 0.0
    doubled: float = 0.0
    delay: float = 0.02
    jitter: float = 0.0
    """Up to so much more delay, so that datagrams overtake each other."""


class LossyNetwork:
    """Stacks by name, and every datagram between them on exact virtual time.

    `lost` names datagrams that are lost by their line in the ladder and the
    times they were seen: {"hotline → caller 200 INVITE": 2} loses the first two.
    """

    def __init__(
        self, seed: int = 0, weather: Weather | None = None, lost: Mapping[str, int] | None = None
    ) -> None:
        self.now = 0.0
        self.ladder: list[str] = []
        self.stacks: dict[str, Stack] = {}
        self.on_event: Callable[[str, SipEvent], None] = lambda name, event: None
        self._random = Random(seed)
        self._weather = weather or Weather()
        self._lost = dict(lost or {})
        self._names: dict[Address, str] = {}
        self._order = count()
        self._flying: list[tuple[float, int, bytes, Address, Address]] = []
        self._planned: list[tuple[float, int, Callable[[], object]]] = []

    def join(self, name: str, address: Address, **settings: object) -> Stack:
        """Add a stack."""
        tokens = (f"{name}{number}" for number in count(1))
        values = StackSettings(address[0], address[1], **settings)  # type: ignore[arg-type]
        self.stacks[name] = Stack(values, None, lambda: next(tokens))
        self._names[address] = name
        return self.stacks[name]

    def at(self, second: float, act: Callable[[], object]) -> None:
        """Do something at a time."""
        heappush(self._planned, (second, next(self._order), act))

    def run(self, end: float) -> None:
        """Let time pass, each thing at its own instant."""
        while (due := self._next()) is not None and due <= end:
            self.now = due
            self._deliver(due)
            while self._planned and self._planned[0][0] <= due:
                heappop(self._planned)[2]()
                self._gather()
            for stack in self.stacks.values():
                stack.tick(due)
            self._gather()
        self.now = end

    def note(self, text: str) -> None:
        """Write a line into the ladder."""
        self.ladder.append(f"{self.now:7.3f}  {text}")

    def _next(self) -> float | None:
        waits = [entry[0] for entry in (*self._flying[:1], *self._planned[:1])]
        waits += [d for s in self.stacks.values() if (d := s.next_deadline()) is not None]
        return min(waits, default=None)

    def _deliver(self, now: float) -> None:
        while self._flying and self._flying[0][0] <= now:
            _, _, datagram, source, destination = heappop(self._flying)
            self.stacks[self._names[destination]].receive(datagram, source, now)
            self._gather()

    def _gather(self) -> None:
        """Put what is sent on its way, and tell what happened."""
        for address, name in self._names.items():
            stack = self.stacks[name]
            for datagram, destination in stack.to_send():
                self._send(datagram, address, destination)
            while (event := stack.next_event()) is not None:
                self.on_event(name, event)

    def _send(self, datagram: bytes, source: Address, destination: Address) -> None:
        line = f"{self._names[source]} → {self._names[destination]} {first_line(datagram)}"
        copies = self._copies(line)
        self.note(line + ("" if copies else "   lost") + ("   twice" if copies > 1 else ""))
        for _ in range(copies):
            flight = self._weather.delay + self._random.uniform(0.0, self._weather.jitter)
            entry = (self.now + flight, next(self._order), datagram, source, destination)
            heappush(self._flying, entry)

    def _copies(self, line: str) -> int:
        if self._lost.get(line, 0) > 0:
            self._lost[line] -= 1
            return 0
        if self._weather.lost and self._random.random() < self._weather.lost:
            return 0
        return 1 + (self._random.random() < self._weather.doubled)
