from asr.transcript import Utterance
from calls.events import Word
from workorders.lines import Hit, Line, confirmed, found, lines_of

WORDS = (
    Word("幸福路", 1.0, 1.6, 0.8),
    Word("十二", 1.6, 2.0, 0.6),
    Word("号", 2.0, 2.2, 1.0),
)
SAID = Utterance("citizen", "zh", 0.8, 2.4, "幸福路 十二 号", 0.9, WORDS)


def test_figures_are_written_and_traced_to_the_words_they_stand_for() -> None:
    line = Line.of(SAID)
    assert line.text == "幸福路12号"
    evidence = line.evidence(3, 6)
    assert (evidence.words, evidence.start, evidence.end) == ("十二号", 1.6, 2.2)
    assert line.evidence(4, 5).words == "十二"


def test_the_recognisers_own_confidence_of_just_those_words_counts() -> None:
    line = Line.of(SAID)
    assert line.sure(0, 3) == 0.8
    assert line.sure(3, 6) == 0.8
    assert found("x", 0.5, [hit(line)]).confidence == 0.4


def hit(line: Line) -> Hit:
    return Hit(line, 0, 3)


def test_without_words_the_utterance_gives_its_times() -> None:
    line = Line.of(Utterance("citizen", "zh", 3.0, 5.0, "幸福路十二号", 0.7))
    evidence = line.evidence(0, 3)
    assert (evidence.words, evidence.start, evidence.end) == ("幸福路", 3.0, 5.0)
    assert line.sure(0, 3) == 0.7


def test_words_that_do_not_fit_the_text_fall_back_to_the_utterance() -> None:
    line = Line.of(Utterance("citizen", "zh", 3.0, 5.0, "幸福路", 0.7, (Word("别的", 3, 4, 1.0),)))
    assert (line.evidence(0, 3).start, line.evidence(0, 3).end) == (3.0, 5.0)


def test_english_keeps_its_spaces_and_its_times() -> None:
    words = (Word("no", 0.0, 0.3, 0.9), Word("water", 0.4, 0.8, 0.9))
    line = Line.of(Utterance("citizen", "en", 0.0, 1.0, "no  water", 0.9, words))
    assert line.text == "no water"
    evidence = line.evidence(0, 8)
    assert (evidence.words, evidence.start, evidence.end) == ("no water", 0.0, 0.8)


def test_japanese_loses_the_recognisers_spaces() -> None:
    assert (
        Line.of(Utterance("citizen", "ja", 0.0, 1.0, "財布 を 忘れ た", 0.9)).text == "財布を忘れた"
    )


def test_lines_come_in_the_order_of_time_and_empty_ones_are_left_out() -> None:
    late = Utterance("citizen", "zh", 5.0, 6.0, "后", 1.0)
    early = Utterance("agent", "zh", 1.0, 2.0, "先", 1.0)
    blank = Utterance("citizen", "zh", 3.0, 4.0, "  ", 1.0)
    assert [line.text for line in lines_of([late, blank, early])] == ["先", "后"]


def test_only_repeated_words_confirm() -> None:
    line = Line.of(SAID)
    value = found("幸福路", 0.5, [hit(line)])
    agent = Line.of(Utterance("agent", "zh", 9.0, 10.0, "幸福路是吗", 1.0))
    assert confirmed(value, ["人民路"], [agent]) == value
    more = confirmed(value, ["幸福路"], [agent])
    assert more.confidence > value.confidence
    assert more.evidence[-1].words == "幸福路"
