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


class NobodyKnown(NotFound):
    """No customer has or had this number."""

    code = "identity.nobody"
    title = "没有找到这位客户"


class SamePerson(Conflict):
    """They are one person already."""

    code = "identity.same_person"
    title = "已经是同一位客户"


class MergeRefused(Conflict):
    """Rooms object to making them one; nothing was written. Data: `objections`, each with `code` and `data`."""

    code = "identity.merge_refused"
    title = "暂不能合并"
    advice = "请先处理列出的原因"


class MergeStands(Conflict):
    """What happened since cannot be split; nothing was written. Data: `objections`, each with `code` and `data`."""

    code = "identity.merge_stands"
    title = "暂不能撤销合并"
    advice = "请先处理列出的原因"


class MergeUnknown(NotFound):
    """There is no such merge, or it was undone."""

    code = "identity.merge_unknown"
    title = "没有找到这次合并"
    advice = "它可能已经撤销"


class ProposalMissing(NotFound):
    """No proposal of these two waits (any more)."""

    code = "identity.proposal_missing"
    title = "这条建议已经处理过了"


class ImportUnreadable(Unprocessable):
    """A file of observations cannot be read as told. Data: `reason`, which repeats no row of it."""

    code = "identity.import_unreadable"
    title = "文件无法读取"
    advice = "请核对表头和编码"


class Crowded(Conflict):
    """So much hangs together, mostly by one id that names nobody, that it cannot be resolved at once."""

    code = "identity.crowded"
    title = "牵涉的号码太多"
    advice = "请先屏蔽把许多人连在一起的号码"
