"""Parties in, orders out: the one model of who hears whom."""

from hypothesis import given
from hypothesis import strategies as st

from calls.ids import CallId, LegId
from media import commands as media
from media.mix import Supervision
from server.parties import QUIET, SILENCE, Aside, Party, Role, orders, sound

CALL = CallId("c-1")
MUSIC = Aside(("/music.wav",))
C, A, G, S = (LegId(name) for name in ("citizen", "agent", "guest", "boss"))
CITIZEN, AGENT, GUEST = Party(C, Role.CITIZEN), Party(A, Role.AGENT), Party(G, Role.GUEST)


def test_two_in_a_plain_talk_are_bridged() -> None:
    assert orders(CALL, SILENCE, sound((CITIZEN, AGENT)), 1) == [
        media.Bridge(C, A),
        media.AddToRecording(CALL, A),
    ]


def test_a_third_makes_it_a_conference_and_leaving_makes_it_a_bridge_again() -> None:
    two, three = sound((CITIZEN, AGENT)), sound((CITIZEN, AGENT, GUEST))
    assert orders(CALL, two, three, 1) == [
        media.Confer(CALL, ((C, (A, G)), (A, (C, G)), (G, (C, A)))),
        media.AddToRecording(CALL, G),
    ]
    assert orders(CALL, three, two, 2) == [
        media.Confer(CALL, ()),
        media.Bridge(C, A),
        media.LeaveRecording(CALL, G),
    ]


def test_music_is_stopped_before_the_talk_goes_on() -> None:
    held = sound((Party(C, Role.CITIZEN, MUSIC), AGENT))
    talk = sound((CITIZEN, AGENT))
    assert orders(CALL, talk, held, 7) == [media.Unbridge(C), media.Play(C, 7, MUSIC.files, True)]
    assert orders(CALL, held, talk, 8) == [media.StopPlaying(C), media.Bridge(C, A)]


def test_what_does_not_change_needs_no_order() -> None:
    talk = sound((CITIZEN, AGENT, GUEST))
    assert orders(CALL, talk, talk, 1) == []


def party(leg: LegId, role: Role) -> st.SearchStrategy[Party]:
    return st.builds(
        Party,
        st.just(leg),
        st.just(role),
        st.sampled_from([None, QUIET, MUSIC]),
        st.booleans() if role is Role.AGENT else st.just(False),
        st.sampled_from(Supervision) if role is Role.SUPERVISOR else st.none(),
    )


@given(
    party(C, Role.CITIZEN), party(A, Role.AGENT), party(G, Role.GUEST), party(S, Role.SUPERVISOR)
)
def test_nobody_hears_whom_they_must_not(
    citizen: Party, agent: Party, guest: Party, boss: Party
) -> None:
    heard = dict(sound((citizen, agent, guest, boss)).hears)
    for one in (citizen, agent, guest, boss):
        if one.aside is not None:
            assert one.leg not in heard
            assert all(one.leg not in others for others in heard.values())
    if boss.how is not Supervision.BARGE:
        assert S not in heard.get(C, ()) and S not in heard.get(G, ())
        assert S not in sound((citizen, agent, guest, boss)).recorded
    if agent.muted:
        assert all(A not in others for others in heard.values())
    assert C not in sound((citizen, agent, guest, boss)).recorded
