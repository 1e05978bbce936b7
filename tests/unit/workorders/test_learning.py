"""Learning labels from texts, and ranking them."""

import numpy as np
import pytest

from tests.helpers.letters import LABELS, TEXTS
from workorders.features import VIEWS, WORDS, grams
from workorders.learned import Learned
from workorders.learning import CannotLearn, calibration_error, figures, learn


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(TEXTS, LABELS)[0]


def test_what_was_learned_is_known_again_in_other_words(learned: Learned) -> None:
    for text, label in (
        ("家里没水了是不是停水", "供水"),
        ("三号楼突然停电了", "供电"),
        ("一路公交车总是不停站", "公交"),
    ):
        assert learned.rank(text)[0].label == label, text


def test_probabilities_are_of_all_labels_and_add_up_to_one(learned: Learned) -> None:
    ranked = learned.rank("停水停电了")
    assert {r.label for r in ranked} == set(LABELS)
    assert sum(r.probability for r in ranked) == pytest.approx(1, abs=1e-5)
    assert [r.probability for r in ranked] == sorted((r.probability for r in ranked), reverse=True)


def test_the_words_that_decided_stand_in_the_text_and_speak_for_the_label(
    learned: Learned,
) -> None:
    text = "请问自来水发黄怎么办"
    first = learned.rank(text)[0]
    assert first.because and all(word in text for word in first.because)
    assert any("水" in word for word in first.because)


def test_characters_misheard_by_their_sound_change_little(learned: Learned) -> None:
    assert learned.rank("我们小区亭水了")[0].label == "供水"
    assert learned.rank("宫交车不听站")[0].label == "公交"


def test_spaces_and_full_width_make_no_difference(learned: Learned) -> None:
    plain, spaced = learned.rank("投诉停水"), learned.rank("投 诉　停 水")
    assert [(r.label, r.probability) for r in plain] == [(r.label, r.probability) for r in spaced]
    assert {g.name for g in grams("Ａ区１２号")} == {g.name for g in grams("a区12号")}


def above(text: str) -> set[str]:
    """Return the features of a text's heading."""
    return {gram.name for gram in grams(text) if VIEWS[gram.view].heading}


@pytest.mark.parametrize("gap", ["\n", "\r\n", "    ", "　", " 　 　 "])
def test_what_stands_above_a_gap_is_a_heading_and_is_looked_at_once_more(gap: str) -> None:
    features = above(f"  投诉 停水{gap}昨天起 没有水了")
    assert {"t停 水", "t投 诉 停"} <= features
    assert not any("天" in name for name in features)


@pytest.mark.parametrize(
    "text",
    [
        "投诉停水昨天起没有水了",
        "您好\n昨天起没有水了",
        "停水了\n",
        f"{'水' * 61}\n停",
        "停 水 了 吗",
        "\n",
        "",
    ],
)
def test_a_greeting_a_whole_text_and_one_without_a_gap_are_no_heading(text: str) -> None:
    assert above(text) == set()


def test_words_between_blanks_are_features_and_single_characters_are_not() -> None:
    found = {gram.name for gram in grams("小区 又 停水 Ａ区") if VIEWS[gram.view] is WORDS}
    assert found == {"w小区", "w停水", "wa区"}
    assert not any(VIEWS[gram.view] is WORDS for gram in grams("停 水 了"))


def test_words_are_shown_as_written_without_the_spaces_inside(learned: Learned) -> None:
    for ranking in learned.rank("自 来 水 发 黄"):
        assert all(" " not in word for word in ranking.because)


def test_a_text_that_says_nothing_known_gets_a_ranking_without_words(learned: Learned) -> None:
    for text in ("", "   ", "ظظظ"):
        ranked = learned.rank(text)
        assert len(ranked) == 3 and ranked[0].because == ()


def test_the_same_texts_teach_the_same(learned: Learned) -> None:
    again, _ = learn(TEXTS, LABELS)
    assert np.array_equal(again.weights, learned.weights) and again.sharpness == learned.sharpness


def test_two_labels_are_enough_and_the_right_way_round() -> None:
    chosen = [(t, label) for t, label in zip(TEXTS, LABELS, strict=True) if label != "公交"]
    model, held_out = learn([t for t, _ in chosen], [label for _, label in chosen])
    assert model.rank("停水了")[0].label == "供水" and model.rank("停电了")[0].label == "供电"
    assert held_out.first > 0.8


def test_a_label_seen_once_does_not_stop_the_rest_from_being_learned() -> None:
    model, _ = learn([*TEXTS, "护照怎么换"], [*LABELS, "出入境"])
    assert model.rank("停水了")[0].label == "供水" and "出入境" in model.labels


@pytest.mark.parametrize("labels", [["供水"] * 4, ["甲", "乙", "丙", "丁"]])
def test_too_little_to_learn_from_is_refused(labels: list[str]) -> None:
    with pytest.raises(CannotLearn, match="两个类别"):
        learn(TEXTS[:4], labels)


def test_the_figures_are_what_they_say() -> None:
    chances = np.array([[0.9, 0.1, 0.0, 0.0], [0.6, 0.2, 0.1, 0.1], [0.9, 0.05, 0.03, 0.02]])
    measured = figures(chances, np.array([0, 3, 1]))
    assert measured.first == pytest.approx(1 / 3) and measured.top_three == pytest.approx(2 / 3)
    sure, right = np.array([0.9, 0.6, 0.9]), np.array([True, False, False])
    assert calibration_error(sure, right) == pytest.approx((2 * 0.4 + 0.6) / 3)
    assert measured.calibration_error == pytest.approx((2 * 0.4 + 0.6) / 3)
