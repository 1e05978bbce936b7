"""What the pages call things: Chinese first, English beside it."""

from calls.reasons import Reason
from workorders.draft import EVENT_LEVELS, TYPES, URGENCIES

Words = tuple[str, str]

FIELDS: dict[str, Words] = {
    "type": ("诉求类型", "Type"),
    "category": ("事项分类", "Category"),
    "title": ("标题", "Title"),
    "content": ("诉求内容", "Content"),
    "time": ("发生时间", "Time"),
    "place": ("事发地点", "Place"),
    "object": ("被反映对象", "About whom or what"),
    "demand": ("诉求目的", "Demand"),
    "caller": ("来电人", "Caller"),
    "call_back": ("回电号码", "Call back"),
    "confidential": ("是否保密", "Confidential"),
    "urgency": ("紧急程度", "Urgency"),
    "event_level": ("事件等级", "Event level"),
    "unit": ("主办单位", "Lead unit"),
}
LONG = frozenset({"content", "demand"})
"""Fields that get more than one line."""
REASONS: dict[Reason, Words] = {
    Reason.COMPLETED: ("已办完", "completed"),
    Reason.MESSAGE_LEFT: ("已留言", "message left"),
    Reason.HUNG_UP_IN_MENU: ("菜单中挂机", "hung up in the menu"),
    Reason.HUNG_UP_SPEAKING: ("讲述中挂机", "hung up while speaking"),
    Reason.ABANDONED: ("排队中挂机", "abandoned"),
    Reason.CANCELLED: ("接通前取消", "cancelled"),
    Reason.NO_MEDIA: ("无语音", "no media"),
    Reason.MEDIA_LOST: ("语音中断", "media lost"),
    Reason.NO_ACK: ("未确认", "no ACK"),
    Reason.NO_REFRESH: ("对方失去联系", "peer gone"),
    Reason.AGENT_LOST: ("坐席话机失联", "agent's phone gone"),
    Reason.NOT_REACHED: ("转接未成", "transfer failed"),
    Reason.NO_COMMON_CODEC: ("编码不符", "no common codec"),
    Reason.BAD_OFFER: ("媒体描述有误", "bad offer"),
    Reason.UNKNOWN_NUMBER: ("号码不存在", "unknown number"),
    Reason.FORBIDDEN: ("来源不允许", "forbidden"),
    Reason.DRAINING: ("系统正在停止", "draining"),
    Reason.FULL: ("线路已满", "full"),
    Reason.TRUNK_FULL: ("线路路数已满", "trunk full"),
    Reason.TRUNK_RATE: ("线路来电太快", "trunk too fast"),
    Reason.BARRED: ("线路不允许此号码", "number barred on this trunk"),
    Reason.FAULT: ("系统故障", "fault of ours"),
    Reason.WORKER_LOST: ("媒体进程故障", "media worker lost"),
    Reason.SHUT_DOWN: ("系统关闭", "shut down"),
    Reason.INTERRUPTED: ("系统中断", "interrupted"),
}
LANGUAGES: dict[str, Words] = {
    "zh": ("中文", "Chinese"),
    "en": ("英语", "English"),
    "ko": ("韩语", "Korean"),
    "ja": ("日语", "Japanese"),
}
LEGS: dict[str, Words] = {"citizen": ("市民", "Citizen"), "agent": ("话务员", "Agent")}
TRANSCRIPT: dict[str, Words] = {
    "done": ("转写完成", "transcribed"),
    "pending": ("正在转写", "being transcribed"),
    "late": ("转写繁忙，部分内容通话后按录音补转", "busy: some words will come from the recording"),
    "partial": ("部分转写", "partly transcribed"),
    "failed": ("转写失败", "not transcribed"),
    "none": ("无转写", "no transcript"),
}
ORIGINS: dict[str, Words] = {
    "rule": ("据通话内容", "from what was said"),
    "caller_record": ("据来电信息", "from the call itself"),
    "agent": ("人工修改", "put right by an agent"),
}
KNOWN: dict[str, Words] = {
    "answer": ("标准答复", "approved answer"),
    "duty": ("职责", "duty"),
    "precedent": ("值班长裁定", "duty leader's ruling"),
}
ACTIONS: dict[str, Words] = {
    "kept_ruling": ("写入裁定", "kept a ruling"),
    "opened_recording": ("收听录音", "listened to the recording"),
    "corrected_draft": ("修改草稿", "corrected the draft"),
    "called_from_order": ("从工单回拨市民", "called the citizen from the order"),
    "confirmed_draft": ("确认工单", "confirmed the draft"),
    "read_draft": ("查看草稿", "read the draft"),
    "read_call": ("查看通话", "read the call"),
    "asked_supervise": ("监听、耳语、强插", "took part in the call"),
    "asked_stop_supervising": ("退出监听", "left the call"),
    "saw_danger": ("已看危险警报", "saw the danger alert"),
}
_URGENCY = {
    "normal": ("一般", "normal"),
    "urgent": ("紧急", "urgent"),
    "danger": ("危险", "danger"),
}
CHOICES: dict[str, list[tuple[str, str]]] = {
    "type": [(each, each) for each in TYPES],
    "urgency": [(each, " ".join(_URGENCY[each])) for each in URGENCIES],
    "event_level": [(each, each) for each in EVENT_LEVELS],
    "confidential": [("true", "是 yes"), ("false", "否 no")],
}
"""Fields whose values are of a closed set."""
FACTS: dict[str, Words] = {
    "Arrived": ("来电", "arrived"),
    "FlowChosen": ("流程和版本", "flow and version"),
    "PickedUp": ("接通", "picked up"),
    "Entered": ("进入", "entered"),
    "KeyPressed": ("按键", "key"),
    "Understood": ("听成按键", "taken for key"),
    "Collected": ("输入", "typed"),
    "Decided": ("按规则分流", "decided by rule"),
    "Rated": ("评分", "rated"),
    "CallBackAsked": ("要求回电", "asked to be called back"),
    "TransferAsked": ("转接", "transfer"),
    "AgentLeft": ("坐席挂机，来电者继续", "agent hung up, caller goes on"),
    "LanguageChosen": ("语言", "language"),
    "RecordingStarted": ("开始录音", "recording started"),
    "RecordingStopped": ("录音结束", "recording stopped"),
    "SpeechBegan": ("开始讲述", "speech began"),
    "SpeechEnded": ("讲述结束", "speech ended"),
    "Queued": ("排队", "queued"),
    "Offered": ("派给", "offered to"),
    "OfferFailed": ("未接", "offer failed"),
    "Answered": ("应答", "answered by"),
    "LeftLane": ("离开队列", "left the lane"),
    "Transcribed": ("转写", "transcript"),
    "DangerHeard": ("听到危险", "danger heard"),
    "Drafted": ("生成草稿", "drafted"),
    "LegFigures": ("语音质量", "media figures"),
    "Held": ("保持", "held by"),
    "Resumed": ("恢复通话", "resumed by"),
    "Muted": ("静音", "muted"),
    "Briefed": ("接通前播报", "briefed"),
    "ReachedFor": ("呼叫第三方", "reaches for"),
    "Reached": ("第三方应答", "reached"),
    "NotReached": ("第三方未接通", "not reached"),
    "Joined": ("三方通话", "three-way talk with"),
    "GuestLeft": ("第三方离开", "guest left"),
    "Transferred": ("转接", "transferred to"),
    "Returned": ("回到队列", "back in the lane"),
    "RecordingPaused": ("录音暂停", "recording paused"),
    "KeysSent": ("代按按键", "keys pressed for"),
    "HelpAsked": ("求助班长", "help asked"),
    "HelpEnded": ("求助结束", "help ended"),
    "Supervised": ("班长介入", "supervised"),
    "SupervisionEnded": ("班长退出", "supervision ended"),
    "PlaceGivenBack": ("保留的位置", "place given back"),
    "Favoured": ("优先", "goes before others"),
    "AgentStateChanged": ("坐席状态", "agent's state"),
    "AgentMended": ("坐席状态已修复", "agent's state mended"),
    "CallBackTried": ("开始回电", "calling back"),
    "SurveyPlanned": ("抽中回访", "drawn to be asked"),
    "SurveyTried": ("开始回访", "a survey call begins"),
    "SurveyEnded": ("回访结果", "the survey came to"),
    "OptedOut": ("不再回访", "opted out of surveys"),
    "AbuseReported": ("坐席标记辱骂", "the agent reported abuse"),
    "OrderCalled": ("坐席从工单回拨", "an agent calls from the order"),
    "LanguageHeard": ("听到的语言", "language heard"),
    "OrderCallEnded": ("工单回拨结果", "the call from the order came to"),
    "CallBackEnded": ("回电结果", "call-back came to"),
    "Ended": ("结束", "ended"),
}
SURVEY_OUTCOMES: dict[str, Words] = {
    "rated": ("已评价", "rated"),
    "waiting": ("待回访", "still to be called"),
    "opted_out": ("不再回访", "opted out"),
    "broken_off": ("中途挂断", "broken off"),
    "no_person": ("留言机或没有回应", "a machine, or silence"),
    "no_answer": ("没人接", "no answer"),
    "busy": ("占线", "busy"),
    "refused": ("拒接", "refused"),
    "no_way_out": ("没有线路可打", "no trunk would take it"),
    "not_begun": ("没有打成", "not begun"),
    "expired": ("过期", "expired"),
}
"""What came of asking a citizen by machine."""


def named(names: dict[str, Words], key: str | None) -> Words:
    """Return what a key is called; the key itself if it has no name."""
    return ("—", "") if key is None else names.get(key, (key, ""))
