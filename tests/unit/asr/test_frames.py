"""What crosses between the engine and a recognition worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.frames import (
    LENGTHS,
    MOST_BODY,
    BrokenFrame,
    Unpacker,
    heard_from_json,
    heard_to_json,
    pack,
)
from asr.recogniser import Heard
from calls.events import Word


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=50)), max_size=5), st.data())
def test_frames_come_out_as_they_went_in_however_they_were_cut(
    frames: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    sent = b"".join(pack({"kind": "feed", "stream": name}, pcm) for name, pcm in frames)
    unpacker, received = Unpacker(), []
    while sent:
        cut = data.draw(st.integers(1, len(sent)))
        received += unpacker.feed(sent[:cut])
        sent = sent[cut:]
    assert received == [({"kind": "feed", "stream": name}, pcm) for name, pcm in frames]


def test_a_result_survives_the_crossing() -> None:
    heard = Heard("路灯坏了", 1.0, 2.5, 0.75, (Word("路灯", 1.0, 1.5, 0.9),), final=True)
    [(header, _)] = Unpacker().feed(pack({"kind": "fed", "heard": [heard_to_json(heard)]}))
    assert heard_from_json(header["heard"][0]) == heard


@pytest.mark.parametrize(
    "nonsense",
    [
        LENGTHS.pack(1 << 30, 0),
        LENGTHS.pack(2, MOST_BODY + 1),
        LENGTHS.pack(2, 0) + b"[]",
        LENGTHS.pack(2, 0) + b"{}",
        LENGTHS.pack(10, 0) + b'{"kind":1}',
        LENGTHS.pack(3, 0) + b"{{{",
        LENGTHS.pack(3, 0) + b"\xff\xfe\xfd",
    ],
)
def test_nonsense_is_refused_before_it_is_waited_for(nonsense: bytes) -> None:
    with pytest.raises(BrokenFrame):
        Unpacker().feed(nonsense)


def test_a_frame_that_would_be_refused_is_not_sent() -> None:
    with pytest.raises(BrokenFrame):
        pack({"kind": "feed"}, bytes(MOST_BODY + 1))


@pytest.mark.parametrize("values", [{}, {"words": [{"text": "a"}]}, {"words": [], "colour": 1}])
def test_what_is_no_result_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(BrokenFrame):
        heard_from_json(values)
