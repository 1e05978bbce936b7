"""Requests of ours that belong to no call: a registration, a look whether somebody is there."""

from abc import ABC, abstractmethod

from sip.message import Response
from sip.port import Port
from sip.transactions import ClientTransaction


class Chore(ABC):
    """Something that a stack does of its own accord; it decides by what it is told, and when."""

    @abstractmethod
    def begin(self, port: Port, now: float) -> None:
        """Take the stack's common ground; nothing is sent before the first `tick`."""

    @abstractmethod
    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""

    @abstractmethod
    def tick(self, now: float) -> None:
        """Do what is due."""

    @abstractmethod
    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer to a request of its own."""

    @abstractmethod
    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that a request was never answered: 408; or could not be sent: 503."""
