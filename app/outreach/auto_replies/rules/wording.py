"""From what the brand wrote to what stands in the chat: lines with variables, and links in brackets.

    您的可用积分：{{积分}} 分
    其中 {{到期积分}} 分将在 {{到期日}} 到期
    [积分明细](小程序:pages/points/index) · [转人工](回复:人工)

A line with a variable that has no value, and no words instead of it, is left out: who has nothing expiring is told nothing
of it. Values never become links: what could open a tag is written wide.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

# What the platform takes in a text that answers, in bytes (wechat.md C5).
MOST_BYTES = 2_048
_LINK = re.compile(r"\[([^\[\]\n]{1,80})\]\(\s*([^()\s]{1,400})\s*\)")
_UNSAFE = re.compile(r"[\"'<>{}\\]")
_KIND = re.compile(r"(小程序|mp|回复)[:：](.*)")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


class Variable(Protocol):
    """Where a value goes."""

    @property
    def name(self) -> str: ...


class Text(Protocol):
    """A line that the template language has understood."""

    @property
    def variables(self) -> Sequence[Variable]: ...

    def missing(self, values: Mapping[str, str]) -> Iterator[str]: ...

    def fill(self, values: Mapping[str, str]) -> str: ...


class WordingInvalid(ValueError):
    """What was written cannot be said; says in Chinese what to change."""


@dataclass(frozen=True)
class Links:
    """Into which mini-program links lead, and where a client leads to that cannot open it."""

    appid: str
    instead: str


@dataclass(frozen=True)
class Saying:
    """A text that was understood, line by line."""

    lines: tuple[Text, ...]

    @property
    def variables(self) -> frozenset[str]:
        """The names of all that it needs."""
        return frozenset(variable.name for line in self.lines for variable in line.variables)

    def say(self, values: Mapping[str, str]) -> str:
        """The text with these values, without lines that lack one, and no longer than the platform takes."""
        said = [line.fill(values) for line in self.lines if not any(line.missing(values))]
        return fitting("\n".join(said).strip("\n"))


def understand(text: str, *, compile_line: Callable[[str], Text], links: Links) -> Saying:
    """Read a text. `compile_line` reads the variables of a line. Raises WordingInvalid and whatever `compile_line` raises."""
    linked = expand(text.replace("\r\n", "\n"), links)
    return Saying(tuple(compile_line(line) for line in linked.split("\n")))


def expand(text: str, links: Links) -> str:
    """Links in brackets as the platform writes them. Raises WordingInvalid."""
    said = _LINK.sub(lambda found: _link(found[1], found[2], links), text)
    if "](" in said:
        raise WordingInvalid("有一处链接写得不完整，写成 [领卡](小程序:pages/card/index)，地址里不能有括号和空格")
    return said


def _link(shown: str, target: str, links: Links) -> str:
    if _UNSAFE.search(target):
        raise WordingInvalid(f"链接“{shown}”的地址里不能有引号、尖括号和变量")
    if target.startswith(("https://", "http://")):
        return f'<a href="{target}">{shown}</a>'
    kind = _KIND.fullmatch(target)
    if kind is None or not kind[2]:
        raise WordingInvalid(f"链接“{shown}”要写成 小程序:页面路径、回复:关键词 或网页地址")
    if kind[1] == "回复":
        return f'<a href="weixin://bizmsgmenu?msgmenucontent={kind[2]}&msgmenuid=1">{shown}</a>'
    path = kind[2].removeprefix("/")
    return (
        f'<a data-miniprogram-appid="{links.appid}" data-miniprogram-path="{path}" href="{links.instead}">{shown}</a>'
    )


def harmless(value: str) -> str:
    """What others wrote (names, addresses) as it may stand in a text: on one line, and no tag begins in it."""
    return _BREAKS.sub(" ", value).replace("<", "＜").replace(">", "＞").strip()


def fitting(text: str) -> str:
    """No more bytes than the platform takes: whole lines are left out from the end, a link is never cut."""
    lines = text.split("\n")
    while len(lines) > 1 and len("\n".join(lines).encode()) > MOST_BYTES:
        lines.pop()
    left = "\n".join(lines)
    if len(left.encode()) <= MOST_BYTES:
        return left
    if "<a " in left:
        left = re.sub(r"<[^>]*>?", "", left)
    return left.encode()[: MOST_BYTES - 3].decode(errors="ignore") + "…"
