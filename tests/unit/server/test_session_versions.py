"""Our side of a session has a new version when it says something new (RFC 3264 §8)."""

from sip.message import Response, parse
from tests.helpers.switchboard import PHONE, Switchboard, sdp


def version(described: bytes) -> int:
    """Return the version of a session description: the third word of its origin."""
    origin = next(line for line in described.decode().splitlines() if line.startswith("o="))
    return int(origin.split()[2])


def in_the_flow() -> Switchboard:
    board = Switchboard()
    board.invite()
    board.ack()
    return board


def reinvited(board: Switchboard, cseq: int, body: str) -> Response:
    tag = board.last_answer().headers.to.tag
    board.receive(board._request("INVITE", "one", cseq, "12345", f";tag={tag}", body))
    answer = board.last_answer()
    if answer.status == 200:
        board.receive(board._request("ACK", "one", cseq, "12345", f";tag={tag}"))
    return answer


def test_a_caller_who_only_moves_or_refreshes_is_told_the_same_as_before() -> None:
    board = in_the_flow()
    first = board.last_answer().body
    assert reinvited(board, 2, sdp(7900)).body == first
    assert reinvited(board, 3, sdp(7900)).body == first


def test_each_change_for_a_caller_has_the_next_version() -> None:
    board = in_the_flow()
    first = version(board.last_answer().body)
    said = [
        reinvited(board, 2, sdp(direction="sendonly")),
        reinvited(board, 3, sdp(direction="sendonly")),
        reinvited(board, 4, sdp(formats="18")),
        reinvited(board, 5, sdp()),
    ]
    assert [answer.status for answer in said] == [200, 200, 488, 200]
    versions = [version(answer.body) for answer in said if answer.status == 200]
    assert versions == [first + 1, first + 1, first + 2]


def asked_by_phone(board: Switchboard, at: float, body: str) -> Response:
    board.at(at)
    board.phone_asks("INVITE", body)
    answers = (parse(datagram) for datagram, to in reversed(board.sent) if to == PHONE)
    return next(a for a in answers if isinstance(a, Response) and a.status >= 200)


def test_each_change_for_a_phone_has_the_next_version_and_a_refused_one_none() -> None:
    board = in_the_flow()
    board.sign_in()
    board.press("0")
    board.phone_says(200, sdp(7100))
    first = version(parse(board.rung().encode()).body)
    said = [
        asked_by_phone(board, 1030.0, sdp(7100, direction="sendonly")),
        asked_by_phone(board, 1032.0, sdp(7100, formats="18")),
        asked_by_phone(board, 1034.0, sdp(7100, direction="sendonly")),
        asked_by_phone(board, 1036.0, sdp(7100)),
    ]
    assert [answer.status for answer in said] == [200, 488, 200, 200]
    versions = [version(answer.body) for answer in said if answer.status == 200]
    assert versions == [first + 1, first + 1, first + 2]


VIDEO = "m=video 7002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def streams(described: bytes) -> list[str]:
    return [line for line in described.decode().splitlines() if line.startswith("m=")]


def with_video_first(body: str) -> str:
    head, mark, voice = body.partition("m=")
    return head + VIDEO + mark + voice


def test_an_offer_of_ours_within_a_call_keeps_every_stream_that_the_caller_ever_offered() -> None:
    board = Switchboard()
    board.invite(body=with_video_first(sdp()))
    board.ack()
    assert [line.split()[1] for line in streams(board.last_answer().body)] == ["0", "30000"]
    offered = reinvited(board, 2, "")
    assert offered.status == 200
    video, voice = streams(offered.body)
    assert video == "m=video 0 RTP/AVP 96" and voice.startswith("m=audio 30000 RTP/AVP 8 0 101")
    assert version(offered.body) == 2


def test_an_offer_of_ours_to_a_phone_keeps_every_stream_that_it_ever_offered() -> None:
    board = in_the_flow()
    board.sign_in()
    board.press("0")
    board.phone_says(200, sdp(7100))
    asked_by_phone(board, 1030.0, with_video_first(sdp(7100)))
    offered = asked_by_phone(board, 1032.0, "")
    assert [line.split()[0] for line in streams(offered.body)] == ["m=video", "m=audio"]
    assert streams(offered.body)[0] == "m=video 0 RTP/AVP 96"
