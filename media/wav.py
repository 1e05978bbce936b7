"""WAV files of PCM16, as octets: reading what prompts come in, writing what recordings go in."""

import struct
from dataclasses import dataclass

HEADER = 44
"""Octets before the first sample of a file that `header` begins."""
PCM = 1
EXTENSIBLE = 0xFFFE
"""A format whose true tag is the first two octets of a GUID."""


class BadWav(ValueError):
    """These octets are no WAV file that can be played; says why in words."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a WAV file holds."""

    rate: int
    """Samples a second."""
    channels: int
    pcm: bytes
    """PCM16, little-endian, channels interleaved."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / (2 * self.channels * self.rate)


def read(octets: bytes) -> Sound:
    """Read a file of PCM16 in any rate and number of channels; raise BadWav otherwise."""
    if len(octets) < 12 or octets[:4] != b"RIFF" or octets[8:12] != b"WAVE":
        raise BadWav("not a WAV file")
    chunks = _chunks(octets)
    if b"fmt " not in chunks or len(chunks[b"fmt "]) < 16:
        raise BadWav("no format chunk")
    if b"data" not in chunks:
        raise BadWav("no data chunk")
    layout = chunks[b"fmt "]
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", layout)
    if tag == EXTENSIBLE and len(layout) >= 26:
        (tag,) = struct.unpack_from("<H", layout, 24)
    if tag != PCM or bits != 16:
        raise BadWav(f"format {tag} with {bits} bits a sample, need PCM with 16")
    if channels == 0 or rate == 0:
        raise BadWav(f"{channels} channels at {rate} Hz")
    pcm = chunks[b"data"]
    return Sound(rate, channels, pcm[: len(pcm) - len(pcm) % (2 * channels)])


def _chunks(octets: bytes) -> dict[bytes, bytes]:
    """Return the first chunk of each name; one longer than the file ends with the file."""
    found: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(octets):
        name, size = struct.unpack_from("<4sI", octets, at)
        found.setdefault(name, octets[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return found


def read_prompt(octets: bytes) -> Sound:
    """Read a mono PCM16 file of 8 kHz and more; raise BadWav for any other."""
    sound = read(octets)
    if not 8000 <= sound.rate <= 48000:
        raise BadWav(f"{sound.rate} Hz, need 8000 to 48000")
    if sound.channels != 1:
        raise BadWav(f"{sound.channels} channels, need 1")
    if not sound.pcm:
        raise BadWav("no samples")
    return sound


def header(octets: int, channels: int, rate: int = 8000) -> bytes:
    """Return the 44 octets that stand before `octets` of PCM16."""
    width = 2 * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", HEADER - 8 + octets, b"WAVE"),
        *(b"fmt ", 16, PCM, channels, rate, rate * width, width, 16),
        *(b"data", octets),
    )


def write(pcm: bytes, channels: int = 1, rate: int = 8000) -> bytes:
    """Return a whole file."""
    return header(len(pcm), channels, rate) + pcm
