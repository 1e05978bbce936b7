"""What the media worker asks of the system."""

import ctypes

import pytest

from server.media_process import keep_memory


class Another:
    """A C library without glibc's call."""

    def __init__(self, name: object) -> None:
        pass


def test_memory_is_kept_where_the_c_library_can_and_nothing_happens_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert keep_memory() == hasattr(ctypes.CDLL(None), "mallopt")
    monkeypatch.setattr(ctypes, "CDLL", Another)
    assert keep_memory() is False
