"""The media worker's recordings: who is on which file, and when its blocks are written."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from media import commands as c
from media.latch import Address
from media.playout import SLOTS
from media.recording import BLOCK, Channel, Recording
from media.session import Session
from media.srtp import Shield
from server.media_disks import File, Job, Recorder

GROUPS = 15
"""Recordings are written in groups, each at its turn: a disk is woken for many at once."""
STEP = BLOCK * SLOTS // GROUPS
"""Slots from one group's turn to the next's: 60 ms."""


@dataclass(slots=True, eq=False)
class Leg:
    """A session with its sockets and its places in the timetable."""

    session: Session
    rtp: socket.socket
    rtcp: socket.socket
    port: int
    slot: int
    turn: int
    """When it reports."""
    before: tuple[int, ...]
    """The slot's lateness when the leg came."""
    send: Callable[[bytes], object]
    """Where its packets go."""
    partner: "Leg | None" = None
    """The leg that its packets go on to."""
    line: socket.socket | None = None
    """For packets from and to the peer only, once it is known."""
    plain_line: int = -1
    """Its descriptor where packets go by it as they are; -1: only `send` knows the way."""
    met: Address | None = None
    """The peer that `line` is for, or could not be made for."""
    wanted: c.Play | None = None
    """What plays as soon as its prompts are read."""
    recording: "Taped | None" = None
    channel: Channel | None = None
    """Its own on the right of the recording."""
    shield: Shield | None = None
    """What opens and seals its packets; None: they are plain."""
    keys: tuple[str | None, str | None] = (None, None)
    """What `shield` is made of."""


@dataclass(slots=True, eq=False)
class Taped:
    """A recording with its file and its legs."""

    recording: Recording
    file: File
    group: int
    legs: list[Leg] = field(default_factory=list)
    """The citizen's, then all others'."""


class Tapes:
    """All recordings of one worker; each writes a block every 0.9 s, each at its own turn."""

    def __init__(
        self,
        events: list[c.Event],
        max_backlog: int,
        disk_low: int,
        fault: Callable[[Session], None],
    ) -> None:
        """`fault` ends a leg in which one of ours is."""
        self._events = events
        self._fault = fault
        self._max_backlog = max_backlog
        self._tapes: dict[str, Taped] = {}
        self._groups: list[list[Taped]] = [[] for _ in range(GROUPS)]
        self._begun = 0
        self._count = 0  # slots so far
        self._recorder = Recorder(disk_low)

    @property
    def busy(self) -> bool:
        """A file is not closed yet, or nobody was told that it is."""
        return self._recorder.open > 0

    def serve_slot(self) -> None:
        """Write the blocks whose turn it is; hear what the disk has to say."""
        turn, later = divmod(self._count, STEP)
        if not later:
            self._write_blocks(tuple(self._groups[turn % GROUPS]))
        self._count += 1
        if self._recorder.closed or self._recorder.low:
            self._hear_disk()

    def start(self, command: c.StartRecording, leg: Leg | None) -> None:
        """Begin a file with what the citizen's leg says."""
        if leg is None or leg.recording is not None or command.recording in self._tapes:
            why = "no such leg" if leg is None else "a recording is under way"
            self._events.append(c.RecordingClosed(command.recording, command.path, 0.0, why))
            return
        recording = Recording(leg.session.law)
        self._begun += 1
        group = self._begun % GROUPS
        taped = Taped(recording, File(command.recording, command.path), group, [leg])
        self._tapes[command.recording] = leg.recording = taped
        self._groups[group].append(taped)
        self._recorder.begin(taped.file, recording.begin())
        leg.session.hearing.record(recording.left)

    def add(self, command: c.AddToRecording, leg: Leg | None) -> None:
        """Let one more leg speak on the right."""
        taped = self._tapes.get(command.recording)
        if taped is None or leg is None or leg.recording is not None:
            return
        taped.legs[0].session.catch_up()
        leg.recording = taped
        taped.legs.append(leg)
        leg.channel = taped.recording.add_right(leg.session.law)
        leg.session.hearing.record(leg.channel, taped.recording.frames)

    def let_go(self, command: c.LeaveRecording, leg: Leg | None) -> None:
        """Let a leg speak on no more; the citizen's stays as long as the file."""
        if leg is not None and leg.recording is not None and leg is not leg.recording.legs[0]:
            self.leave(leg)

    def leave(self, leg: Leg) -> None:
        """Let a leg's recording go on without it, or end with the citizen's leg."""
        taped = leg.recording
        if taped is None:
            return
        if leg is taped.legs[0]:
            self._end(taped)
        else:
            leg.session.catch_up()
            leg.session.hearing.record(None)
            leg.recording = None
            taped.legs.remove(leg)
            if leg.channel is not None:
                leg.channel.ended = True

    def pause(self, command: c.PauseRecording) -> None:
        """Write silence in place of what is said, or no more."""
        if taped := self._tapes.get(command.recording):
            for leg in taped.legs:
                leg.session.catch_up()
            taped.recording.pause(command.on)

    def stop(self, command: c.StopRecording) -> None:
        """Close a file; the engine is told when that is done."""
        if taped := self._tapes.get(command.recording):
            self._end(taped)

    def _end(self, taped: Taped) -> None:
        """Write what is left; the engine is told when that is done."""
        del self._tapes[taped.file.name]
        self._groups[taped.group].remove(taped)
        for leg in taped.legs:
            leg.session.hearing.record(None)
            leg.recording = None
        writes = taped.recording.finish()
        self._recorder.give([Job(taped.file, writes, taped.recording.seconds, True)])

    def _write_blocks(self, group: tuple[Taped, ...]) -> None:
        """Give the disk a second of each; give up on a disk that is too far behind."""
        jobs = []
        for taped in group:
            for leg in tuple(taped.legs):
                try:
                    leg.session.catch_up()
                except Exception:
                    self._fault(leg.session)
            if taped.file.name in self._tapes:  # it did not end with the leg
                writes = taped.recording.block()
                jobs.append(Job(taped.file, writes, taped.recording.seconds, False))
        if jobs:
            self._recorder.give(jobs)
        for taped in group:
            file = taped.file
            behind = file.given - file.seconds > self._max_backlog
            if behind and not file.told and file.name in self._tapes:
                file.told = True
                slow = c.RecordingClosed(file.name, file.path, file.seconds, "disk too slow")
                self._events.append(slow)
                self._end(taped)

    def _hear_disk(self) -> None:
        while self._recorder.low:
            self._events.append(self._recorder.low.popleft())
        while self._recorder.closed:
            file = self._recorder.take_closed()
            if not file.told:
                file.told = True
                self._events.append(file.closed())
            taped = self._tapes.get(file.name)
            if taped is not None and taped.file is file:
                self._end(taped)

    def finish(self, patience: float) -> bool:
        """Close every file; tell whether the disks took it all in time."""
        for taped in tuple(self._tapes.values()):
            self._end(taped)
        done = self._recorder.finish(patience)
        self._hear_disk()
        return done
