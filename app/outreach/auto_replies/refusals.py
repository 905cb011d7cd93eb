"""What the bot's desk refuses."""

from app.kernel.errors import Conflict, NotFound, Unprocessable


class RuleUnknown(NotFound):
    code = "reply.rule_unknown"
    title = "没有这条回复"


class RuleInvalid(Unprocessable):
    """A reply that could not be said, or words that cannot be looked for. Data: `problems`, each a field and what is wrong."""

    code = "reply.invalid"
    title = "这条回复还不能用"
    advice = "按提示改正后再保存"


class NothingShipped(Conflict):
    """It was made by the brand: there is nothing to put back."""

    code = "reply.nothing_shipped"
    title = "这条回复不是内置的，没有可以恢复的内容"


class MenuInvalid(Unprocessable):
    """A menu that the platform would refuse. Data: `problems`, each a place and what is wrong."""

    code = "menu.invalid"
    title = "菜单还不能发布"
    advice = "按提示改正后再保存"


class MenuRefused(Conflict):
    """The platform did not take it. Data: `why` in its words."""

    code = "menu.refused"
    title = "微信没有接受这份菜单"
    advice = "按微信的提示修改后再发布"


class AccountUnknown(NotFound):
    code = "reply.account_unknown"
    title = "没有这个公众号"


class ConversationUnknown(NotFound):
    code = "conversation.unknown"
    title = "没有这段对话"


class ConversationClosed(Conflict):
    code = "conversation.closed"
    title = "这段对话已经结束"
    advice = "顾客再次找人工时会重新出现"


class ConversationTaken(Conflict):
    """Somebody else took it over. Data: `staff_id`."""

    code = "conversation.taken"
    title = "已有同事在接待"
