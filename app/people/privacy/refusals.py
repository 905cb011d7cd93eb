"""What privacy refuses."""

from app.kernel.errors import Conflict, Unprocessable


class PurposeUnknown(Unprocessable):
    """Nobody is asked about this purpose. Data: `purposes` that exist."""

    code = "privacy.purpose_unknown"
    title = "没有这项授权"
    advice = "请更新小程序后再试"


class NoticeOutdated(Conflict):
    """The person was shown another version of the notice than the present one. Data: `notice_version`."""

    code = "privacy.notice_outdated"
    title = "隐私政策已更新"
    advice = "请看过新版本后再确认"


class NoticeStands(Conflict):
    """The notice was accepted; taking that back means closing the account."""

    code = "privacy.notice_stands"
    title = "撤回隐私政策需要注销会员"
    advice = "请在“我的－注销账户”里办理"


class ReasonMissing(Unprocessable):
    """A full personal value is shown for a reason only (G08)."""

    code = "privacy.reason_missing"
    title = "请写明查看原因"
    advice = "例如：顾客要求改号、配送联系"
