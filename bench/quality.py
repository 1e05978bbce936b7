"""How like the original a recording is after a bad network, with the jitter buffer and without.

    ./hotline bench quality --clips FOLDER --json

Each WAV file of the folder (any rate, mono) is sent as a caller's A-law packets through a
network that loses, delays and reorders them by seed, into a real session with a recording.
`without` is what a recorder would have that writes at each 20 ms whatever came last, and
silence where nothing came. Both are compared with the clip: STOI (0 to 1, `pystoi`), and
PESQ (-0.5 to 4.5, ITU-T P.862 narrow band) where the package `pesq` is installed.
"""

import argparse
import heapq
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from statistics import mean
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import correlate

from calls.ids import LegId
from media import commands as c
from media import g711, rtp, wav
from media.recording import Recording
from media.sending import Numbers
from media.session import Session

RATE, PTIME = 8000, 0.02
PEER = ("192.0.2.1", 4000)
SHORTEST = 1.0
"""Seconds of a clip that can be judged."""
Sound = NDArray[np.float64]
Arrival = tuple[float, int]
"""Seconds, and the number of the packet."""


class Network(NamedTuple):
    """What becomes of packets."""

    lost: int
    """Per cent."""
    jitter: int
    """Milliseconds that a packet takes longer at most; evenly spread."""
    overtaken: int = 0
    """Per cent that are held up by 50 ms more, so that others overtake them."""

    def carry(self, packets: int, chance: Random) -> list[Arrival]:
        """Return what arrives, in the order of arrival."""
        arrivals: list[Arrival] = []
        for n in range(packets):
            if chance.random() * 100 < self.lost:
                continue
            held = 0.05 if chance.random() * 100 < self.overtaken else 0.0
            delay = chance.uniform(0.0, self.jitter / 1000) + held
            arrivals.append((n * PTIME + delay, n))
        return sorted(arrivals)


NETWORKS = (
    Network(0, 0),
    *(Network(lost, 0) for lost in (1, 2, 3, 5, 7, 10)),
    *(Network(0, jitter) for jitter in (20, 40, 80)),
    Network(0, 0, 5),
    Network(3, 40, 2),
    Network(5, 60, 5),
    Network(10, 80, 5),
)


def with_buffer(frames: list[bytes], arrivals: list[Arrival]) -> bytes:
    """Return the caller's side of the recording that a session makes of what arrives."""
    session = Session(LegId("caller"), Numbers(1, 1, 1), [])
    session.connect(c.ConnectLeg(LegId("caller"), "PCMA", None, *PEER, True, True), 0.0)
    recording = Recording("PCMA")
    session.hearing.record(recording.left)
    waiting = list(arrivals)
    heapq.heapify(waiting)
    for tick in range(len(frames) + 12):
        now = (tick + 0.5) * PTIME
        while waiting and waiting[0][0] <= now:
            at, n = heapq.heappop(waiting)
            packet = rtp.Packet(8, False, n, n * g711.FRAME, 77, frames[n])
            session.receive(bytes(packet), PEER, at)
        session.tick(now)
    session.catch_up()
    return g711.decode(recording.left.take(len(recording.left.frames)), "PCMA")


def without_buffer(frames: list[bytes], arrivals: list[Arrival]) -> bytes:
    """Return what is written if each 20 ms take what came last, and silence if nothing did."""
    came = {int(at / PTIME + 0.5): n for at, n in arrivals}
    silence = g711.SILENCE["PCMA"]
    ticks = range(len(frames) + 12)
    heard = (frames[came[t]] if t in came else silence for t in ticks)
    return g711.decode(b"".join(heard), "PCMA")


def samples(pcm: bytes) -> Sound:
    """Return PCM16 as numbers from -1 to 1."""
    return np.frombuffer(pcm, "<i2").astype(np.float64) / 32768


def aligned(original: Sound, heard: Sound) -> Sound:
    """Return what was heard, shifted to where it is most like the original, and as long."""
    likeness = correlate(heard, original, mode="valid" if len(heard) > len(original) else "full")
    start = max(0, int(np.argmax(likeness)))
    piece = heard[start : start + len(original)]
    return np.pad(piece, (0, len(original) - len(piece)))


def judges() -> dict[str, Callable[[Sound, Sound], float]]:
    """Return the measures that are installed, by name."""
    stoi = importlib.import_module("pystoi").stoi
    found: dict[str, Callable[[Sound, Sound], float]] = {
        "stoi": lambda original, heard: float(stoi(original, heard, RATE))
    }
    try:
        pesq = importlib.import_module("pesq").pesq
    except ImportError:
        return found
    found["pesq"] = lambda original, heard: float(pesq(RATE, original, heard, "nb"))
    return found


def clips(folder: Path, most: int) -> Iterator[Sound]:
    """Give the longest clips of a folder at 8 kHz, those with nothing wrong."""
    files = sorted(folder.glob("**/*.wav"), key=lambda path: -path.stat().st_size)
    given = 0
    for path in files:
        sound = wav.read(path.read_bytes())
        if sound.channels != 1 or sound.seconds < SHORTEST or given >= most:
            continue
        given += 1
        yield soxr.resample(samples(sound.pcm)[: sound.rate * 20], sound.rate, RATE)


def judge(originals: list[Sound], network: Network, seed: int) -> dict[str, object]:
    """Return the mean likeness of all clips after one network, with the buffer and without."""
    means: dict[str, list[float]] = {}
    for number, original in enumerate(originals):
        pcm = (np.clip(original, -1, 1) * 32767).astype("<i2").tobytes()
        frames = g711.frames(pcm, "PCMA")
        arrivals = network.carry(len(frames), Random(seed + number))
        for name, path in (("with", with_buffer), ("without", without_buffer)):
            heard = aligned(original, samples(path(frames, arrivals)))
            for measure, likeness in judges().items():
                means.setdefault(f"{measure}_{name}", []).append(likeness(original, heard))
    return {**network._asdict(), **{name: round(mean(all_), 3) for name, all_ in means.items()}}


def show(rows: list[dict[str, object]]) -> None:
    """Print a table as documents have it."""
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(map(str, row.values())) + " |")


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True, help="folder of WAV files")
    parser.add_argument("--most", type=int, default=10, help="clips taken, longest first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line of JSON a network")
    arguments = parser.parse_args()
    originals = list(clips(arguments.clips, arguments.most))
    if not originals:
        raise SystemExit(f"{arguments.clips}: 没有一秒以上的单声道 WAV / no mono WAV of a second")
    rows = [judge(originals, network, arguments.seed) for network in NETWORKS]
    if arguments.json:
        print("\n".join(json.dumps({"clips": len(originals), **row}) for row in rows))
    else:
        show(rows)


if __name__ == "__main__":
    main()
