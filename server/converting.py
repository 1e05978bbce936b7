"""Closed recordings made smaller by ffmpeg, one at a time; the original goes last.

A crash at any moment leaves a file that plays: the new one is written under another name,
decoded to see that it is as long as the original, named, and entered in the manifest with
both SHA-256; only then the original is removed. What was cut off is begun anew.
"""

import os
import shutil
import subprocess
import threading
import wave
from pathlib import Path

from config.schema import RecordingFormat
from server import manifest

RATE, SAMPLE = 8000, 4
"""Of what a file is decoded to, to be measured: samples a second, octets of a stereo sample."""
PART = ".part"
"""Ends the name of a file that is being written."""
APART = 0.15
"""Seconds that both may differ by: the filling of a codec's last frames."""
PATIENCE = 1800.0
"""Seconds that ffmpeg gets for one file."""
ENCODERS: dict[str, tuple[str, ...]] = {
    "opus": ("-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "ogg"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "48k", "-f", "mp3"),
}


class NotConverted(Exception):
    """The original stays; the words say why."""


def ffmpeg() -> str | None:
    """Return the program, if this machine has it."""
    return shutil.which("ffmpeg")


class Converter:
    """Converts one file at a time, in a thread; may be told to stop in the middle of one."""

    def __init__(self, form: RecordingFormat) -> None:
        self.form = form
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def stop(self) -> None:
        """Let go of what is being converted; it stays WAV."""
        with self._lock:
            self.stopped = True
            if self._running is not None:
                self._running.kill()

    def convert(self, original: Path) -> Path:
        """Put a converted file in the place of a WAV file; raise NotConverted or OSError."""
        target = original.with_suffix(f".{self.form}")
        part = target.with_name(target.name + PART)
        seconds = _seconds(original)
        try:
            self._run("-i", str(original), *ENCODERS[self.form], str(part))
            decoded = self._decoded(part)
            if abs(decoded - seconds) > APART:
                raise NotConverted(f"{decoded:.2f} s of {seconds:.2f} s")
            _to_disk(part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        manifest.converted(str(original), str(target), seconds)
        original.unlink()
        return target

    def _decoded(self, path: Path) -> float:
        """Return how many seconds a file has, by decoding all of it."""
        form = ("-f", "s16le", "-ar", str(RATE), "-ac", "2", "pipe:1")
        return self._run("-i", str(path), *form) / (RATE * SAMPLE)

    def _run(self, *arguments: str) -> int:
        """Run ffmpeg behind all else; return how many octets it gave out."""
        program = ffmpeg()
        if program is None:
            raise NotConverted("no ffmpeg")
        quiet = ("nice", "-n", "19", program, "-nostdin", "-v", "error", "-y", "-threads", "1")
        with self._lock:
            if self.stopped:
                raise NotConverted("stopped")
            self._running = process = subprocess.Popen(
                (*quiet, *arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        try:
            octets = _drained(process)
        finally:
            late.cancel()
            process.kill()
            process.wait()
            self._running = None
        if process.returncode:
            raise NotConverted(f"ffmpeg ended with {process.returncode}")
        return octets


def _drained(process: "subprocess.Popen[bytes]") -> int:
    """Read what a process gives out until it ends; return how many octets it was."""
    octets = 0
    assert process.stdout is not None, "its output is ours"
    with process.stdout as out:
        while piece := out.read(1 << 16):
            octets += len(piece)
    process.wait()
    return octets


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (EOFError, wave.Error) as error:
        raise NotConverted(f"no whole WAV file: {error}") from None


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
