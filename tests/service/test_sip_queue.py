"""What waits in the kernel while the engine is busy with something else."""

from pathlib import Path
from socket import AF_INET, SO_RCVBUF, SOCK_DGRAM, SOL_SOCKET, socket

from server.sip_udp import RECEIVE_BUFFER, widen

LIMIT = Path("/proc/sys/net/core/rmem_max")


def test_the_queue_of_the_sip_port_is_as_long_as_the_system_allows() -> None:
    with socket(AF_INET, SOCK_DGRAM) as end:
        before = end.getsockopt(SOL_SOCKET, SO_RCVBUF) // 2
        granted = widen(end, RECEIVE_BUFFER)
        assert granted >= min(RECEIVE_BUFFER, int(LIMIT.read_text())) > 0
        assert granted >= before


def test_half_a_second_of_messages_waits_without_loss_where_the_queue_is_long() -> None:
    """What comes before T1 is over is not repeated by its sender, if it only waits."""
    message = b"x" * 600
    with socket(AF_INET, SOCK_DGRAM) as end, socket(AF_INET, SOCK_DGRAM) as peer:
        room = widen(end, RECEIVE_BUFFER)
        end.bind(("127.0.0.1", 0))
        many = min(1500, room // 2048)  # the kernel counts more than the octets of a message
        for _ in range(many):
            peer.sendto(message, end.getsockname())
        end.setblocking(False)
        assert [end.recv(700) for _ in range(many)] == [message] * many
