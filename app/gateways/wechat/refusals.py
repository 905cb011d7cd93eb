"""What the platform may do instead of answering.

Two families. Sends raise `NotSent` (it was not carried out, and what to do) or `AnswerLost` (nobody knows). Everything else
raises refusals that a person may read. `app.gateways.sms` and `app.gateways.voice` use the family of sends too.
"""

from app.kernel.errors import TooOften, Unavailable, Unprocessable


class SendFailed(Exception):
    """A send that was not acknowledged: `code` as the other side gave it, `errmsg` its words."""

    def __init__(self, code: int | str | None = None, errmsg: str = "") -> None:
        super().__init__(f"{type(self).__name__} {code} {errmsg}".strip())
        self.code = code
        self.errmsg = errmsg


class NotSent(SendFailed):
    """It was not carried out. The subclass says what to do."""


class Busy(NotSent):
    """Busy (-1), or no connection could be made: try again soon."""


class TokenRefused(NotSent):
    """The token was refused, and its successor too: try again soon."""


class QuotaSpent(NotSent):
    """The day's quota is used up (45009): until midnight in Beijing nothing more."""


class RateReached(NotSent):
    """Too fast for the minute, or for this person (45011, 43108, 43117): wait a minute."""


class RecipientRefused(NotSent):
    """This person cannot be reached this way (43004, 43101, 45015, …): final for this channel."""


class MessageInvalid(NotSent):
    """Our fault (47003, 40037, …): final. `field` is the field that the platform's words name, where they name one."""

    def __init__(self, code: int | str | None = None, errmsg: str = "", *, field: str | None = None) -> None:
        super().__init__(code, errmsg)
        self.field = field


class AccountRefused(NotSent):
    """The account may not send (40013, 40164, 48001, …): an operator must mend it; until then wait."""


class AnswerLost(SendFailed):
    """The request was written and no sound answer came: whether it was carried out is not known."""


class PlatformAway(Unavailable):
    """Busy, no answer, or an answer that makes no sense: whether it was carried out is not known. Data: `errcode`."""

    code = "wechat.unavailable"
    title = "微信繁忙"
    advice = "请稍后再试一次"


class CalledTooOften(TooOften):
    """The platform's limit a minute or a day is reached (45009, 45011). Data: `errcode`."""

    code = "wechat.too_often"
    title = "调用微信接口太频繁"
    advice = "分钟限额请一分钟后再试，日限额请明天再试"


class PlatformRefused(Unavailable):
    """The platform declines us for a reason the operator must mend: secret, IP list, permission. Data: `errcode`, `errmsg`."""

    code = "wechat.refused"
    title = "微信拒绝了这个账号的调用"
    advice = "请到公众平台检查密钥、IP 白名单和接口权限"


class RequestInvalid(Unprocessable):
    """The platform does not accept what was asked: a menu, a tag, a template. Data: `errcode`, `errmsg`."""

    code = "wechat.request_invalid"
    title = "微信不接受这些内容"
    advice = "请按微信的说明修改后再试"


class AccountUnknown(Unprocessable):
    """No account of the brand has this appid, or it is of the other kind. Data: `appid`."""

    code = "wechat.account_unknown"
    title = "没有配置这个账号"
    advice = "请检查环境变量里的账号"
