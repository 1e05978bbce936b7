"""Sound on this machine, by a program that can play a WAV file; playing never waits."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from media.wav import write

PLAYERS: Mapping[str, Sequence[str]] = {
    "paplay": (),
    "aplay": ("-q",),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
    "afplay": (),
}
"""Program → what it is given before the file, the likeliest to work first."""
DEAF = "audio open failed"
"""What ffplay says when there is no device, and then ends as if all were well."""
TRIED = write(bytes(1600))
"""A tenth of a second of silence, to see whether a program works."""
PROBE = 3.0
"""Seconds within which it must have been played."""
MORE = 2.0
"""Seconds that a program may need beyond the length of the sound, before it counts as hanging."""


class NoSound(Exception):
    """Nothing can be played here; the words say why, in Chinese and English."""


class Player:
    """One program; one sound at a time, each in place of the one before."""

    def __init__(self, program: str, folder: Path) -> None:
        self.name = Path(program).name
        self._command = [program, *PLAYERS[self.name]]
        self._folder = folder
        self._numbers = count(1)
        self._playing: subprocess.Popen[bytes] | None = None
        self._lasts = 0.0

    def works(self) -> bool:
        """Play a moment of silence, and tell whether that went well."""
        try:
            ran = subprocess.run(
                [*self._command, str(self._file(TRIED))],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return ran.returncode == 0 and DEAF not in ran.stderr.decode(errors="replace")

    def play(self, sound: bytes, seconds: float) -> None:
        """Begin to play a WAV file; raise NoSound if the sound before it could not be played."""
        self.stop()
        self._lasts = seconds
        self._playing = subprocess.Popen(
            [*self._command, str(self._file(sound))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what stops us is no concern of theirs; `stop` ends them
        )

    def finish(self) -> None:
        """Let the sound come to its end, but wait no longer than it lasts."""
        if self._playing is not None:
            try:
                self._playing.wait(self._lasts + MORE)
            except subprocess.TimeoutExpired:
                self.close()
                raise NoSound(f"{self.name} 没有回应 / {self.name} does not end") from None
        self.stop()

    def stop(self) -> None:
        """Be quiet at once; raise NoSound if the program had failed by itself."""
        playing, self._playing = self._playing, None
        if playing is None:
            return
        failed = playing.poll()
        if failed is None:
            self._end(playing)
        elif failed:
            raise NoSound(f"{self.name} 播放失败 / {self.name} failed ({failed})")

    def close(self) -> None:
        """Be quiet at once, whatever became of the program."""
        playing, self._playing = self._playing, None
        if playing is not None:
            self._end(playing)

    def _end(self, playing: subprocess.Popen[bytes]) -> None:
        """End a program; SIGKILL cannot be put off, so that nothing keeps us waiting."""
        playing.kill()
        playing.wait()

    def _file(self, sound: bytes) -> Path:
        path = self._folder / f"{next(self._numbers)}.wav"
        path.write_bytes(sound)
        return path


def find_player(folder: Path) -> Player:
    """Return the first program that is here and works; raise NoSound if none is or does."""
    there = [found for name in PLAYERS if (found := shutil.which(name)) is not None]
    for program in there:
        player = Player(program, folder)
        if player.works():
            return player
    if there:
        names = "、".join(Path(one).name for one in there)
        raise NoSound(f"{names} 打不开声音设备 / cannot open a sound device")
    listed = "、".join(PLAYERS)
    raise NoSound(f"没有安装播放程序（{listed}）/ no program to play with is installed")
