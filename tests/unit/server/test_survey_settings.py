"""A survey begins in the language of the first call where all of it is recorded in that."""

from pathlib import Path

from config import reader
from server.site_values import house_of
from tests.helpers import sites

FLOW = """\
language: zh
begin: may_we
nodes:
  may_we: {type: menu, prompts: [%s], timeout: 3s, keys: {"0": person, "9": never},
           on_silence: bye, exempt_person_rule: 回访}
  never: {type: opt_out, then: bye}
  person: {type: enqueue, lane: general, on_full: bye, on_nobody: bye, on_late: bye}
  bye: {type: hang_up, prompts: [goodbye]}
"""


def languages(folder: Path, prompt: str) -> frozenset[str]:
    site = sites.copy(folder / prompt)
    (site / "flows" / "survey.yaml").write_text(FLOW % prompt, "utf-8")
    text = (site / "site.yaml").read_text("utf-8")
    for old, new in (("  flow:     ", "  flow: survey #"), ("  hours:     ", "  hours: office #")):
        assert old in text
        text = text.replace(old, new, 1)
    (site / "site.yaml").write_text(text, "utf-8")
    rules = house_of(reader.read(site), folder, "v").surveys
    assert rules is not None and (rules.share, rules.not_again) == (0.05, 30 * 86_400.0)
    return frozenset(rules.languages)


def test_only_languages_that_every_prompt_is_recorded_in(tmp_path: Path) -> None:
    assert languages(tmp_path, "connecting") == {"zh", "en", "ko", "ja"}
    assert languages(tmp_path, "greeting") == {"zh"}


def test_the_shipped_site_asks_nobody(tmp_path: Path) -> None:
    assert house_of(reader.read(sites.SHIPPED), tmp_path, "v").surveys is None
