"""What this room refuses."""

from collections.abc import Sequence

from app.kernel.errors import Conflict, NotFound, Unprocessable


class PurposeUnknown(NotFound):
    code = "message.purpose_unknown"
    title = "没有这种消息"


class WordsUnknown(NotFound):
    code = "message.words_unknown"
    title = "这条文案没有出厂内容"


class WordsInvalid(Unprocessable):
    """Words with problems are not saved; `data["problems"]` says which field and why."""

    code = "message.words_invalid"
    title = "文案有几处要改"
    advice = "按每处旁边的说明修改后再保存"


class ValueMissing(Unprocessable):
    """`names`: the variables that have no value for this person and no fallback."""

    code = "message.value_missing"
    title = "缺少内容，不能发送"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names=list(names))
        self.names = tuple(names)


class FieldInvalid(Unprocessable):
    """The platform would refuse the message for this field's content (47003)."""

    code = "message.field_invalid"
    title = "内容不符合平台的要求"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field=field, why=why)
        self.field, self.why = field, why


class WordsFixed(Conflict):
    """Somebody relies on these words as they are: a campaign that was tested with them is under way. Data: `reasons`."""

    code = "message.words_fixed"
    title = "正在用的文案不能改"
    advice = "活动停止或结束以后再改"


class PurposeInvalid(Unprocessable):
    """A channel that does not exist or is not for this kind: marketing never goes by template (R01)."""

    code = "message.purpose_invalid"
    title = "这种消息不能走这个渠道"
