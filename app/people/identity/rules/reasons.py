"""Why evidence waits for a person, and what a merge led to, in words."""

from collections.abc import Mapping
from typing import Any

from app.people.identity.rules.kinds import KINDS


def in_words(reason: str, data: Mapping[str, Any]) -> str:
    """Why these two were not made one by themselves."""
    if reason == "limit":
        kind = KINDS.get(str(data.get("kind")))
        what = kind.title if kind else "同类身份"
        return f"两边各有自己的{what}，一个人通常只有一个，所以没有自动合并"
    if reason == "objection":
        wanted = "分开" if data.get("wanted") == "separation" else "合并"
        return f"证据说应当{wanted}，但有业务上的原因拦住了"
    if reason == "crowded":
        return "有一个身份连着太多人，可能是门店公用的"
    return "有人判定过他们不是同一人"
