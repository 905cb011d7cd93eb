"""Purposes a person is asked about, each by itself."""

from collections.abc import Mapping
from dataclasses import dataclass

# The notice comes first and carries the card; every other purpose is separate, and refusing it blocks nothing (L01).
NOTICE = "notice"
PURPOSES: Mapping[str, str] = {
    NOTICE: "隐私政策与会员章程",
    "marketing": "接收优惠和活动消息",
    "profiling": "个性化推荐",
    "location": "按位置找门店",
    "health_notes": "记录肤质、过敏等健康备注",
    "child": "记录孩子的阶段（由监护人同意）",
}


@dataclass(frozen=True)
class PrivacyPolicy:
    """`notice_version`: the version of the notice that is shown now; consents say which one was seen."""

    notice_version: str = "2026-05"
