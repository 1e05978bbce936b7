"""A minute of talk makes a whole draft; how long that takes is measured by `bench drafts`."""

from collections.abc import Callable

from bench.minute import MINUTE
from workorders.draft import DraftWorkOrder

Tell = Callable[..., DraftWorkOrder]


def test_the_minute_is_drafted_whole(tell: Tell) -> None:
    draft = tell(*MINUTE)
    assert draft.place is not None and draft.object is not None and draft.call_back is not None
    assert draft.place.value.standard == "高新区建设大道88号金色家园北门对面"
    assert draft.object.value == "滨海宏达建筑工程公司"
    assert draft.call_back.value == "13800123456"
    assert draft.confidential is not None and draft.confidential.value
    assert draft.missing == ()
    assert draft.unit is not None and draft.unit.confidence < 0.5
    assert {ranked.unit for ranked in draft.candidates[:2]} == {"cg", "zj"}
