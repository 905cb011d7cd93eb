"""What products refuse."""

from app.kernel.errors import NotFound, Unprocessable


class ProductNotFound(NotFound):
    code = "product.not_found"
    title = "没有这个商品"


class ProductInvalid(Unprocessable):
    code = "product.invalid"
    title = "商品资料不符合要求"
    advice = "看 data 里的商品编码和字段"
