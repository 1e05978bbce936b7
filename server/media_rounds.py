"""The media worker's 20 ms timetable: whose turn it is, and how long nobody's.

A wake-up costs as much as dozens of packets, so legs share few slots, and the loop sleeps
through slots in which nothing is due.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from calls.ids import LegId
from media import hot, rtcp
from media.pace import Beat, Pace
from media.playout import SLOTS, Lateness, Timetable, seat
from media.session import Session
from server.media_tapes import Leg

SECOND = 50 * SLOTS
"""Slots in a second."""
HALF = SLOTS // 2
"""Slots from a tick to the moment half-way to the next."""
FEW = 40
"""Hurried legs that are looked after twice in 20 ms; more, once: there each wake-up costs most."""
REPORTS = round(rtcp.INTERVAL) * SECOND
"""Slots between a leg's RTCP reports."""
STRIDE = 7 * SLOTS
"""Slots from one leg's report to that of the leg opened next, so that they are spread."""


class Rounds:
    """Every leg's turns: its tick, the moment half-way to the next, its reports."""

    def __init__(
        self, legs: Mapping[LegId, Leg], offset: float, fault: Callable[[Session], None]
    ) -> None:
        """`offset` makes UTC of the monotonic clock; `fault` ends a leg in which one of ours is."""
        self._legs = legs
        self._offset = offset
        self._fault = fault
        self._timetable = Timetable(time.monotonic())
        self._count = self._told = 0  # slots so far, and those that `served` has given
        self._slots: list[list[Leg]] = [[] for _ in range(SLOTS)]
        self._awake: list[list[Leg]] = [[] for _ in range(SLOTS)]  # of those, who do not rest
        self.beats = [Beat() for _ in range(SLOTS)]
        """Of each slot."""
        self._between: list[list[Leg]] = [[] for _ in range(SLOTS)]
        self._reports: list[list[Leg]] = [[] for _ in range(REPORTS)]
        self._slot_late = [Lateness() for _ in range(SLOTS)]
        self.late = Lateness()
        """Of all packets."""
        self._seated = 0
        self.pace = Pace()
        """What the legs' sessions say of themselves."""

    # --- who has a turn --------------------------------------------------------------------

    def seat(self) -> tuple[int, int, tuple[int, ...]]:
        """Return a new leg's slot, the turn of its reports, and the slot's lateness until now."""
        slot = seat([len(members) for members in self._slots])
        turn = self._seated * STRIDE % REPORTS + slot
        self._seated += 1
        return slot, turn, self._slot_late[slot].so_far()

    def join(self, leg: Leg) -> None:
        """Let a leg have its turns."""
        self._slots[leg.slot].append(leg)
        self._awake[leg.slot].append(leg)
        self._reports[leg.turn].append(leg)

    def split(self, leg: Leg) -> None:
        """Let a leg have a turn half-way between its ticks too, if its packets need that."""
        between = self._between[(leg.slot + HALF) % SLOTS]
        if leg in between:
            between.remove(leg)
        if leg.session.split:
            between.append(leg)

    def leave(self, leg: Leg) -> tuple[float, float]:
        """Let a leg have no more turns; return how late its packets were: at most, and p99."""
        self.pace.forget(leg.session.leg)
        self._slots[leg.slot].remove(leg)
        awake = self._awake[leg.slot]
        if leg in awake:
            awake.remove(leg)
        self._reports[leg.turn].remove(leg)
        between = self._between[(leg.slot + HALF) % SLOTS]
        if leg in between:
            between.remove(leg)
        latest, p99 = self._slot_late[leg.slot].percentiles((1.0, 0.99), leg.before)
        return latest, p99

    # --- whose turn it is --------------------------------------------------------------------

    def wait(self) -> float:
        """Return the seconds until something is due."""
        return self._timetable.until(self.ahead()) - time.monotonic()

    def ahead(self) -> int:
        """Return how many slots may be slept through; never as many as a round has."""
        self._rouse()
        for ahead in range(SLOTS - 1):
            if self._due((self._count + ahead) % SLOTS):
                return ahead
        return SLOTS - 1

    def _due(self, slot: int) -> bool:
        if self._awake[slot] or self._between[slot]:
            return True
        hurried = len(self.pace.hurried)
        return hurried > 0 and slot % (HALF if hurried <= FEW else SLOTS) == 0

    def serve(self) -> float:
        """Send what is due, when we are late a round at most; return UTC then, 0 for nothing."""
        now = 0.0
        for _ in range(SLOTS):
            monotonic = time.monotonic()
            if monotonic < self._timetable.next:
                break
            now = monotonic + self._offset
            self._serve_slot(monotonic, now)
        return now

    def served(self) -> range:
        """Return the slots served since this was last asked."""
        slots = range(self._told, self._count)
        self._told = self._count
        return slots

    def reporting(self, slot: int) -> tuple[Leg, ...]:
        """Return the legs whose RTCP reports are due."""
        return tuple(self._reports[slot % REPORTS])

    def _serve_slot(self, monotonic: float, now: float) -> None:
        due = self._timetable.next
        skipped = self._timetable.skip(monotonic)
        if skipped:
            self.each(tuple(self._legs.values()), lambda leg: leg.session.skip(skipped, now))
            for beat in self.beats:
                beat.turn += skipped
        self._timetable.take()
        slot = self._count % SLOTS
        self._count += 1
        self.beats[slot].turn += 1
        self._rouse()
        members, between = tuple(self._awake[slot]), self._between[slot]
        if members:
            self._tick(members, now)
        if between:
            self.each(tuple(between), _tick_between)
        if members:
            late = time.monotonic() - due
            self._slot_late[slot].add(late, len(members))
            self.late.add(late, len(members))

    def _rouse(self) -> None:
        """Find out anew who rests."""
        if self.pace.changed:
            self.pace.changed, resting = False, self.pace.resting
            for slot, legs in enumerate(self._slots):
                self._awake[slot] = [leg for leg in legs if leg.session.leg not in resting]

    def _tick(self, members: tuple[Leg, ...], now: float) -> None:
        if hot.compiled is not None:
            hot.compiled.tick(members, now, self._fault)
            return
        for leg in members:
            session = leg.session
            try:
                packet = session.tick(now)
                if packet is not None:
                    leg.send(packet)
            except OSError:
                session.dropped += 1
            except Exception:
                self._fault(session)

    def each(self, legs: Iterable[Leg], duty: Callable[[Leg], None]) -> None:
        """Do what is seldom due for each of some legs; a fault ends only the leg it is in."""
        for leg in legs:
            try:
                duty(leg)
            except Exception:
                self._fault(leg.session)


def _tick_between(leg: Leg) -> None:
    try:
        packet = leg.session.tick_between()
        if packet is not None:
            leg.send(packet)
    except OSError:
        leg.session.dropped += 1
