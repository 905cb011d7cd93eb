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
    "pos": "收银台",
    "erp": "ERP",
    "crm": "CRM",
    "wecom": "企业微信",
    "tmall": "天猫",
    "jd": "京东",
    "douyin": "抖音",
}
VERDICTS = {"same": "是同一人", "apart": "不是同一人"}
DONE = {
    "merged": "已合并为一位客户",
    "apart": "已记下：不是同一人，以后不再提示",
    "later": "已推后",
    "unclear": "已记下：看不出来，不再提示",
    "undone": "已撤销合并，两位客户各归各位",
    "blocked": "已停用这个身份",
}
WHY_SAME = ("本人确认", "电话核实", "同一位顾客换了手机")
WHY_APART = ("本人否认", "家人共用手机", "门店公用手机")
WHY_ENDED = {"blocked": "停用：不指向任何人"}
# Objections of a hearing and notes of a merge; `{name}` is taken from the data.
SAID: Mapping[str, str] = {
    "booking.over_limit": "同一项服务有 {open} 个没到店的预约，超过每人 {limit} 个，没有取消，请和顾客确认",
    "coupon.over_limit": "同一种券共领了 {taken} 张，超过每人 {limit} 张，已有的照常可用，不能再领",
    "coupon.used_together": "一边的券用在了另一边的订单上（{used_for}），先退回这张券再分开",
    "member.second_card": "并入的一位原来有尾号 {card_tail} 的会员卡，现在归到保留的那张",
    "points.spent_together": "合并以后一边用掉了另一边的 {total} 分，先补回或退回再分开",
    "reward.over_limit": "同一件礼品共换了 {taken} 次，超过每人 {limit} 次，已换的照常领取，不能再换",
    "teams.two_staff": "两位都是在职员工（工号 {staff}），不会是同一人",
}


def said(code: str, data: Mapping[str, Any]) -> str:
    """An objection or a note in words; what has no words yet is shown as it is."""
    facts = {name: "、".join(map(str, value)) if isinstance(value, list) else value for name, value in data.items()}
    if isinstance(short := data.get("short"), dict):  # how many points each side lacks
        facts["total"] = f"{sum(short.values()):,}"
    try:
        return SAID[code].format_map(facts)
    except KeyError:
        return " ".join([code, *(f"{name}={value}" for name, value in data.items())])


def source(name: str) -> str:
    """Where something was seen."""
    words, _, more = name.partition(" ")
    return f"{SOURCES.get(words, words)} {more}".strip()


def kinds(names: Sequence[str]) -> str:
    """Kinds of ids, as they are called."""
    return "与".join(KINDS[name].title if name in KINDS else name for name in names)
