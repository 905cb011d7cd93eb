"""What coupons refuse."""

from app.kernel.errors import Conflict, NotFound, Unprocessable


class CouponUnknown(NotFound):
    code = "coupon.unknown"
    title = "没有这张券"


class TemplateUnknown(NotFound):
    code = "coupon.template_unknown"
    title = "没有这种券"


class MembersOnly(Conflict):
    code = "coupon.members_only"
    title = "领卡后才能领券"
    advice = "先领取会员卡"


class SoldOut(Conflict):
    code = "coupon.sold_out"
    title = "已抢光"


class LimitReached(Conflict):
    """Data: `limit`."""

    code = "coupon.limit_reached"
    title = "已达到每人可领的张数"


class NotOpen(Conflict):
    """Data: `why` is not_open, not_yet or over; `opens_at` where it is not yet."""

    code = "coupon.not_open"
    title = "现在不能领取"


class CauseReused(Conflict):
    code = "coupon.cause_reused"
    title = "这次领取已用于另一种券"


class AlreadyRedeemed(Conflict):
    """Data: `redeemed_at`, `store`: when and where, no store for a web shop's order."""

    code = "coupon.already_redeemed"
    title = "这张券已经用过"
    advice = "看清使用时间和门店，不要再次核销"


class InUse(Conflict):
    """Locked by an unpaid order. Data: `until`."""

    code = "coupon.in_use"
    title = "这张券正在另一笔订单中使用"
    advice = "付款或取消那笔订单后再用"


class Ended(Conflict):
    """Data: `ended_at`."""

    code = "coupon.ended"
    title = "这张券已过期"


class NotYet(Conflict):
    """Data: `starts_at`."""

    code = "coupon.not_yet"
    title = "这张券还没到使用时间"


class Withdrawn(Conflict):
    code = "coupon.withdrawn"
    title = "这张券已失效"


class UseStopped(Conflict):
    code = "coupon.use_stopped"
    title = "这种券已停止使用"


class NotHere(Conflict):
    code = "coupon.not_here"
    title = "这张券不能在这里使用"


class NotLocked(Conflict):
    code = "coupon.not_locked"
    title = "这张券没有被这笔订单占用"


class NotRedeemed(Conflict):
    code = "coupon.not_redeemed"
    title = "这笔订单没有用过这张券"


class OwnCoupon(Conflict):
    """No clerk redeems for themselves (X04)."""

    code = "coupon.own"
    title = "不能给自己核销"
    advice = "请另一位同事来核销"


class NotTogether(Conflict):
    """K02: one product-level, one order-level and one freight coupon an order."""

    code = "coupon.not_together"
    title = "同类券一单只能用一张"


class TermsWrong(Unprocessable):
    """Data: `faults`, field → words."""

    code = "coupon.terms_wrong"
    title = "券的内容填得不对"


class TermsFixed(Conflict):
    code = "coupon.terms_fixed"
    title = "券已开放，内容不能再改"
    advice = "停止领取后另建一种券"


class ApprovalMissing(Conflict):
    """K06. Data: `approved`, `needed`."""

    code = "coupon.approval_missing"
    title = "优惠力度大，需要两个人批准"


class StateWrong(Conflict):
    """Data: `state`, `wanted`."""

    code = "coupon.state_wrong"
    title = "券现在的状态不允许这样改"
