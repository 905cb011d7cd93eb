"""What the points mall refuses."""

from app.kernel.errors import Conflict, NotFound, Unprocessable


class RewardUnknown(NotFound):
    code = "reward.unknown"
    title = "没有这个兑换品"


class ExchangeUnknown(NotFound):
    code = "reward.exchange_unknown"
    title = "没有这次兑换"


class MembersOnly(Conflict):
    code = "reward.members_only"
    title = "领卡后才能兑换"
    advice = "先领取会员卡"


class NotOpen(Conflict):
    code = "reward.not_open"
    title = "现在不能兑换"


class SoldOut(Conflict):
    code = "reward.sold_out"
    title = "已兑完"


class LimitReached(Conflict):
    """Data: `limit`."""

    code = "reward.limit_reached"
    title = "已达到每人可兑的数量"


class CauseReused(Conflict):
    code = "reward.cause_reused"
    title = "这次兑换已用于另一样"


class AlreadyCollected(Conflict):
    """Data: `collected_at`, `store`."""

    code = "reward.already_collected"
    title = "这份礼品已经领走"
    advice = "看清领取时间和门店，不要再次发放"


class Cancelled(Conflict):
    """Data: `cancelled_at`."""

    code = "reward.cancelled"
    title = "这次兑换已取消"


class NotCancellable(Conflict):
    """Data: `state`."""

    code = "reward.not_cancellable"
    title = "这次兑换不能取消"


class RewardWrong(Unprocessable):
    """Data: `faults`, field → words."""

    code = "reward.wrong"
    title = "兑换品的内容填得不对"
