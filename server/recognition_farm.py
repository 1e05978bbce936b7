"""Recognition by a farm of `vosk-server` hosts, with the face of a worker process of our own.

Each stream is one connection to the host with the fewest; one that fails costs its own streams,
whose recordings are transcribed later, and no new stream goes there until it accepts again. A
host that takes sound and does not answer is treated like one that is gone. When none accepts,
the link says that it is gone, and whoever made it goes on with a worker of this machine.
"""

import contextlib
import wave
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from asr.farm import EOF, Hearing, NotVosk, configuration
from asr.frames import Header, heard_to_json
from asr.recogniser import RATE, SAMPLE, Heard
from calls.ids import Language
from server.farm_line import Ears, FarmLine, connect
from server.recognition_patience import Work

log = Logger()
ANSWER = 10.0
"""Seconds that a host may take to answer a second of sound."""
LOOK = 15.0
"""Seconds between two looks whether a host that was gone accepts again."""
STREAMS = 8
"""That a host is taken to do side by side."""
SAME_PLACE = 0.001
"""Seconds; sound that begins this near to where the last ended follows it without a hole."""
UNREADABLE = (OSError, EOFError, wave.Error, ValueError)


@dataclass(slots=True)
class Host:
    """One `vosk-server`."""

    url: str
    up: bool = False
    asked: bool = False
    """Somebody knocks at it, and has no answer yet."""
    streams: int = 0


@dataclass(slots=True)
class Speaker:
    """One stream: where it is heard, and what of it is owed."""

    name: str
    host: Host
    hearing: Hearing
    phrases: Sequence[str] = ()
    line: FarmLine | None = None
    asked: str = ""
    """What the engine waits for: `fed`, `closed`, `rested`, or nothing."""
    leaving: bool = False
    """It is to rest once its piece was answered."""
    owed: list[Heard] = field(default_factory=list)
    """Words from before a hole in the sound."""
    then: bytes | None = None
    """Sound that goes to a new connection once this one has said its last words."""
    begins: float = 0.0
    """Where that sound is."""
    pieces: Iterator[bytes] | None = None
    """The rest of a recording."""
    since: float = 0.0
    timer: IDelayedCall | None = None


class FarmLink:
    """Several hosts, from the first that accepts until none does."""

    pid = None
    outdated = False

    def __init__(
        self,
        reactor: Any,
        settings: dict[str, Any],
        on_frame: Callable[[Header], None],
        on_gone: Callable[[str], None],
        *,
        urls: Sequence[str],
    ) -> None:
        self._reactor = reactor
        self._language: Language = settings["language"]
        self._on_frame = on_frame
        self._on_gone = on_gone
        self.hosts = [Host(url) for url in urls]
        self._speakers: dict[str, Speaker] = {}
        self._ready = self._over = False
        self._timer: IDelayedCall | None = None
        self._look()

    @property
    def threads(self) -> int:
        """Streams that can be heard side by side."""
        return STREAMS * max(1, sum(host.up for host in self.hosts))

    @property
    def where(self) -> str:
        """How many hosts accept."""
        return f"farm {sum(host.up for host in self.hosts)}/{len(self.hosts)}"

    def work(self) -> Work | None:
        """Nothing is known of the hosts' processors."""
        return None

    def send(self, header: Header, body: bytes = b"") -> None:
        """Take a frame, as a worker does (asr/frames.py)."""
        match header["kind"]:
            case "feed":
                self._feed(header, body)
            case "finish":
                self._finish(header["stream"], "closed")
            case "file":
                self._file(header)
            case "rest":
                self._rest(header["stream"])
            case "hurry":
                return  # every stream has a connection of its own, and waits for no other

    def kill(self, why: str) -> None:
        """Let all connections go; `on_gone` says why."""
        if self._over:
            return
        self._over = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        for speaker in list(self._speakers.values()):
            self._forget(speaker, why)
        self._reactor.callLater(0, self._on_gone, why)

    # --- hosts ---------------------------------------------------------------------------

    def _look(self) -> None:
        """Knock at every host that is not known to accept."""
        for host in self.hosts:
            if not (host.up or host.asked):
                self._knock(host)
        self._timer = self._reactor.callLater(LOOK, self._look)

    def _knock(self, host: Host) -> None:
        found = [False]
        host.asked = True

        def accepted() -> None:
            found[0] = host.up = True
            line.leave("it accepts")

        def over(why: str) -> None:
            host.asked = False
            self._known(host, accepts=found[0])

        line = connect(self._reactor, host.url, Ears(accepted, lambda _: None, over))

    def _known(self, host: Host, *, accepts: bool) -> None:
        """It is known of one more host whether it accepts."""
        host.up = accepts
        if self._over:
            return
        if accepts:
            log.info("vosk-server {url} accepts", url=host.url)
        if accepts and not self._ready:
            self._ready = True
            self._tell("ready")
        elif not any(each.up or each.asked for each in self.hosts):
            self.kill("no host of the farm accepts")

    def _least(self) -> Host | None:
        up = [host for host in self.hosts if host.up]
        return min(up, key=lambda host: host.streams, default=None)

    # --- streams -------------------------------------------------------------------------

    def _tell(self, kind: str, **values: object) -> None:
        if not self._over:
            self._on_frame({"kind": kind, "resident": 0, **values})

    def _feed(self, header: Header, pcm: bytes) -> None:
        speaker = self._speakers.get(header["stream"])
        if speaker is None:
            speaker = self._begun(header["stream"], header["at"], header["phrases"])
            if speaker is None:
                return
        speaker.asked, speaker.since = "fed", self._reactor.seconds()
        if abs(speaker.hearing.position - header["at"]) > SAME_PLACE:
            speaker.then, speaker.begins = pcm, header["at"]
            self._say(speaker, EOF)
        else:
            self._give(speaker, pcm)

    def _begun(self, name: str, at: float, phrases: Sequence[str]) -> Speaker | None:
        host = self._least()
        if host is None:
            self._reactor.callLater(0, self._tell_failed, name, "no host of the farm accepts")
            return None
        speaker = Speaker(name, host, Hearing(self._language, at), phrases)
        self._speakers[name] = speaker
        host.streams += 1
        self._connect(speaker)
        return speaker

    def _connect(self, speaker: Speaker) -> None:
        def over(why: str) -> None:
            if speaker.line is line:
                log.warn("vosk-server {url} is gone: {why}", url=speaker.host.url, why=why)
                speaker.host.up = False
                self._fail(speaker, why)

        line = connect(
            self._reactor,
            speaker.host.url,
            Ears(lambda: None, lambda text: self._answered(speaker, text), over),
        )
        speaker.line = line
        line.say(configuration(speaker.phrases))

    def _give(self, speaker: Speaker, pcm: bytes) -> None:
        speaker.hearing.give(pcm)
        self._say(speaker, pcm)

    def _say(self, speaker: Speaker, message: str | bytes) -> None:
        """Send, and wait for the answer no longer than a host may take."""
        self._quiet(speaker)
        speaker.timer = self._reactor.callLater(ANSWER, self._silent, speaker)
        if speaker.line is not None:
            speaker.line.say(message)

    def _quiet(self, speaker: Speaker) -> None:
        if speaker.timer is not None and speaker.timer.active():
            speaker.timer.cancel()

    def _silent(self, speaker: Speaker) -> None:
        if speaker.line is not None:
            speaker.line.drop(f"no answer within {ANSWER:.0f} s")

    def _rest(self, name: str) -> None:
        """End a stream's connection for the present, once its piece was answered."""
        speaker = self._speakers.get(name)
        if speaker is not None and speaker.asked:
            speaker.leaving = True
        else:
            self._finish(name, "rested")

    def _finish(self, name: str, kind: str) -> None:
        speaker = self._speakers.get(name)
        if speaker is None:
            self._reactor.callLater(0, self._tell_over, name, kind)
            return
        speaker.asked = kind
        self._say(speaker, EOF)

    def _tell_over(self, name: str, kind: str) -> None:
        self._tell(kind, stream=name, heard=[])

    def _tell_failed(self, name: str, why: str) -> None:
        self._tell("failed", stream=name, why=why)

    def _file(self, header: Header) -> None:
        """Begin a recording: a second at a time, each as it is answered."""
        name = header["stream"]
        try:
            pieces = channel_pieces(Path(header["path"]), header["channel"])
        except UNREADABLE as error:
            self._reactor.callLater(0, self._tell_failed, name, f"{type(error).__name__}: {error}")
            return
        speaker = self._begun(name, 0.0, ())
        if speaker is not None:
            speaker.pieces = pieces
            self._read_on(speaker)

    def _read_on(self, speaker: Speaker) -> None:
        assert speaker.pieces is not None
        pcm = next(speaker.pieces, b"")
        if pcm:
            speaker.asked, speaker.since = "fed", self._reactor.seconds()
            self._give(speaker, pcm)
        else:
            speaker.asked = "closed"
            self._say(speaker, EOF)

    # --- answers -------------------------------------------------------------------------

    def _answered(self, speaker: Speaker, text: bytes) -> None:
        if self._speakers.get(speaker.name) is not speaker or not speaker.asked:
            return
        try:
            heard = speaker.hearing.answer(text)
        except NotVosk as error:
            assert speaker.line is not None
            speaker.line.drop(str(error))
            return
        self._quiet(speaker)
        if speaker.then is not None:
            self._after_a_hole(speaker, heard)
        elif speaker.asked in ("closed", "rested"):
            self._end(speaker)
            said = [heard_to_json(each) for each in heard if each.final]
            self._tell(speaker.asked, stream=speaker.name, heard=said)
        else:
            self._fed(speaker, heard)

    def _after_a_hole(self, speaker: Speaker, heard: list[Heard]) -> None:
        """The words before the hole are said: go on behind it, on a new connection."""
        pcm, speaker.then = speaker.then, None
        speaker.owed = [each for each in heard if each.final]
        old, speaker.line = speaker.line, None
        if old is not None:
            old.leave("its speaker went on elsewhere")
        speaker.hearing = Hearing(self._language, speaker.begins)
        self._connect(speaker)
        assert pcm is not None
        self._give(speaker, pcm)

    def _fed(self, speaker: Speaker, heard: list[Heard]) -> None:
        said, speaker.owed, speaker.asked = [*speaker.owed, *heard], [], ""
        spent = self._reactor.seconds() - speaker.since
        values = [heard_to_json(each) for each in said]
        self._tell("fed", stream=speaker.name, heard=values, spent=spent)
        if self._speakers.get(speaker.name) is not speaker:
            return
        if speaker.pieces is not None:
            self._read_on(speaker)
        elif speaker.leaving:
            self._finish(speaker.name, "rested")

    def _fail(self, speaker: Speaker, why: str) -> None:
        """One stream is lost, and with the last host all are."""
        if self._speakers.get(speaker.name) is not speaker:
            return
        self._end(speaker)
        self._tell_failed(speaker.name, f"{speaker.host.url}: {why}")
        if not self._over and not any(host.up for host in self.hosts):
            self.kill("no host of the farm accepts")

    def _end(self, speaker: Speaker) -> None:
        self._forget(speaker, "its speaker has finished")

    def _forget(self, speaker: Speaker, why: str) -> None:
        self._quiet(speaker)
        self._speakers.pop(speaker.name, None)
        speaker.host.streams -= 1
        line, speaker.line = speaker.line, None
        if line is not None:
            line.leave(why)


def channel_pieces(path: Path, channel: int) -> Iterator[bytes]:
    """Return one channel of a recording, a second at a time.

    Raises OSError, EOFError, wave.Error or ValueError if it is not 16-bit PCM at 8 kHz.
    """
    with contextlib.closing(wave.open(str(path), "rb")) as file:
        channels = file.getnchannels()
        if (file.getframerate(), file.getsampwidth()) != (RATE, SAMPLE):
            raise ValueError(f"{file.getframerate()} Hz, {8 * file.getsampwidth()} bits")
        if not 0 <= channel < channels:
            raise ValueError(f"no channel {channel} among {channels}")
    return _pieces(path, channel)


def _pieces(path: Path, channel: int) -> Iterator[bytes]:
    with contextlib.closing(wave.open(str(path), "rb")) as file:
        channels = file.getnchannels()
        while frames := file.readframes(RATE):
            samples = array("h", frames[: len(frames) // (SAMPLE * channels) * SAMPLE * channels])
            yield samples[channel::channels].tobytes()
