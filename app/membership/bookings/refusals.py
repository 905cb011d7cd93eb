"""What bookings refuse."""

from app.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable


class ServiceUnknown(NotFound):
    code = "booking.service_unknown"
    title = "没有这个预约项目"


class BookingUnknown(NotFound):
    code = "booking.unknown"
    title = "没有找到这个预约"


class CodeUnknown(NotFound):
    code = "booking.code_unknown"
    title = "没有找到这个码"
    advice = "请核对后再输入，或请顾客刷新出示"


class NotASlot(Unprocessable):
    code = "booking.not_a_slot"
    title = "这个时间不能预约"
    advice = "请从可约时间里选择"


class SlotTaken(Conflict):
    code = "booking.slot_taken"
    title = "这个时间刚被约走了"
    advice = "换一个时间，或加入候补"


class AlreadyBooked(Conflict):
    """K08: one open booking per service."""

    code = "booking.already_booked"
    title = "您已经约了这个项目"
    advice = "可以改期，或完成后再约"


class TooManyOpen(Conflict):
    """K08: three open bookings in all."""

    code = "booking.too_many_open"
    title = "您的预约已达上限"
    advice = "完成或取消一个后再约"


class BlockedOnline(Forbidden):
    """K09: too many no-shows."""

    code = "booking.blocked_online"
    title = "近期多次未到店，暂不能线上预约"
    advice = "可以到店请店员帮您安排"


class HoldExpired(Conflict):
    code = "booking.hold_expired"
    title = "保留时间已过"
    advice = "请重新选择时间"


class NotOpen(Conflict):
    code = "booking.not_open"
    title = "这个预约已不能更改"


class TooLateToChange(Conflict):
    code = "booking.too_late_to_change"
    title = "临近预约时间，不能再线上更改"
    advice = "请直接联系门店"


class AlreadyMoved(Conflict):
    code = "booking.already_moved"
    title = "每个预约只能改期一次"
    advice = "可以取消后重新预约"


class NoHealthNote(Unprocessable):
    """K11: health notes only where the service needs them."""

    code = "booking.no_health_note"
    title = "这个项目不需要填写健康备注"


class AlreadyRedeemed(Conflict):
    """The second attempt: the data say when, where and by whom the first one was."""

    code = "booking.already_redeemed"
    title = "已核销过"
    advice = "同一个码只能核销一次"


class NotRedeemable(Conflict):
    code = "booking.not_redeemable"
    title = "这个预约现在不能核销"


class OtherDay(Conflict):
    code = "booking.other_day"
    title = "不是今天的预约"
    advice = "请顾客按预约日期到店"


class OtherStore(Conflict):
    """K11: another store only if the service is for all stores."""

    code = "booking.other_store"
    title = "这是其他门店的预约"
    advice = "该项目只能在预约的门店使用"


class OwnCode(Forbidden):
    """X04: no clerk redeems for self."""

    code = "booking.own_code"
    title = "不能核销自己的码"
    advice = "请同事帮忙核销"


class UndoTooLate(Conflict):
    """X04: undone the same day only."""

    code = "booking.undo_too_late"
    title = "只能撤销当天的核销"


class TooEarlyForNoShow(Conflict):
    """K09: a place is kept for a while."""

    code = "booking.too_early_for_no_show"
    title = "还在保留时间内"


class AlreadyWaiting(Conflict):
    code = "booking.already_waiting"
    title = "您已在候补中"


class OfferOver(Conflict):
    code = "booking.offer_over"
    title = "这次候补机会已过"
    advice = "可以重新加入候补"
