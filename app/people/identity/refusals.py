"""What identity refuses."""

from app.kernel.errors import Conflict, NotFound, Unprocessable


class IdentifierInvalid(Unprocessable):
    """The text is no id of its kind. Data: `kind`, `part` (value, scope, kind, phone, email)."""

    code = "identity.invalid"
    title = "格式不对"
    advice = "请核对后再填一次"


class IdentityTaken(Conflict):
    """A living id belongs to somebody else. Who it is stays hidden. Data: `kind`."""

    code = "identity.taken"
    title = "已属于另一位会员"
    advice = "如果是您本人的，请按换绑流程验证"


class IdentityMissing(NotFound):
    """The customer does not hold this id (any more). Data: `kind`."""

    code = "identity.missing"
    title = "没有找到这个身份"
