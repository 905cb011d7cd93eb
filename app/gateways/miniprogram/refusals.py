"""What the mini-program's platform may answer instead of an answer, in our words."""

from app.kernel.errors import Forbidden, TooOften, Unavailable, Unprocessable


class CodeInvalid(Unprocessable):
    """A code that is unknown, older than five minutes, or of another purpose or app (40029, 40013)."""

    code = "miniprogram.code_invalid"
    title = "登录信息已过期"
    advice = "请重新打开小程序再试一次"


class CodeUsed(Unprocessable):
    """A code works once (40163): also when our first call worked and its answer was lost."""

    code = "miniprogram.code_used"
    title = "登录信息已用过"
    advice = "请重新打开小程序再试一次"


class LoginBlocked(Forbidden):
    """The platform holds this WeChat account for high-risk (40226)."""

    code = "miniprogram.login_blocked"
    title = "微信暂时限制了这个账号登录"
    advice = "请在微信中完成安全验证，或到门店办理"


class CodeForeign(Unprocessable):
    """A phone code pressed by somebody else than who is signed in (40003)."""

    code = "miniprogram.code_foreign"
    title = "手机号不是由当前微信授权的"
    advice = "请用自己的微信再点一次"


class CalledTooOften(TooOften):
    """The platform's limit a minute or a day is reached (45009, 45011). Data: `errcode`."""

    code = "miniprogram.too_often"
    title = "访问的人太多"
    advice = "请一分钟后再试"


class PlatformAway(Unavailable):
    """Busy, no answer, or an answer that makes no sense: whether it was carried out is not known. Data: `errcode`."""

    code = "miniprogram.unavailable"
    title = "微信繁忙"
    advice = "请稍后再试一次"


class PlatformRefused(Unavailable):
    """The platform declines us for a reason the operator must mend: secret, IP list, permission. Data: `errcode`."""

    code = "miniprogram.refused"
    title = "微信接口暂不可用"
    advice = "请联系客服"
