"""The ear for danger, and names of units heard by their sound."""

import numpy as np
import pytest

from asr.transcript import Utterance
from calls.ids import UnitId
from workorders.danger_cues import cues_of
from workorders.danger_ear import (
    AROUND,
    STEP,
    WINDOW,
    Ear,
    Flag,
    Verdict,
    flags_within,
    signs_of,
    windows,
)
from workorders.danger_weights import learned
from workorders.names import MANNERLY, Names
from workorders.sound import sound_of
from workorders.units import Unit, UnitIndex
from workorders.watch import danger_in

FIRE = f"{sound_of('着')} {sound_of('火')}"


def ear(rows: dict[str, list[float]], weights: list[float], bias: float) -> Ear:
    """Return an ear whose sums begin at nothing."""
    table = np.array(list(rows.values()), np.float32)
    places = {name: row for row, name in enumerate(rows)}
    beginning = np.zeros(len(weights), np.float32)
    return Ear(places, table, beginning, np.array(weights, np.float32), bias)


PAST = {FIRE: [3.0, 0.0], "!past": [-5.0, 0.0]}


def test_a_sound_and_what_a_rule_says_are_added_up() -> None:
    one = ear(PAST, [1.0, 1.0], -1.0)
    assert one.judge("着火").odds == 2.0
    assert one.judge("着火", [Flag("!past", 0, 2)]).odds == -1.0
    assert one.judge("").odds == -1.0


def test_what_is_taken_away_from_one_sum_leaves_the_other() -> None:
    one = ear(PAST | {"@urge": [0.0, 2.0]}, [1.0, 1.0], 0.0)
    assert one.odds([FIRE, "!past", "@urge"]) == 2.0
    assert one.odds([FIRE, "@urge", "unknown"]) == 5.0


def test_a_character_is_known_as_written_and_the_loudest_stretch_is_told() -> None:
    one = ear({"=火": [1.0], "=着火": [2.0]}, [1.0], 0.0)
    verdict = one.judge("那边着火了")
    assert (verdict.odds, verdict.start, verdict.end) == (3.0, 2, 4)
    assert one.judge("那边捉获了").odds == 0.0


def test_only_a_stretch_in_doubt_is_considered_further() -> None:
    asked: list[tuple[tuple[int, int], ...]] = []

    def further(*spans: tuple[int, int]) -> float:
        asked.append(spans)
        return -7.0

    one = ear({"=着火": [3.0], "=灾": [9.0]}, [1.0], 0.0)
    assert one.judge("着火了", further=further).odds == -4.0
    assert one.judge("火灾", further=further).odds == 9.0
    assert one.judge("着火了。火灾", further=further).odds == 9.0
    assert one.judge("说" * 20 + "着火" + "说" * 20, further=further).odds == -4.0
    near, wide = (0, 3), ((0, 42), (20 - AROUND, 22 + AROUND))
    assert asked == [(near, near), (near, near), wide]


def test_the_second_ear_weighs_meanings_and_hears_no_commas() -> None:
    second = learned().second
    told = [second.odds(text) for text in ("他拿刀追着人砍", "屋里着火人出不来", "有人要跳桥")]
    calm = [second.odds(text) for text in ("公交卡怎么办理", "路灯坏了三天", "谢谢你们再见")]
    assert min(told) > 0 > max(calm)
    assert second.loudest(["有 人，要跳桥"]) == pytest.approx(told[2])
    assert second.loudest(["有人要跳桥", "路灯坏了三天"]) == pytest.approx(told[2])


def test_what_reads_otherwise_by_its_sound_is_heard_both_ways() -> None:
    second = learned().second
    means = second.odds("有人要条楼了"), second.odds("有人要跳楼了")
    assert means[0] < means[1]
    assert second.loudest(["有人要条楼了"]) == pytest.approx(sum(means) / 2, abs=0.01)


def test_a_sentence_is_judged_by_itself() -> None:
    one = ear(PAST, [1.0, 1.0], 0.0)
    text = "去年的事。着火了"
    assert one.judge(text, [Flag("!past", 0, 2)]).odds == 3.0


def test_every_character_of_a_long_breath_is_in_some_window() -> None:
    text = "说" * 200
    spans = list(windows(text))
    assert {at for start, end in spans for at in range(start, end)} == set(range(200))
    assert all(end - start <= WINDOW + STEP for start, end in spans)


@pytest.mark.parametrize(
    ("text", "kind"), [("去年的事", "!past"), ("趣年的事", "!past"), ("表扬他", "!praised")]
)
def test_a_cue_is_known_as_written_or_by_its_sound(text: str, kind: str) -> None:
    assert kind in {flag.name for flag in cues_of(text)}


def test_danger_said_after_a_minute_of_talk_is_heard_and_what_was_before_is_not_again() -> None:
    before = "我想反映一下路灯的事情" * 8
    said = Utterance("citizen", "zh", 0.0, 60.0, before + "哎呀隔壁着火了快来人", 1.0)
    danger = danger_in(said)
    assert danger is not None and (danger.kind, danger.help) == ("fire", "119")
    old = Utterance("citizen", "zh", 0.0, 60.0, "隔壁着火了快来人。" + before, 1.0)
    assert danger_in(old) is None


def test_a_unit_is_known_though_its_name_was_misheard() -> None:
    index = UnitIndex([Unit(UnitId("a"), "市城市管理局"), Unit(UnitId("b"), "市医疗保障局")])
    (meant,) = index.misheard("我找成市馆理局问过")
    assert meant.name == "城市管理局"
    assert index.misheard("我找城市管理局问过") == []


def test_in_a_long_list_a_name_made_as_names_are_is_left_alone() -> None:
    firsts, seconds = (
        "春夏秋冬东南西北金银红绿蓝紫白阳明华丽安泰和平",
        "江河湖海山川林园庭苑城府台阁轩居村里港湾桥塔门楼",
    )
    every = [f"{a}{b}{end}" for a in firsts for b in seconds for end in ("花园", "新村")]
    assert len(every) >= MANNERLY
    listed = Names(name for name in every if name != "红山花园")
    assert listed.meant("红山花园") is None
    assert listed.meant("红三花园") is None, "红山花园 is not listed, and another must not be taken"


def slowly(one: Ear, text: str, flags: list[Flag]) -> Verdict:
    """Weigh a text sign by sign, each by its name."""
    best = Verdict(one.odds(()), 0, 0)
    for number, (start, end) in enumerate(windows(text)):
        signs = list(signs_of(text[start:end]))
        names = [*dict.fromkeys(sign.name for sign in signs), *flags_within(flags, start, end)]
        odds = one.odds(names)
        rows = one.rows[[one.places[name] for name in names if name in one.places]]
        heeded = one.weights * (one.sums + rows.sum(axis=0) > 0)
        spans = {sign.name: (sign.start, sign.end) for sign in signs if sign.name in one.places}
        told = [
            (float(one.rows[one.places[name]] @ heeded), span)
            for name, span in spans.items()
            if span[1] - span[0] > 1
        ]
        _, where = max(told, key=lambda pair: pair[0], default=(0.0, (0, end - start)))
        if number == 0 or odds > best.odds:
            best = Verdict(odds, start + where[0], start + where[1])
    return best


@pytest.mark.parametrize(
    "text",
    [
        "我家楼上着火了，浓烟很大，快来人啊！",
        "他说不想活了 站在 楼顶 要 跳 下去",
        "着",
        "火火",
        "火火火",
        "，、 ",
        "去年这里着过火。现在栏杆还是坏的，孩子掉下去怎么办？_A=1@",
        "我跟你说我们这个小区里面的电梯已经坏了三天了老人都被困在里面出不来了你们到底管不管啊真的很着急",
    ],
)
def test_signs_looked_up_without_their_names_weigh_what_they_weigh_by_name(text: str) -> None:
    flags = list(cues_of(text))
    assert learned().first.judge(text, flags) == slowly(learned().first, text, flags)
