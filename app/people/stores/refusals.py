"""What stores refuse."""

from app.kernel.errors import NotFound, Unprocessable


class StoreUnknown(NotFound):
    """There is no such store. Data: `store_id` or `code` where it was asked for by one."""

    code = "store.unknown"
    title = "没有找到这家门店"
    advice = "请从门店列表里重新选择"


class StoreInvalid(Unprocessable):
    """A store's place, zone or hours cannot be kept. Data: `code` of the store, `field`, `why`."""

    code = "store.invalid"
    title = "门店资料有误"
    advice = "按提示改正后再保存"
