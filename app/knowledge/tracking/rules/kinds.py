"""Kinds of events as data: what each is called, where it comes from, how long it is kept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# The most that a kind is kept, and with it how far back a fact may lie (years of orders come by file).
LONGEST_DAYS = 3 * 366


@dataclass(frozen=True)
class Kind:
    """One kind of event. `behaviour`: told by a phone, tied to a person only with their yes to profiling (L01, L02); the
    others follow from facts. `days`: how long it is kept unless the brand says otherwise."""

    title: str
    days: int
    behaviour: bool = False


# Orders and what hangs on them: records of transactions are kept three years (E-commerce Law, article 31).
KINDS: Mapping[str, Kind] = {
    "page": Kind("打开页面", 90, behaviour=True),
    "dwell": Kind("停留", 90, behaviour=True),
    "view": Kind("浏览商品", 400, behaviour=True),
    "search": Kind("搜索", 400, behaviour=True),
    "share": Kind("分享", 400, behaviour=True),
    "favourite": Kind("收藏", 730, behaviour=True),
    "unfavourite": Kind("取消收藏", 730, behaviour=True),
    "order_paid": Kind("付款", LONGEST_DAYS),
    "order_shipped": Kind("发货", LONGEST_DAYS),
    "order_received": Kind("收货", LONGEST_DAYS),
    "order_refunded": Kind("退款", LONGEST_DAYS),
    "member_joined": Kind("入会", LONGEST_DAYS),
    "old_card_bound": Kind("绑定老卡", LONGEST_DAYS),
    "tier_changed": Kind("等级变动", LONGEST_DAYS),
    "coupon_taken": Kind("得到优惠券", 730),
    "coupon_redeemed": Kind("用券", LONGEST_DAYS),
    "coupon_given_back": Kind("优惠券退回", 730),
    "coupon_withdrawn": Kind("优惠券收回", 730),
    "booking_confirmed": Kind("预约", 730),
    "booking_moved": Kind("改约", 730),
    "booking_cancelled": Kind("取消预约", 730),
    "booking_redeemed": Kind("到店", LONGEST_DAYS),
    "booking_redemption_undone": Kind("撤销到店", LONGEST_DAYS),
    "booking_missed": Kind("爽约", 730),
    "booking_missed_corrected": Kind("爽约更正", 730),
    "place_offered": Kind("候补有位", 730),
    "reward_exchanged": Kind("积分兑换", LONGEST_DAYS),
    "reward_collected": Kind("领取礼品", LONGEST_DAYS),
    "reward_cancelled": Kind("取消兑换", 730),
    "message_sent": Kind("发出消息", 730),
    "message_opened": Kind("点开消息", 730),
    "identity_attached": Kind("认出身份", 730),
    "identity_ended": Kind("身份结束", 730),
    "followed": Kind("关注公众号", LONGEST_DAYS),
    "unfollowed": Kind("取消关注", LONGEST_DAYS),
    "wechat_message": Kind("公众号留言", 180),
    "wechat_menu": Kind("点公众号菜单", 400),
    "wechat_scan": Kind("扫带参二维码", 730),
    "wechat_location": Kind("上报位置", 30),
    "wechat_subscribe": Kind("订阅消息授权", 730),
    "wechat_card": Kind("微信卡包", 730),
    "wechat_service": Kind("人工客服", 400),
    "wechat_authorization": Kind("微信授权变更", 730),
    "wechat_event": Kind("公众号其他互动", 180),
    "sms_reply": Kind("回复短信", 180),
    "people_merged": Kind("合并顾客", LONGEST_DAYS),
    "people_separated": Kind("拆分顾客", LONGEST_DAYS),
}
BEHAVIOUR = tuple(name for name, kind in KINDS.items() if kind.behaviour)


@dataclass(frozen=True)
class TrackingPolicy:
    """How events are taken in and kept.

    `late_days`: a phone's event older than this is refused. `skew_minutes`: a phone's clock may be wrong by so much without
    being corrected. `attach_days`: how far back an anonymous visitor's events go to the person they turn out to be.
    `keep_days`: kind → days, where it differs from the kind's own; never less than `late_days`. `months_ahead`: partitions
    made in advance. `guest_calls_a_minute`: of one phone that is not signed in.
    """

    late_days: int = 30
    skew_minutes: int = 5
    attach_days: int = 90
    months_ahead: int = 2
    guest_calls_a_minute: int = 60
    keep_days: Mapping[str, int] = field(default_factory=dict)


def days_kept(kind: str, policy: TrackingPolicy) -> int:
    """How long events of a kind are kept, in days."""
    return min(max(policy.keep_days.get(kind, KINDS[kind].days), policy.late_days + 1), LONGEST_DAYS)


def key_of(kind: str, cause: str) -> str:
    """By what an event that a room tells is known when it is told twice: sixteen bytes in hex that lead back to nothing."""
    return hashlib.blake2b(f"{kind}\0{cause}".encode(), digest_size=16).hexdigest()


def half_key(text: str) -> str:
    """Half of the key of a phone's event: that of its visitor, then that of the phone's own id of it, so that the keys of one
    call lie beside each other in the index."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def unknown_kinds(kinds: Sequence[str]) -> list[str]:
    """Those that are no kinds of ours."""
    return sorted(set(kinds) - set(KINDS))
