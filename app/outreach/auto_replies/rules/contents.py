"""What a reply may be made of, and what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.outreach.auto_replies.rules import patterns
from app.outreach.auto_replies.rules.hearing import normalise
from app.outreach.auto_replies.rules.variables import unknown
from app.outreach.auto_replies.rules.wording import MOST_BYTES, Saying

# kind → what it is called, the texts it has, and the other parts it needs.
KINDS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "text": ("文字", ("body", "guest"), ()),
    "image": ("图片", (), ("media_id",)),
    "news": ("图文", (), ("title", "link")),
    "hand_over": ("转人工", ("body", "away"), ()),
    "refuse": ("退订", ("body",), ()),
    "allow": ("恢复订阅", ("body",), ()),
    "silent": ("不回复", (), ()),
}
OCCASIONS: Mapping[str, str] = {
    "keyword": "关键词",
    "welcome": "关注欢迎",
    "welcome_again": "再次关注",
    "scan": "已关注扫码",
    "menu": "菜单点击",
    "location": "发送位置",
    "default": "没听懂",
    "after_hours": "下班以后",
}
MATCHINGS: Mapping[str, str] = {
    "exact": "完全一样", "contains": "包含", "prefix": "开头是", "pattern": "表达式", "any": "任何时候",
}  # fmt: skip
_WAYS: Mapping[str, tuple[str, ...]] = {
    "keyword": ("exact", "contains", "prefix", "pattern"),
    "welcome": ("exact", "prefix", "any"),
    "welcome_again": ("exact", "prefix", "any"),
    "scan": ("exact", "prefix", "any"),
    "menu": ("exact", "prefix"),
}
MOST_WORDS, LONGEST_WORD, LONGEST_NAME = 50, 64, 40


@dataclass(frozen=True)
class Draft:
    """A reply as it is written. `account` empty: for all accounts of the brand."""

    name: str
    occasion: str
    matching: str
    words: tuple[str, ...]
    content: Mapping[str, Any]
    priority: int = 50
    enabled: bool = True
    account: str = ""


@dataclass(frozen=True)
class Problem:
    """What stands against a reply, and where."""

    place: str
    why: str


def ways_of(occasion: str) -> tuple[str, ...]:
    """How words of this occasion may be compared."""
    return _WAYS.get(occasion, ("any",))


def problems(draft: Draft) -> list[Problem]:
    """What stands against a reply, its texts aside (`wrong_in`)."""
    found = []
    if not 0 < len(draft.name.strip()) <= LONGEST_NAME:
        found.append(Problem("名称", f"写 1 到 {LONGEST_NAME} 个字"))
    if draft.occasion not in OCCASIONS or draft.matching not in ways_of(draft.occasion):
        return [*found, Problem("匹配方式", "这种场合不能这样匹配")]
    if not 0 <= draft.priority <= 999:
        found.append(Problem("优先级", "写 0 到 999，小的先回答"))
    return [*found, *_words(draft), *_parts(draft.content)]


def _words(draft: Draft) -> list[Problem]:
    if draft.matching == "any":
        return [Problem("词", "任何时候都回答的不用写词")] if draft.words else []
    if not draft.words:
        return [Problem("词", "至少写一个")]
    found = []
    if len(draft.words) > MOST_WORDS:
        found.append(Problem("词", f"最多 {MOST_WORDS} 个"))
    for word in draft.words:
        found += _word(draft, word)
    return found


def _word(draft: Draft, word: str) -> list[Problem]:
    if draft.matching == "pattern":
        try:
            patterns.compile(word)
        except patterns.PatternInvalid as error:
            return [Problem("词", str(error))]
        return []
    if not word.strip() or (draft.occasion == "keyword" and not normalise(word)):
        return [Problem("词", "有一个是空的，或只有标点")]
    if len(word) > LONGEST_WORD:
        return [Problem("词", f"“{word[:10]}…”太长，最多 {LONGEST_WORD} 个字")]
    return [Problem("词", f"“{word}”里不能有引号和尖括号")] if set(word) & set("\"'<>&") else []


def _parts(content: Mapping[str, Any]) -> list[Problem]:
    kind = str(content.get("kind"))
    if kind not in KINDS:
        return [Problem("回复类型", "选一种")]
    _, texts, others = KINDS[kind]
    found = [Problem(_TITLES[part], "不能为空") for part in (*texts[:1], *others) if not content.get(part)]
    for part in ("link", "picture"):
        if content.get(part) and not str(content[part]).startswith(("https://", "http://")):
            found.append(Problem(_TITLES[part], "写完整的网址，以 https:// 开头"))
    return found


_TITLES = {
    "body": "回复内容", "guest": "给还没领卡的人", "away": "下班以后", "media_id": "图片", "title": "标题",
    "link": "链接", "picture": "封面图",
}  # fmt: skip


def wrong_in(part: str, said: Saying, *, full: Mapping[str, str]) -> list[Problem]:
    """What stands against a text that was understood. `full`: a value for every variable, to see how long it becomes."""
    found = [Problem(_TITLES[part], f"没有这个变量：{name}") for name in unknown(said.variables)]
    longest = "\n".join(line.fill(full) for line in said.lines)
    if len(longest.encode()) > MOST_BYTES:
        size = len(longest.encode())
        found.append(Problem(_TITLES[part], f"最多 {MOST_BYTES:,} 字节（约 680 个汉字），现在 {size:,}"))
    return found


def title_of(part: str) -> str:
    """What a part of a reply is called."""
    return _TITLES[part]
