"""Why a message stays or waits, in stable words and in Chinese for people."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "no_consent": "未同意接收营销消息",
    "refused": "已退订",
    "unreachable": "没有可用的渠道",
    "not_granted": "未授权订阅消息",
    "window_closed": "超出客服消息时限",
    "quiet_hours": "免打扰时段",
    "capped_day": "今天已达上限",
    "capped_month": "本月已达上限",
    "outranked": "今天有更重要的消息",
    "control": "对照组",
    "peace": "投诉或退款处理期",
    "too_late": "已过有效期",
    "told_already": "已经通知过",
    "value_missing": "缺少内容",
    "field_invalid": "内容不符合平台要求",
    "disabled": "通知已停用",
    "staff": "员工不接收营销消息",
    "objected": "已不需要",
    # By channel, in the data of `unreachable`.
    "not_following": "未关注公众号",
    "no_openid": "没有这个账号的身份",
    "no_phone": "没有手机号",
    "no_mobile": "不是手机号",
    "virtual_number": "虚拟号码",
    "no_words": "没有文案",
    "template_gone": "平台上没有这个模板",
    "service_only": "模板消息不能用于营销",
    "capped_channel": "该渠道已达上限",
    "called_already": "已经呼叫过",
    "tried": "已试过，未成功",
    "not_offered": "该渠道不适用",
    "quota": "额度用完，等不到",
    # While it waits.
    "quota_minute": "本分钟额度用完",
    "quota_day": "今天额度用完",
    "quota_closed": "平台限制中",
    "quota_lost": "正在重新统计额度",
    "one_at_a_time": "另一条正在发送",
}

# Where every channel has the same of these to say, it is the whole reason; else it is `unreachable`.
ALONE = frozenset(
    {"refused", "not_granted", "window_closed", "value_missing", "field_invalid", "quiet_hours", "too_late"}
)


def in_words(reason: str) -> str:
    """The reason in Chinese; what a room upstairs objected is 已不需要."""
    return REASONS.get(reason.partition(":")[0], reason)
