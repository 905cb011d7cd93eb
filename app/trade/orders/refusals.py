"""What orders refuse."""

from app.kernel.errors import NotFound, TooOften, Unprocessable


class OrderNotFound(NotFound):
    code = "order.not_found"
    title = "没有这个订单"


class ClaimRefused(Unprocessable):
    """No such receipt that could still be claimed; why is not said (M05). Data: `left`, attempts left today."""

    code = "orders.claim_refused"
    title = "小票核对不上"
    advice = "请核对门店和小票号；超过补登期限或已计分的小票不能再补"


class ClaimLocked(TooOften):
    """Too many failures today (M05)."""

    code = "orders.claim_locked"
    title = "今天尝试次数过多"
    advice = "请明天再试，或到门店请店员协助"
