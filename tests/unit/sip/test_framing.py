"""Streams cut into messages, in whatever pieces they come."""

from hypothesis import given
from hypothesis import strategies as st

from sip.framing import Frame, Framing, FramingLimits, Ping, Unframed
from tests.helpers.sip_messages import OFFER, request

INVITE = request("INVITE", body=OFFER)
OPTIONS = request("OPTIONS", cseq=2)
LIMITS = FramingLimits(message=4000, patience=10.0, idle=600.0)


def fed(*pieces: bytes) -> list[Frame]:
    framing = Framing(0.0, LIMITS)
    return [frame for piece in pieces for frame in framing.feed(piece, 0.0)]


def test_two_messages_in_one_piece_come_apart() -> None:
    assert fed(INVITE + OPTIONS) == [INVITE, OPTIONS]


def test_a_message_in_single_octets_comes_whole() -> None:
    assert fed(*(INVITE[i : i + 1] for i in range(len(INVITE)))) == [INVITE]


@given(st.lists(st.sampled_from([INVITE, OPTIONS, b"\r\n\r\n"]), max_size=6), st.data())
def test_where_the_network_cuts_changes_nothing(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=8).map(sorted))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert fed(*pieces) == [Ping() if part == b"\r\n\r\n" else part for part in parts]


def test_a_double_line_end_is_a_ping_and_a_single_one_is_nothing() -> None:
    assert fed(b"\r\n\r\n", INVITE, b"\r\n", OPTIONS) == [Ping(), INVITE, OPTIONS]


def test_a_compact_or_folded_length_counts() -> None:
    compact = OPTIONS.replace(b"Content-Length: 0", b"l:0")
    folded = INVITE.replace(b"Content-Length: ", b"Content-Length:\r\n ")
    assert fed(compact + folded + OPTIONS) == [compact, folded, OPTIONS]


def test_a_length_inside_a_folded_value_does_not_count() -> None:
    hidden = INVITE.replace(b"Max-Forwards", b"Subject: a\r\n Content-Length: 1\r\nMax-Forwards")
    assert fed(hidden + OPTIONS) == [hidden, OPTIONS]


def test_a_message_without_length_or_with_two_ends_the_stream() -> None:
    for broken in (
        INVITE.replace(b"Content-Length", b"Content-Height"),
        INVITE.replace(b"Content-Length: ", b"Content-Length: 7\r\nContent-Length: "),
        INVITE.replace(b"Content-Length: ", b"Content-Length: x"),
    ):
        framing = Framing(0.0, LIMITS)
        head = broken[: broken.index(b"\r\n\r\n") + 4]
        assert framing.feed(OPTIONS + broken, 0.0)[:2] == [
            OPTIONS,
            Unframed("no Content-Length, or two", 400, head),
        ]
        assert framing.feed(OPTIONS, 1.0) == []


def test_what_is_too_large_is_known_before_it_came() -> None:
    (large,) = fed(INVITE.replace(b"Content-Length: ", b"Content-Length: 9"))
    assert isinstance(large, Unframed)
    assert large.status == 513
    (endless,) = fed(b"INVITE sip:x SIP/2.0\r\n" + b"X: y\r\n" * 1000)
    assert endless == Unframed("headers without end", 513)


def test_a_message_begun_must_end_in_time_however_slowly_it_drips() -> None:
    framing = Framing(0.0, LIMITS)
    assert framing.next_deadline() == 10.0
    framing.feed(INVITE[:5], 4.0)
    assert framing.next_deadline() == 14.0
    framing.feed(INVITE[5:20], 13.0)
    assert framing.next_deadline() == 14.0
    framing.feed(INVITE[20:], 13.5)
    assert framing.next_deadline() == 613.5


def test_a_pong_leaves_a_connection_idle_and_not_in_the_middle_of_a_message() -> None:
    framing = Framing(0.0, LIMITS)
    framing.feed(b"\r\n", 5.0)
    assert framing.next_deadline() == 605.0
