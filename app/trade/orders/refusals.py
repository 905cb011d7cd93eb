"""What orders refuse."""

from app.kernel.errors import NotFound


class OrderNotFound(NotFound):
    code = "order.not_found"
    title = "没有这个订单"
