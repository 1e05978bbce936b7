"""From one sampling rate to another, by soxr."""


def resampled(pcm: bytes, source: int, target: int) -> bytes:
    """Return a whole sound, PCM16 mono, at another rate in Hz."""
    if source == target:
        return pcm
    # Some 25 MB of memory that a worker whose prompts are all of 8 kHz never needs:
    import numpy as np  # noqa: PLC0415
    import soxr  # noqa: PLC0415

    samples = np.frombuffer(pcm, dtype=np.int16)
    return bytes(soxr.resample(samples, source, target, quality="HQ").tobytes())
