"""Movements in Chinese, as their member reads them."""

from collections.abc import Mapping
from typing import Any

from app.membership.points.rules.earning import STANDARD

_WORDS = {
    "open": "待生效积分到账",
    "expire": "积分到期清零",
    "settle": "预留的积分已使用",
    "release": "预留的积分退回",
    "merge": "账户合并：积分补上欠分",
    "part": "账户分开：按各自的往来重新计算",
}


def words_for(kind: str, explain: Mapping[str, Any]) -> str:
    """One movement in Chinese, as its member reads it."""
    if kind == "order":
        return _words_of_order(explain)
    if kind == "refund":
        return f"订单退款扣回：已退 {_yuan(explain['refunded_fen'])}（实付 {_yuan(explain['base_fen'])}）"
    if kind == "opening":
        return f"旧卡积分转入（卡号尾号 {explain['card_tail']}）"
    if kind in ("adjust_up", "adjust_down"):
        return f"人工调整：{explain['words']}"
    if kind == "hold":
        return f"积分预留：{explain['words']}"
    return str(explain.get("words") or _WORDS[kind])


def _words_of_order(explain: Mapping[str, Any]) -> str:
    words = f"消费得分：实付 {_yuan(explain['base_fen'])}"
    if explain["rate"] != STANDARD:
        words += f" × 等级 {_times(explain['rate'])} 倍"
    if explain["campaign"]:
        factor = f" {_times(explain['factor'])} 倍" if explain["factor"] else "（部分商品加倍）"
        words += f" × {explain['campaign']}{factor}"
    return words


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02}"


def _times(percent: int) -> str:
    return f"{percent / STANDARD:g}"
