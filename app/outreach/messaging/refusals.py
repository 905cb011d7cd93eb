"""What messaging refuses."""

from app.kernel.errors import Conflict, NotFound


class DispatchUnknown(NotFound):
    """Data: `dispatch_id`."""

    code = "messaging.dispatch_unknown"
    title = "没有这批消息"


class DispatchStopped(Conflict):
    """What was stopped neither goes on nor takes anything more. Data: `dispatch_id`."""

    code = "messaging.dispatch_stopped"
    title = "这批消息已经终止"
    advice = "请另建一批"


class NotInDoubt(Conflict):
    """A receipt or somebody else was faster. Data: `delivery_id`."""

    code = "messaging.not_in_doubt"
    title = "这条消息已有结果"
    advice = "请刷新页面"
