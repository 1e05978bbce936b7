"""What is missing, and how to ask for it: in Chinese and in the caller's language."""

from calls.ids import Language
from workorders.draft import DraftWorkOrder, Question

ASK: dict[str, dict[Language, str]] = {
    "content": {
        "zh": "请问您要反映什么事情？",
        "en": "What would you like to tell us?",
        "ko": "어떤 일로 전화하셨습니까?",
        "ja": "どのようなご用件でしょうか。",
    },
    "type": {
        "zh": "您是想咨询、求助、投诉，还是提建议？",
        "en": "Is this a question, a request for help, a complaint or a suggestion?",
        "ko": "문의, 도움 요청, 불만, 건의 중 어느 것입니까?",
        "ja": "お問い合わせ、ご相談、苦情、ご提案のどれでしょうか。",
    },
    "place": {
        "zh": "请问具体在什么地方？哪个区、哪条路、多少号？",
        "en": "Where exactly is it? Which district, road and number?",
        "ko": "정확한 장소가 어디입니까? 구, 길 이름, 번지를 말씀해 주세요.",
        "ja": "場所はどこですか。区、通りの名前、番地を教えてください。",
    },
    "time": {
        "zh": "请问是什么时候发生的？",
        "en": "When did it happen?",
        "ko": "언제 있었던 일입니까?",
        "ja": "いつのことですか。",
    },
    "object": {
        "zh": "请问具体是哪个单位、哪家店或者哪个人？",
        "en": "Which company, shop or person is it about?",
        "ko": "어느 회사, 가게 또는 사람에 관한 것입니까?",
        "ja": "どの会社、お店、または人のことですか。",
    },
    "demand": {
        "zh": "请问您希望怎么解决？",
        "en": "What would you like us to do?",
        "ko": "어떻게 해결되기를 바라십니까?",
        "ja": "どのように解決してほしいですか。",
    },
    "call_back": {
        "zh": "请问怎么联系您？请说一下电话号码。",
        "en": "What number can we call you back on?",
        "ko": "연락 가능한 전화번호를 말씀해 주세요.",
        "ja": "ご連絡先の電話番号を教えてください。",
    },
}
WHICH: dict[Language, str] = {
    "zh": "请问是哪个区的？{choices}都有这个地方。",
    "en": "Which district is that? There is one in {choices}.",
    "ko": "어느 구입니까? {choices}에 같은 이름이 있습니다.",
    "ja": "どの区ですか。{choices}に同じ名前の場所があります。",
}
NEEDED: dict[str | None, tuple[str, ...]] = {
    "咨询": ("content", "call_back"),
    "建议": ("content", "demand", "call_back"),
    "表扬": ("content", "time", "object", "call_back"),
    "投诉": ("content", "place", "time", "object", "demand", "call_back"),
    "举报": ("content", "place", "time", "object", "call_back"),
    "求助": ("content", "place", "time", "demand", "call_back"),
    None: ("content", "type", "place", "time", "demand", "call_back"),
}
"""What an order of each type needs before a unit can work on it."""


IN_DANGER = ("content", "place", "call_back")
"""When somebody is in danger nothing else is asked."""


def missing_of(draft: DraftWorkOrder) -> tuple[Question, ...]:
    """List what must still be asked, in the order in which to ask it."""
    kind = draft.type.value if draft.type is not None else None
    danger = draft.urgency is not None and draft.urgency.value == "danger"
    needed = IN_DANGER if danger else NEEDED.get(kind, NEEDED[None])
    wanted = [name for name in needed if getattr(draft, name) is None]
    questions = [Question(name, ASK[name]["zh"], ASK[name][draft.language]) for name in wanted]
    if draft.place is not None and draft.place.value.choices:
        choices = "、".join(draft.place.value.choices)
        asked = {lang: words.format(choices=choices) for lang, words in WHICH.items()}
        questions.insert(0, Question("place", asked["zh"], asked[draft.language]))
    return tuple(questions)
