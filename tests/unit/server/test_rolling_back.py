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


def test_the_folder_goes_back_too_if_asked_and_its_files_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = sites.copy(tmp_path / "site", whole=True), tmp_path / "data"
    for city in ("滨海一", "滨海二"):
        published(site, data, city)
    (site / "flows/new.yaml").write_text("begin: x\n", "utf-8")
    words = ["rollback", f"--config={site}", f"--data={data}", "-m", "不对", "--restore"]
    assert hotline(words) == 0
    assert "滨海一" in (site / "site.yaml").read_text("utf-8")
    assert not (site / "flows/new.yaml").exists()
    (kept,) = (data / "replaced").iterdir()
    assert "滨海二" in (kept / "site.yaml").read_text("utf-8")
    assert (kept / "flows/new.yaml").exists()
    assert "设置文件夹也换成了" in capsys.readouterr().out
    assert hotline(["publish", f"--config={site}", f"--data={data}", "-m", "再发布"]) == 2
    assert "nothing differs" in capsys.readouterr().err


def test_the_short_history_is_a_line_for_each_act(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = sites.copy(tmp_path / "site", whole=True), tmp_path / "data"
    for city in ("滨海一", "滨海二"):
        published(site, data, city)
    capsys.readouterr()
    assert hotline(["history", f"--data={data}"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 2
    assert hotline(["history", f"--data={data}", "--short"]) == 0
    assert [line.split("：")[1] for line in capsys.readouterr().out.splitlines()] == [
        "滨海二",
        "滨海一",
    ]
