"""The process that owns RTP sockets: one loop, one timetable, threads only for disks.

The loop wakes at each slot of the timetable, 250 times a second: it sends what the slot's
legs owe, then takes every packet and command that has come (one waits 4 ms at most).
Waking for each packet instead costs twice the CPU at a hundred legs.

Signals do not end it: it ends when the engine says so or is gone, recordings first.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from select import select

from calls.ids import LegId
from media import commands as c
from media import quality, rtcp, wire
from media.playout import SLOTS, Lateness, PromptShelf, Timetable, voice
from media.sending import Numbers
from media.session import Session
from server.media_disks import Prompts
from server.media_ears import Ears
from server.media_faults import Complaints
from server.media_lines import Lines
from server.media_ports import Ports, send_as_signalled
from server.media_process import come_first, sign_in
from server.media_rooms import Rooms
from server.media_stream import Engine
from server.media_tapes import Leg, Tapes

SECOND = 50 * SLOTS
"""Slots in a second."""
HALF = SLOTS // 2
"""Slots from a tick to the moment half-way to the next, more or less."""
REPORTS = round(rtcp.INTERVAL) * SECOND
"""Slots between a leg's RTCP reports."""
IDLE = 0.5
"""Seconds between looks at the clock while there is nothing to send."""
FIGURES = 5.0
"""Seconds between WorkerFigures, which are also the sign that we live."""
PATIENCE = 5.0
"""Seconds that disks get to write what waits when we end."""


class Worker:
    """All legs and recordings of one process."""

    def __init__(self, settings: c.WorkerSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._events: list[c.Event] = []
        self._legs: dict[LegId, Leg] = {}
        self._ports = Ports(settings.first_port, settings.last_port)
        self._ears = Ears(engine.stream, self._relay, self._fault)
        self._lines = Lines(self._ears)
        self._timetable = Timetable(time.monotonic())
        self._count = 0  # slots so far
        self._slots: list[list[Leg]] = [[] for _ in range(SLOTS)]
        self._between: list[list[Leg]] = [[] for _ in range(SLOTS)]
        self._slot_late = [Lateness() for _ in range(SLOTS)]
        self._late = Lateness()
        self._figures_due = time.monotonic()
        self._late_before = self._late.so_far()
        self._reports: list[list[Leg]] = [[] for _ in range(REPORTS)]
        self._opened = 0
        self._complain = Complaints()
        self._gone_sent = self._gone_dropped = 0  # of legs that are closed
        self._told_sent = self._told_dropped = 0
        self._shelf = PromptShelf()
        self._prompts = Prompts()
        self._tapes = Tapes(self._events, settings.max_backlog, settings.disk_low, self._fault)
        self._rooms = Rooms(self._legs, self._part)
        self._over = False
        self._verbs: dict[type, Callable[..., None]] = {
            c.OpenLeg: self._open,
            c.ConnectLeg: self._connect,
            c.Play: self._play,
            c.SendKeys: self._send_keys,
            c.StopPlaying: self._stop_playing,
            c.Bridge: self._bridge,
            c.Unbridge: self._unbridge,
            c.Confer: self._rooms.arrange,
            c.StartRecording: lambda w: self._tapes.start(w, self._legs.get(w.left)),
            c.AddToRecording: lambda w: self._tapes.add(w, self._legs.get(w.right)),
            c.LeaveRecording: lambda w: self._tapes.let_go(w, self._legs.get(w.right)),
            c.PauseRecording: self._tapes.pause,
            c.StopRecording: self._tapes.stop,
            c.Tap: self._tap,
            c.WatchSpeech: self._watch_speech,
            c.CloseLeg: self._close,
            c.Shutdown: self._shut_down,
        }

    # --- the loop ----------------------------------------------------------------------

    def run(self) -> None:
        """Work until the engine says so or is gone."""
        clock, offset = time.monotonic, self._settings.clock_offset
        while not self._over:
            if self._legs or self._tapes.busy:
                delay = self._timetable.next - clock()
                if delay > 0:
                    select((), (), (), delay)  # finer than epoll, which counts milliseconds
            else:
                select([self._engine.stream], (), (), IDLE)
            self._serve_due(clock, offset)
            now = clock()
            if self._ears.receive(now + offset):
                self._hear_engine()
            if now >= self._figures_due:
                self._figures_due = now + FIGURES
                self._tell_figures()
            if self._events:
                self._engine.tell(self._events)
        self._finish()

    def _hear_engine(self) -> None:
        for command in self._engine.hear():
            self._obey(command)
        self._over = self._over or self._engine.gone

    def _relay(self, to: Session, packet: bytes) -> None:
        self._legs[to.leg].send(packet)

    def _serve_due(self, clock: Callable[[], float], offset: float) -> None:
        """Serve a slot, or when we are late a round at most: each leg sends and hears in turn."""
        for _ in range(SLOTS):
            now = clock()
            if now < self._timetable.next:
                break
            self._serve_slot(now, now + offset)

    def _serve_slot(self, monotonic: float, now: float) -> None:
        """Send what the legs of the slot owe; then what else is due about now."""
        due = self._timetable.next
        skipped = self._timetable.skip(monotonic)
        if skipped:
            self._each(tuple(self._legs.values()), lambda leg: leg.session.skip(skipped, now))
        self._timetable.take()
        slot = self._count % SLOTS
        members = self._slots[slot]
        self._serve(tuple(members), now)
        self._each(tuple(self._between[slot]), self._serve_between)
        if members:
            late = time.monotonic() - due
            self._slot_late[slot].add(late, len(members))
            self._late.add(late, len(members))
        self._serve_rest(now)
        self._count += 1

    def _serve(self, members: tuple[Leg, ...], now: float) -> None:
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

    def _serve_between(self, leg: Leg) -> None:
        try:
            packet = leg.session.tick_between()
            if packet is not None:
                leg.send(packet)
        except OSError:
            leg.session.dropped += 1

    def _each(self, legs: Iterable[Leg], duty: Callable[[Leg], None]) -> None:
        """Do what is seldom due for each of some legs; a fault ends only the leg it is in."""
        for leg in legs:
            try:
                duty(leg)
            except Exception:
                self._fault(leg.session)

    def _fault(self, session: Session) -> None:
        """End, of all legs, the one in which a fault of ours is; its call hears of it."""
        self._complain()
        session.abandon()
        if session.leg in self._legs:
            self._events.append(c.MediaSilent(session.leg, 0.0))
            self._obey(c.CloseLeg(session.leg))

    def _serve_rest(self, now: float) -> None:
        self._tapes.serve_slot()
        reporting = tuple(self._reports[self._count % REPORTS])
        self._each(reporting, lambda leg: self._lines.report(leg, now))
        while self._prompts.read:
            self._hear_prompt(*self._prompts.take())
        if self._count % SECOND == 0:
            never, lost = self._settings.no_media_after, self._settings.media_lost_after
            legs = tuple(self._legs.values())
            self._each(legs, lambda leg: leg.session.check_silence(now, never, lost))

    def _obey(self, command: c.Value) -> None:
        try:
            self._verbs[type(command)](command)
        except Exception:  # a fault in one leg must not end the others
            self._complain()

    def _now(self) -> float:
        return time.monotonic() + self._settings.clock_offset

    # --- legs ----------------------------------------------------------------------------

    def _open(self, command: c.OpenLeg) -> None:
        if command.leg in self._legs or len(self._legs) >= self._settings.max_legs:
            why = "it is open" if command.leg in self._legs else "too many legs"
            self._events.append(c.LegFailed(command.leg, why))
            return
        try:
            port, rtp_end, rtcp_end = self._ports.bind(command.address)
        except OSError as error:
            self._events.append(c.LegFailed(command.leg, error.strerror or str(error)))
            return
        chance = int.from_bytes(os.urandom(10), "big")
        numbers = Numbers(chance >> 48, chance >> 32 & 0x7FFF, chance & 0xFFFFFFFF)
        session = Session(command.leg, numbers, self._events)
        slot = min(range(SLOTS), key=lambda n: len(self._slots[n]))
        turn = self._opened * 7 * SLOTS % REPORTS + slot
        before = self._slot_late[slot].so_far()
        send = partial(send_as_signalled, rtp_end, session)
        leg = Leg(session, rtp_end, rtcp_end, port, slot, turn, before, send)
        self._opened += 1
        self._legs[command.leg] = leg
        self._slots[slot].append(leg)
        self._reports[turn].append(leg)
        self._lines.open(leg)
        self._events.append(c.LegOpened(command.leg, port))

    def _connect(self, command: c.ConnectLeg) -> None:
        leg = self._legs.get(command.leg)
        if leg is None:
            return
        try:
            address = str(ip_address(command.address))  # as the kernel writes it
        except ValueError:
            self._events.append(c.LegFailed(command.leg, f"not an address: {command.address}"))
            self._close(c.CloseLeg(command.leg))
            return
        leg.session.connect(replace(command, address=address), self._now())
        self._lines.connect(leg, command)
        self._place_between(leg)

    def _place_between(self, leg: Leg) -> None:
        """Let a leg have its turn half-way between its ticks too, if its packets need that."""
        between = self._between[(leg.slot + HALF) % SLOTS]
        if leg in between:
            between.remove(leg)
        if leg.session.split:
            between.append(leg)

    def _send_keys(self, command: c.SendKeys) -> None:
        if leg := self._legs.get(command.leg):
            leg.session.send_keys(command.keys)

    def _close(self, command: c.CloseLeg) -> None:
        if (leg := self._legs.get(command.leg)) is None:
            return
        self._part(leg)
        self._rooms.leave(leg)
        self._tapes.leave(leg)
        leg.session.hearing.tap(False)
        self._lines.report(leg, self._now(), bye=True)
        del self._legs[command.leg]
        self._slots[leg.slot].remove(leg)
        self._reports[leg.turn].remove(leg)
        between = self._between[(leg.slot + HALF) % SLOTS]
        if leg in between:
            between.remove(leg)
        self._lines.close(leg)
        self._ports.release(leg.port)
        session, late, before = leg.session, self._slot_late[leg.slot], leg.before
        self._gone_sent += session.sent
        self._gone_dropped += session.dropped
        took, trip = session.reception, session.round_trip
        figures = (took.received, session.sent, took.lost, took.jitter / 8000)
        lateness = late.percentile(1.0, before), late.percentile(0.99, before)
        score = quality.mos(took.received, took.lost, trip)
        self._events.append(c.LegClosed(command.leg, *figures, *lateness, score, trip))

    # --- playing and bridging ------------------------------------------------------------

    def _play(self, command: c.Play) -> None:
        leg = self._legs.get(command.leg)
        why = "no such leg" if leg is None else "" if command.prompts else "nothing to play"
        if leg is None or why:
            self._events.append(c.PlaybackFailed(command.leg, command.playback, why))
            return
        leg.session.stop_playing()
        leg.wanted = command
        self._play_wanted(leg)

    def _play_wanted(self, leg: Leg) -> None:
        """Begin what a leg waits for if it is all read."""
        wanted, codec = leg.wanted, leg.session.codec
        assert wanted is not None, "nothing is waited for"
        found = [self._shelf.take(path, codec) for path in wanted.prompts]
        for path, frames in zip(wanted.prompts, found, strict=True):
            if frames is None:
                self._prompts.ask(path, codec)
        prompts = [frames for frames in found if frames is not None]
        if len(prompts) == len(found):
            leg.wanted = None
            leg.session.play(wanted.playback, voice(prompts, loop=wanted.loop))

    def _stop_playing(self, command: c.StopPlaying) -> None:
        if leg := self._legs.get(command.leg):
            leg.wanted = None
            leg.session.stop_playing()

    def _bridge(self, command: c.Bridge) -> None:
        left, right = self._legs.get(command.left), self._legs.get(command.right)
        if left is None or right is None or left is right:
            return
        for leg, other in ((left, right), (right, left)):
            self._rooms.leave(leg)
            if leg.session.partner is not other.session:
                self._part(leg)
        for leg, other in ((left, right), (right, left)):
            leg.wanted = None
            leg.session.bridge(other.session)

    def _unbridge(self, command: c.Unbridge) -> None:
        if leg := self._legs.get(command.leg):
            self._part(leg)

    def _part(self, leg: Leg) -> None:
        partner = leg.session.partner
        if partner is not None:
            leg.session.bridge(None)
            partner.bridge(None)

    def _tap(self, command: c.Tap) -> None:
        if leg := self._legs.get(command.leg):
            leg.session.hearing.tap(command.on)

    def _watch_speech(self, command: c.WatchSpeech) -> None:
        if leg := self._legs.get(command.leg):
            leg.session.hearing.watch_speech(command.silence if command.on else None)

    # --- what threads and clocks have to say -------------------------------------------------

    def _hear_prompt(self, path: str, codec: c.CodecName, read: list[bytes] | str) -> None:
        if not isinstance(read, str):
            self._shelf.put(path, codec, read)
        for leg in self._legs.values():
            wanted = leg.wanted
            if wanted is None or path not in wanted.prompts:
                continue
            if isinstance(read, str):
                leg.wanted = None
                self._events.append(c.PlaybackFailed(wanted.leg, wanted.playback, read))
            else:
                self._play_wanted(leg)

    def _tell_figures(self) -> None:
        sessions = [leg.session for leg in self._legs.values()]
        sent = self._gone_sent + sum(s.sent for s in sessions)
        dropped = self._gone_dropped + sum(s.dropped for s in sessions) + self._engine.dropped
        late, before = self._late, self._late_before
        p99, most = late.percentile(0.99, before), late.percentile(1.0, before)
        counts = (len(sessions), sent - self._told_sent, p99 * 1000, most * 1000)
        figures = c.WorkerFigures(*counts, dropped - self._told_dropped, time.process_time())
        self._events.append(figures)
        self._told_sent, self._told_dropped = sent, dropped
        self._late_before = late.so_far()

    def _shut_down(self, command: c.Shutdown) -> None:
        self._over = True

    def _finish(self) -> None:
        """Close everything, recordings first, and say so if anybody is there to hear."""
        for leg in tuple(self._legs):
            self._close(c.CloseLeg(leg))
        if not self._tapes.finish(PATIENCE):
            print("media worker: a disk did not take what was recorded", file=sys.stderr)
        self._engine.stream.settimeout(1.0)
        self._engine.tell(self._events)


def main() -> None:
    """Run a worker: `media_worker FD SETTINGS`, where FD is our end of a stream socket."""
    settings = wire.settings_from_text(sys.argv[2])
    sign_in()
    worker = Worker(settings, Engine(socket.socket(fileno=int(sys.argv[1]))))
    come_first()
    worker.run()


if __name__ == "__main__":
    main()
