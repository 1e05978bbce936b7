"""What was recognised, and how it is read: both stand on a call's page."""

from pathlib import Path

from calls.events import Heard
from tests.helpers.desk_city import CALL, NASTY, City, story


def test_figures_and_fillers_are_shown_beside_what_was_recognised(tmp_path: Path) -> None:
    city = City(tmp_path)
    said = Heard(
        CALL, 1030.0, "citizen", "zh", 5.0, 9.0, f"嗯 我 住 阳光 小区 四 单元 {NASTY}", 0.9
    )
    city.keep([*story(), said])
    city.open()
    page = city.browser().signed_in().get(f"/calls/{CALL}").text
    assert '<abbr title="听到的是 heard: 四">4</abbr>单元' in page
    assert "<s>嗯</s>" in page and "小区 四 单元" in page
    assert NASTY not in page
    city.engine.dispose()
