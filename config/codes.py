"""Every kind of fault that `./hotline check` names; docs/check-codes.md explains each at length."""

from collections.abc import Mapping

CODES: Mapping[str, tuple[str, str]] = {
    "yaml-syntax": ("写法不是 YAML", "not written as YAML"),
    "file-missing": ("缺少文件", "a file is missing"),
    "file-encoding": ("文件不是 UTF-8", "a file is not UTF-8"),
    "file-unread": ("文件永远不会被读取", "a file that is never read"),
    "setting-unknown": ("没有这一项设置", "a setting that does not exist"),
    "setting-missing": ("缺少必需的设置", "a setting that is needed is missing"),
    "setting-value": ("设置的值不对", "a setting has a wrong value"),
    "name-unknown": ("用到的名称不存在", "a name is used that does not exist"),
    "lane-unstaffed": ("队列没有人能接", "nobody can answer a lane"),
    "flow-way-unknown": ("要去的步骤不存在", "a way leads to no node"),
    "flow-node-unreachable": ("步骤走不到", "a node that no caller reaches"),
    "flow-closed-way-missing": ("没有写下班后的去向", "no way for callers outside the hours"),
    "flow-goes-round": ("来电者会一直绕圈", "callers may go round for ever"),
    "flow-never-returns": ("被调用的流程回不来", "a flow that is called never returns"),
    "flow-part-unused": ("没有流程调用它", "a part that no flow calls"),
    "flow-too-large": ("流程太大", "a flow is too large"),
    "variable-unknown": ("没有步骤会得知这项内容", "nothing makes this known"),
    "flow-person-unreachable": ("到不了人工", "no person can be reached"),
    "menu-too-deep": ("菜单层数太多", "menus below menus"),
    "words-missing": ("可以说话的菜单缺少一种语言", "a menu lacks the words of a language"),
    "prompt-unrecorded": ("提示音缺少录音", "a prompt is not recorded"),
    "prompt-unplayable": ("录音不能播放", "a recording cannot be played"),
    "prompt-too-long": ("提示音太长", "prompts are too long"),
    "flow-test-failed": ("流程测试没有通过", "a flow test failed"),
    "prompt-clipped": ("录音削波（太响）", "a recording is clipped"),
    "prompt-quiet": ("录音太轻", "a recording is too quiet"),
    "key-not-told": ("提示音没有说到这个按键", "a key that the prompt does not tell"),
    "words-alike": ("不同按键的词听起来太像", "words for different keys sound alike"),
    "word-unheard": ("语音模型不认识这个词", "a word that the speech model does not know"),
    "hours-gap": ("服务时间里有空隙", "hours have a gap"),
    "hours-overlap": ("服务时间重叠", "hours overlap"),
    "calendar-old": ("节假日表过期", "the calendar has run out"),
}
"""Code → what it says, in Chinese and in English."""
