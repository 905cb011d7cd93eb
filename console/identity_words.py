"""What rooms and records say by code, in the words of the shop."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.people.identity import KINDS

PROOFS = {"stated": "自己说的", "picked": "手机一键授权", "proven": "已验证"}
SOURCES = {
    "miniprogram": "小程序登录",
    "given": "本人绑定",
    "decision": "人工判定",
    "rooms": "业务规则",
    "open_api": "外部系统",
    "old_cards": "老卡导入",
    "set_apart": "分开后新建",
}
VERDICTS = {"same": "是同一人", "apart": "不是同一人"}
DONE = {
    "merged": "已合并为一位客户",
    "apart": "已记下：不是同一人，以后不再提示",
    "later": "已推后",
    "undone": "已撤销合并，两位客户各归各位",
    "blocked": "已停用这个身份",
}
WHY_SAME = ("本人确认", "电话核实", "同一位顾客换了手机")
WHY_APART = ("本人否认", "家人共用手机", "门店公用手机")
WHY_ENDED = {"blocked": "停用：不指向任何人"}
# Objections of a hearing and notes of a merge; `{name}` is taken from the data.
SAID: Mapping[str, str] = {}


def said(code: str, data: Mapping[str, Any]) -> str:
    """An objection or a note in words; what has no words yet is shown as it is."""
    if code not in SAID:
        return " ".join([code, *(f"{name}={value}" for name, value in data.items())])
    return SAID[code].format_map(data)


def source(name: str) -> str:
    """Where something was seen."""
    words, _, more = name.partition(" ")
    return f"{SOURCES.get(words, words)} {more}".strip()


def kinds(names: Sequence[str]) -> str:
    """Kinds of ids, as they are called."""
    return "与".join(KINDS[name].title if name in KINDS else name for name in names)
