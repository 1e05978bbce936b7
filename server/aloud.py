"""What a pretended caller hears, as one sound: of the recordings that the site has."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from calls.ids import Language, PromptId
from config.settings import Site
from ivr.pretend import Sounding
from ivr.trial import Trial
from media import wav
from media.resampling import resampled
from server.sound_out import NoSound, Player, find_player

Wanted = Literal["auto", "yes", "no"]
"""`auto`: where a person types and something can be played."""

Recordings = Mapping[tuple[Language, PromptId], Path]
MOMENT = 2.0
"""Seconds of music that is over already: enough to know that it was there."""


class Aloud:
    """The sound of a trial, piece by piece, as it goes on."""

    def __init__(self, trial: Trial, recordings: Recordings) -> None:
        self._trial, self._recordings = trial, recordings
        self._told = 0
        """Sounds that were handed out before, the end of the last perhaps not."""

    def next(self) -> wav.Sound | None:
        """Return what was heard since this was last asked, and what sounds now; None: nothing.

        What sounded before and still does goes on from where the call is now.
        """
        sounds, now = self._trial.sounds, self._trial.now
        told, self._told = self._told, len(sounds)
        parts = [
            self._part(one, max(0.0, now - one.at)) for one in sounds[:told] if one.until > now
        ]
        parts += [self._part(one, 0.0) for one in sounds[told:]]
        heard = [part for part in parts if part.pcm]
        if not heard:
            return None
        rate = max(part.rate for part in heard)
        return wav.Sound(rate, 1, b"".join(resampled(p.pcm, p.rate, rate) for p in heard))

    def _part(self, one: Sounding, since: float) -> wav.Sound:
        """Return a recording as it is heard, from `since` seconds after it began."""
        path = self._recordings.get((one.language, one.prompt))
        if path is None:
            return wav.Sound(8000, 1, b"")
        whole = wav.read_prompt(path.read_bytes())
        lasts = whole.seconds
        begin = since % lasts if one.loop else min(since, lasts)
        over = one.until <= self._trial.now
        most = MOMENT if one.loop and over else lasts
        end = min(begin + most, lasts, one.until - one.at)
        first, last = round(begin * whole.rate), round(end * whole.rate)
        return wav.Sound(whole.rate, 1, whole.pcm[2 * first : 2 * max(first, last)])


class OutLoud:
    """Plays a trial as it goes on; when that fails it says so once, and text has to do."""

    def __init__(self, aloud: Aloud, player: Player | None, *, whole: bool = False) -> None:
        """`whole`: every sound is heard to its end, for nobody types who could stop it."""
        self._aloud, self._player, self._whole = aloud, player, whole

    def go_on(self) -> str | None:
        """Play what came since; return words for a person if there is no sound any more."""
        heard = self._aloud.next()
        return self._try(heard, to_its_end=self._whole)

    def end(self) -> str | None:
        """The call has ended: let the last words be heard."""
        return self._try(None, to_its_end=True)

    def _try(self, sound: wav.Sound | None, *, to_its_end: bool) -> str | None:
        if self._player is None:
            return None
        try:
            if sound is not None:
                self._player.play(wav.write(sound.pcm, 1, sound.rate), sound.seconds)
            if to_its_end:
                self._player.finish()
        except (NoSound, OSError) as error:
            self._player = None
            return f"没有声音了：{error}；以下只有文字 / no more sound, text only from here"
        return None

    def hush(self) -> None:
        """Be quiet at once."""
        player, self._player = self._player, None
        if player is not None:
            player.close()


def out_loud(trial: Trial, site: Site, wanted: Wanted, folder: Path, *, typed: bool) -> OutLoud:
    """Return what plays a trial; raise NoSound where it cannot, and `wanted` is not `no`.

    `typed`: a person sits there, types, and stops a sound by typing on.
    """
    player = None
    if wanted == "yes" or (wanted == "auto" and typed):
        player = find_player(folder)
    return OutLoud(Aloud(trial, site.prompts), player, whole=not typed)
