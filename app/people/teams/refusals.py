"""What teams refuse."""

from app.kernel.errors import Forbidden, NotFound, Unprocessable


class StaffUnknown(NotFound):
    """Nobody with this code or id is at work."""

    code = "staff.unknown"
    title = "没有这位在职员工"
    advice = "请核对工号"


class StaffInvalid(Unprocessable):
    """A staff member cannot be written down so. Data: `code`, `field`, `why`."""

    code = "staff.invalid"
    title = "员工资料有误"
    advice = "按提示改正后再保存"


class DemoOnly(Forbidden):
    """Signing in by code alone exists in the demo brand only."""

    code = "staff.demo_only"
    title = "这里不能用演示登录"
    advice = "请从企业微信打开"
