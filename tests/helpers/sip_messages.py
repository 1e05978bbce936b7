"""SIP messages as a peer would write them, with only what a test cares about spelt out."""

from sip.message import Response, parse

PEER = ("192.0.2.10", 5060)
US = ("192.0.2.1", 5060)
OFFER = (
    b"v=0\r\no=peer 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
)
HOLD = OFFER.replace(b"a=sendrecv", b"a=sendonly")
ANSWER = (
    b"v=0\r\no=us 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 20000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\n"
)


def request(
    method: str,
    *,
    cseq: int = 1,
    branch: str | None = None,
    to_tag: str = "",
    from_tag: str = "caller",
    call_id: str = "call-1",
    uri: str = "sip:12345@192.0.2.1",
    body: bytes = b"",
    content_type: str = "application/sdp",
    more: tuple[str, ...] = (),
    contact: str | None = "<sip:peer@192.0.2.10:5060>",
    via: str = "192.0.2.10:5060;rport",
) -> bytes:
    """Write a request; `more` are whole header lines."""
    branch = branch if branch is not None else f"z9hG4bK-{call_id}-{cseq}-{method}"
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP {via};branch={branch}",
        "Max-Forwards: 70",
        f"From: <sip:13800138000@192.0.2.10>;tag={from_tag}",
        f"To: <sip:12345@192.0.2.1>{';tag=' + to_tag if to_tag else ''}",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        *([f"Contact: {contact}"] if contact else []),
        *more,
        *([f"Content-Type: {content_type}"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def reply(
    datagram: bytes,
    status: int,
    *,
    to_tag: str = "phone",
    body: bytes = b"",
    contact: str | None = "<sip:phone@192.0.2.10:5060>",
    more: tuple[str, ...] = (),
) -> bytes:
    """Write an answer to a request that we sent."""
    asked = parse(datagram)
    to = asked.headers.get("to") or ""
    lines = [f"SIP/2.0 {status} Whatever"]
    lines += [f"Via: {via}" for via in asked.headers.all("via")]
    lines += [
        f"From: {asked.headers.get('from')}",
        f"To: {to}" + (f";tag={to_tag}" if to_tag and "tag=" not in to else ""),
        f"Call-ID: {asked.headers.call_id}",
        f"CSeq: {asked.headers.get('cseq')}",
        *([f"Contact: {contact}"] if contact else []),
        *more,
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def first_line(datagram: bytes) -> str:
    """Return the start line, in short: `200 INVITE` for an answer, the method for a request."""
    message = parse(datagram)
    if isinstance(message, Response):
        return f"{message.status} {message.headers.cseq.method}"
    return message.method
