"""What is suggested from the knowledge base while a caller speaks."""

from dataclasses import replace

from workorders.draft import Suggestion
from workorders.knowledge import TOLD, Entry, Knowledge, tokens

PERMIT = Entry("permit", "answer", "居住证怎么办理", "带身份证到派出所。" * 60, "ga")
PENSION = Entry("pension", "answer", "养老金什么时候发放", "每月十五日前。", "rs")
NOISE = Entry("noise", "precedent", "夜间施工噪音由城管局处理", "值班长裁定。", "cg", call="c-1")
SHELF = Knowledge([PERMIT, PENSION, NOISE])


def suggested(text: str, now: float = 0.0) -> list[str]:
    return [each.entry for each in SHELF.suggest(text, now)]


def test_what_was_said_on_the_way_brings_the_answer_with_the_words_that_decided() -> None:
    (only,) = SHELF.suggest("喂你好，我刚搬来，居住证怎么办啊", 0.0)
    assert isinstance(only, Suggestion)
    assert (only.entry, only.version, only.owner) == ("permit", 1, "ga")
    assert only.because == ("居住证怎么办",)
    assert len(only.text) == TOLD and only.text.endswith("…")


def test_words_misheard_bring_it_as_well() -> None:
    assert suggested("养老斤什么时候发") == ["pension"]


def test_an_everyday_word_alone_brings_nothing() -> None:
    assert suggested("什么时候来人看看") == []
    assert suggested("路灯坏了") == []
    assert suggested("") == []


def test_a_ruling_is_suggested_while_it_holds() -> None:
    text = "半夜施工噪音太大，夜间施工没人管，城管局不处理"
    shelf = Knowledge([replace(NOISE, valid_until=10.0)])
    assert [each.kind for each in shelf.suggest(text, 9.9)] == ["precedent"]
    assert shelf.suggest(text, 10.0) == ()


def test_entries_are_replaced_all_at_once() -> None:
    shelf = Knowledge([PERMIT])
    shelf.fill([PENSION])
    assert len(shelf) == 1
    assert shelf.suggest("居住证怎么办理", 0.0) == ()


def test_tokens_are_plain_words_whatever_is_written() -> None:
    names = [token.name for token in tokens("办 IC卡 2026，\"'\0🙂 居住证")]
    assert names == ["w0ic", "w02026", "ju0zu", "zu0zen"]
    assert all(name.isascii() and name.isalnum() for name in names)
