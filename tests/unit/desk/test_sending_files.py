"""A file goes out as fast as the browser takes it."""

from io import BytesIO
from typing import Any

from desk.serving import PIECE, FileSender


class SlowRequest:
    """A request whose browser has enough after each piece."""

    def __init__(self) -> None:
        self.sender: FileSender | None = None
        self.pieces: list[int] = []
        self.ended: list[str] = []

    def registerProducer(self, producer: FileSender, streaming: bool) -> None:
        assert streaming
        self.sender = producer

    def write(self, piece: bytes) -> None:
        self.pieces.append(len(piece))
        assert self.sender is not None
        self.sender.pauseProducing()

    def unregisterProducer(self) -> None:
        self.ended.append("unregistered")

    def finish(self) -> None:
        self.ended.append("finished")

    def loseConnection(self) -> None:
        self.ended.append("lost")


def sending(size: int, promised: int) -> tuple[SlowRequest, BytesIO, FileSender]:
    request: Any = SlowRequest()
    file = BytesIO(b"x" * size)
    return request, file, FileSender(request, file, promised)


def test_each_piece_waits_until_the_browser_wants_it() -> None:
    request, file, sender = sending(2 * PIECE + 5, 2 * PIECE + 5)
    sender.begin()
    assert request.pieces == [PIECE]
    sender.resumeProducing()
    assert (request.pieces, request.ended) == ([PIECE, PIECE], [])
    sender.resumeProducing()
    assert request.pieces == [PIECE, PIECE, 5]
    assert request.ended == ["unregistered", "finished"]
    assert file.closed
    sender.resumeProducing()
    assert request.ended == ["unregistered", "finished"]


def test_a_browser_that_goes_away_leaves_no_file_open() -> None:
    request, file, sender = sending(2 * PIECE, 2 * PIECE)
    sender.begin()
    sender.stopProducing()
    assert file.closed
    assert request.ended == []


def test_a_file_that_shrank_breaks_the_connection_rather_than_the_promise() -> None:
    request, _, sender = sending(PIECE, PIECE + 10)
    sender.begin()
    sender.resumeProducing()
    assert request.ended == ["lost"]
