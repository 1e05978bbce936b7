"""YAML as settings are written in it, with the place of each value; the slow part of reading."""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.document import Document, KeyPath, Place, dotted
from config.faults import Fault

DEEPEST = 12
"""Levels of nesting."""
RIDICULOUS = re.compile(r"([\[{-]\s*){40}")
TAG = "tag:yaml.org,2002:"
WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
"""Anything else that YAML takes for a number, such as `0755`, stays text as it is written."""

# What ruamel.yaml says, what an administrator can do about it, and whether the fault lies where
# the piece began rather than where reading it failed. The first that fits counts.
HINTS = (
    (r"\t", "不能用 Tab 缩进，请改用空格", "indent with spaces, not with tabs", False),
    (
        "mapping values are not allowed",
        "冒号用错：可能是上一行少了冒号、缩进没有对齐，或者文字里有冒号（请给文字加引号）",
        "a colon in the wrong place: a colon missing above, wrong indentation, or unquoted text",
        False,
    ),
    ("',' or ']'", "方括号列表没有写完：缺少 ] 或逗号", "the list lacks ] or a comma", True),
    ("',' or '}'", "花括号没有写完：缺少 } 或逗号", "the braces lack } or a comma", True),
    (
        "expected <block end>",
        "缩进没有对齐，或者同一处混用了列表和设置项",
        "indentation does not line up, or a list and settings are mixed",
        False,
    ),
    (
        "could not find expected ':'",
        "这一行缺少半角冒号“:”（全角“：”无效），冒号后面要有空格；以 * 开头的文字要加引号",
        "this line lacks a colon followed by a space; put text that begins with * in quotes",
        True,
    ),
    ("quoted scalar", "引号没有配对", "a quotation mark is not closed", True),
    (
        "alias",
        '以 * 或 & 开头的文字请加引号，例如 "*"',
        'put text that begins with * or & in quotes, such as "*"',
        False,
    ),
    (
        "cannot start any token",
        "这里的符号（@、`、% 等）不能放在开头，请给文字加引号",
        "text must not begin with this character; put it in quotes",
        False,
    ),
    (
        "special characters",
        "这里有看不见的控制字符，请删除后重新输入",
        "an invisible control character stands here; remove it",
        False,
    ),
    (
        "single document",
        "一个文件里只能有一份设置，请删除 ---",
        "only one document a file: remove ---",
        False,
    ),
)

HALF = {"：": ":", "，": ",", "“": '"', "”": '"', "［": "[", "］": "]", "｛": "{", "｝": "}"}
"""Signs that Chinese keyboards give, and what YAML wants."""
FULL_WIDTH = re.compile(f"[{''.join(HALF)}]")
HIDDEN = (
    '；# 后面成了注释，是按键就加引号："#"',
    '; what follows # is a comment; put a key in quotes: "#"',
)
KEY_AS_COMMENT = re.compile(r"^[ ]+(#) ?[:：] ?[a-z][a-z0-9_]*[ ]*$", re.M)
"""A comment that was meant to say where key # leads."""
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|#.*")


def read_into(document: Document, text: str) -> None:
    """Give a document the value of a text, the places in it, and its faults."""
    if RIDICULOUS.search(text):  # takes the parser minutes
        document.blame((), "嵌套层数太多", "is nested too deeply", "yaml-syntax")
        return
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError) as error:
        _blame_syntax(document, error, text)
        return
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as e:
        # ruamel.yaml 0.19 lets these out for some damaged input, such as "\UFFFFFFFF"
        document.blame((), f"YAML 格式错误：{e}", f"not YAML: {e}", "yaml-syntax")
        return
    value = None if root is None else _Builder(document).build(root, ())
    document.value = {} if value is None and not document.faults else value
    _blame_comments(document, text)


def _blame_comments(document: Document, text: str) -> None:
    """Find keys # that became comments because they stand without quotes."""
    for found in KEY_AS_COMMENT.finditer(text):
        line = text.count("\n", 0, found.start(1)) + 1
        zh = '以 # 开头的整行是注释，不起作用；是按键 # 就加引号，写成 "#": 步骤'
        en = 'a line that begins with # is a comment; if the key # is meant, write "#": node'
        column = found.start(1) - found.start() + 1
        document.faults.append(Fault(document.name, line, column, "", zh, en, "yaml-syntax"))


def _blame_syntax(document: Document, error: Exception, text: str) -> None:
    if isinstance(error, RecursionError):
        document.blame((), "嵌套层数太多", "is nested too deeply", "yaml-syntax")
        return
    said = " ".join(str(getattr(error, name, None) or "") for name in ("problem", "context"))
    said = said.strip() or str(error).splitlines()[0]
    for words, zh, en, where_begun in HINTS:
        if words in said:
            line, column = _place_of(error, text, where_begun)
            column, more_zh, more_en = _slip(text, line) or (column, "", "")
            document.places[()] = line, column
            document.blame((), zh + more_zh, en + more_en, "yaml-syntax")
            return
    document.places[()] = _place_of(error, text, where_begun=False)
    document.blame((), f"YAML 格式错误：{said}", f"not YAML: {said}", "yaml-syntax")


def _slip(text: str, line: int) -> tuple[int, str, str] | None:
    """Find a sign that is not what it looks like; column and words. Quoted ones are text."""
    written = "".join(text.split("\n")[line - 1 : line])
    found = FULL_WIDTH.search(QUOTED.sub(lambda quoted: " " * len(quoted[0]), written))
    if found is None:
        hidden = re.search(
            r"[\[{,] *(#)", re.sub(r"\"[^\"]*\"", lambda q: " " * len(q[0]), written)
        )
        return None if hidden is None else (hidden.start(1) + 1, *HIDDEN)
    half = HALF[found[0]]
    zh = f"；这里有全角符号“{found[0]}”，是标点就改成半角 {half}"
    en = f"; there is a full-width {found[0]!r}: as punctuation it must be {half}"
    return found.start() + 1, zh, en


def _place_of(error: Exception, text: str, where_begun: bool) -> Place:
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    mark = next((mark for mark in marks[:: -1 if where_begun else 1] if mark is not None), None)
    if mark is not None:
        return _place(mark)
    at = getattr(error, "position", 0)  # of a character that YAML does not allow
    before = text[:at] if isinstance(at, int) else ""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Builder:
    """Makes plain values of nodes, and writes down where each stood."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def build(self, node: Node, path: KeyPath) -> Any:
        """Return the value of a node."""
        self._document.places.setdefault(path, _place(node.start_mark))
        again = id(node) in self._seen
        if node.anchor is not None and not again:
            self._document.blame(
                path,
                "这里不支持 & 和 * 的引用写法；如果是文字，请加引号",
                "anchors and aliases (& and *) are not supported; put text in quotes",
            )
        if again:
            self._document.damaged.add(path)  # the anchor has been blamed
            return None
        self._seen.add(id(node))
        if len(path) > DEEPEST:
            self._document.blame(path, "嵌套层数太多", "is nested too deeply")
            self._document.damaged.add(path)
            return None
        match node:
            case MappingNode():
                return dict(self._entries(node, path))
            case SequenceNode():
                items = enumerate(node.value)
                return tuple(self.build(item, (*path, index)) for index, item in items)
            case _:
                return self._scalar(node, path)

    def _entries(self, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        keys: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.value == "":
                self._document.places[*path, "?"] = _place(key.start_mark)
                self._document.blame((*path, "?"), "设置项的名称必须是文字", "a key must be text")
                continue
            name = str(key.value)
            if name in keys:
                self._repeated(name, path, key)
                continue
            if "：" in name:
                self._document.places[*path, name] = _place(key.start_mark)
                zh, en = "冒号要用半角“:”，后面加空格", "use a half-width colon followed by a space"
                self._document.blame((*path, name), zh, en)
                continue
            keys.add(name)
            self._document.places[*path, name] = _place(key.start_mark)
            yield name, self.build(value, (*path, name))

    def _repeated(self, name: str, path: KeyPath, key: Node) -> None:
        line, column = _place(key.start_mark)
        first, _ = self._document.places[*path, name]
        words = f"“{name}”重复了，第 {first} 行已经写过；请删去一个"
        english = f"{name!r} stands twice, first in line {first}; remove one"
        fault = Fault(
            self._document.name, line, column, dotted((*path, name)), words, english, "yaml-syntax"
        )
        self._document.faults.append(fault)

    def _scalar(self, node: Node, path: KeyPath) -> Any:
        text = str(node.value)
        match str(node.tag).removeprefix(TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" if WHOLE.fullmatch(text):
                return int(text)
            case "float" if _is_float(text):
                return float(text)
            case "str" | "int" | "float" | "timestamp" | "merge" | "value":
                return text
            case _:
                self._document.blame(path, "这里不能用 ! 标签", "tags (!) are not supported")
                self._document.damaged.add(path)
                return None


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _place(mark: StreamMark) -> Place:
    return mark.line + 1, mark.column + 1
