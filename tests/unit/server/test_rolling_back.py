"""Rolling back in a hurry goes back, and not forth again."""

from pathlib import Path

import pytest

from config.publish import Shelf
from server.command_line import main as hotline
from tests.helpers import sites


def published(site: Path, data: Path, city: str) -> None:
    """Publish the site under another name of the city."""
    file = site / "site.yaml"
    lines = file.read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("city:"))
    lines[at] = f"city: {{zh: {city}, en: Binhai}}"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert hotline(["publish", f"--config={site}", f"--data={data}", "-m", city]) == 0


def test_two_rollbacks_go_back_two_versions_and_a_third_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = sites.copy(tmp_path / "site", whole=True), tmp_path / "data"
    for city in ("滨海一", "滨海二", "滨海三"):
        published(site, data, city)
    back = ["rollback", f"--data={data}", "-m", "不对"]
    assert [hotline(back), hotline(back)] == [0, 0]
    assert (Shelf(data).current() or "").startswith("0001")
    said = capsys.readouterr()
    assert "设置文件夹里的文件没有变" in said.out
    assert hotline(back) == 2
    assert "先发布一次原有设置" in capsys.readouterr().err
