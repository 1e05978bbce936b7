"""The process that owns RTP sockets: one loop, one timetable, threads only for disks.

The loop wakes for a command, and at those slots of the timetable in which something is due: it
sends what the slots' legs owe, then takes every packet that has come. One that goes on to a
bridged leg, or that a recogniser waits for, waits 10 ms at most while such legs are few; any
other, a key too, 20 ms. Waking for each packet instead costs more than twice the CPU at a
hundred legs. While commands come thick, they too are heard at the slots only.

Signals do not end it: it ends when the engine says so or is gone, recordings first.
"""

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from ipaddress import ip_address
from select import select

from calls.ids import LegId
from media import commands as c
from media import quality, wire
from media.playout import PromptShelf, voice
from media.sending import Numbers
from media.session import Session
from media.worker_settings import WorkerSettings
from server.garbage import settle
from server.media_disks import Prompts
from server.media_ears import MOST, ears
from server.media_faults import Complaints
from server.media_lines import Lines
from server.media_ports import Ports, Spares, send_as_signalled
from server.media_process import come_first, keep_memory, sign_in
from server.media_rooms import Rooms
from server.media_rounds import SECOND, Rounds
from server.media_stream import Engine
from server.media_tapes import Leg, Tapes

MANY = 200
"""Commands a second above which they wait for the next slot, 20 ms at most: each wake-up saved."""
IDLE = 0.5
"""Seconds between looks at the clock while there is nothing to send."""
FIGURES = 5.0
"""Seconds between WorkerFigures, which are also the sign that we live."""
PATIENCE = 5.0
"""Seconds that disks get to write what waits when we end."""


class Worker:
    """All legs and recordings of one process."""

    def __init__(self, settings: WorkerSettings, engine: Engine) -> None:
        self._settings = settings
        self._engine = engine
        self._events: list[c.Event] = []
        self._legs: dict[LegId, Leg] = {}
        self._ports = Ports(settings.first_port, settings.last_port)
        self._spares = Spares(self._ports)
        self._commands = 0  # this second
        self._thick = False  # so many came that they are heard at the slots
        self._ears = ears(engine.stream, self._fault, settings.clock_offset)
        self._rounds = Rounds(self._legs, settings.clock_offset, self._fault)
        self._lines = Lines(self._ears)
        self._figures_due = 0.0
        self._late_before = self._rounds.late.so_far()
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
        while not self._over:
            delay = self._rounds.wait() if self._legs or self._tapes.busy else IDLE
            if delay > 0:
                thick = self._thick and bool(self._legs)
                wakers = () if thick else (self._engine.stream,)
                if select(wakers, (), (), delay)[0] or thick:
                    self._hear_engine()  # before what is due now: it may stop a prompt
            now = self._rounds.serve()
            if now:
                self._serve_rest(now)
            if self._events:
                self._engine.tell(self._events)
        self._finish()

    def _serve_rest(self, now: float) -> None:
        """Hear what has come and do what is seldom due; the slots' packets are out."""
        # When late, one packet of each leg for the one that it was sent: who only listens is later.
        if self._ears.receive(1 if self._rounds.wait() <= 0 else MOST):
            self._hear_engine()
        for slot in self._rounds.served():
            self._tapes.serve_slot()
            self._rounds.each(
                self._rounds.reporting(slot), lambda leg: self._lines.report(leg, now)
            )
            if slot % SECOND == 0:
                self._look_round(now)
        while self._prompts.read:
            self._hear_prompt(*self._prompts.take())
        if now >= self._figures_due:
            self._figures_due = now + FIGURES
            self._tell_figures()

    def _hear_engine(self) -> None:
        commands = self._engine.hear()
        for command in commands:
            self._obey(command)
        self._over = self._over or self._engine.gone
        if commands:
            self._commands += len(commands)
            if ports := self._spares.bind():
                self._events.append(c.PortsReady(self._spares.address, ports))

    def _fault(self, session: Session) -> None:
        """End, of all legs, the one in which a fault of ours is; its call hears of it."""
        self._complain()
        session.abandon()
        if session.leg in self._legs:
            self._events.append(c.MediaSilent(session.leg, 0.0))
            self._obey(c.CloseLeg(session.leg))

    def _look_round(self, now: float) -> None:
        """Do what is due once a second."""
        never, lost = self._settings.no_media_after, self._settings.media_lost_after
        legs = tuple(self._legs.values())
        self._rounds.each(legs, lambda leg: leg.session.check_silence(now, never, lost))
        self._thick, self._commands = self._commands > MANY, 0

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
            if command.port:
                port, rtp_end, rtcp_end = self._spares.take(command.port)
            else:
                port, rtp_end, rtcp_end = self._ports.bind(command.address)
                self._spares.wanted(command.address)
        except OSError as error:
            self._events.append(c.LegFailed(command.leg, error.strerror or str(error)))
            return
        chance = int.from_bytes(os.urandom(10), "big")
        numbers = Numbers(chance >> 48, chance >> 32 & 0x7FFF, chance & 0xFFFFFFFF)
        slot, turn, before = self._rounds.seat()
        beat = self._rounds.beats[slot]
        session = Session(command.leg, numbers, self._events, self._rounds.pace, beat)
        send = partial(send_as_signalled, rtp_end, session)
        leg = Leg(session, rtp_end, rtcp_end, port, slot, turn, before, send)
        self._legs[command.leg] = leg
        self._rounds.join(leg)
        self._lines.open(leg)
        if not command.port:
            self._events.append(c.LegOpened(command.leg, port))

    def _connect(self, command: c.ConnectLeg) -> None:
        leg = self._legs.get(command.leg)
        if leg is None:
            return
        try:
            address = _as_the_kernel_writes(command.address)
        except ValueError:
            self._events.append(c.LegFailed(command.leg, f"not an address: {command.address}"))
            self._close(c.CloseLeg(command.leg))
            return
        if address != command.address:
            command = replace(command, address=address)
        leg.session.connect(command, self._now())
        self._lines.connect(leg, command)
        self._rounds.split(leg)

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
        lateness = self._rounds.leave(leg)
        self._lines.close(leg)
        self._ports.release(leg.port)
        session = leg.session
        self._gone_sent += session.sent
        self._gone_dropped += session.dropped
        took, trip = session.reception, session.round_trip
        figures = (took.received, session.sent, took.lost, took.jitter / 8000)
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
            if leg.partner is not other:
                self._part(leg)
        for leg, other in ((left, right), (right, left)):
            leg.wanted, leg.partner = None, other
            leg.session.bridge(other.session)

    def _unbridge(self, command: c.Unbridge) -> None:
        if leg := self._legs.get(command.leg):
            self._part(leg)

    def _part(self, leg: Leg) -> None:
        partner = leg.partner
        if partner is not None:
            leg.partner = partner.partner = None
            leg.session.bridge(None)
            partner.session.bridge(None)

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
        self._rounds.each(tuple(self._legs.values()), lambda leg: leg.session.count_straight())
        sent = self._gone_sent + sum(s.sent for s in sessions)
        dropped = self._gone_dropped + sum(s.dropped for s in sessions) + self._engine.dropped
        late, before = self._rounds.late, self._late_before
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
        self._spares.close()
        if not self._tapes.finish(PATIENCE):
            print("media worker: a disk did not take what was recorded", file=sys.stderr)
        self._engine.stream.settimeout(1.0)
        self._engine.tell(self._events)


@lru_cache(maxsize=4096)
def _as_the_kernel_writes(address: str) -> str:
    return str(ip_address(address))


def main() -> None:
    """Run a worker: `media_worker FD SETTINGS`, where FD is our end of a stream socket."""
    settings = wire.settings_from_text(sys.argv[2])
    sign_in()
    come_first()
    keep_memory()
    worker = Worker(settings, Engine(socket.socket(fileno=int(sys.argv[1]))))
    settle()
    worker.run()


if __name__ == "__main__":
    main()
