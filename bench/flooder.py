"""A stranger who floods: datagrams at an even rate from loopback addresses that no trunk lists.

    python -m bench.flooder HOST:PORT --rate 5000 --seconds 30 --sources 1

Only to loopback, and never for more than two minutes.
"""

import argparse
import sys
import time
from ipaddress import ip_address
from socket import AF_INET, SOCK_DGRAM, socket

INVITE = (
    "INVITE sip:12345@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {me};rport;branch=z9hG4bKf{n}\r\n"
    "From: <sip:1@{me}>;tag=f{n}\r\nTo: <sip:12345@{to}>\r\nCall-ID: f{n}@{me}\r\n"
    "CSeq: 1 INVITE\r\nContact: <sip:1@{me}>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)
KINDS = (
    INVITE,
    INVITE.replace("INVITE", "REGISTER"),
    INVITE.replace("INVITE", "OPTIONS"),
    INVITE.replace("Max-Forwards: 70", "Max-Forwards: no number"),
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP {to};branch=z9hG4bK{n}\r\nCSeq: 1 BYE\r\n\r\n",
    "\x00\xff nonsense {n} {me} {to}",
)
ROUND = 0.002
"""Seconds between bursts."""


def flood(to: tuple[str, int], rate: int, seconds: float, sources: int) -> int:
    """Send; return how many datagrams went out."""
    ends = [_end(number, to) for number in range(sources)]
    began, sent = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        while sent < now * rate:
            end, me = ends[sent % sources]
            text = KINDS[sent % len(KINDS)].format(to=f"{to[0]}:{to[1]}", me=me, n=sent)
            end.send(text.encode("latin-1"))
            sent += 1
        time.sleep(ROUND)  # noqa: TID251 - the rate is the point
    return sent


def _end(number: int, to: tuple[str, int]) -> tuple[socket, str]:
    end = socket(AF_INET, SOCK_DGRAM)
    end.bind((f"127.66.{number // 250}.{number % 250 + 1}", 0))
    end.connect(to)
    return end, f"{end.getsockname()[0]}:{end.getsockname()[1]}"


def main() -> int:
    """Read the command line, flood, print how many."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("to")
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--sources", type=int, default=1)
    arguments = parser.parse_args()
    host, _, port = arguments.to.rpartition(":")
    if not ip_address(host).is_loopback:
        raise SystemExit("only loopback may be flooded")
    seconds, sources = min(120.0, arguments.seconds), min(1000, arguments.sources)
    print(flood((host, int(port)), arguments.rate, seconds, sources))
    return 0


if __name__ == "__main__":
    sys.exit(main())
