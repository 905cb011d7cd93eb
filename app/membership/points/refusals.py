"""What points refuse."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable


class NotEnoughPoints(Conflict):
    """Data: `spendable` and `wanted`."""

    code = "points.insufficient"
    title = "积分不足"
    advice = "看看需要积分少一些的，或者攒够再来"


class InDebt(Conflict):
    """Something is owed after a refund; nothing can be spent until it is paid (M03). Data: `owed`."""

    code = "points.in_debt"
    title = "还有欠分，暂时不能使用积分"
    advice = "之后获得的积分会先补上欠分"


class CauseReused(Conflict):
    """The same cause with another amount or kind: a mistake of the caller, nothing was moved."""

    code = "points.cause_reused"
    title = "这笔积分已按另一内容入账"


class AmountInvalid(Unprocessable):
    code = "points.amount_invalid"
    title = "积分数量不对"
    advice = "填大于 0 的整数"


class MovementUnknown(NotFound):
    """There is no such spend or hold of this customer."""

    code = "points.movement_unknown"
    title = "没有找到这笔积分"


class TooMuchGivenBack(Conflict):
    """More than was taken. Data: `left`."""

    code = "points.too_much_given_back"
    title = "退回的积分超过当时使用的"


class HoldEnded(Conflict):
    """The hold was settled, released or ran out before. Data: `state`."""

    code = "points.hold_ended"
    title = "预留的积分已处理"


class OwnAccount(Forbidden):
    """Nobody adjusts their own points (M06)."""

    code = "points.own_account"
    title = "不能调整自己的积分"


class LeadNeeded(Forbidden):
    """Only a lead adjusts points (M06)."""

    code = "points.lead_needed"
    title = "需要主管来调整积分"


class SecondPersonNeeded(Forbidden):
    """Above the limit a second, other person confirms (M06). Data: `limit`."""

    code = "points.second_person_needed"
    title = "超过额度，需要另一位主管复核"


class ReasonMissing(Unprocessable):
    """An adjustment needs a reason and evidence (M06)."""

    code = "points.reason_missing"
    title = "请写明原因和凭证"


class AnnouncedTooLate(Unprocessable):
    """What takes something away is announced ahead (M07). Data: `earliest`."""

    code = "points.announced_too_late"
    title = "收紧积分规则要提前公告"


class SpentTogether(Conflict):
    """Two who were merged cannot be set apart: one has spent points of the other. Data: `short`, by customer."""

    code = "points.spent_together"
    title = "合并后用掉的积分分不清，暂时不能分开"
    advice = "先补回或退回这些积分，再分开"
