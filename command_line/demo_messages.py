"""Where the demo brand's messages go: every account of the environment, with the sandbox's templates by title.

A real brand's templates have ids of their own: they are told by the platform and found by the same titles.
"""

from app.kernel.settings import settings
from app.outreach import materials

OFFICIAL_ACCOUNT = (
    "会员卡绑定成功通知",
    "积分变动通知",
    "积分过期提醒",
    "会员等级变更通知",
    "优惠券到账通知",
    "优惠券到期提醒",
    "预约成功通知",
    "预约到店提醒",
    "预约变更通知",
    "预约取消通知",
    "订单发货通知",
    "退款成功通知",
    "候补到号通知",
    "中奖结果通知",
)
MINIPROGRAM = {
    "预约到店提醒": "Gy1BookingReminder0000000000000000000000001",
    "预约状态变更通知": "Gy1BookingChanged00000000000000000000000002",
    "积分变动提醒": "Gy1PointsChanged000000000000000000000000004",
    "会员等级变更提醒": "Gy1TierChanged00000000000000000000000000005",
}
# The sandbox's provider of texts approved these as they ship.
TEXTS = tuple(f"SMS_{number}" for number in (*range(100000004, 100000016), 100000021))


def accounts() -> materials.purposes.Accounts:
    """The environment's accounts, and the ids that the sandbox and its provider give their templates."""
    known = settings().wechat_accounts.values()
    official = tuple(account.appid for account in known if account.kind == "official_account")
    apps = tuple(account.appid for account in known if account.kind == "miniprogram")
    of_official = {
        (appid, title): f"GyOaNotice{number:033d}"
        for appid in official
        for number, title in enumerate(OFFICIAL_ACCOUNT, 1)
    }
    of_apps = {(appid, title): template_id for appid in apps for title, template_id in MINIPROGRAM.items()}
    of_texts = {("", code): code for code in TEXTS}
    return materials.purposes.Accounts(official, apps, of_official | of_apps | of_texts)
