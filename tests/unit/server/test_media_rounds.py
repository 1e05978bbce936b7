"""Whose turn it is in the media worker, and which slots it sleeps through."""

import socket
from collections.abc import Iterator

import pytest

from calls.ids import LegId
from media import commands as c
from media.playout import CROWD, SLOTS
from media.sending import Numbers
from media.session import Session
from server.media_rounds import FEW, Rounds
from server.media_tapes import Leg


class Table:
    """Rounds, with legs whose packets go into a list."""

    def __init__(self) -> None:
        self.legs: dict[LegId, Leg] = {}
        self.faulty: list[LegId] = []
        self.sent: list[LegId] = []
        self.rounds = Rounds(self.legs, 0.0, lambda session: self.faulty.append(session.leg))
        self.nowhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def join(self, name: str, ptime: int = 20) -> Leg:
        leg_id = LegId(name)
        session = Session(leg_id, Numbers(1, 1, 1), [], self.rounds.pace)
        terms = c.ConnectLeg(leg_id, "PCMA", None, "192.0.2.1", 4000, True, True, ptime=ptime)
        session.connect(terms, 0.0)
        ends = (self.nowhere, self.nowhere, 4000)
        leg = Leg(session, *ends, *self.rounds.seat(), lambda _: self.sent.append(leg_id))
        self.legs[leg_id] = leg
        self.rounds.join(leg)
        self.rounds.split(leg)
        return leg

    def slept_through(self) -> list[int]:
        """Serve a round slot by slot; return what may be slept through before each."""
        found = []
        for _ in range(SLOTS):
            found.append(self.rounds.ahead())
            self.rounds._serve_slot(self.rounds._timetable.next, 0.0)
        return found


@pytest.fixture
def table() -> Iterator[Table]:
    table = Table()
    yield table
    table.nowhere.close()


def test_with_nobody_there_it_sleeps_but_never_a_whole_round(table: Table) -> None:
    assert table.slept_through() == [3, 3, 3, 3]


def test_legs_that_can_wait_share_a_slot_and_the_others_are_slept_through(table: Table) -> None:
    for n in range(3):
        table.join(f"leg-{n}")
    assert table.slept_through() == [0, 3, 2, 1]
    assert table.sent == ["leg-0", "leg-1", "leg-2"], "each has one packet sent in a round"
    assert list(table.rounds.served()) == [0, 1, 2, 3] and list(table.rounds.served()) == []


def test_while_somebody_listens_packets_are_looked_for_every_ten_milliseconds(
    table: Table,
) -> None:
    leg = table.join("one")
    leg.session.hearing.tap(True)
    assert table.slept_through() == [0, 1, 0, 1]
    leg.session.hearing.tap(False)
    assert table.slept_through() == [0, 3, 2, 1]


def test_while_somebody_listens_to_very_many_each_is_looked_after_once_in_twenty(
    table: Table,
) -> None:
    legs = [table.join(f"leg-{n}") for n in range(FEW + 1)]
    for leg in legs:
        leg.session.hearing.tap(True)
    assert table.slept_through() == [0, 3, 2, 1]
    legs[0].session.hearing.tap(False)
    assert table.slept_through() == [0, 1, 0, 1]


def test_bridged_legs_have_no_turns_and_have_them_again_afterwards(table: Table) -> None:
    left, right = table.join("left"), table.join("right")
    left.session.bridge(right.session)
    right.session.bridge(left.session)
    assert table.slept_through() == [0, 1, 0, 1] and table.sent == []
    left.session.bridge(None)
    right.session.bridge(None)
    assert table.slept_through() == [0, 3, 2, 1] and table.sent == ["left", "right"]


def test_whoever_leaves_while_listened_to_is_waited_for_no_more(table: Table) -> None:
    table.join("stays")
    leg = table.join("goes")
    leg.session.hearing.tap(True)
    table.rounds.leave(leg)
    assert table.slept_through() == [0, 3, 2, 1]


def test_packets_of_ten_milliseconds_have_a_turn_half_way(table: Table) -> None:
    table.join("short", ptime=10)
    assert table.slept_through() == [0, 1, 0, 1]
    assert table.sent == ["short", "short"]


def test_a_crowd_takes_a_slot_half_way_and_leaves_nothing_behind(table: Table) -> None:
    legs = [table.join(f"leg-{n}") for n in range(CROWD + 1)]
    assert {leg.slot for leg in legs[:CROWD]} == {0} and legs[CROWD].slot == 2
    assert table.slept_through() == [0, 1, 0, 1]
    for leg in legs:
        del table.legs[leg.session.leg]
        table.rounds.leave(leg)
    assert table.slept_through() == [3, 3, 3, 3]


def test_a_fault_or_a_full_socket_of_one_leg_is_its_own(table: Table) -> None:
    broken, full, whole = (table.join(name) for name in ("broken", "full", "whole"))

    def fault(_: bytes) -> None:
        raise RuntimeError("a fault of ours")

    def refuse(_: bytes) -> None:
        raise BlockingIOError

    broken.send, full.send = fault, refuse
    table.slept_through()
    assert table.faulty == ["broken"] and table.sent == ["whole"]
    assert (full.session.dropped, whole.session.dropped) == (1, 0)


def test_reports_are_spread_and_each_leg_has_one_in_five_seconds(table: Table) -> None:
    legs = [table.join(f"leg-{n}") for n in range(5)]
    turns = [leg.turn for leg in legs]
    assert len(set(turns)) == 5
    for leg in legs:
        due = [n for n in range(2 * 5 * 50 * SLOTS) if leg in table.rounds.reporting(n)]
        assert due == [leg.turn, leg.turn + 5 * 50 * SLOTS]
